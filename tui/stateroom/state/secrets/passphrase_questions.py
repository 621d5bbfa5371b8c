"""Passphrase prompts, and the answers given so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stateroom.model.values import Secret
from stateroom.state.secrets.cipher import Passphrase


@dataclass(frozen=True, slots=True)
class Question:
    """Passphrase prompt with its purpose.

    Args:
        place: the state that it opens, `<app>/<stage>`.
        new: nothing is encrypted yet: the answer becomes the passphrase, and cannot be recovered.
        wrong: which one has been tried and is not the one: "the passphrase from the keyring"; "" the first time.
        no_keyring: why no keyring can keep the answer; "" when one can.
    """

    place: str
    new: bool = False
    wrong: str = ""
    no_keyring: str = ""


Prompt = Callable[[Question], str | None]
"""Asks a person and waits; None when nobody answers."""


class Answers:
    """Typed passphrases. Each is tried on every state, so that one prompt serves all of them."""

    def __init__(self, prompt: Prompt | None) -> None:
        self._prompt = prompt
        self._typed: list[Passphrase] = []
        self._tried: dict[str, list[Passphrase]] = {}
        self._kept: dict[Passphrase, bool] = {}

    def first(self, question: Question) -> Passphrase | None:
        """Return the passphrase typed last for any state; else prompt for one."""
        return self._typed[-1] if self._typed else self._asked(question)

    def after(self, wrong: Passphrase, question: Question) -> Passphrase | None:
        """Return another passphrase after a wrong one: typed for another state, or prompted for."""
        tried = self._tried.setdefault(question.place, [])
        tried.append(wrong)
        untried = [found for found in self._typed if all(found.phrase != other.phrase for other in tried)]
        return untried[-1] if untried else self._asked(question)

    def to_be_kept(self, typed: Passphrase, ask: Callable[[], bool]) -> bool:
        """Ask once per passphrase whether to keep a correct one."""
        if typed not in self._kept:
            self._kept[typed] = ask()
        return self._kept[typed]

    def _asked(self, question: Question) -> Passphrase | None:
        answer = self._prompt(question) if self._prompt else None
        if answer is None:
            return None
        found = Passphrase(Secret(answer), "prompt")
        self._typed.append(found)
        return found
