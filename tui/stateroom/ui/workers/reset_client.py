"""Calls to the reset of a home, each in a thread, with answers on the event loop."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from stateroom.engine.requests import Control
from stateroom.ui.workers.engine_events import Answered, EngineEvent, ErrorLines
from stateroom.ui.workers.event_queue import EventQueue

if TYPE_CHECKING:
    from stateroom.engine.reset.guided_reset import Found
    from stateroom.engine.reset.steps import ResetProgress

Value = TypeVar("Value")


class EngineCall(Protocol):
    """Function that runs work in a thread, then calls `then` on the event loop with (value, ()) or (None, error).

    With a `control` the work is an operation: the end of the program stops it and waits for it.
    """

    def __call__(
        self,
        work: Callable[[], Value],
        then: Callable[[Value | None, ErrorLines], object],
        control: Control | None = None,
    ) -> None:
        """Start the work."""


class ResettableHome(Protocol):
    """Reset of a home, as `engine.home_reset.HomeReset` implements it."""

    def refusal(self) -> str:
        """Return why this home cannot be reset; "" when it can be."""

    def look(self) -> Found:
        """Take the inventory."""

    def back_up(self, tell: Callable[[ResetProgress], object]) -> None:
        """Carry out the first step, the backup, which deletes nothing."""

    def replace(self, tell: Callable[[ResetProgress], object]) -> None:
        """Carry out all steps after the backup."""

    def repair(self, say: Callable[[str], None]) -> int:
        """Put back what is missing; returns how many things were."""

    def stop(self) -> None:
        """Stop at the next safe point."""


class ResetClient:
    """Client of the reset guide. Every method returns at once; the first one opens the home."""

    def __init__(
        self, open_home: Callable[[], ResettableHome], call: EngineCall, queue: EventQueue[EngineEvent]
    ) -> None:
        self._open_home, self._call, self._queue = open_home, call, queue
        self._opened: ResettableHome | None = None

    def refusal(self, then: Callable[[str | None, ErrorLines], object]) -> None:
        """Ask whether this home can be reset at all."""
        self._call(lambda: self._home.refusal(), then)

    def look(self, then: Callable[[Found | None, ErrorLines], object]) -> None:
        """Take the inventory."""
        self._call(lambda: self._home.look(), then)

    def back_up(self, tell: Callable[[ResetProgress], object], then: Callable[[None, ErrorLines], object]) -> None:
        """Start the first step."""
        self._call(lambda: self._home.back_up(self._on_loop(tell)), then, _StopRequest(self.stop))

    def replace(self, tell: Callable[[ResetProgress], object], then: Callable[[None, ErrorLines], object]) -> None:
        """Start all steps after the first."""
        self._call(lambda: self._home.replace(self._on_loop(tell)), then, _StopRequest(self.stop))

    def repair(self, tell: Callable[[str], object], then: Callable[[int | None, ErrorLines], object]) -> None:
        """Start to put back what is missing."""
        self._call(lambda: self._home.repair(self._on_loop(tell)), then, Control())

    def stop(self) -> None:
        """Stop at the next safe point."""
        if self._opened is not None:
            self._opened.stop()

    @property
    def _home(self) -> ResettableHome:
        if self._opened is None:
            self._opened = self._open_home()
        return self._opened

    def _on_loop(self, tell: Callable[[Value], object]) -> Callable[[Value], None]:
        return lambda value: self._queue.put(Answered(partial(tell, value)))


class _StopRequest(Control):
    """Control of a reset: it can be asked to stop, and nothing in it could be cut off harder."""

    def __init__(self, stop: Callable[[], object]) -> None:
        super().__init__()
        self._ask = stop

    def stop(self) -> None:
        """Ask the reset to stop."""
        super().stop()
        self._ask()
