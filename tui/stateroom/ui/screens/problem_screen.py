"""Error of opening the project, as a page: what, why, and what to do."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label, Static

from stateroom.presentation.text import plain
from stateroom.ui.screens.dialog import Dialog
from stateroom.ui.workers.engine_events import ErrorLines


class ProblemScreen(Dialog[str]):
    """Dismissed with "retry", or with "reset" to repair the home; otherwise to leave.

    Args:
        error: what, why and what to do.
        repair: the key that opens the reset guide; "" when it would not help.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,enter", "retry", "Try again", show=False),
        Binding("R", "repair", "Repair the home", id="reset", show=False),
    ]

    def __init__(self, error: ErrorLines, *, repair: str = "") -> None:
        super().__init__()
        self._error, self._repair = error, repair

    def compose(self) -> ComposeResult:
        """Compose the lines of the error, wrapped, and the keys."""
        what, *rest = self._error or ("the project could not be opened",)
        with Vertical(classes="page"):
            yield Label("stateroom could not open the project", classes="title")
            yield Static("")
            yield Static(plain(what), markup=False, classes="what")
            for line in rest:
                yield Static(plain(line), markup=False, classes="why")
            yield Static("")
            repair = f"{self._repair}  look at the home and repair it     " if self._repair else ""
            yield Static(f"{repair}r  try again     q  quit", markup=False, classes="keys")

    def action_retry(self) -> None:
        """Try again."""
        self.dismiss("retry")

    def action_repair(self) -> None:
        """Go to the reset guide."""
        if self._repair:
            self.dismiss("reset")


def names_repair(error: ErrorLines) -> bool:
    """Tell whether an error names `stateroom reset` as its repair."""
    return any("stateroom reset" in line for line in error)
