"""Painting of cells. Styles come from CSS component classes, so that themes and NO_COLOR apply."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from stateroom.ui.widgets.cells import Cell, Line

STYLES = (
    *("heading", "heading-focused", "cursor", "cursor-blurred"),
    *("dim", "strong", "word", "accent", "key", "good", "bad"),
    *("config", "state", "cloud", "conflict"),
)


LINE_STYLES = frozenset(f"line--{name}" for name in STYLES)
"""Component classes of every screen with cells: it carries the styles once for all of its lists and bars."""


class Painting(Widget):
    """A widget that paints cells. Cell styles are component classes `line--<name>` of its screen, one or several."""

    _found: dict[str, Style] | None = None

    def component(self, name: str) -> Style:
        """Return the style of a component class, without what it inherits."""
        if self._found is None:
            self._found = {}
        style = self._found.get(name)
        if style is None:
            style = self._found[name] = self.screen.get_component_rich_style(f"line--{name}", partial=True)
        return style

    def strip(self, cells: Line, width: int, shade: Style) -> Strip:
        """Paint cells on the widget's own background with `shade` over it, exactly `width` columns."""
        base = self.rich_style
        if shade.reverse:  # without colour: what is dim would be dim background
            cells = [Cell(text) for text, _ in cells]
        segments = []
        for text, name in cells:
            style = sum(map(self.component, name.split()), base + shade)
            segments.append(Segment(text, style))
        return Strip(segments).crop_extend(0, width, base + shade)

    def notify_style_update(self) -> None:
        """Forget the old styles."""
        self._found = None
        super().notify_style_update()


class Bar(Painting):
    """One line of cells."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.cells: Line = ()

    def show(self, cells: Line) -> None:
        """Show other cells."""
        shown = tuple(cells)
        if shown != self.cells:
            self.cells = shown
            self.refresh()

    def line(self, width: int) -> Line:  # noqa: ARG002
        """Return the cells for a width; by default those given to `show`."""
        return self.cells

    def render_line(self, y: int) -> Strip:
        """Paint the line, and blanks below it."""
        width = self.size.width
        return self.strip(self.line(width) if y == 0 else (), width, Style.null())
