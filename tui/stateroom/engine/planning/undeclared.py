"""Undeclared changes in plans: refresh and accept record them by name, heal reverts those that it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from stateroom.cloud.children import ChildReading
from stateroom.cloud.provider import Provider
from stateroom.engine.planning.context import PlanningContext
from stateroom.engine.planning.readings import Readings
from stateroom.engine.records.drift import patched
from stateroom.engine.records.undeclared import (
    as_recorded,
    child_changes,
    is_chosen,
    recorded_children,
    with_children,
    with_danger,
)
from stateroom.model.compare import same
from stateroom.model.diff import AttributeDiff, Path
from stateroom.model.plan import Action, Change, Step
from stateroom.model.resource import Record
from stateroom.model.values import ABSENT, Properties

_FIRST_LOOK = "what nobody declared is looked at for the first time"


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
    resources = [as_recorded(name, record) for name, record in records.items()]
    wanted = {name for name in records if context.wanted is None or name in context.wanted}
    tables = context.provider.children
    parents = {name for name in wanted - {*readings.missing, *readings.unread} if tables.kinds(records[name].type)}
    if not parents:
        return
    refused: dict[str, list[str]] = {}
    for reading in tables.read(resources, lambda: False):
        if reading.key in parents:
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


def with_undeclared(context: PlanningContext, recording: tuple[Step, ...], readings: Readings) -> tuple[Step, ...]:
    """Name in the steps of a refresh or accept what they record of undeclared changes: all, or those of the request."""
    wanted = context.request.attributes
    steps = {step.logical_id: step for step in recording}
    for found in undeclared_changes(context, readings):
        name = found.record.logical_id
        step = _recording(context.service, found, wanted, steps.get(name), context.provider)
        if step is not None:
            steps[name] = step
    return tuple(steps.values())


def _recording(
    service: str, found: Undeclared, wanted: tuple[Path, ...], step: Step | None, provider: Provider
) -> Step | None:
    """Return a step that records undeclared changes, too; `step` is the one that records the declared ones."""
    record = step.record if step is not None and step.record is not None else found.record
    if wanted:
        found = found.chosen(wanted)
        observed = dict(record.observed)
        for item in found.attributes:
            observed = patched(observed, found.live, item.path)
        children = with_children(record.children, found.children) if found.children else record.children
        after = replace(record, observed=observed, children=children)
    else:
        after = replace(record, children=recorded_children(found.record, found.readings))
    changes = tuple(_change(item) for item in (*found.attributes, *_named(found, provider, every=not wanted)))
    if not changes and same(after.children, found.record.children):
        return step
    reason = step.reason if step is not None else "" if changes else _FIRST_LOOK
    head = step or _step(service, found.record, Action.RECORD, "refresh")
    return replace(head, reason=reason, changes=(*head.changes, *changes), record=after)


def _named(found: Undeclared, provider: Provider, *, every: bool) -> Iterator[AttributeDiff]:
    """Yield the changed children; with `every` also those of kinds that are recorded for the first time."""
    yield from found.children
    known = {item.path for item in found.children}
    for kind, reading in found.readings.items() if every else ():
        if reading.unread or kind in (found.record.children or {}):
            continue
        for item in child_changes(replace(found.record, children={kind: {}}), {kind: reading}, provider.children):
            if item.path not in known:
                yield item


def revert_steps(context: PlanningContext, readings: Readings, others: tuple[Step, ...]) -> tuple[Step, ...]:
    """Build the steps that undo the undeclared changes of the request; warn of those that stay.

    A step waits for the one of the same resource among the `others` of the plan.
    """
    wanted = context.request.attributes
    before = {step.logical_id: (step.id,) for step in others}
    steps: list[Step] = []
    for found in undeclared_changes(context, readings):
        name = found.record.logical_id
        chosen = found.chosen(wanted)
        changes = tuple(item for item in chosen.changes if _can_be_undone(context, found.record, item))
        if changes:
            steps.append(replace(_revert(context.service, chosen, changes), waits_for=before.get(name, ())))
        stay = sum(bool(item.danger) for item in found.changes if item not in chosen.changes)
        if stay and not wanted:
            changes_ = f"{stay} undeclared change{'s' if stay > 1 else ''}"
            them = "them" if stay > 1 else "it"
            address = f"{context.service}/{name}"
            verb = "stay" if stay > 1 else "stays"
            context.warnings.append(f"{address}: {changes_} {verb}: `stateroom heal {address} ^` undoes {them}")
    return tuple(steps)


def _can_be_undone(context: PlanningContext, record: Record, item: AttributeDiff) -> bool:
    tables = context.provider.children
    if item.state is ABSENT or item.path[0] not in tables.kinds(record.type):
        return True
    if tables.restorable(record.type, str(item.path[0])):
        return True
    context.warnings.append(f"{context.service}/{record.logical_id}: {item.name} cannot be put back by stateroom")
    return False


def _revert(service: str, found: Undeclared, changes: tuple[AttributeDiff, ...]) -> Step:
    record = found.record
    names = dict.fromkeys(str(item.path[0]) for item in found.attributes)
    now = {name: found.live[name] for name in names if name in found.live}
    wanted = dict(now)
    for item in found.attributes:
        wanted = patched(wanted, record.observed, item.path)
    step = _step(service, record, Action.REVERT, "undeclared")
    return replace(
        step,
        reason="nobody declared it",
        changes=tuple(replace(_change(item), before=item.cloud, after=item.state) for item in changes),
        inputs={**record.inputs, **wanted},
        previous={**record.inputs, **now},
    )


def _change(item: AttributeDiff) -> Change:
    return Change(item.path, item.state, item.cloud, cloud=item.cloud, undeclared=True, danger=item.danger)


def _step(service: str, record: Record, action: Action, mark: str) -> Step:
    return Step(
        id=f"{service}/{record.logical_id}@{mark}",
        service=service,
        logical_id=record.logical_id,
        type=record.type,
        action=action,
        physical_id=record.physical_id,
    )
