"""The screen as its controllers see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, Protocol, TypeAlias

from textual.app import App

Severity: TypeAlias = Literal["information", "warning", "error"]


class DeckView(Protocol):
    """What controllers ask of the screen: to say something, to ask a question, to draw."""

    @property
    def app(self) -> App[object]:
        """The application, for dialogs, clipboard, themes and the end of the program."""

    @property
    def on_top(self) -> bool:
        """Whether no dialog is open."""

    def say(
        self, message: str, *, title: str = "", severity: Severity = "information", timeout: float | None = None
    ) -> None:
        """Show a short message; `timeout` in seconds, None for the usual time."""

    def ask(self, title: str, lines: Iterable[str], yes: str, then: Callable[[], object]) -> None:
        """Ask a question, and call `then` if the answer is yes."""

    def reload(self) -> None:
        """Show the model and the progress as they are now, in every pane."""

    def show_keys(self) -> None:
        """Bring the footer up to date."""

    def show_title(self) -> None:
        """Bring the title line up to date."""
