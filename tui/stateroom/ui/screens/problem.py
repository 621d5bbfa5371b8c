"""The project could not be opened: what, why, and what to do, on a page of its own."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label, Static

from stateroom.presentation.text import plain
from stateroom.ui.messages import Lines
from stateroom.ui.screens.dialog import Dialog


class ProblemScreen(Dialog[bool]):
    """Dismissed with True to try again, otherwise to leave."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("r,enter", "retry", "Try again", show=False)]

    def __init__(self, error: Lines) -> None:
        super().__init__()
        self._error = error

    def compose(self) -> ComposeResult:
        """The error's lines, wrapped, and the keys."""
        what, *rest = self._error or ("the project could not be opened",)
        with Vertical(classes="page"):
            yield Label("stateroom could not open the project", classes="title")
            yield Static("")
            yield Static(plain(what), markup=False, classes="what")
            for line in rest:
                yield Static(plain(line), markup=False, classes="why")
            yield Static("")
            yield Static("r  try again     q  quit", markup=False, classes="keys")

    def action_retry(self) -> None:
        """Try again."""
        self.dismiss(True)
