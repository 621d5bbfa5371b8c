"""Asking for the passphrase of a state: typed unseen, kept in memory for this run."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Button, Input, Label

from stateroom.presentation.text import plain
from stateroom.ui.screens.dialog import Dialog, buttons


class PassphraseScreen(Dialog[str]):
    """Dismissed with what was typed, or with None.

    Args:
        what: the state that it opens (`shop-orders/dev`).
        reason: what was wrong with the last answer; "" the first time.
    """

    def __init__(self, what: str, reason: str = "") -> None:
        super().__init__()
        self._what, self._reason = what, reason

    def compose(self) -> ComposeResult:
        """What for, the field, and how to do without."""
        lines = (
            f"The secrets of {plain(self._what)} are encrypted with a passphrase that is neither in the environment"
            " nor in a keyring.",
            "It is kept in memory until stateroom ends, and nowhere else.",
        )
        with Vertical(classes="dialog -small"):
            yield Label(self.said("Passphrase"), classes="title")
            for line in lines:
                yield Label(self.said(line), markup=False)
            if self._reason:
                yield Label(self.said(plain(self._reason)), id="notice", markup=False)
            yield Input(password=True, placeholder="passphrase", id="passphrase", compact=True)
            yield buttons("Use it", no="Go without")

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    @on(Input.Submitted, "#passphrase")
    @on(Button.Pressed, "#yes")
    def _use(self) -> None:
        typed = self.query_one(Input).value
        if typed:
            self.dismiss(typed)

    @on(Button.Pressed, "#no")
    def _without(self) -> None:
        self.dismiss(None)
