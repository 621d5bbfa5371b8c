"""Values of resource properties: JSON, plus what JSON has no word for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

# A JSON-like value that may hold `Secret` and `UNKNOWN` anywhere. A recursive union would need a cast at every
# step of every walk, so the alias documents instead of checking.
Value: TypeAlias = Any
# Properties of one resource, CloudFormation-cased: {"MemorySize": 128, "Environment": {"Variables": {…}}}.
Properties: TypeAlias = Mapping[str, Value]


class Secret:
    """A value that must not be seen: encrypted in the state, `***` everywhere else.

    Equal to another Secret with an equal value, never to the plain value.
    """

    __slots__ = ("_value",)

    def __init__(self, value: Value) -> None:
        self._value = value

    def reveal(self) -> Value:
        """Return the plain value, for an API call or a cipher."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and type(self._value) is type(other._value) and self._value == other._value

    def __hash__(self) -> int:
        return hash(("Secret", repr(self._value)))

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled, copied to disk or sent anywhere; reveal it where it is needed")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self


class Marker:
    """A named singleton that stands for something other than a value."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name

    def __copy__(self) -> Marker:
        return self

    def __deepcopy__(self, memo: object) -> Marker:
        return self


class _Unknown(Marker):
    """Equal to nothing, not even itself: what is only known after deploy cannot be said to agree with anything."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return id(self)


UNKNOWN: Final = _Unknown("(known after deploy)")
"""A value that only a deploy will tell. Test with `is UNKNOWN`."""


class Unresolved(_Unknown):
    """A value that could not be found out. Equal to nothing, so nothing is concluded from it.

    Args:
        why: the reason in one line, naming what is missing and where it was looked for.
        todo: how to find it out; may be empty.
    """

    __slots__ = ("todo", "why")

    def __init__(self, why: str, todo: str = "") -> None:
        super().__init__("(not resolved)")
        self.why = why
        self.todo = todo


ABSENT: Final = Marker("(absent)")
"""The attribute does not exist on this side. Test with `is ABSENT`."""

UNREAD: Final = Marker("(not read)")
"""This side was not read, so nothing may be concluded from it. Test with `is UNREAD`."""

NOT_ASKED: Final = Marker("(not asked)")
"""A value of the config that only the cloud knows, and that was not asked for (--offline)."""


def reveal(value: Value) -> Value:
    """Copy `value` with every Secret replaced by its plain value; for API calls only."""
    if isinstance(value, Secret):
        return reveal(value.reveal())
    if isinstance(value, Mapping):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [reveal(item) for item in value]
    return value


def is_unknown(value: Value) -> bool:
    """Whether `value` is UNKNOWN or Unresolved."""
    return isinstance(value, _Unknown)


def contains_unknown(value: Value) -> bool:
    """Whether UNKNOWN or an Unresolved stands anywhere inside `value`."""
    return _anywhere(value, is_unknown)


def first_unresolved(value: Value) -> Unresolved | None:
    """Return the first Unresolved inside `value`, or None."""
    if isinstance(value, Unresolved):
        return value
    if isinstance(value, Mapping):
        return next(filter(None, map(first_unresolved, value.values())), None)
    if isinstance(value, list | tuple):
        return next(filter(None, map(first_unresolved, value)), None)
    return None


def path_of(value: Value, wanted: Value) -> tuple[str | int, ...]:
    """Return the path to the object `wanted` inside `value`; () where it is not there."""
    items: Iterable[tuple[str | int, Value]] = ()
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    for key, item in items:
        if item is wanted:
            return (key,)
        if path := path_of(item, wanted):
            return (key, *path)
    return ()


def first_unknown(value: Value) -> Value:
    """Return what makes `value` unknown: an Unresolved inside it before a mere UNKNOWN."""
    return first_unresolved(value) or UNKNOWN


def contains_secret(value: Value) -> bool:
    """Whether a Secret stands anywhere inside `value`."""
    return _anywhere(value, lambda item: isinstance(item, Secret))


def _anywhere(value: Value, found: Callable[[Value], bool]) -> bool:
    if isinstance(value, Mapping):
        return any(_anywhere(item, found) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_anywhere(item, found) for item in value)
    return found(value)
