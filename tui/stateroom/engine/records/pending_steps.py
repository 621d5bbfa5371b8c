"""Leave alone in a plan what a pending operation or an unknown value concerns, and what needs it; the rest goes on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from stateroom.model.pending import PendingOperation
from stateroom.model.plan import Action, ServicePlan, Step
from stateroom.model.resource import Locate
from stateroom.model.values import first_unresolved, path_of

_MAKES = (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.ADOPT)
WAY_OUT = "`stateroom state pending` asks again or drops it"


def hold_back(plan: ServicePlan, pending: Iterable[PendingOperation]) -> ServicePlan:
    """Replace the steps that would make or change what a pending operation concerns, and those that wait for them.

    A deletion of what the state has a record of goes on: it is the same whatever the operation did.
    """
    known = {item.logical_id: item for item in pending}
    steps = tuple(
        held(step, pending_reason(known[step.logical_id])) if step.logical_id in known and may_not_run(step) else step
        for step in plan.steps
    )
    return hold_dependents(replace(plan, steps=steps))


def hold_unresolved(steps: tuple[Step, ...], where: Locate) -> tuple[Step, ...]:
    """Replace the steps that would write a value that could not be found out, and those that wait for them.

    `where`: finds the property that asks for the value in the config's files.
    """
    return _with_dependents(tuple(_held_unresolved(step, where) or step for step in steps))


def _held_unresolved(step: Step, where: Locate) -> Step | None:
    problem = first_unresolved(step.inputs)
    if problem is None:
        return None
    place = where(step.logical_id, path_of(step.inputs, problem))
    reason = "; ".join(line for line in (problem.why, problem.todo) if line)
    return held(step, f"{place.file.name}:{place.line}: {reason}" if place else reason)


def hold_dependents(plan: ServicePlan) -> ServicePlan:
    """Leave alone, too, what waits for a step that is left alone."""
    return replace(plan, steps=_with_dependents(plan.steps))


def _with_dependents(planned: tuple[Step, ...]) -> tuple[Step, ...]:
    names = {step.id: step.logical_id for step in planned if step.action is Action.PENDING}
    if not names:
        return planned
    steps: list[Step] = []
    for step in planned:  # each comes after what it waits for
        first = next((names[name] for name in step.waits_for if name in names), "")
        if first and step.action is not Action.PENDING:
            step = held(step, f"waits for {first}, which is left alone")
            names[step.id] = first
        steps.append(step)
    return tuple(steps)


def pending_steps(service: str, pending: Iterable[PendingOperation]) -> tuple[Step, ...]:
    """Return a step for each pending operation that may have made something, for a plan that removes all."""
    return tuple(
        Step(
            id=f"{service}/{item.logical_id}@pending",
            service=service,
            logical_id=item.logical_id,
            type=item.type,
            action=Action.PENDING,
            reason=pending_reason(item),
            physical_id=item.physical_id,
        )
        for item in {item.logical_id: item for item in pending if item.makes}.values()
    )


def may_not_run(step: Step) -> bool:
    """Tell whether a step makes or changes a resource, so that it may not run on one with an unknown state."""
    return step.action in _MAKES and (step.action is not Action.ADOPT or step.owner is not None)


def held(step: Step, reason: str) -> Step:
    """Return a step that is left alone."""
    return replace(step, action=Action.PENDING, reason=reason, changes=(), record=None)


def pending_reason(item: PendingOperation) -> str:
    """Say why nothing is done about a resource."""
    why = f": {item.why}" if item.why else ""
    return f"the outcome of its {item.action} is not known{why}; {WAY_OUT}"
