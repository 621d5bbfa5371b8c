"""Dependency closure with environment markers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

Key = TypeVar("Key")
_MOST_WAYS = 16  # to one distribution; with more, it is always installed


def reachable(roots: Iterable[tuple[Key, str]], needs: Callable[[Key], Iterable[tuple[Key, str]]]) -> dict[Key, str]:
    """Return every reachable key with its marker: "" when it is always needed.

    Args:
        roots: (key, marker) of what is needed at first.
        needs: the same of what a key needs.
    """
    ways: dict[Key, set[frozenset[str]]] = {}  # markers that all hold on one way to a key
    todo = [(key, frozenset([marker] if marker else [])) for key, marker in roots]
    while todo:
        key, way = todo.pop()
        known = ways.get(key, set())
        if any(other <= way for other in known):
            continue
        if len(known) >= _MOST_WAYS:
            way = frozenset()
        ways[key] = {other for other in known if not way <= other} | {way}
        todo += [(needed, way | {marker} if marker else way) for needed, marker in needs(key)]
    return {key: any_marker(map(_all_of, found)) for key, found in ways.items()}


def any_marker(markers: Iterable[str]) -> str:
    """Return the marker that holds when one of them does; "" always holds."""
    unique = sorted(set(markers))
    if "" in unique:
        return ""
    return unique[0] if len(unique) == 1 else " or ".join(f"({marker})" for marker in unique)


def _all_of(markers: frozenset[str]) -> str:
    return next(iter(markers)) if len(markers) == 1 else " and ".join(f"({marker})" for marker in sorted(markers))
