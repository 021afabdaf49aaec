"""Makes layouts and archives in which a reader may find the image of LAYOUT, and another reader a changed one.

usage: hostile.py LAYOUT OUTPUT
"""

import copy
import hashlib
import io
import json
import os
import pathlib
import sys
import tarfile

INDEX = "application/vnd.oci.image.index.v1+json"
TAG = "org.opencontainers.image.ref.name"
source, target = (pathlib.Path(word) for word in sys.argv[1:3])
blobs = {path.name: path.read_bytes() for path in (source / "blobs/sha256").iterdir()}


def add(document: object, **more: object) -> dict:
    """Adds a blob, and gives back what tells of it."""
    blob = json.dumps(document).encode()
    digest = hashlib.sha256(blob).hexdigest()
    blobs[digest] = blob
    return {**more, "digest": "sha256:" + digest, "size": len(blob)}


def read(descriptor: dict) -> dict:
    return json.loads(blobs[descriptor["digest"].removeprefix("sha256:")])


def index(*manifests: dict) -> bytes:
    return json.dumps({"schemaVersion": 2, "manifests": manifests}).encode()


good = json.loads((source / "index.json").read_text())["manifests"][0]
manifest = read(good)
config = read(manifest["config"])


def changed(**more: object) -> dict:
    """The image with another program in it."""
    document = copy.deepcopy(config) | more
    document["config"]["Entrypoint"] = ["/bin/other"]
    return add(manifest | {"config": manifest["config"] | add(document)}, mediaType=good["mediaType"])


bad = changed()
plain = {**good, "annotations": {}}


def docker(manifest: dict) -> bytes:
    """The list of docker save."""

    def name(descriptor: dict) -> str:
        return "blobs/sha256/" + descriptor["digest"].removeprefix("sha256:")

    layers = [name(layer) for layer in manifest["layers"]]
    return json.dumps([{"Config": name(manifest["config"]), "RepoTags": ["a:1"], "Layers": layers}]).encode()


def layout(name: str, index: bytes, **more: bytes) -> pathlib.Path:
    """A layout with this index, and with other files."""
    directory = target / name
    files = {"oci-layout": (source / "oci-layout").read_bytes(), "index.json": index}
    files |= {name.replace("_", "."): text for name, text in more.items()}
    files |= {"blobs/sha256/" + digest: blob for digest, blob in blobs.items()}
    (directory / "blobs/sha256").mkdir(parents=True)
    for file, text in files.items():
        (directory / file).write_bytes(text)
    return directory


tagged = {TAG: "1"}
wrong = {"architecture": "arm64", "os": "linux"}
layout("tag", index({**bad, "platform": wrong, "annotations": tagged}, plain))
layout("unknown", index({**bad, "platform": {"architecture": "unknown", "os": "unknown"}, "annotations": tagged}, plain))
layout("platform", index(add(json.loads(index({**changed(architecture="arm64"), "platform": good["platform"]}, plain)), mediaType=INDEX)))
layout("docker", index(good), manifest_json=docker(read(bad)))
layout("capitals", index(good)[:-1] + b', "Manifests": ' + json.dumps([bad]).encode() + b"}")
# What a Go program takes for the letter s.
layout("folded", index(good)[:-1] + ', "manife\u017fts": '.encode() + json.dumps([bad]).encode() + b"}")
layout("both", index(add({**manifest, "manifests": [bad]}, mediaType=good["mediaType"])))
layout("within", index(add({**manifest, "Config": read(bad)["config"]}, mediaType=good["mediaType"])))
none = {**plain, "platform": {"architecture": "unknown", "os": "unknown"}}
for _ in range(3):
    none = add(json.loads(index(*[none] * 300)), mediaType=INDEX)
layout("many", index(*[none] * 300))
for name in ["pipe", "endless"]:
    blob = layout(name, index(good)) / "blobs/sha256" / manifest["layers"][-1]["digest"].removeprefix("sha256:")
    blob.unlink()
    if name == "pipe":
        os.mkfifo(blob)
    else:
        blob.symlink_to("/dev/zero")

# Archives: each has what is bad somewhere, beside a whole good layout.
start = target / "tag"
whole = {path.relative_to(start).as_posix(): path.read_bytes() for path in start.rglob("*") if path.is_file()}
whole["index.json"] = index(good)
evil = index(bad)


def header(name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(content), kind, link
    return info.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % 512)


def slash(content: bytes) -> bytes:
    """A file whose name ends like that of a directory."""
    block = header("index.json/", content)
    assert block[156:157] == tarfile.REGTYPE
    return block


def pax(text: str) -> bytes:
    length = len(text) + 2
    while len(record := f"{length} {text}\n") != length:
        length += 1
    return header("pax", record.encode(), tarfile.XHDTYPE)


def star(content: bytes) -> bytes:
    """A header as star writes it, whose beginning of the name has 131 bytes where others have 155."""
    info = tarfile.TarInfo("index.json")
    info.size = len(content)
    block = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    block[345 + 131 : 345 + 133] = b"/a"
    block[508:512] = b"tar\0"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + content + bytes(-len(content) % 512)


def archive(name: str, before: bytes = b"", after: bytes = b"") -> None:
    files = b"".join(header(file, content) for file, content in whole.items())
    (target / f"{name}.tar").write_bytes(before + files + after + bytes(1024))


archive("twice-before", before=header("index.json", evil))
archive("twice-after", after=header("./index.json", evil))
archive("link", after=header("a", kind=tarfile.SYMTYPE, link=".") + header("a/index.json", evil))
archive("slash", after=slash(evil))
archive("two-names", after=header("long", b"index.json\0", tarfile.GNUTYPE_LONGNAME) + pax("path=other") + header("other", evil))
archive("two-headers", after=pax("path=other") + pax("mtime=1") + header("index.json", evil))
archive("no-name", after=pax("path=") + header("index.json", evil))
archive("sparse", after=pax("GNU.sparse.name=other") + header("index.json", evil))
archive("star", after=star(evil))
archive("good")
