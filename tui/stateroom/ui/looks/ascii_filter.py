"""ASCII mode: the last thing that happens to every line of every widget, Textual's own included."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from stateroom.ui.looks.ascii_glyphs import ascii_form


class AsciiFilter(LineFilter):
    """Puts ASCII signs of the same width in the place of those that stateroom and Textual draw."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The segments, drawn in ASCII."""
        return [Segment(ascii_form(text), style, control) for text, style, control in segments]
