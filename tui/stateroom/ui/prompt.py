"""How the engine asks for a passphrase while the screen has the terminal: in a dialog, not on the terminal."""

from __future__ import annotations

import threading
from collections.abc import Callable

Ask = Callable[[str, str], object]
"""(what the passphrase opens, why it is asked for again or ""): starts a dialog and returns at once."""


class PassphrasePrompt:
    """Called from a worker thread, which waits; answered from the screen. Keeps no passphrase.

    It is handed to the workspace before there is a screen, so nobody answers until someone attaches.
    """

    def __init__(self) -> None:
        self._ask: Ask | None = None
        self._turn = threading.Lock()  # services are read side by side, a person is asked one thing at a time
        self._answered = threading.Event()
        self._answer: str | None = None
        self._reason = ""
        self._given = False
        self._declined = False

    def __call__(self, what: str) -> str | None:
        """Ask and wait; None when nobody answers: there is no screen, or the user does not want to."""
        with self._turn:
            if self._ask is None or self._declined:
                return None
            self._answered.clear()
            self._ask(what, self._reason)
            self._answered.wait()
            answer, self._answer = self._answer, None
            return answer

    def attach(self, ask: Ask) -> None:
        """From now on `ask` shows the question."""
        self._ask = ask

    def answer(self, phrase: str | None) -> None:
        """What the user typed. None: nothing, and they are not to be asked again until `allow`."""
        self._answer, self._given, self._declined = phrase, phrase is not None, phrase is None
        self._answered.set()

    def wrong(self, reason: str) -> bool:
        """The answer was not the one: ask again next time, saying why. False when there was none to blame."""
        blamed, self._given = self._given, False
        self._reason = reason if blamed else ""
        return blamed

    def allow(self) -> None:
        """Ask again even if the user did not want to be asked before."""
        self._declined = False

    def close(self) -> None:
        """Nobody answers any more; whoever waits goes on without."""
        self._ask = None
        self.answer(None)
