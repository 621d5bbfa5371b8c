"""Undeclared changes of one resource: what the cloud has, and neither config nor state speaks of.

Some are attributes of the resource, which its own reading shows; others are children, read through its lists
(cloud.children). Both are compared with what was there when somebody last looked and recorded it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from stateroom.cloud.children import ChildReading, ChildTables, Recorded
from stateroom.cloud.provider import Provider
from stateroom.model.compare import same
from stateroom.model.diff import ALL_UNDECLARED, AttributeDiff, Mark, Path, ResourceDiff, Y
from stateroom.model.resource import Children, Record
from stateroom.model.values import ABSENT, UNREAD, Properties, Value

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


def recorded_children(record: Record, readings: Readings) -> Children | None:
    """Return what is to be recorded of the children: what was read, and of other kinds what is known already."""
    read = {kind: dict(reading.children) for kind, reading in readings.items() if not reading.unread}
    return {**(record.children or {}), **read} or None


def with_children(children: Children | None, changes: Iterable[AttributeDiff]) -> Children:
    """Return recorded children with some changes taken in."""
    result = {kind: dict(items) for kind, items in (children or {}).items()}
    for change in changes:
        kind, identity = str(change.path[0]), str(change.path[1])
        items = result.setdefault(kind, {})
        items.pop(identity, None)
        if change.cloud is not ABSENT:
            items[identity] = change.cloud
    return result


def nothing_undeclared(type_: str, tables: ChildTables) -> Children | None:
    """Return the children of a resource that was made a moment ago: none of any kind."""
    return {kind: {} for kind in tables.kinds(type_)} or None


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


def without_guarded(before: Record, inputs: Properties, live: Properties, tables: ChildTables) -> Properties:
    """Return a reading after an update without dangerous properties that nobody asked for and nobody recorded.

    What somebody has added by hand is not made known by a deploy that has nothing to do with it.
    """
    mine = {**before.inputs, **inputs}
    result: dict[str, Value] = dict(live)
    for name in tables.guarded(before.type):
        if name in mine or same(before.observed.get(name, ABSENT), live.get(name, ABSENT)):
            continue
        result.pop(name, None)
        if name in before.observed:
            result[name] = before.observed[name]
    return result
