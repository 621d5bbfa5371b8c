"""Question for the passphrase of a state: typed unseen, a new one twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Button, Input, Label

from stateroom.presentation.text import plain
from stateroom.ui.screens.dialog import Dialog, buttons

if TYPE_CHECKING:
    from stateroom.state.secrets.passphrase_questions import Question

KEEPING = (
    "It goes into this machine's own keyring, encrypted by the operating system, and is read back to be sure.",
    "Then nobody is asked for it here again. P shows where it is, and takes it out.",
)
"""Explanation of keeping a passphrase in the keyring."""


class PassphraseScreen(Dialog[str]):
    """Dismissed with what was typed, or with None."""

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Compose the reason, one or two fields, and the way to do without."""
        new = self._question.new
        with Vertical(classes="dialog -small"):
            yield Label("A new passphrase" if new else "Passphrase", classes="title")
            for line in _explained(self._question):
                yield Label(line, markup=False)
            yield Label(_blamed(self._question), id="notice", markup=False)
            yield Input(password=True, placeholder="passphrase", id="passphrase", compact=True)
            if new:
                yield Input(password=True, placeholder="the same again", id="again", compact=True)
            yield buttons("Use it", no="Do not encrypt" if new else "Go without")

    def on_mount(self) -> None:
        """Focus the first field."""
        self.query_one("#notice").display = bool(self._question.wrong)
        self.query_one(Input).focus()

    @on(Input.Submitted)
    @on(Button.Pressed, "#yes")
    def _use(self) -> None:
        fields = list(self.query(Input))
        empty = next((field for field in fields if not field.value), None)
        if empty is not None:
            empty.focus()
        elif len({field.value for field in fields}) > 1:
            self._start_again(fields)
        else:
            self.dismiss(fields[0].value)

    def _start_again(self, fields: list[Input]) -> None:
        for field in fields:
            field.value = ""
        notice = self.query_one("#notice", Label)
        notice.update("These were two different ones. Type it again, twice.")
        notice.display = True
        fields[0].focus()

    @on(Button.Pressed, "#no")
    def _without(self) -> None:
        self.dismiss(None)


def _explained(question: Question) -> Iterator[str]:
    place = plain(question.place)
    if question.new:
        yield f"The secrets of {place} are about to be encrypted for the first time, with what you type here."
        yield "Nobody can recover it: keep it in a vault of your own as well."
    elif not question.wrong:
        yield (
            f"The secrets of {place} are encrypted with a passphrase that is neither in the environment nor in a"
            " keyring."
        )
    if question.no_keyring:
        yield f"No keyring can keep it ({plain(question.no_keyring)}), so it is kept in memory until stateroom ends."
    else:
        yield "It is kept in memory until stateroom ends; once it fits you are asked whether the keyring shall have it."


def _blamed(question: Question) -> str:
    wrong = question.wrong[:1].upper() + question.wrong[1:]
    return f"{plain(wrong)} does not open the state of {plain(question.place)}. Type the right one." if wrong else ""
