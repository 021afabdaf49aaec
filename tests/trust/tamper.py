"""Changes one byte of one file in an image, and makes every digest right again: what only the NAR hashes can find.

usage: tamper.py FILE.aci FILE.json OUTPUT.aci OUTPUT.json
       tamper.py LAYOUT OUTPUT
"""

import gzip
import hashlib
import io
import json
import pathlib
import sys
import tarfile


def changed(archive: bytes) -> bytes:
    """The archive with another first byte in the first file of a store path that has one; nothing where there is none."""
    for member in tarfile.open(fileobj=io.BytesIO(archive)):
        if "nix/store/" in member.name and member.isfile() and member.size > 0:
            at = member.offset_data
            return archive[:at] + bytes([archive[at] ^ 1]) + archive[at + 1 :]
    return b""


def of_aci(image: str, figures: str, to_image: str, to_figures: str) -> None:
    archive = changed(gzip.decompress(pathlib.Path(image).read_bytes()))
    packed = gzip.compress(archive, mtime=0)
    pathlib.Path(to_image).write_bytes(packed)
    told = json.loads(pathlib.Path(figures).read_text())
    told["imageID"] = "sha512-" + hashlib.sha512(archive).hexdigest()
    told["compressedSize"] = len(packed)
    pathlib.Path(to_figures).write_text(json.dumps(told))


def of_layout(layout: str, to: str) -> None:
    source, target = pathlib.Path(layout), pathlib.Path(to)
    (target / "blobs/sha256").mkdir(parents=True)

    def read(digest: str) -> bytes:
        return (source / "blobs/sha256" / digest.removeprefix("sha256:")).read_bytes()

    def write(blob: bytes, descriptor: dict) -> None:
        digest = hashlib.sha256(blob).hexdigest()
        (target / "blobs/sha256" / digest).write_bytes(blob)
        descriptor.update(digest="sha256:" + digest, size=len(blob))

    index = json.loads((source / "index.json").read_text())
    entry = index["manifests"][0]
    manifest = json.loads(read(entry["digest"]))
    config = json.loads(read(manifest["config"]["digest"]))
    is_done = False
    for number, layer in enumerate(manifest["layers"]):
        blob = read(layer["digest"])
        archive = b"" if is_done else changed(gzip.decompress(blob))
        if archive:
            is_done = True
            blob = gzip.compress(archive, mtime=0)
            config["rootfs"]["diff_ids"][number] = "sha256:" + hashlib.sha256(archive).hexdigest()
        write(blob, layer)
    write(json.dumps(config).encode(), manifest["config"])
    write(json.dumps(manifest).encode(), entry)
    (target / "index.json").write_text(json.dumps(index))
    for name in ["oci-layout", "store-paths.json"]:
        (target / name).write_bytes((source / name).read_bytes())


{5: of_aci, 3: of_layout}[len(sys.argv)](*sys.argv[1:])
