"""Past states in words, and one against the current one, resource by resource: what going back to it would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stateroom.model.compare import differences
from stateroom.model.plan import Change
from stateroom.presentation.text import plain
from stateroom.presentation.values import age

if TYPE_CHECKING:
    from datetime import datetime

    from stateroom.model.resource import Record, Snapshot
    from stateroom.model.version import History, Version


@dataclass(frozen=True, slots=True)
class RecordDiff:
    """One resource of a past state.

    `sign`: "+" it is only there, "-" only in the current state, "~" it differs, " " it is the same in both.
    `changes` go from the current state to the past one.
    """

    sign: str
    record: Record
    changes: tuple[Change, ...] = ()


_ORDER = "-~+ "


def compare_snapshots(then: Snapshot | None, now: Snapshot | None) -> tuple[RecordDiff, ...]:
    """Every resource of both states, those that differ first. None: there is no such state, so nothing in it."""
    past = then.by_id() if then else {}
    current = now.by_id() if now else {}
    gone = [RecordDiff("-", record) for name, record in current.items() if name not in past]
    found = [_compare(record, current.get(name)) for name, record in past.items()]
    return tuple(sorted([*gone, *found], key=lambda diff: _ORDER.index(diff.sign)))


def _compare(record: Record, current: Record | None) -> RecordDiff:
    if current is None:
        return RecordDiff("+", record)
    changes = tuple(Change(path, now, then) for path, now, then in differences(current.inputs, record.inputs))
    return RecordDiff("~" if changes else " ", record, changes)


def no_versions_text(history: History, now: datetime) -> str:
    """Say why there is no version."""
    if history.held:
        many = f"{history.held} resource{'s' if history.held != 1 else ''}"
        when = f", last modified {age(history.modified, now)} ago" if history.modified else ""
        return f"no recorded operation; the state holds {many}{when}"
    return plain(history.elsewhere) or "no state and no past state here: never deployed, or removed"


def changes_text(version: Version) -> str:
    """`+3 ~1 2 failed: …`: what an operation changed, and what is to be known of it besides."""
    counts = (("+", version.created), ("~", version.updated), ("-", version.deleted))
    parts = [f"{sign}{count}" for sign, count in counts if count]
    if version.same_as:
        parts.append(f"the same as version {version.same_as}")
    if version.errors:
        parts.append(f"{len(version.errors)} failed: {plain(version.errors[0])}")
    if version.completed is None and not any("interrupted" in error for error in version.errors):
        parts.append("interrupted")
    return " ".join(parts)
