"""Checks JSON documents against the schemas of the image specification: schemas.py DIRECTORY SCHEMA FILE …"""

import json
import pathlib
import sys

import jsonschema

BASE = "https://opencontainers.org/schema/"


def without_ids(schema):
    """The schema, in which parts have addresses of their own, so that references lead from its file to others."""
    if isinstance(schema, dict):
        return {
            key: without_ids(value)
            for key, value in schema.items()
            if not (key == "id" and isinstance(value, str))
        }
    if isinstance(schema, list):
        return [without_ids(value) for value in schema]
    return schema


def main(directory, *pairs):
    files = pathlib.Path(directory).glob("*.json")
    store = {BASE + file.name: without_ids(json.loads(file.read_text())) for file in files}
    failed = False
    for name, file in zip(pairs[::2], pairs[1::2]):
        schema = store[BASE + name]
        resolver = jsonschema.RefResolver(BASE + name, schema, store=store)
        document = json.loads(pathlib.Path(file).read_text())
        for error in jsonschema.Draft4Validator(schema, resolver=resolver).iter_errors(document):
            failed = True
            print(f"{file}: {'/'.join(map(str, error.path))}: {error.message}")
    return failed


sys.exit(main(*sys.argv[1:]))
