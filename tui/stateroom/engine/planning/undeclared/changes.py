"""Find the undeclared changes of a service's resources for a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from stateroom.cloud.children import ChildReading
from stateroom.engine.planning.context import PlanningContext
from stateroom.engine.planning.readings import Readings
from stateroom.engine.records.undeclared.changes import as_recorded, child_changes, is_chosen, with_danger
from stateroom.model.diff import AttributeDiff, Path
from stateroom.model.plan import Action, Change, Step
from stateroom.model.resource import Record
from stateroom.model.values import Properties


@dataclass(frozen=True, slots=True)
class Undeclared:
    """Undeclared changes of one recorded resource: of its own attributes, and of its children."""

    record: Record
    live: Properties  # its reading, if its own attributes have changed
    attributes: tuple[AttributeDiff, ...]
    children: tuple[AttributeDiff, ...]
    readings: Mapping[str, ChildReading]

    def chosen(self, wanted: tuple[Path, ...]) -> Undeclared:
        """Return only the changes at some paths."""
        attributes, children = (
            tuple(item for item in items if is_chosen(item.path, wanted)) for items in (self.attributes, self.children)
        )
        return replace(self, attributes=attributes, children=children)

    @property
    def changes(self) -> tuple[AttributeDiff, ...]:
        """All of them."""
        return (*self.attributes, *self.children)


def look_at_children(context: PlanningContext, readings: Readings) -> None:
    """Read the children of all wanted resources that exist; what may not be read becomes a warning."""
    records = context.snapshot.by_id()
    tables = context.provider.children
    wanted = {name for name in records if context.wanted is None or name in context.wanted}
    parents = {name for name in wanted - {*readings.missing, *readings.unread} if tables.kinds(records[name].type)}
    if not parents:
        return
    # The others may stand for a child, and are not asked for theirs.
    resources = [as_recorded(name, record) for name, record in records.items()]
    refused: dict[str, list[str]] = {}
    for reading in tables.read(resources, lambda: False, parents):
        readings.children.setdefault(reading.key, {})[reading.kind] = reading
        if reading.unread:
            refused.setdefault(reading.unread, []).append(f"{reading.key} {reading.kind}")
    for name, found in readings.children.items():
        if any(child_changes(records[name], found, tables)):
            readings.beside.add(name)
    for why, what in refused.items():
        context.warnings.append(f"{context.service}: not looked at: {', '.join(what)}: {why}")


def undeclared_changes(context: PlanningContext, readings: Readings) -> Iterator[Undeclared]:
    """Yield what nobody declared of each wanted resource that exists, whether it has changed or not."""
    tables = context.provider.children
    for name, record in context.snapshot.by_id().items():
        if (context.wanted is not None and name not in context.wanted) or name in readings.missing:
            continue
        drift, children = readings.drifts.get(name), readings.children.get(name, {})
        attributes = tuple(with_danger(record.type, item, tables) for item in drift.unmanaged) if drift else ()
        changes = tuple(child_changes(record, children, tables))
        yield Undeclared(record, drift.live if drift else {}, attributes, changes, children)


def change_of(item: AttributeDiff) -> Change:
    """Return an undeclared change as a plan has it: from what was recorded to what the cloud has."""
    return Change(item.path, item.state, item.cloud, cloud=item.cloud, undeclared=True, danger=item.danger)


def step_on(service: str, record: Record, action: Action, mark: str) -> Step:
    """Return a step on a recorded resource, told from its others by a mark."""
    return Step(
        id=f"{service}/{record.logical_id}@{mark}",
        service=service,
        logical_id=record.logical_id,
        type=record.type,
        action=action,
        physical_id=record.physical_id,
    )
