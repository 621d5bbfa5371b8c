"""Rules of resource types, as vendored from the CloudFormation registry. See `data.rule_nodes` for their form."""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from stateroom.cloud.schema.facts import ANYTHING
from stateroom.cloud.schema.overrides import OVERRIDES, Override

Rule: TypeAlias = Mapping[str, Any]
_DATA: Final = Path(__file__).parent / "data"


@functools.cache
def _content(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(gzip.decompress((_DATA / f"{name}.json.gz").read_bytes()))
    return content


def schema_date() -> str:
    """Return the day of the vendored registry data: "2026-10-20"."""
    return str(_content("registry")["schema_date"])[:10]


@functools.cache
def type_rules(type_: str) -> Rule | None:
    """Return a type's rules; None for a type whose schema is not vendored.

    Texts that hold JSON may be written as a map as well, and our packages stand for code: see `overrides`.
    """
    rules: Rule | None = _content("rules")["types"].get(type_)
    for path, shape in OVERRIDES.get(type_, Override()).shapes.items():
        if rules is not None and shape == ANYTHING:
            rules = _freed(rules, path.split("."), rules["d"])
    return rules


def _freed(rule: Rule, path: list[str], definitions: Mapping[str, Rule]) -> Rule:
    """Return a copy of a rule that says nothing about the value at a dotted path."""
    if not path:
        return {}
    if "r" in rule:
        return _freed(definitions[rule["r"]], path, definitions)
    if path[0] == "*":
        return {**rule, "i": _freed(rule["i"], path[1:], definitions)}
    return {**rule, "p": {**rule["p"], path[0]: _freed(rule["p"][path[0]], path[1:], definitions)}}


def registered() -> Mapping[str, str]:
    """Return every type of the registry with the letters of its handlers: "crudl"; "" for none."""
    types: Mapping[str, str] = _content("registry")["types"]
    return types


def handlers_of(type_: str) -> str | None:
    """Return the letters of the handlers that the registry lists for a type; None for a type that does not exist."""
    return registered().get(type_)
