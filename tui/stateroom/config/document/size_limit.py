"""Size limit of expanded values: YAML aliases of aliases, variables that repeat each other."""

from __future__ import annotations

from typing import Final

from stateroom.model.values import Value

MAX_VALUES: Final = 500_000  # a service of 1,000 functions has some 50,000
_CONTAINERS: Final = (dict, list)


def exceeds_size_limit(value: Value) -> bool:
    """Tell whether a value, counted with its shared parts expanded, exceeds the size limit."""
    return isinstance(value, _CONTAINERS) and _size(value, {}) > MAX_VALUES


def _size(value: Value, known: dict[int, int]) -> int:
    size = known.get(id(value))
    if size is None:
        items = value.values() if isinstance(value, dict) else value
        inner = [_size(item, known) for item in items if isinstance(item, _CONTAINERS)]
        size = known[id(value)] = 1 + len(items) - len(inner) + sum(inner)
    return size
