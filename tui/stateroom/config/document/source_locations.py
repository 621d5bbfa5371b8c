"""Values with their source location, and access to their keys and items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stateroom.config.document.document import Document, KeyPath
from stateroom.errors import ConfigError, SourceLocation
from stateroom.model.values import Value


@dataclass(frozen=True, slots=True)
class LocatedValue:
    """Value with its source location. `final` values are not searched for variables again."""

    value: Value
    document: Document
    path: KeyPath
    final: bool = False

    @property
    def key(self) -> tuple[int, KeyPath]:
        """Identity of the location: (id of the document, path)."""
        return id(self.document), self.path

    def where(self) -> SourceLocation:
        """File and line."""
        return self.document.where(self.path)


def dotted(path: KeyPath) -> str:
    """Format a path as `functions.create.events[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else part)
    return text


def child_of(place: LocatedValue, part: str | int) -> LocatedValue | None:
    """Return the located value of a key or list item, or None."""
    value = place.value
    if isinstance(value, Mapping) and str(part) in value:
        key: str | int = str(part)
        return LocatedValue(value[key], place.document, (*place.path, key), place.final)
    if isinstance(value, list):
        index = int(part) if isinstance(part, int) or (part.isdecimal() and len(part) < 10) else -1
        if 0 <= index < len(value):
            return LocatedValue(value[index], place.document, (*place.path, index), place.final)
    return None


class CycleGuard:
    """Marker of a value that is being resolved; entering it again is a cycle."""

    __slots__ = ("_open", "_place")

    def __init__(self, open_places: dict[tuple[int, KeyPath], LocatedValue], place: LocatedValue) -> None:
        self._open = open_places
        self._place = place

    def __enter__(self) -> None:
        if self._place.key in self._open:
            keys = list(self._open)
            names = [dotted(path) or "(document)" for _, path in keys[keys.index(self._place.key) :]]
            raise ConfigError(
                "a variable refers to itself",
                why=" → ".join([*names, names[0]]),
                todo="break the circle",
                where=self._place.where(),
            )
        self._open[self._place.key] = self._place

    def __exit__(self, *_: object) -> None:
        self._open.pop(self._place.key, None)
