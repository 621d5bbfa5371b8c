"""Help: every command with its keys and the reason when it is disabled; the meaning of the marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import wrap

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Label

from stateroom.model.diff import Mark
from stateroom.presentation.text import pad
from stateroom.ui.commands import COMMANDS, CommandContext, display_key
from stateroom.ui.screens.dialog import Dialog
from stateroom.ui.widgets.cells import Cell
from stateroom.ui.widgets.text_list import TextLine, TextList

_MARKS = (
    (Mark.PENDING, "config", "you changed the config; deploy writes it to the cloud"),
    (
        Mark.DRIFT,
        "cloud",
        "the cloud is not as it was deployed; refresh or accept keeps it, heal undoes it; deploy does nothing",
    ),
    (Mark.STALE, "state", "config and cloud agree, only the state is behind; deploy or refresh records it"),
    (Mark.CONFLICT, "conflict", "all three differ; deploy writes the config"),
    (Mark.NEW, "config", "only in the config; deploy creates it"),
    (Mark.GONE, "config", "only in the state; deploy deletes it (Retain: drops it from the state)"),
    (
        Mark.UNDECLARED,
        "cloud",
        "neither config nor state speaks of it; what lets people in or data out is shown in full; heal takes it away",
    ),
    (Mark.UNKNOWN, "dim", "a side was not read or not resolved, so nothing is concluded"),
)
_LETTERS = (
    ("X", "first letter, config against state: ~ changed, + new, - gone, ? not read"),
    ("Y", "second letter, state against cloud: ! drift, x missing, ? not read, . not in the state"),
    ("^", "in the first free place: undeclared changes that let people in or data out"),
    ("▸", "the odd one out: the side that does not agree with the other two"),
    ("L", "the service's state is locked"),
    ("I", "the service's last operation was cut off: the lines above its resources say how far it came"),
    ("P", "something waits for the service's next operation: a step of unknown outcome, or one left half-way"),
    ("B", "the service's state is broken: stateroom state repair"),
)


class HelpScreen(Dialog[None]):
    """Dialog that scrolls; esc, q or ? leave it."""

    BINDINGS = [("question_mark,f1", "leave", "Close")]  # noqa: RUF012

    def __init__(self, context: CommandContext, keys: Mapping[str, str]) -> None:
        super().__init__()
        self._asked_in, self._keys = context, keys

    def compose(self) -> ComposeResult:
        """Compose title and list."""
        with Vertical(classes="dialog -large"):
            yield Label("Help   (esc closes)", classes="title")
            yield TextList(id="help")

    def on_mount(self) -> None:
        """Fill and focus the list."""
        text = self.query_one(TextList)
        text.write(lambda width: help_lines(self._asked_in, self._keys, width))
        text.focus()


def help_lines(context: CommandContext, keys: Mapping[str, str], width: int) -> Iterator[TextLine]:
    """Yield the commands by group, then the legend."""
    group = ""
    for command in sorted(COMMANDS, key=lambda item: _GROUPS.index(item.group)):
        if command.group != group:
            yield ()
            group = command.group
            yield (Cell(group, "strong"),)
        reason = command.disabled(context)
        shown = " ".join(display_key(key) for key in keys[command.name].split(","))
        style = "dim" if reason else ""
        head = Cell(f"  {pad(shown, 7)} ", style or "key"), Cell(pad(command.name, 16), style)
        text = f"{command.help} Not now: {reason}." if reason else command.help
        yield from _columns(head, text, width, style)
    yield ()
    yield (Cell("Marks", "strong"),)
    for mark, side, text in _MARKS:
        yield from _columns((Cell(f"  {mark.value:<6}", side), Cell(pad(mark.meaning, 18))), text, width)
    for letter, text in _LETTERS:
        yield from _columns((Cell(f"  {letter:<24}", "strong"),), text, width)


def _columns(head: TextLine, text: str, width: int, style: str = "") -> Iterator[TextLine]:
    """Yield `head`, 26 columns wide, with text wrapped beside it."""
    for index, line in enumerate(wrap(text, max(16, width - 27))):
        yield (*(head if index == 0 else (Cell(" " * 26),)), Cell(line, style))


_GROUPS = ("Make them agree", "Find", "Look", "Go")
