"""Tell what reading waits for: throttled calls and API limits, while a survey, a plan or a search is made."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from stateroom.cloud.budgets.telling import Wait, heard_everywhere
from stateroom.commands.console import Console
from stateroom.errors import OutputError
from stateroom.presentation.events import waiting_for

_SILENCE = 10.0  # seconds between two lines of a log
_SHORTEST = 1.0  # seconds for which a wait of unknown length is taken to last


class ReadWaits:
    """The last wait of any thread's calls. `hear` may be called from any thread, `tick` from the main one."""

    def __init__(self, console: Console, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._lock = threading.Lock()
        self._reason, self._until = "", 0.0
        self._spoke = clock()
        self._drawn = False

    def hear(self, wait: Wait) -> None:
        """Take a wait that begins."""
        with self._lock:
            self._reason, self._until = wait.reason, self._clock() + max(wait.seconds, _SHORTEST)

    def tick(self) -> None:
        """Draw the wait with its countdown; without a terminal, print a line every ten seconds."""
        with self._lock:
            left = self._until - self._clock()
            line = f"reading (waiting: {waiting_for(self._reason, left)})" if self._reason and left > 0 else ""
        with suppress(OSError, OutputError):
            if self._console.draws and (line or self._drawn):  # else the line is another's
                self._console.live(line)
                self._drawn = bool(line)
            elif line and not self._console.draws and self._clock() - self._spoke >= _SILENCE:
                self._spoke = self._clock()
                self._console.progress(f"waiting   {line}")

    def close(self) -> None:
        """Take the live line away."""
        with suppress(OSError, OutputError):
            if self._drawn:
                self._console.live("")


@contextmanager
def waits_told(console: Console) -> Iterator[Callable[[], None]]:
    """Tell of waits during a `with` block; yields what is to be called a few times a second."""
    waits = ReadWaits(console)
    with heard_everywhere(waits.hear):
        try:
            yield waits.tick
        finally:
            waits.close()
