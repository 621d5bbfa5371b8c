"""Base class and common pieces of dialogs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input

from stateroom.ui.looks.stylesheets import DIALOGS_CSS, LINE_STYLES_CSS
from stateroom.ui.widgets.painting import LINE_STYLES
from stateroom.ui.widgets.text_list import TextList, Writer, wrapped

LEAST_LINES = 9

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """Modal screen. Esc, q and ctrl+c leave it without an answer; the arrows scroll its text."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(LINE_STYLES)
    CSS_PATH = [LINE_STYLES_CSS, DIALOGS_CSS]  # noqa: RUF012
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c,ctrl+q", "leave", "Cancel", show=False, priority=True),
        Binding("q", "leave", "Cancel", show=False),
        Binding("up,k", "scroll(-1)", "Up", show=False),
        Binding("down,j", "scroll(1)", "Down", show=False),
        Binding("pageup", "scroll_page(-1)", "Page up", show=False),
        Binding("pagedown", "scroll_page(1)", "Page down", show=False),
        Binding("left,right", "other", "Other button", show=False),
    ]

    @on(TextList.Viewed)
    def _viewed(self, event: TextList.Viewed) -> None:
        """Fit the box to its text; without room for all of it, count the lines below."""
        text = event.sender
        for box in self.query(".dialog").results(Vertical):
            below = max((child.region.bottom for child in box.children if child.display), default=0)
            hidden = max(0, below - box.content_region.bottom)  # lines of a long notice, or the buttons under it
            around = box.outer_size.height - text.size.height + hidden
            room = self.size.height if self.has_class("-narrow") else self.size.height * 9 // 10
            lines = len(text.rows) + text.row_format.heading_lines
            box.styles.height = max(LEAST_LINES, min(around + lines, room))
            box.border_subtitle = self.foot(text)

    def foot(self, text: TextList) -> str:
        """Return the line under the box: how much more there is to read."""
        return f"{text.below} more ↓" if text.below else ""

    def on_resize(self) -> None:
        """Fit the box to the new size."""
        for text in self.query(TextList):
            text.post_message(TextList.Viewed(text))

    def action_leave(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)

    def action_scroll(self, step: int) -> None:
        """Scroll the text, wherever the focus is."""
        for text in self.query(TextList):
            text.action_move(step)

    def action_scroll_page(self, step: int) -> None:
        """Scroll the text a page."""
        for text in self.query(TextList):
            text.action_page(step)

    def action_other(self) -> None:
        """Focus the other of two buttons."""
        others = [button for button in self.query(Button) if button.display and not button.has_focus]
        if others:
            others[0].focus()


def buttons(yes: str, *, no: str = "No") -> Horizontal:
    """Return two buttons, No first."""
    return Horizontal(Button(no, id="no", compact=True), Button(yes, id="yes", compact=True), classes="buttons")


def paragraphs(lines: Iterable[str], style: str = "") -> Writer:
    """Return a writer that wraps each string to the width."""
    shown = tuple(lines)
    return lambda width: (line for text in shown for line in wrapped(text, width, style))


class TypedName(Input):
    """Input where a name has to be typed to agree."""

    def __init__(self, name: str) -> None:
        super().__init__(placeholder=f"type {name} to confirm", id="typed", compact=True)
