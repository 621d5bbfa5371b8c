"""Telling of waits: what a thread's calls wait for is heard by whoever runs that thread."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Wait:
    """A call that waits, or is sent again.

    Args:
        reason: why, for people.
        seconds: until it goes on; 0: not known.
        throttled_by: the service that refused it; "" while nobody has.
    """

    reason: str
    seconds: float = 0.0
    throttled_by: str = ""


Listener: TypeAlias = Callable[[Wait], None]


class Refusals:
    """Count of the calls that a service refused as too many, and that were sent again. Thread-safe."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()
        self._lock = threading.Lock()

    def hear(self, wait: Wait) -> None:
        """Count a refusal; other waits are none."""
        if wait.throttled_by:
            with self._lock:
                self._count[wait.throttled_by] += 1

    def text(self) -> str:
        """Format as `throttled by IAM, 1 retry; by Lambda, 3 retries`; "" without any."""
        with self._lock:
            counts = sorted(self._count.items())
        parts = [f"by {name}, {count} {'retry' if count == 1 else 'retries'}" for name, count in counts]
        return f"throttled {'; '.join(parts)}" if parts else ""


_here = threading.local()
_everywhere: list[Listener] = []


@contextmanager
def heard_here(listener: Listener) -> Iterator[None]:
    """Hear of the waits of this thread's calls during a `with` block."""
    before: Listener | None = getattr(_here, "listener", None)
    _here.listener = listener
    try:
        yield
    finally:
        _here.listener = before


@contextmanager
def heard_everywhere(listener: Listener) -> Iterator[None]:
    """Hear of the waits of every thread's calls during a `with` block."""
    _everywhere.append(listener)
    try:
        yield
    finally:
        _everywhere.remove(listener)


def tell(wait: Wait) -> None:
    """Tell of a wait of this thread."""
    listener: Listener | None = getattr(_here, "listener", None)
    for hear in (listener, *_everywhere):
        if hear is not None:
            hear(wait)
