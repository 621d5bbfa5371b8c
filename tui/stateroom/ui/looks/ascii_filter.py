"""ASCII mode: a filter behind the painting of every widget, Textual's own included."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from stateroom.ui.looks.ascii_glyphs import ascii_form


class AsciiFilter(LineFilter):
    """Line filter that replaces drawn signs by ASCII ones of the same width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Return the segments, drawn in ASCII."""
        return [Segment(ascii_form(text), style, control) for text, style, control in segments]
