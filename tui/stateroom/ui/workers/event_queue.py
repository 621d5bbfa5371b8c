"""How events get from threads to the event loop: put in from anywhere, taken out in batches by one message."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class EventQueue(Generic[T]):
    """A thread-safe box that rings once for any number of items put in before it is emptied.

    Args:
        ring: called from the putting thread when the box was empty; it should only post a message.
    """

    def __init__(self, ring: Callable[[], object]) -> None:
        self._ring = ring
        self._lock = threading.Lock()
        self._items: list[T] = []

    def put(self, item: T) -> None:
        """Add an item; from any thread."""
        with self._lock:
            self._items.append(item)
            first = len(self._items) == 1
        if first:
            self._ring()

    def take(self) -> list[T]:
        """Everything that has come since the last time, in order."""
        with self._lock:
            items, self._items = self._items, []
        return items

    @property
    def empty(self) -> bool:
        """Nothing waits."""
        return not self._items
