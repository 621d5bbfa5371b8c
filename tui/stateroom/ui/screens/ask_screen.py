"""Question with two answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Button, Label

from stateroom.presentation.text import plain
from stateroom.ui.screens.dialog import Dialog, buttons


class AskScreen(Dialog[bool]):
    """Dialog with the focus on No. Dismissed with True for yes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes", show=False),
        Binding("n", "leave", "No", show=False),
    ]

    def __init__(self, title: str, lines: Iterable[str], *, yes: str) -> None:
        super().__init__()
        self._title, self._lines, self._yes = title, tuple(lines), yes

    def compose(self) -> ComposeResult:
        """Compose title, text and buttons."""
        with Vertical(classes="dialog -small"):
            yield Label(self._title, classes="title", markup=False)
            for line in self._lines:
                yield Label(plain(line), markup=False)
            yield buttons(self._yes)

    def on_mount(self) -> None:
        """Focus No, the answer that changes nothing."""
        self.query_one("#no").focus()

    @on(Button.Pressed, "#yes")
    def action_yes(self) -> None:
        """Agree."""
        self.dismiss(True)

    @on(Button.Pressed, "#no")
    def _no(self) -> None:
        self.dismiss(False)
