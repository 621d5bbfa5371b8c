"""One version: its resources, and how each differs from the current state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label

from stateroom.model.version import Version
from stateroom.presentation.steps.changes import change_line
from stateroom.presentation.text import cells, plain
from stateroom.presentation.values import type_name
from stateroom.presentation.versions import RecordDiff, compare_snapshots
from stateroom.ui.screens.dialog import Dialog, paragraphs
from stateroom.ui.widgets.cells import Cell, fit, share
from stateroom.ui.widgets.text_list import TextLine, TextList, wrapped
from stateroom.ui.workers.engine_events import ErrorLines

if TYPE_CHECKING:
    from stateroom.model.resource import Snapshot

_STYLES = {"+": "good", "~": "config", "-": "bad", " ": ""}


class VersionScreen(Dialog[str]):
    """Dismissed with the name of a command to run on the version (`rollback`, `rollback_state`), or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "leave", "Close", show=False),
        Binding("b", "run('rollback')", "Roll back", id="rollback", show=False),
        Binding("B", "run('rollback_state')", "State only", id="rollback_state", show=False),
    ]

    def __init__(self, service: str, version: Version, keys: tuple[str, str]) -> None:
        super().__init__()
        self.service, self.version, self._keys = service, version, keys

    def compose(self) -> ComposeResult:
        """Compose title, summary, resources and keys."""
        version = self.version
        title = f"{self.service} version {version.name}   {version.command}   {version.started:%Y-%m-%d %H:%M} UTC"
        with Vertical(classes="dialog -large"):
            yield Label(plain(f"{title}   {version.user}"), classes="title", markup=False)
            yield Label("reading…", id="summary", markup=False)
            yield TextList(id="records")
            yield Label(self._help(), classes="keys", markup=False)

    def _help(self) -> str:
        cloud, state = self._keys
        back = "" if self.version.current else f"{cloud} roll back   {state} roll back the state only   "
        return f"{back}esc close"

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        self.query_one(TextList).focus()

    def show_states(self, then: Snapshot | None, now: Snapshot | None) -> None:
        """Show the differences between both states."""
        diffs = compare_snapshots(then, now)
        self.query_one("#summary", Label).update(summary(diffs, self.version))
        self.query_one(TextList).write(lambda width: record_lines(diffs, width))

    def fail(self, error: ErrorLines) -> None:
        """Show why the states cannot be read."""
        self.query_one("#summary", Label).update("This version cannot be shown:")
        self.query_one(TextList).write(paragraphs(error, "bad"))

    def action_run(self, name: str) -> None:
        """Leave, and run a command on the version."""
        self.dismiss(name)


def summary(diffs: Sequence[RecordDiff], version: Version) -> str:
    """Format `14 resources; against the current state: - 1 not in it, ~ 2 different, now → then, + 1 only in it`."""
    counts = Counter(diff.sign for diff in diffs)
    number = len(diffs) - counts["-"]
    head = f"{number} resource" if number == 1 else f"{number} resources"
    if version.current:
        return f"{head}; this is the current state"
    words = (("-", "not in it"), ("~", "different, now → then"), ("+", "only in it"))
    parts = [f"{sign} {counts[sign]} {text}" for sign, text in words if counts[sign]]
    return f"{head}; against the current state: {', '.join(parts) or 'no difference'}"


def record_lines(diffs: Sequence[RecordDiff], room: int) -> Iterator[TextLine]:
    """Yield a line for each resource, with its differences below."""
    names = max((cells(diff.record.logical_id) for diff in diffs), default=0)
    kinds = max((cells(type_name(diff.record.type)) for diff in diffs), default=0)
    name, kind, rest = share(room - 6, (min(names, 16), names, 3), (min(kinds, 12), kinds, 2), (0, room, 1))
    for diff in diffs:
        record, quiet = diff.record, "dim" if diff.sign == " " else ""
        yield (
            Cell(f"{diff.sign} ", _STYLES[diff.sign]),
            Cell(fit(record.logical_id, name, middle=True), quiet or "strong"),
            Cell("  " + fit(type_name(record.type), kind, middle=True), "dim"),
            Cell("  " + fit(record.physical_id, rest, middle=True), "dim"),
        )
        for change in diff.changes:
            yield from wrapped(change_line(change, room - 4), room, indent="    ")
