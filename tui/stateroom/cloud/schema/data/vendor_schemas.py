"""Rebuild the vendored data from the CloudFormation schemas that cfn-lint ships (MIT-0).

    python -m stateroom.cloud.schema.data.vendor_schemas DIRECTORY

DIRECTORY is `cfnlint/data/schemas` of an installed cfn-lint (1.58.0 at the time of writing; its layout changes now and
then). Only what stateroom uses is kept, in the short form that `stateroom.cloud.schema.facts` describes. The types are
those that the present file has, so that adding one means naming it: `… DIRECTORY AWS::New::Type`.

`schemas.json.gz` is what comparing needs of these types, `rules.json.gz` what checking a plan needs (see `rule_nodes`),
`registry.json.gz` every type of every region with the handlers that the registry lists for it, `answers.json.gz` what
comparing without a baseline needs of these (see `answer_facts`).
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from stateroom.cloud.schema.data.answer_facts import answer_facts, dotted
from stateroom.cloud.schema.data.rule_nodes import handler_letters, type_rule

OUTPUT = Path(__file__).with_name("schemas.json.gz")
RULES = Path(__file__).with_name("rules.json.gz")
REGISTRY = Path(__file__).with_name("registry.json.gz")
ANSWERS = Path(__file__).with_name("answers.json.gz")
_SCALARS = {"string": "s", "integer": "i", "number": "n", "boolean": "b"}


def short_type(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Convert one resource type's schema to the short form."""
    tagging = schema.get("tagging")
    tags = tagging.get("tagProperty", "/properties/Tags") if isinstance(tagging, dict) else "/properties/Tags"
    taggable = tagging.get("taggable", True) if isinstance(tagging, dict) else bool(tagging)
    name = tags.rsplit("/", 1)[-1]
    return {
        "shape": {key: short_node(node) for key, node in schema["properties"].items()},
        "definitions": {key: short_node(node) for key, node in schema.get("definitions", {}).items()},
        "required": sorted(schema.get("required", ())),
        "create_only": _paths(schema.get("createOnlyProperties", ())),
        "read_only": _paths(schema.get("readOnlyProperties", ())),
        "write_only": _paths(schema.get("writeOnlyProperties", ())),
        "identifier": [dotted(pointer) for pointer in schema.get("primaryIdentifier", ())],  # in this order
        "tags": name if taggable and name in schema["properties"] else "",
    }


def short_node(node: Mapping[str, Any]) -> Any:
    """Convert a property's schema to a node of the short form."""
    if "$ref" in node:
        return {"r": node["$ref"].rsplit("/", 1)[-1]}
    kind = node.get("type")
    if kind == "array" or "items" in node:
        unordered = node.get("insertionOrder") is False
        return {"u" if unordered else "l": short_node(node.get("items", {}))}
    if "properties" in node:
        return {"o": {key: short_node(child) for key, child in node["properties"].items()}}
    if node.get("patternProperties"):
        return {"m": short_node(next(iter(node["patternProperties"].values())))}
    return _SCALARS.get(kind, "j") if isinstance(kind, str) else "j"


def _paths(pointers: Iterable[str]) -> list[str]:
    return sorted({dotted(pointer) for pointer in pointers})


def vendor(directory: Path, types: Iterable[str]) -> bytes:
    """Return the compressed bytes of `schemas.json.gz`, reproducibly."""
    index = json.loads((directory / "providers" / "us-east-1.json").read_text())
    return _packed(directory, {name: short_type(_schema(directory, index[name])) for name in sorted(types)})


def vendor_rules(directory: Path, types: Iterable[str]) -> bytes:
    """Return the compressed bytes of `rules.json.gz`, reproducibly."""
    index = json.loads((directory / "providers" / "us-east-1.json").read_text())
    return _packed(directory, {name: type_rule(_schema(directory, index[name])) for name in sorted(types)})


def vendor_registry(directory: Path) -> bytes:
    """Return the compressed bytes of `registry.json.gz`: types of all regions, with the letters of their handlers."""
    index = _all_types(directory)
    return _packed(directory, {name: handler_letters(_schema(directory, index[name])) for name in sorted(index)})


def vendor_answers(directory: Path) -> bytes:
    """Return the compressed bytes of `answers.json.gz`: of all types that have something to say."""
    index = _all_types(directory)
    found = {name: answer_facts(_schema(directory, index[name])) for name in sorted(index)}
    return _packed(directory, {name: facts for name, facts in found.items() if facts})


def _all_types(directory: Path) -> dict[str, str]:
    """Return the types of all regions with the names of their schemas' files."""
    index: dict[str, str] = {}
    for region in sorted((directory / "providers").glob("*.json")):
        index = json.loads(region.read_text()) | index
    return index


def _schema(directory: Path, name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((directory / "resources" / f"{name}.json").read_text())
    return schema


def _packed(directory: Path, types: Mapping[str, Any]) -> bytes:
    date = json.loads((directory / "version.json").read_text())["schema_date"]
    content = {"schema_date": date, "types": types}
    return gzip.compress(json.dumps(content, separators=(",", ":"), sort_keys=True).encode(), 9, mtime=0)


def main(arguments: list[str]) -> int:
    """Command line: the schemas' directory, then types to add."""
    directory, *added = arguments
    present = json.loads(gzip.decompress(OUTPUT.read_bytes()))["types"] if OUTPUT.exists() else {}
    OUTPUT.write_bytes(vendor(Path(directory), {*present, *added}))
    RULES.write_bytes(vendor_rules(Path(directory), {*present, *added}))
    REGISTRY.write_bytes(vendor_registry(Path(directory)))
    ANSWERS.write_bytes(vendor_answers(Path(directory)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
