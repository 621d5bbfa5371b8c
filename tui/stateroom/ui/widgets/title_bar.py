"""Title line: project, stage, account, and the age of the readings."""

from __future__ import annotations

from stateroom.engine.requests import Info
from stateroom.presentation.text import cells, plain
from stateroom.ui.widgets.cells import Cell, Line
from stateroom.ui.widgets.painting import Bar

FEW = 3  # stages


class TitleBar(Bar):
    """Facts from left to right, the most important first; those that do not fit are left out."""

    def __init__(self) -> None:
        super().__init__(id="title")
        self._left: tuple[Cell, ...] = ()
        self._right: tuple[Cell, ...] = ()

    def tell(self, info: Info | None, fresh: Cell, *, read_only: bool) -> None:
        """Show other facts."""
        left = _facts(info)
        warnings = (Cell("read-only", "conflict"),) if read_only else ()
        if info is not None and info.protected:
            warnings = (*warnings, Cell("protected", "conflict"))
        right = (*warnings, fresh)
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    def line(self, width: int) -> Line:
        """Return the facts that fit."""
        right = [part for cell in self._right if cell.text for part in (cell, Cell("  "))]
        room = width - sum(cells(cell.text) for cell in right) - 2
        shown: list[Cell] = []
        for cell in self._left:
            text = f" {cell.text} "
            if cells(text) <= room:
                shown.append(Cell(text, cell.style))
                room -= cells(text)
        return (*shown, Cell(" " * max(0, room + 2)), *right)


def _facts(info: Info | None) -> tuple[Cell, ...]:
    if info is None:
        return (Cell("stateroom", "strong"),)
    place = f"{info.region} {info.account}".strip()
    facts = (
        Cell(plain(info.project), "strong"),
        Cell(plain(_stage(info)), "accent"),
        Cell(plain(place), "dim"),
        Cell(plain(info.home), "dim"),
        Cell(f"passphrase: {plain(info.passphrase)}" if info.passphrase else "", "dim"),
    )
    return tuple(fact for fact in facts if fact.text)


def _stage(info: Info) -> str:
    """Name the stage, or a few stages, or only how many there are; the Services pane has the stage of each."""
    stages = set(info.differing.values())
    return f"{len(stages)} stages" if len(stages) > FEW else info.stage
