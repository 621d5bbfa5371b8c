"""Versions: past states of the chosen service, newest first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from stateroom.model.version import Version
from stateroom.presentation.values import age
from stateroom.presentation.versions import no_versions_text
from stateroom.ui.deck.deck_model import ServiceModel
from stateroom.ui.widgets.cells import Cell, Line, fit
from stateroom.ui.widgets.line_list import LineList
from stateroom.ui.widgets.row_format import RowFormat

Message: TypeAlias = str


class VersionRows(RowFormat[Version | Message]):
    """Format of versions: number, command, user, changes, age. The current version is marked."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.service = ""

    def key(self, row: Version | Message) -> str:
        """Return the service and the version's name."""
        return row if isinstance(row, str) else f"{self.service} {row.name}"

    def selectable(self, row: Version | Message) -> bool:
        """Keep the cursor off messages."""
        return isinstance(row, Version)

    def heading(self, width: int) -> Line:
        """Return the pane's name and the service."""
        return (Cell(fit(f" Versions  {self.service}", width)),)

    def line(self, row: Version | Message, width: int) -> Line:
        """Return the cells of one version."""
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


class VersionsPane(LineList[Version | Message]):
    """List of a service's versions, or a message in their place."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._table = VersionRows(clock)
        super().__init__(self._table, id="versions")
        self._older = 0

    @property
    def service(self) -> str:
        """The service with these versions; "" for none."""
        return self._table.service

    def show_versions(self, service: ServiceModel | None) -> None:
        """Show a service's versions, or the reason why there are none."""
        self._table.service = service.name if service else ""
        self._older = service.history.older if service and service.history else 0
        self.show(_rows(service, self._table.clock()))

    @property
    def at_the_end(self) -> bool:
        """Whether the cursor is where older versions that were not read would follow."""
        return bool(self._older) and self.cursor >= len(self.rows) - 2  # the last row tells how many

    @property
    def version(self) -> Version | None:
        """The version under the cursor."""
        return self.current if isinstance(self.current, Version) else None

    def on_focus(self) -> None:
        """Announce the cursor, because more is read about its version only while this pane has the keys."""
        self.post_message(self.Moved(self))


def _changes(version: Version) -> list[Cell]:
    if version.same_as:
        return [Cell(f"as {version.same_as}", "dim")]
    if version.completed is None:
        return [Cell("interrupted", "bad")]
    if version.errors:
        return [Cell(f"{len(version.errors)} failed", "bad")]
    counts = (("+", version.created), ("~", version.updated), ("-", version.deleted))
    return [Cell(" ".join(f"{sign}{number}" for sign, number in counts if number), "dim")]


def _rows(service: ServiceModel | None, now: datetime) -> tuple[Version | Message, ...]:
    if service is None:
        return ("choose one service",)
    if service.versions_error:
        return service.versions_error
    if service.history is None:
        return ("…",)
    history = service.history
    shown = tuple(version for version in history.versions if not version.partial)
    older = (f"… and {history.older} older",) if history.older else ()
    return (*history.problem[:1], *shown, *older) or (no_versions_text(history, now),)
