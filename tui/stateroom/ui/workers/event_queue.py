"""A queue from threads to the event loop: filled from any thread, emptied in batches."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class EventQueue(Generic[T]):
    """Thread-safe queue that rings once, however many items are put in before it is emptied.

    Args:
        ring: called from the putting thread when the queue was empty; it should only post a message.
    """

    def __init__(self, ring: Callable[[], object]) -> None:
        self._ring = ring
        self._lock = threading.Lock()
        self._items: list[T] = []

    def put(self, item: T) -> None:
        """Add an item, from any thread."""
        with self._lock:
            self._items.append(item)
            first = len(self._items) == 1
        if first:
            self._ring()

    def take(self) -> list[T]:
        """Remove and return all items, in the order in which they were put in."""
        with self._lock:
            items, self._items = self._items, []
        return items

    @property
    def empty(self) -> bool:
        """Whether no item waits."""
        return not self._items
