"""Name undeclared changes in the steps of a refresh or accept, and take them into the records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stateroom.cloud.provider import Provider
from stateroom.engine.planning.context import PlanningContext
from stateroom.engine.planning.readings import Readings
from stateroom.engine.planning.undeclared.changes import Undeclared, change_of, step_on, undeclared_changes
from stateroom.engine.records.drift import patched
from stateroom.engine.records.undeclared.baseline import recorded_children, with_children
from stateroom.engine.records.undeclared.changes import child_changes
from stateroom.model.compare import same
from stateroom.model.diff import AttributeDiff, Path
from stateroom.model.plan import Action, Step
from stateroom.model.resource import Record

_FIRST_LOOK = "what nobody declared is looked at for the first time"


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
        after = _accepted(record, found)
    else:
        after = replace(record, children=recorded_children(found.record, found.readings))
    changes = tuple(map(change_of, (*found.attributes, *_named(found, provider, every=not wanted))))
    if not changes and same(after.children, found.record.children):
        return step
    reason = step.reason if step is not None else "" if changes else _FIRST_LOOK
    head = step or step_on(service, found.record, Action.RECORD, "refresh")
    return replace(head, reason=reason, changes=(*head.changes, *changes), record=after)


def _accepted(record: Record, found: Undeclared) -> Record:
    """Return the record with the found changes, and no others, as known."""
    observed = dict(record.observed)
    for item in found.attributes:
        observed = patched(observed, found.live, item.path)
    children = with_children(record.children, found.children) if found.children else record.children
    return replace(record, observed=observed, children=children)


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
