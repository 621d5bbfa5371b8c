"""The reset of a home behind the screen: every call in a thread that only puts news into the mailbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from stateroom.engine.requests import Control
from stateroom.ui.workers.engine_events import Answered, Callback, EngineEvent
from stateroom.ui.workers.event_queue import EventQueue

if TYPE_CHECKING:
    from stateroom.engine.guide import Progress
    from stateroom.engine.home_reset import Found

Run = Callable[[Callable[[], object], Callback, Control | None], object]
"""Does something in a thread and answers; with a Control it is an operation, to be waited for at the end."""


class ResettableHome(Protocol):
    """engine.home_reset.HomeReset, or what stands in for it."""

    def refusal(self) -> str:
        """Why this home is not reset; "" when it can be."""

    def look(self) -> Found:
        """Take the inventory."""

    def back_up(self, tell: Callable[[Progress], object]) -> None:
        """The first step."""

    def replace(self, tell: Callable[[Progress], object]) -> None:
        """The rest."""

    def repair(self, say: Callable[[str], None]) -> int:
        """Put back what is missing."""

    def stop(self) -> None:
        """End at the next safe point."""


class ResetClient:
    """What a guide can ask for. All of it returns at once; answers come later, on the event loop."""

    def __init__(self, open_home: Callable[[], ResettableHome], run: Run, mailbox: EventQueue[EngineEvent]) -> None:
        self._open_home, self._run, self._mailbox = open_home, run, mailbox
        self._opened: ResettableHome | None = None

    def refusal(self, then: Callback) -> None:
        """Ask whether this home can be reset at all."""
        self._run(lambda: self._home.refusal(), then, None)

    def look(self, then: Callback) -> None:
        """Take the inventory."""
        self._run(lambda: self._home.look(), then, None)

    def back_up(self, tell: Callback, then: Callback) -> None:
        """The first step."""
        self._run(lambda: self._home.back_up(self._posted(tell)), then, _Stop(self.stop))

    def replace(self, tell: Callback, then: Callback) -> None:
        """The rest."""
        self._run(lambda: self._home.replace(self._posted(tell)), then, _Stop(self.stop))

    def repair(self, tell: Callback, then: Callback) -> None:
        """Put back what is missing."""
        self._run(lambda: self._home.repair(self._posted(tell)), then, Control())

    def stop(self) -> None:
        """End at the next safe point."""
        if self._opened is not None:
            self._opened.stop()

    @property
    def _home(self) -> ResettableHome:
        if self._opened is None:
            self._opened = self._open_home()
        return self._opened

    def _posted(self, tell: Callback) -> Callable[[object], None]:
        return lambda news: self._mailbox.put(Answered(tell, news))


class _Stop(Control):
    """Stopping a reset is asking it to; there is nothing that could be cut off harder."""

    def __init__(self, ask: Callable[[], object]) -> None:
        super().__init__()
        self._ask = ask

    def stop(self) -> None:
        """Ask."""
        super().stop()
        self._ask()
