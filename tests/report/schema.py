"""Whether a JSON document is as a schema says: schema.py SCHEMA DOCUMENT."""

import json
import sys

import jsonschema

schema, document = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
errors = list(jsonschema.Draft7Validator(schema).iter_errors(document))
for error in errors[:10]:
    print("/".join(map(str, error.path)), error.message[:200])
# Every number of a store path is that of one.
number = len(document["storePaths"])
for name, found in (
    ("chain", max((max(path["chain"]) for path in document["storePaths"]), default=-1)),
    ("references", max((max(path["references"], default=-1) for path in document["storePaths"]), default=-1)),
    ("tree", max((part.get("storePath", -1) for part in document["tree"]), default=-1)),
):
    if found >= number:
        errors.append(name)
        print(f"{name} has the number {found}, and there are {number} store paths")
sys.exit(bool(errors))
