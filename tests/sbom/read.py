"""Reads the bill of materials in a directory, as CycloneDX and as SPDX, with the parsers of others, and holds it against
the official schemas and against what the store says.

usage: read.py DIRECTORY GRAPH

GRAPH has a line for each store path that the bill has to have: the path, and what it refers to, itself left out. Prints
the store paths that are there beside those, as copies of single files, one a line.
"""

import json
import sys
from pathlib import Path

from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from spdx_tools.spdx.model import RelationshipType
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

problems = []


def hold(is_right, text):
    if not is_right:
        problems.append(text)


def same(what, expected, found):
    expected, found = set(expected), set(found)
    hold(not expected - found, f"{what}: not there: {sorted(expected - found)[:5]}")
    hold(not found - expected, f"{what}: too much: {sorted(found - expected)[:5]}")


directory = Path(sys.argv[1])
graph = {}
for line in Path(sys.argv[2]).read_text().splitlines():
    path, *references = line.split()
    graph[path] = set(references)

# --- CycloneDX ---

(file,) = directory.glob("*.cdx.json")
text = file.read_text()
fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
hold(fault is None, f"{file.name}: not as the schema has it: {fault}")
bom = Bom.from_json(json.loads(text))
hold(bom.validate() is not False, f"{file.name}: the parser finds faults")


def properties(component):
    return {item.name.removeprefix("nix2aci:"): item.value for item in component.properties}


path_of = {}
copied = set()
for component in bom.components:
    known = properties(component)
    if "storePath" in known:
        path_of[component.bom_ref.value] = known["storePath"]
        if known["place"] == "copied":
            copied.add(known["storePath"])
        hold(component.purl.type == "nix", f"{component.name}: its purl is {component.purl}")
        hold(component.purl.name == component.name, f"{component.name}: its purl is {component.purl}")
        hold(component.purl.version == component.version, f"{component.name}: its purl is {component.purl}")
hold(len(set(path_of.values())) == len(path_of), "a store path is there twice")
same("CycloneDX", graph, set(path_of.values()) - copied)
edges = {
    item.ref.value: {to.ref.value for to in item.dependencies}
    for item in bom.dependencies
}
for key, path in path_of.items():
    if path in graph:
        same(f"CycloneDX: references of {path}", graph[path], {path_of[to] for to in edges[key]})
reached, waiting = set(), ["image"]
while waiting:
    key = waiting.pop()
    if key not in reached:
        reached.add(key)
        waiting.extend(edges[key])
same("CycloneDX: what the image leads to", {item.bom_ref.value for item in bom.components} | {"image"}, reached)

# --- SPDX ---

(file,) = directory.glob("*.spdx.json")
document = parse_file(str(file))
for message in validate_full_spdx_document(document):
    hold(False, f"{file.name}: {message.validation_message}")
stated = {}
for package in document.packages:
    lines = dict(line.split(": ", 1) for line in package.comment.splitlines())
    if "storePath" in lines:
        stated[package.spdx_id] = lines["storePath"]
same("SPDX", path_of.values(), stated.values())
refers = {key: set() for key in stated}
for item in document.relationships:
    if item.relationship_type == RelationshipType.DEPENDS_ON and item.spdx_element_id in stated:
        refers[item.spdx_element_id].add(stated[item.related_spdx_element_id])
for key, path in stated.items():
    if path in graph:
        same(f"SPDX: references of {path}", graph[path], refers[key])

print("\n".join(sorted(copied)))
if problems:
    sys.exit("\n".join(problems))
