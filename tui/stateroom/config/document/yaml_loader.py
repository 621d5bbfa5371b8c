"""PyYAML loaders with the YAML 1.2 core schema: which plain scalars are not strings."""

from __future__ import annotations

import math
import re
from typing import Any, ClassVar, Final

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


class _CoreSchema:
    """Mixin that resolves plain scalars by the YAML 1.2 core schema."""

    yaml_implicit_resolvers: ClassVar[Any] = _implicit_resolvers()


class _FastLoader(_CoreSchema, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    pass


class _SafeLoader(_CoreSchema, yaml.SafeLoader):
    pass


# A line with nothing on it but a comment has no indentation: tabs at its start are none. PyYAML takes them for one.
_EMPTY_LINE = re.compile(r"^\t[ \t]*(?=#|$)", re.MULTILINE)


def loader_for(text: str) -> Any:
    """Make a PyYAML loader of the text. Libyaml recurses on the C stack, so only shallow text goes there."""
    if "\t" in text:
        text = _EMPTY_LINE.sub("", text)
    return _FastLoader(text) if _is_shallow(text) else _SafeLoader(text)


def _is_shallow(text: str) -> bool:
    depth = 0
    for char in re.findall(r"[\[\]{}]", text):
        depth += 1 if char in "[{" else -1
        if depth > _SHALLOW:
            return False
        depth = max(depth, 0)
    return not re.search(rf"(?:[-?:][ \t]+){{{_SHALLOW}}}", text)


def scalar(node: yaml.Node) -> Value:
    """Convert a scalar node to None, a bool, a number or a string."""
    text: str = node.value
    kind = node.tag.removeprefix(_TAG)
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
