"""Names of an app's own secrets, as `secret list` prints them. Values are never read here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Label

from stateroom.engine.requests import Cockpit
from stateroom.presentation.text import plain
from stateroom.presentation.values import MASK
from stateroom.ui.screens.dialog import Dialog, paragraphs
from stateroom.ui.widgets.cells import Cell
from stateroom.ui.widgets.text_list import TextLine, TextList, wrapped
from stateroom.ui.workers.engine_events import ErrorLines

Names = Mapping[str, tuple[str, ...]]
"""Names of secrets by the title of their set: `fallback`, `app/stage`."""


def secret_names(cockpit: Cockpit, service: str) -> Names:
    """Return the names in every set of a service.

    Raises:
        PassphraseError: they cannot be decrypted.
        UsageError: the home keeps none.
    """
    from stateroom.engine.tools.app_secrets import secret_store
    from stateroom.engine.tools.state_tools import tools_of

    sets = secret_store(tools_of(cockpit, service), fallback=False).sets()
    return {title: tuple(sorted(found)) for title, found in sets.items()}


class AppSecretsScreen(Dialog[None]):
    """Dialog that shows the names once they are read."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def compose(self) -> ComposeResult:
        """Compose title, names, and the command that changes them."""
        with Vertical(classes="dialog"):
            yield Label(plain(f"Secrets of {self._service}"), classes="title", markup=False)
            yield Label("reading…", id="summary", markup=False)
            yield TextList(id="names")
            hint = "`stateroom secret set NAME` changes one; esc closes"
            yield Label(hint, classes="keys", markup=False)

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        self.query_one(TextList).focus()

    def show(self, names: Names | None, error: ErrorLines) -> None:
        """Show the names, or the error when they cannot be read."""
        if not self.is_attached:
            return  # the user has left
        total = sum(map(len, (names or {}).values()))
        summary = "They cannot be read:" if names is None else f"{total} secrets" if total != 1 else "1 secret"
        self.query_one("#summary", Label).update(summary)
        if names is None:
            self.query_one(TextList).write(paragraphs(error, "bad"))
        else:
            self.query_one(TextList).write(lambda width: secret_lines(names, width))


def secret_lines(names: Names, width: int) -> Iterator[TextLine]:
    """Yield the names of each set, one a line, with masked values."""
    for title, found in names.items():
        heading = "for every stage that has none of its own" if title == "fallback" else title
        yield from wrapped(plain(heading), width, "strong")
        for name in found:
            yield (Cell(f"  {plain(name)}="), Cell(MASK, "dim"))
        if not found:
            yield (Cell("  (none)", "dim"),)
        yield ()
