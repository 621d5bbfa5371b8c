"""PyYAML's parsers, and YAML's core schema: which plain scalars are not strings."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any, Final

import yaml

from stateroom.config.document.numbers import parse_number
from stateroom.model.values import Value

_SHALLOW = 150
_MOST_BITS = 1024  # what JavaScript takes for a number; more is infinite there
_TAG = "tag:yaml.org,2002:"


_PLAIN_SCALARS = (
    ("null", r"~|null|Null|NULL|", ("~", "n", "N", "")),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", r"<<", "<"),
)


def _implicit_resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for kind, pattern, first_characters in _PLAIN_SCALARS:
        for char in first_characters:
            resolvers.setdefault(char, []).append((_TAG + kind, re.compile(f"^(?:{pattern})$")))
    return resolvers


MERGE: Final = _TAG + "merge"
"""The tag of a `<<` key."""


_RESOLVERS: Final = _implicit_resolvers()


# A line with nothing on it but a comment has no indentation: tabs at its start are none. PyYAML takes them for one.
_EMPTY_LINE = re.compile(r"^\t[ \t]*(?=#|$)", re.MULTILINE)


def loader_for(text: str) -> Any:
    """Make a PyYAML loader of the text. Libyaml takes long over deep nesting, so only shallow text goes there."""
    if "\t" in text:
        text = _EMPTY_LINE.sub("", text)
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text) if _is_shallow(text) else yaml.SafeLoader(text)


def _is_shallow(text: str) -> bool:
    depth = 0
    for char in re.findall(r"[\[\]{}]", text):
        depth += 1 if char in "[{" else -1
        if depth > _SHALLOW:
            return False
        depth = max(depth, 0)
    return not re.search(rf"(?:[-?:][ \t]+){{{_SHALLOW}}}", text)


@lru_cache(maxsize=20_000)
def plain(text: str) -> Value:
    """Convert a scalar without quotes and tag: what it says by YAML's core schema."""
    for tag, pattern in _RESOLVERS.get(text[:1], ()):
        if pattern.match(text):
            return scalar(text, tag)
    return text


def scalar(text: str, tag: str) -> Value:
    """Convert a scalar with a tag, given in full, to None, a bool, a number or a string."""
    kind = tag.removeprefix(_TAG)
    try:
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            whole = int(text, 0) if text[:2] in ("0o", "0x") else int(text)
            return whole if whole.bit_length() <= _MOST_BITS else text
        if kind == "float":
            number = parse_number(text)
            return number if math.isfinite(number) else text
    except ValueError:  # more digits than int() takes, or an explicit tag on other text
        return text
    return text
