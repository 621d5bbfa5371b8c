"""Find undeclared changes of a resource by its record and its readings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from stateroom.cloud.children import ChildReading, ChildTables, Recorded
from stateroom.cloud.provider import Provider
from stateroom.model.compare import same
from stateroom.model.diff import ALL_UNDECLARED, AttributeDiff, Mark, Path, ResourceDiff, Y
from stateroom.model.resource import Record
from stateroom.model.values import ABSENT, UNREAD

Readings = Mapping[str, ChildReading]
"""What was read of one resource's children, by kind."""


def as_recorded(key: str, record: Record) -> Recorded:
    """Return what the tables of children need to know of a record."""
    return Recorded(key, record.type, record.physical_id, record.inputs)


def is_chosen(path: Path, wanted: Iterable[Path]) -> bool:
    """Tell whether a path, or what it lies in, is among those asked for; ALL_UNDECLARED chooses each."""
    return any(item in (ALL_UNDECLARED, path[: len(item)]) for item in wanted)


def child_changes(record: Record, readings: Readings, tables: ChildTables) -> Iterator[AttributeDiff]:
    """Yield each child that appeared, changed or went since it was recorded.

    Of a kind that was never recorded only what is dangerous in itself: the rest may have been there from the start.
    """
    for kind, reading in readings.items():
        if reading.unread:
            continue
        before = (record.children or {}).get(kind)
        for identity in dict.fromkeys((*(before or {}), *reading.children)):
            path: Path = (kind, identity)
            old = (before or {}).get(identity, ABSENT)
            now = reading.children.get(identity, ABSENT)
            danger = tables.danger(record.type, path, now)
            if same(old, now) or (before is None and not (danger and danger.open)):
                continue
            text = danger.text if danger else ""
            yield AttributeDiff(path, Mark.UNDECLARED, ABSENT, old, now, managed=False, danger=text)


def unbased_kinds(record: Record, readings: Readings) -> tuple[str, ...]:
    """Return the kinds that were read and for which nothing is recorded to compare them with."""
    known = record.children or {}
    return tuple(kind for kind, reading in readings.items() if not reading.unread and kind not in known)


def unlooked_kinds(type_: str, readings: Readings, tables: ChildTables) -> tuple[str, ...]:
    """Return what was not looked at, each with its reason: `Policy: lambda:GetPolicy is not allowed`."""
    kinds = tables.kinds(type_)
    refused = (f"{kind}: {readings[kind].unread}" for kind in kinds if kind in readings and readings[kind].unread)
    return (*(kind for kind in kinds if kind not in readings), *refused)


def with_danger(type_: str, item: AttributeDiff, tables: ChildTables) -> AttributeDiff:
    """Return an undeclared attribute with what it lets happen; any other as it is."""
    if item.managed or item.mark is not Mark.UNDECLARED or item.cloud is UNREAD:
        return item
    danger = tables.danger(type_, item.path, item.cloud)
    return replace(item, danger=danger.text) if danger else item


def with_undeclared(diff: ResourceDiff, record: Record, readings: Readings, provider: Provider) -> ResourceDiff:
    """Add to a resource's difference its children that nobody declared, and what of them was not looked at."""
    tables = provider.children
    kinds = tables.kinds(record.type)
    if not kinds and not diff.outside:
        return diff
    attributes = tuple(with_danger(record.type, item, tables) for item in diff.attributes)
    if not kinds or diff.y not in (Y.SAME, Y.DRIFT):
        return replace(diff, attributes=attributes)
    return replace(
        diff,
        attributes=(*attributes, *child_changes(record, readings, tables)),
        unlooked=unlooked_kinds(record.type, readings, tables),
        unbased=unbased_kinds(record, readings),
    )
