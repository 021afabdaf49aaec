"""Makes a store of many store paths and files, and has the builder tell of them: large.py BUILDER SPEC DIRECTORY.

The report is in DIRECTORY/report, that without files in DIRECTORY/short. Prints how many milliseconds each took.
"""

import hashlib
import json
import os
import subprocess
import sys
import time

PATHS, FILES = 1000, 100


def base32(text):
    """32 characters of a store path's hash."""
    digits = "0123456789abcdfghijklmnpqrsvwxyz"
    return "".join(digits[byte % 32] for byte in hashlib.sha256(text.encode()).digest())


def main(builder, spec, directory):
    store = f"{directory}/store"
    paths = [f"{store}/{base32(str(number))}-package{number}-1.{number}" for number in range(PATHS)]
    closure = []
    for number, path in enumerate(paths):
        for file in range(FILES):
            # Some thousand files are equal, and sizes are of all orders.
            inner = f"{path}/share/part{file % 7}/section{file % 3}"
            os.makedirs(inner, exist_ok=True)
            with open(f"{inner}/file{file}", "wb") as out:
                out.truncate((number % 10 + 1) * (file * file + 1))
        # Each refers to those whose numbers are its own, doubled; so 0 brings all, over ten steps and more.
        next_ones = {2 * number + 1, 2 * number + 2, number * 7 % PATHS, number * 13 % PATHS}
        references = [paths[next_one] for next_one in next_ones if next_one < PATHS]
        size = sum((number % 10 + 1) * (file * file + 1) for file in range(FILES))
        hash_ = "sha256:" + "0" * 52
        closure.append({"path": path, "narHash": hash_, "narSize": size, "references": references})
    with open(spec, encoding="utf-8") as text:
        aci = json.load(text)
    aci["root"]["packages"] = [{"name": "package0", "paths": [paths[0]], "priority": 5}]
    aci["image"]["exec"] = []
    aci["image"]["args"] = []
    for name, files in (("report", True), ("short", False)):
        top = f"{directory}/{name}-build"
        os.makedirs(top)
        attributes = {
            "aci": aci,
            "closure": closure,
            "about": {"report": {"files": files}},
            "outputs": {"out": f"{directory}/{name}"},
        }
        with open(f"{top}/.attrs.json", "w", encoding="utf-8") as out:
            json.dump(attributes, out)
        began = time.monotonic()
        environment = {"NIX_STORE": store, "NIX_BUILD_TOP": top, "NIX_BUILD_CORES": "2"}
        subprocess.run([builder], env=environment, check=True, stderr=subprocess.DEVNULL)
        print(round((time.monotonic() - began) * 1000))


main(*sys.argv[1:])
