"""Reduce CloudFormation schemas of all types to what comparing without a baseline needs of them.

Of every type of the registry, each member left out when the schema does not say it:

    "w"  paths that the read handler does not return (`writeOnlyProperties`)
    "c"  paths that are set at creation only
    "o"  lists whose order means something: `insertionOrder: true`, said explicitly
    "h"  texts that the service writes in another case (`propertyTransform` with $lowercase or $uppercase)

Paths are dotted, list items and values of free maps as `*`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

_DEEPEST: Final = 12  # definitions such as WAF's statements hold one another without end


def answer_facts(schema: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the facts of one type's schema; {} where there are none."""
    definitions = schema.get("definitions", {})
    ordered = set()
    for name, node in schema["properties"].items():
        ordered |= set(_ordered(node, (name,), definitions, frozenset()))
    transforms = schema.get("propertyTransform") or {}
    caseless = {path for path, rule in transforms.items() if rule.startswith(("$lowercase(", "$uppercase("))}
    found = {
        "w": sorted(map(dotted, schema.get("writeOnlyProperties", ()))),
        "c": sorted(map(dotted, schema.get("createOnlyProperties", ()))),
        "o": sorted(ordered),
        "h": sorted(map(dotted, caseless)),
    }
    return {key: paths for key, paths in found.items() if paths}


def dotted(pointer: str) -> str:
    """Return a JSON pointer of a schema as a dotted path: `/properties/Rules/items/Id` is `Rules.*.Id`."""
    parts = pointer.removeprefix("/").removeprefix("properties/").split("/")
    kept = ("*" if part in ("*", "items") else part for part in parts if part != "properties")
    return ".".join(kept).replace("[]", ".*")


def _ordered(
    node: Mapping[str, Any], path: tuple[str, ...], definitions: Mapping[str, Any], inside: frozenset[str]
) -> Iterator[str]:
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[-1]
        if name not in inside:
            yield from _ordered(definitions.get(name, {}), path, definitions, inside | {name})
        return
    if len(path) > _DEEPEST:
        return
    if node.get("insertionOrder") is True:
        yield ".".join(path)
    if isinstance(node.get("items"), Mapping):
        yield from _ordered(node["items"], (*path, "*"), definitions, inside)
    for name, child in node.get("properties", {}).items():
        yield from _ordered(child, (*path, name), definitions, inside)
    for child in node.get("patternProperties", {}).values():
        yield from _ordered(child, (*path, "*"), definitions, inside)
    for kind in ("oneOf", "anyOf", "allOf"):
        for child in node.get(kind, ()):
            yield from _ordered(child, path, definitions, inside)
