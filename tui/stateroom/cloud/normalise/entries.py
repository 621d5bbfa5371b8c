"""Items of two lists that are the same entry: equal in all declared scalars, or of one name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from stateroom.cloud.normalise.spelling import text_of
from stateroom.cloud.schema.habits import VALUE_NAMES
from stateroom.model.values import ABSENT, Marker, Secret, Value

_NO_TEXT: Final = (list, tuple, Mapping, Marker, Secret)
_Name: TypeAlias = tuple[tuple[str, str], ...]


def same_entries(
    declared: Mapping[int, Value], live: Mapping[int, Value], *, values: bool
) -> tuple[tuple[int, int], ...]:
    """Pair items by index, in time that grows with the sum of both lists.

    Args:
        declared: items by index.
        live: the cloud's items by index.
        values: True: they agree in all declared scalars; False: in all but the value of an entry.
    """
    pairs: list[tuple[int, int]] = []
    taken: set[int] = set()
    by_keys: dict[frozenset[str], dict[_Name | None, list[int]]] = {}
    for i, item in declared.items():
        keys = _naming_keys(item, values=values)
        if keys is None:
            continue
        if keys not in by_keys:
            by_keys[keys] = {}
            for j, other in live.items():
                by_keys[keys].setdefault(_name_of(other, keys), []).append(j)
        name = _name_of(item, keys)
        free = (j for j in by_keys[keys].get(name, ()) if j not in taken)
        found = next(free, None) if name is not None else None
        if found is not None:
            taken.add(found)
            pairs.append((i, found))
    return tuple(pairs)


def _naming_keys(item: Value, *, values: bool) -> frozenset[str] | None:
    """Return the members that name an item, none for a scalar; None for one that nothing names."""
    if not isinstance(item, Mapping):
        return frozenset()
    if not values and not VALUE_NAMES & item.keys():
        return None
    return frozenset(item if values else item.keys() - VALUE_NAMES) or None


def _name_of(item: Value, keys: frozenset[str]) -> _Name | None:
    """Return what an item has in these members; None where one of them is no scalar."""
    if not isinstance(item, Mapping):
        return None if keys or isinstance(item, _NO_TEXT) else (("", text_of(item)),)
    parts = [(key, item.get(key, ABSENT)) for key in sorted(keys)]
    if not keys or any(isinstance(part, _NO_TEXT) for _, part in parts):
        return None
    return tuple((key, text_of(part)) for key, part in parts)
