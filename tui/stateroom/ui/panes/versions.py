"""Versions: past states of the chosen service, newest first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from stateroom.model.version import Version
from stateroom.presentation.values import age
from stateroom.ui.deck.model import ServiceModel
from stateroom.ui.widgets.cells import Cell, Line, fit
from stateroom.ui.widgets.line_list import LineList

Message: TypeAlias = str


class VersionsPane(LineList[Version | Message]):
    """Number, command, age, who, and what changed. The current version is marked."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(id="versions")
        self.clock = clock
        self.service = ""
        self._older = 0

    def reload(self, service: ServiceModel | None) -> None:
        """Show a service's versions, or say why there are none."""
        self.service = service.name if service else ""
        self._older = service.history.older if service and service.history else 0
        self.show(_rows(service))

    def key(self, row: Version | Message) -> str:
        """The version's name; of another service it is another key."""
        return row if isinstance(row, str) else f"{self.service} {row.name}"

    def selectable(self, row: Version | Message) -> bool:
        """Messages are only read."""
        return isinstance(row, Version)

    @property
    def at_the_end(self) -> bool:
        """Whether the cursor is where older versions that were not read would follow."""
        return bool(self._older) and self.cursor >= len(self.rows) - 2  # the last row tells how many

    @property
    def version(self) -> Version | None:
        """The version under the cursor."""
        return self.current if isinstance(self.current, Version) else None

    def on_focus(self) -> None:
        """More is read of what is under the cursor only when somebody is here."""
        self.post_message(self.Moved(self))

    def heading(self, width: int) -> Line:
        """The pane's name and whose versions."""
        return (Cell(fit(f" Versions  {self.service}", width)),)

    def line(self, row: Version | Message, width: int) -> Line:
        """One version."""
        if isinstance(row, str):
            return (Cell(fit(f" {row}", width), "dim"),)
        mark = Cell("●" if row.current else " ", "good")
        number = Cell(fit(str(row.number or "·"), 3, right=True), "strong" if row.current else "")
        when = Cell(fit(age(row.completed or row.started, self.clock()), 4, right=True), "dim")
        changes = _changes(row)
        taken = sum(len(cell.text) for cell in changes)
        room = max(0, width - 12 - taken)
        what = row.command if room < 16 else f"{row.command:<9} {row.user or '–'}"
        return (mark, number, Cell(" "), Cell(fit(what, room)), Cell(" "), *changes, Cell(" "), when, Cell(" "))


def _changes(version: Version) -> list[Cell]:
    if version.same_as:
        return [Cell(f"as {version.same_as}", "dim")]
    if version.completed is None:
        return [Cell("interrupted", "bad")]
    if version.errors:
        return [Cell(f"{len(version.errors)} failed", "bad")]
    counts = (("+", version.created), ("~", version.updated), ("-", version.deleted))
    return [Cell(" ".join(f"{sign}{number}" for sign, number in counts if number), "dim")]


def _rows(service: ServiceModel | None) -> tuple[Version | Message, ...]:
    if service is None:
        return ("choose one service",)
    if service.versions_error:
        return service.versions_error
    if service.history is None:
        return ("…",)
    history = service.history
    shown = tuple(version for version in history.versions if not version.partial)
    older = (f"… and {history.older} older",) if history.older else ()
    return (*history.problem[:1], *shown, *older) or (history.elsewhere or "never deployed",)
