"""Events as they happen: a line each on standard error, or JSON lines on standard output."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from stateroom.commands.console import Console
from stateroom.errors import OutputError
from stateroom.model import events
from stateroom.model.events import Event
from stateroom.presentation.events import doing, event_json, event_line, waiting_for
from stateroom.presentation.text import plain
from stateroom.presentation.values import duration

_SILENCE = 10.0  # seconds after which a log says what is waited for


class ProgressLines:
    """Shows the events of one operation. `emit` may be called from any thread, `tick` from the main one.

    `lost`: why nothing can be shown any more; the operation goes on to its end all the same.
    """

    def __init__(self, console: Console, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._lock = threading.Lock()
        self._running: dict[str, tuple[str, float]] = {}  # step id: what it does, since when
        self._waiting: dict[str, tuple[str, float]] = {}  # step id: what for, until when at the latest (0: not known)
        self._spoke = clock()
        self.lost: OSError | OutputError | None = None
        self._over = 0
        self._total = 0

    def emit(self, event: Event) -> None:
        """Take one event."""
        with self._lock:
            self._follow(event)
        if self.lost is None:
            try:
                self._show(event)
            except (OSError, OutputError) as error:
                self.lost = error

    def _show(self, event: Event) -> None:
        if self._console.as_json:
            self._console.json_line(event_json(event))
        elif (line := event_line(event)) is not None:
            self._console.progress(line)
            self._spoke = self._clock()

    def tick(self) -> None:
        """Draw the live line again; without a terminal, print a line when nothing was said for ten seconds."""
        with self._lock:
            line = self._line()
        with suppress(OSError, OutputError):
            if self._console.draws:
                self._console.live(line)
            elif line and self._clock() - self._spoke >= _SILENCE:
                self._spoke = self._clock()
                self._console.progress(f"waiting   {line}")

    def close(self) -> None:
        """Take the live line away."""
        with suppress(OSError):
            self._console.live("")

    def _follow(self, event: Event) -> None:
        match event:
            case events.OperationStarted():
                self._total = event.total
            case events.StepStarted():
                name = plain(f"{doing(event.action)} {event.service}/{event.logical_id}")
                self._running[event.step] = (name, self._clock())
            case events.StepWaiting():
                self._waiting[event.step] = event.reason, self._clock() + event.seconds if event.seconds else 0.0
            case events.StepFinished() | events.StepFailed() | events.StepSkipped():
                self._running.pop(event.step, None)
                self._waiting.pop(event.step, None)
                self._over += 1
            case _:
                pass

    def _line(self) -> str:
        """`7/11  creating orders/Queue 1.2s (waiting: becoming active) …and 2 more`, the longest-running first."""
        if not self._running:
            return ""
        step, (name, since) = min(self._running.items(), key=lambda item: item[1][1])
        reason, until = self._waiting.get(step, ("", 0.0))
        waiting = f" (waiting: {waiting_for(reason, until - self._clock())})" if reason else ""
        more = f" …and {len(self._running) - 1} more" if len(self._running) > 1 else ""
        return f"{self._over}/{self._total}  {name} {duration(self._clock() - since)}{waiting}{more}"
