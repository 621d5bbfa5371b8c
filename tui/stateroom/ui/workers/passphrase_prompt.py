"""Passphrase questions of the engine, answered by a dialog while the screen has the terminal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stateroom.state.secrets.passphrase_questions import Question


class PassphrasePrompt:
    """Question from a worker thread, which waits, to the screen, which answers. Keeps no passphrase.

    The workspace gets it before there is a screen; until `attach` is called every question goes unanswered.
    """

    def __init__(self) -> None:
        self._ask: Callable[[Question], object] | None = None
        self._ask_to_keep: Callable[[str], object] | None = None
        self._turn = threading.Lock()  # services are read side by side, a person is asked one thing at a time
        self._answered = threading.Event()
        self._answer: str | None = None
        self._keep = False
        self._declined = False

    def __call__(self, question: Question) -> str | None:
        """Ask and wait; returns None without a screen, or when the user does not want to answer."""
        with self._turn:
            if self._ask is None or self._declined:
                return None
            self._answered.clear()
            self._ask(question)
            self._answered.wait()
            answer, self._answer = self._answer, None
            return answer

    def offer(self, place: str) -> bool:
        """Ask whether the passphrase of a place is to be kept in the keyring, and wait; without a screen it is not."""
        with self._turn:
            if self._ask_to_keep is None:
                return False
            self._answered.clear()
            self._ask_to_keep(place)
            self._answered.wait()
            return self._keep

    def attach(self, ask: Callable[[Question], object], ask_to_keep: Callable[[str], object]) -> None:
        """Set what opens the two dialogs. Both return at once; `answer` and `decide` are called later."""
        self._ask, self._ask_to_keep = ask, ask_to_keep

    def answer(self, phrase: str | None) -> None:
        """Pass on what the user typed. None: nothing, and no further question until `allow`."""
        self._answer, self._declined = phrase, phrase is None
        self._answered.set()

    def decide(self, keep: bool) -> None:
        """Pass on whether the keyring is to keep the passphrase."""
        self._keep = keep
        self._answered.set()

    def allow(self) -> None:
        """Ask again even if the user did not want to be asked before."""
        self._declined = False

    def close(self) -> None:
        """Release every waiting thread without an answer, and answer no more."""
        self._ask = self._ask_to_keep = None
        self._keep = False
        self.answer(None)
