"""Values that are small on paper and endless when walked: aliases of aliases, variables that name each other twice."""

from __future__ import annotations

from typing import Final

from stateroom.model.values import Value

_MAX_VALUES: Final = 500_000  # a service of 1,000 functions has some 50,000


def is_endless(value: Value) -> bool:
    """Whether a value, its shared parts counted at each place, holds more than any project could mean."""
    return _size(value, {}) > _MAX_VALUES


def _size(value: Value, known: dict[int, int]) -> int:
    if not isinstance(value, dict | list):
        return 1
    size = known.get(id(value))
    if size is None:
        items = value.values() if isinstance(value, dict) else value
        size = known[id(value)] = 1 + sum(_size(item, known) for item in items)
    return size
