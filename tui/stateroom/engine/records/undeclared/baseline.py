"""What is recorded of undeclared things, to compare the cloud with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stateroom.cloud.children import ChildReading, ChildTables
from stateroom.model.compare import same
from stateroom.model.diff import AttributeDiff
from stateroom.model.resource import Children, Record
from stateroom.model.values import ABSENT, Properties, Value

Readings = Mapping[str, ChildReading]
"""What was read of one resource's children, by kind."""


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


def without_foreign_tags(before: Record, inputs: Properties, live: Properties, tags: str) -> Properties:
    """Return a reading after an update of tags without those of others that nobody has recorded yet.

    The update has left them alone, and whether they are drift is not for it to say: heal takes them away, accept and
    refresh record them.
    """
    known = {key for side in (before.inputs, before.observed, inputs) for key in _tag_keys(side.get(tags))}
    there = live.get(tags)
    if isinstance(there, Mapping):
        return {**live, tags: {key: value for key, value in there.items() if key in known}}
    if isinstance(there, list | tuple):
        return {**live, tags: [item for item in there if set(_tag_keys([item])) <= known]}
    return live


def _tag_keys(value: Value) -> Iterable[str]:
    if isinstance(value, Mapping):
        return [str(key) for key in value]
    listed = value if isinstance(value, list | tuple) else ()
    return [str(item.get("Key", item.get("key"))) for item in listed if isinstance(item, Mapping)]
