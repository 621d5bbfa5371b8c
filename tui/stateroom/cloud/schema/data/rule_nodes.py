"""Reduce CloudFormation schemas to what a plan is checked against: names, kinds, required, enumerations, handlers.

A *rule* is a map with these members, each left out when the schema does not say it:

    "t"  kinds that the value may have, one letter each: s i n b (scalars), o (object), l (list)
    "p"  members of an object by name        "k"  patterns of member names, with their rules
    "c"  true: no other members (`additionalProperties: false`)
    "q"  required members                    "i"  rule of a list's items
    "e"  enumeration                         "r"  name of a definition that stands for the rule
    "a"  alternatives, one of which must hold (`oneOf`, `anyOf`) where the schema says nothing else of the value
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Rule = dict[str, Any]

_KINDS: Final = {"string": "s", "integer": "i", "number": "n", "boolean": "b", "object": "o", "array": "l"}
HANDLERS: Final = {"create": "c", "read": "r", "update": "u", "delete": "d", "list": "l"}


def type_rule(schema: Mapping[str, Any]) -> Rule:
    """Convert one resource type's schema to a rule with its definitions under "d"."""
    definitions = {name: rule(node) for name, node in schema.get("definitions", {}).items()}
    return rule({"type": "object", **schema}) | {"d": definitions}


def rule(node: Mapping[str, Any]) -> Rule:
    """Convert a property's schema to a rule. Combinations beside `properties` are left out: they only narrow."""
    if "$ref" in node:
        return {"r": node["$ref"].rsplit("/", 1)[-1]}
    kinds, members, patterns = node.get("type", ()), node.get("properties", {}), node.get("patternProperties", {})
    made: Rule = {
        "t": "".join(sorted(_KINDS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind in _KINDS)),
        "p": {name: rule(child) for name, child in members.items()},
        "k": {pattern: rule(child) for pattern, child in patterns.items()},
        "c": node.get("additionalProperties") is False and bool(members or patterns),
        "q": sorted(node.get("required", ())),
        "i": rule(node["items"]) if isinstance(node.get("items"), Mapping) else {},
        "a": _alternatives(node),
        "e": [item for item in node.get("enum", ()) if isinstance(item, str | int) and not isinstance(item, bool)],
    }
    return {key: value for key, value in made.items() if value}


def _alternatives(node: Mapping[str, Any]) -> list[Rule]:
    """Return the rules of `oneOf` or `anyOf`; [] beside members or items, and where one says nothing of its kind."""
    if "properties" in node or "items" in node:
        return []
    made = [rule(one) for one in node.get("oneOf", node.get("anyOf", ()))]
    return made if all(one.keys() & {"r", "t", "p"} for one in made) else []


def handler_letters(schema: Mapping[str, Any]) -> str:
    """Handlers that the registry lists for a type, a letter each: "crudl"; "" for a type without any."""
    return "".join(letter for name, letter in HANDLERS.items() if name in (schema.get("handlers") or {}))
