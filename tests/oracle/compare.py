"""What two templates do not have in common, line by line, and how many resources that are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle.canonical import canonical


@dataclass(frozen=True)
class Comparison:
    """`lines` say every difference; `different` of `total` resources have one."""

    lines: tuple[str, ...]
    different: int
    total: int


def compare(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Comparison:
    """Compare two CloudFormation templates by meaning."""
    left, right = canonical(ours), canonical(theirs)
    names = sorted({*left["Resources"], *right["Resources"]})
    by_name = {
        name: list(_different(name, left["Resources"].get(name), right["Resources"].get(name))) for name in names
    }
    lines = [line for found in by_name.values() for line in found]
    for section in ("Outputs", "Parameters", "Mappings", "Conditions"):
        for name in sorted({*left[section], *right[section]}):
            lines += _different(f"{section}.{name}", left[section].get(name), right[section].get(name))
    return Comparison(tuple(lines), sum(map(bool, by_name.values())), len(names))


def _different(path: str, ours: Any, theirs: Any) -> Iterator[str]:
    if type(ours) is type(theirs) and ours == theirs and _text(ours) == _text(theirs):
        return
    if ours == "***" and isinstance(theirs, str):
        return  # `compile` shows no secret (docs/compatibility.md)
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours and theirs:
        for key in sorted({*ours, *theirs}):
            yield from _different(f"{path}.{key}", ours.get(key), theirs.get(key))
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (first, second) in enumerate(zip(ours, theirs, strict=True)):
            yield from _different(f"{path}[{index}]", first, second)
    else:
        yield f"{path}: ours {_text(ours)} ≠ theirs {_text(theirs)}"


def _text(value: Any) -> str:
    return "(absent)" if value is None else json.dumps(value, sort_keys=True, default=repr)
