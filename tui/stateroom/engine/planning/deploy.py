"""Plans that lead to the config: deploy, with or without a look at the cloud first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stateroom.engine.planning.context import PlanningContext
from stateroom.engine.planning.planner import ServicePlanner, only_targets
from stateroom.engine.planning.records import by_address
from stateroom.engine.planning.refresh_steps import apply_refresh, refresh_steps
from stateroom.model.compare import same
from stateroom.model.plan import ServicePlan, Step
from stateroom.model.resource import Record, Template


def deploy(start: PlanningContext) -> ServicePlan:
    """Plan the way from the state to the config; with `refresh`, from the state as the cloud would correct it."""
    target = start.workspace.template(start.service, start.watch)
    start.warnings.extend(f"{start.service}: {warning}" for warning in target.warnings)
    before: tuple[Step, ...] = ()
    records = by_address(start.records)
    if start.request.refresh:
        before = refresh_steps(start.service, start.snapshot.by_id(), start.read(), start.provider)
        records = apply_refresh(records, before)
    return finished(after(before, settled(start, target, records)), start)


def finished(made: ServicePlan, start: PlanningContext) -> ServicePlan:
    """The plan limited to its targets, and marked when the state's outputs have to be written."""
    changed = not same(dict(made.outputs or {}), dict(start.snapshot.outputs))
    return only_targets(replace(made, outputs_change=changed), start.wanted)


def settled(start: PlanningContext, target: Template, records: Mapping[str, Record]) -> ServicePlan:
    """Plan from records (by address) to a target; look for what exists already, and plan again with what is adopted.

    Children (a route) can only be looked for once their parent (the API) is found, so it goes in rounds.
    """
    known = dict(records)
    adoptions: tuple[Step, ...] = ()
    while True:
        made = ServicePlanner(target, tuple(known.values()), start.surroundings).plan()
        claims = start.claims(known)
        fresh, refusals = claims.settle(target, made.steps)
        if not fresh:
            break
        adoptions += fresh
        known = apply_refresh(known, fresh)
    return after(adoptions, _with_refusals(start.claims().contested(made), refusals))


def _with_refusals(made: ServicePlan, refusals: tuple[Step, ...]) -> ServicePlan:
    """The plan with refusals in the places of the creates that they stand for."""
    refused = {step.id: step for step in refusals}
    return replace(made, steps=tuple(refused.get(step.id, step) for step in made.steps))


def after(before: tuple[Step, ...], made: ServicePlan) -> ServicePlan:
    """The plan with `before` in front; a step waits for the one in front that concerns its resource."""
    first = {step.logical_id: step.id for step in before}
    steps = tuple(
        replace(step, waits_for=(*step.waits_for, first[step.logical_id])) if step.logical_id in first else step
        for step in made.steps
    )
    return replace(made, steps=(*before, *steps))
