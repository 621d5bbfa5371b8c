"""Patience of a home's calls: how long they are repeated while the cloud is busy, fails or cannot be reached."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_LOOKING: Final = 4  # tries of whoever only looks
_WORKING: Final = 8  # tries of a running operation, as many as its other calls to the cloud have
_AT_LEAST: Final = 45.0  # seconds that a running operation waits before it gives up, whatever the number of tries
_FIRST: Final = 0.1  # seconds; doubled with each try
_LONGEST: Final = 5.0  # seconds
_SILENT: Final = frozenset({"ReadTimeoutError"})
_TOLD: Final = 2  # from which wait on people hear of it: one that is over at once is no news

Tell = Callable[[str], None]


class Patience:
    """Patience of a home: short while someone looks, as long as that of the cloud's calls while something runs.

    Args:
        sleep: waits, seconds.
        chance: a number from 0 to 1, so that callers refused together do not come back together.
    """

    def __init__(
        self, sleep: Callable[[float], None] = time.sleep, chance: Callable[[], float] = random.random
    ) -> None:
        self.sleep = sleep
        self.chance = chance
        self._listeners: list[Tell] = []

    @contextmanager
    def working(self, tell: Tell = lambda _: None) -> Iterator[None]:
        """Be patient during a `with` block, in which an operation runs. `tell` hears of every long wait."""
        self._listeners.append(tell)
        try:
            yield
        finally:
            self._listeners.remove(tell)

    def begin(self, what: str) -> Waiting:
        """Return the tries of one call; `what` names it: "PutObject"."""
        return Waiting(self, what)

    def lasts(self, tries: int, waited: float, *, silent: bool = False) -> bool:
        """Tell whether a call that failed so many times, and waited so many seconds, is tried again.

        `silent`: no answer came for a whole minute; whoever only looks has waited long enough then.
        """
        if not self._listeners:
            return tries < _LOOKING and not silent
        return tries < _WORKING or waited < _AT_LEAST

    def tell(self, text: str) -> None:
        """Say something to whoever runs an operation."""
        for listener in tuple(self._listeners):
            listener(text)


class Waiting:
    """Tries of one call."""

    def __init__(self, patience: Patience, what: str) -> None:
        self._patience = patience
        self._what = what
        self._waited = 0.0
        self.tries = 0

    def again(self, why: str) -> bool:
        """Wait and return True, if the call is to be tried once more; False: it has failed for good."""
        self.tries += 1
        if not self._patience.lasts(self.tries, self._waited, silent=why in _SILENT):
            return False
        seconds = min(_FIRST * 2 ** (self.tries - 1), _LONGEST) * (0.5 + self._patience.chance() / 2)
        if self.tries >= _TOLD:
            self._patience.tell(f"waiting for the home: {self._what} ({why}), try {self.tries + 1}")
        self._waited += seconds
        self._patience.sleep(seconds)
        return True
