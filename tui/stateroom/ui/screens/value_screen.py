"""One attribute in full: its value on each side, spread over lines, with differing lines marked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from textwrap import wrap
from typing import TypeAlias

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Label

from stateroom.model.diff import AttributeDiff
from stateroom.model.values import UNREAD, Marker, Value
from stateroom.presentation.survey.diffs import SIDES, odd_one_out, would
from stateroom.presentation.text import plain
from stateroom.presentation.values import full, json_value
from stateroom.presentation.words import changed_words
from stateroom.ui.looks.ascii_glyphs import ODD
from stateroom.ui.screens.dialog import Dialog
from stateroom.ui.widgets.cells import Cell
from stateroom.ui.widgets.text_list import TextLine, TextList

CONTEXT = 4  # lines shown before and after one that differs
Words: TypeAlias = tuple[tuple[str, bool], ...]
"""Pieces of a line: (text, whether it differs)."""


class ValueScreen(Dialog[None]):
    """Dialog that scrolls; esc, q or enter leave it."""

    BINDINGS = [("enter", "leave", "Close"), Binding("e", "unfold", "Unfold", id="unfold", show=False)]  # noqa: RUF012

    def __init__(self, address: str, diff: AttributeDiff, values: tuple[Value, Value, Value]) -> None:
        super().__init__()
        self._address, self._diff, self._values = address, diff, values
        self._whole = False

    def compose(self) -> ComposeResult:
        """Compose title and text."""
        with Vertical(classes="dialog -large"):
            yield Label(plain(f"{self._diff.name}   {self._address}"), classes="title", markup=False)
            yield Label(self._summary(), markup=False, id="summary")
            yield TextList(id="value")

    def _summary(self) -> str:
        unread = [side for side, value in zip(SIDES, self._values, strict=True) if value is UNREAD]
        return f"{' and '.join(unread)} not read" if unread else would(self._diff)

    def on_mount(self) -> None:
        """Fill and focus the text."""
        self._write()
        self.query_one(TextList).focus()

    def action_unfold(self) -> None:
        """Show or fold what is the same on all sides."""
        self._whole = not self._whole
        self._write()

    def _write(self) -> None:
        diff, values, whole = self._diff, self._values, self._whole
        self.query_one(TextList).write(lambda width: value_lines(diff, values, width, whole=whole))


def value_lines(
    diff: AttributeDiff, values: tuple[Value, Value, Value], width: int, *, whole: bool = False
) -> Iterator[TextLine]:
    """Yield the sides one under the other, those that agree together, with differing lines marked.

    Of the lines that are the same on all sides only those near a difference are shown, unless `whole`.
    """
    odd = odd_one_out(diff)
    groups: dict[tuple[str, ...], list[str]] = {}
    read = [(side, value) for side, value in zip(SIDES, values, strict=True) if value is not UNREAD]
    whole = whole or len(read) == 1
    for side, value in read or zip(SIDES, values, strict=True):
        # Masked values read the same although they differ.
        text = tuple(spread_out(value))
        key = text if side not in odd or text not in groups else (*text, "")
        groups.setdefault(key, []).append(side)
    everywhere = Counter(line for text in groups for line in set(text))
    for text, sides in groups.items():
        side = sides[0]
        moved = side in odd
        yield (Cell(f"{ODD if moved else ' '}{' = '.join(sides)}", side if moved else "strong"),)
        others = [line for other in groups if other is not text for line in other if everywhere[line] < len(groups)]
        shown = text if whole else _near([(line, everywhere[line] == len(groups)) for line in text])
        for line in shown:
            if isinstance(line, int):
                yield (Cell(f"   … {line} lines that are the same (e unfolds)", "accent"),)
            elif everywhere[line] == len(groups):
                yield from _line(line, ((line, False),), width, ("   ", "", "dim", "dim"))
            else:
                look = (f" {ODD} ", side, "", f"{side} word") if moved else (f" {ODD} ", "dim", "", "word")
                yield from _line(line, changed_words(line, others), width, look)
        yield ()


def _near(lines: list[tuple[str, bool]]) -> Iterator[str | int]:
    """Yield the lines near those that differ, and the number of lines in each gap. Input: (line, on all sides)."""
    different = [index for index, (_, shared) in enumerate(lines) if not shared]
    around = {near for index in different or [0] for near in range(index - CONTEXT, index + CONTEXT + 1)}
    for keep, run in groupby(range(len(lines)), key=around.__contains__):
        indexes = list(run)
        if keep or len(indexes) <= CONTEXT:
            yield from (lines[index][0] for index in indexes)
        else:
            yield len(indexes)


def _line(line: str, words: Words, width: int, look: tuple[str, str, str, str]) -> Iterator[TextLine]:
    """Wrap a line of a value under its own indent. `look`: sign, its style, style of words, of changed words."""
    sign, sign_style, same, changed = look
    styles = [changed if differs else same for word, differs in words for _ in word]
    indent = len(line) - len(line.lstrip())
    at = 0
    pieces = wrap(line, max(8, width - 4), drop_whitespace=False, subsequent_indent=" " * indent) or [""]
    for number, piece in enumerate(pieces):
        lead = indent if number else 0  # was put there by the wrapping
        end = at + len(piece) - lead
        runs = groupby(zip(piece[lead:], styles[at:end], strict=False), key=itemgetter(1))
        yield (
            Cell(sign, sign_style),
            Cell(" " * lead),
            *(Cell("".join(letter for letter, _ in run), style) for style, run in runs),
        )
        at = end


def spread_out(value: Value) -> list[str]:
    """Split a value into lines: JSON indented, also inside strings; text at its own line breaks."""
    if isinstance(value, Marker):
        return [full(value)]
    if isinstance(value, str):
        try:
            parsed = json.loads(value) if value[:1] in "{[" and value else None
        except ValueError:
            parsed = None
        if parsed is None:
            return [plain(line) for line in value.splitlines()] or ['""']
        value = parsed
    text = json.dumps(json_value(value), indent=2, sort_keys=True, ensure_ascii=False)
    return [plain(line) for line in text.splitlines()]
