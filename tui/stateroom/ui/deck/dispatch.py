"""Dispatch of engine events: taken out of the queue a few times a second, each to the handler of its type."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from stateroom.ui.workers.engine_events import EngineEvent
from stateroom.ui.workers.event_queue import EventQueue

BATCH_SECONDS = 0.1

Taken = TypeVar("Taken", bound=EngineEvent)


class Timer(Protocol):
    """Function that calls another after some seconds."""

    def __call__(self, delay: float, callback: Callable[[], None]) -> object:
        """Set the timer."""


class EventDispatcher:
    """Handlers by type of event.

    Args:
        queue: filled by worker threads.
        after_batch: called when all events of a batch were handled, to draw once for all of them.
    """

    def __init__(self, queue: EventQueue[EngineEvent], timer: Timer, after_batch: Callable[[], object]) -> None:
        self._queue, self._timer, self._after_batch = queue, timer, after_batch
        self._handlers: dict[type[Any], Callable[[Any], object]] = {}
        self._last_batch = 0.0
        self._waiting = False

    def on(self, kind: type[Taken], handler: Callable[[Taken], object]) -> None:
        """Set the handler of a type of event; every type needs one."""
        self._handlers[kind] = handler

    @property
    def idle(self) -> bool:
        """Whether every event was handled."""
        return self._queue.empty and not self._waiting

    def ring(self) -> None:
        """Handle the queue's events: now, or BATCH_SECONDS after the last batch."""
        wait = self._last_batch + BATCH_SECONDS - time.monotonic()
        if self._waiting:
            return
        if wait > 0:
            self._waiting = True
            self._timer(wait, self._handle_batch)
        else:
            self._handle_batch()

    def _handle_batch(self) -> None:
        self._waiting = False
        self._last_batch = time.monotonic()
        for event in self._queue.take():
            self._handlers[type(event)](event)
        self._after_batch()
