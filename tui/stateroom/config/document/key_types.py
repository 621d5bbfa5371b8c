"""Value types of config keys, checked before anything is compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from stateroom.config.document.intrinsics import intrinsic
from stateroom.model.values import Secret, Value

KeyTypes: TypeAlias = Mapping[str, str]
"""Key → kind. Kinds are the names in `_KINDS`; "any" takes everything."""


IGNORED: Final = "ignored"
"""The kind of a key that the framework knows and stateroom does not do yet, but can leave out."""


def key_types(text: str) -> KeyTypes:
    """Parse `name:text events:list` to {"name": "text", "events": "list"}; a key without a kind takes anything."""
    pairs = (word.partition(":") for word in text.split())
    return {key: kind or "any" for key, _, kind in pairs}


def kind_in_words(kind: str) -> str:
    """Describe a kind in words: "a list of texts"."""
    return {"any": "any value", IGNORED: "ignored with a warning"}.get(kind) or _KINDS[kind][0]


def mismatch(kind: str, value: Value) -> str | None:
    """Describe the kind that the value should have; None when it fits. A null value always fits."""
    if value is None or kind in ("any", IGNORED):
        return None
    wanted, fits = _KINDS[kind]
    return None if fits(value) else wanted


def _is_text(value: Value) -> bool:
    return isinstance(value, str | Secret) or (isinstance(value, int | float) and not isinstance(value, bool))


def _is_scalar(value: Value) -> bool:
    return _is_text(value) or isinstance(value, bool) or intrinsic(value) is not None


def _is_whole_number(value: Value) -> bool:
    if isinstance(value, str):
        return value.isdecimal() and value.isascii() and len(value) < 10
    return (isinstance(value, int) and not isinstance(value, bool)) or intrinsic(value) is not None


def _is_texts(value: Value) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))


def _is_scalars(value: Value) -> bool:
    return (isinstance(value, list) and all(_is_scalar(item) for item in value)) or intrinsic(value) is not None


def _is_maps(value: Value) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


_KINDS: Final[Mapping[str, tuple[str, Callable[[Value], bool]]]] = {
    "text": ("a text", lambda value: _is_text(value) or intrinsic(value) is not None),
    "number": ("a whole number", _is_whole_number),
    "flag": ("true or false", lambda value: isinstance(value, bool) or intrinsic(value) is not None),
    "scalar": ("a single value", _is_scalar),
    "texts": ("a list of texts", _is_texts),
    "scalars": ("a list of single values", _is_scalars),
    "map": ("a map", lambda value: isinstance(value, dict)),
    "maps": ("a list of maps", _is_maps),
    "list": ("a list", lambda value: isinstance(value, list)),
    "text|map": ("a text or a map", lambda value: _is_text(value) or isinstance(value, dict)),
    "flag|map": (
        "true, false or a map",
        lambda value: isinstance(value, bool | dict),
    ),
    "map|maps": ("a map", lambda value: isinstance(value, dict) or _is_maps(value)),
    "scalar|scalars": (
        "a single value or a list of them",
        lambda value: _is_scalar(value) or _is_scalars(value),
    ),
    "scalar|map": ("a single value or a map", lambda value: _is_scalar(value) or isinstance(value, dict)),
}
