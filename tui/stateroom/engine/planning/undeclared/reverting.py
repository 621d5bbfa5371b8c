"""Plan to revert undeclared changes in the cloud: those that a heal is asked for, and no others."""

from __future__ import annotations

from dataclasses import replace

from stateroom.engine.planning.context import PlanningContext
from stateroom.engine.planning.readings import Readings
from stateroom.engine.planning.undeclared.changes import Undeclared, change_of, step_on, undeclared_changes
from stateroom.engine.records.drift import patched
from stateroom.model.diff import AttributeDiff
from stateroom.model.plan import Action, Step
from stateroom.model.resource import Record
from stateroom.model.values import ABSENT


def revert_steps(context: PlanningContext, readings: Readings, others: tuple[Step, ...]) -> tuple[Step, ...]:
    """Build the steps that undo the undeclared changes of the request; warn of dangerous ones that stay.

    A step waits for the one of the same resource among the `others` of the plan.
    """
    wanted = context.request.attributes
    before = {step.logical_id: (step.id,) for step in others}
    steps: list[Step] = []
    for found in undeclared_changes(context, readings):
        chosen = found.chosen(wanted)
        changes = tuple(item for item in chosen.changes if _can_be_undone(context, found.record, item))
        if changes:
            step = _revert(context.service, chosen, changes)
            steps.append(replace(step, waits_for=before.get(step.logical_id, ())))
        dangers = sum(bool(item.danger) for item in found.changes)
        if dangers and not wanted:
            context.warnings.append(_staying(f"{context.service}/{found.record.logical_id}", dangers))
    return tuple(steps)


def _staying(address: str, number: int) -> str:
    if number == 1:
        return f"{address}: 1 undeclared change stays: `stateroom heal {address} ^` undoes it"
    return f"{address}: {number} undeclared changes stay: `stateroom heal {address} ^` undoes them"


def _can_be_undone(context: PlanningContext, record: Record, item: AttributeDiff) -> bool:
    """Tell whether a change can be undone; warn of one that cannot."""
    tables = context.provider.children
    if item.state is ABSENT or item.path[0] not in tables.kinds(record.type):
        return True
    if tables.restorable(record.type, str(item.path[0])):
        return True
    context.warnings.append(f"{context.service}/{record.logical_id}: {item.name} cannot be put back by stateroom")
    return False


def _revert(service: str, found: Undeclared, changes: tuple[AttributeDiff, ...]) -> Step:
    """Return the step; its `previous` and `inputs` are the properties with the attributes as they are and will be."""
    record = found.record
    names = dict.fromkeys(str(item.path[0]) for item in found.attributes)
    now = {name: found.live[name] for name in names if name in found.live}
    wanted = dict(now)
    for item in found.attributes:
        wanted = patched(wanted, record.observed, item.path)
    return replace(
        step_on(service, record, Action.REVERT, "undeclared"),
        reason="nobody declared it",
        changes=tuple(replace(change_of(item), before=item.cloud, after=item.state) for item in changes),
        inputs={**record.inputs, **wanted},
        previous={**record.inputs, **now},
    )
