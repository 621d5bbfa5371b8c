"""Plan deploys: from the recorded state to the config, optionally with a refresh first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stateroom.cloud.provider import Owner
from stateroom.engine.planning.context import PlanningContext
from stateroom.engine.planning.planner import ServicePlanner, dependencies_of, only_targets
from stateroom.engine.planning.records import by_address
from stateroom.engine.planning.refresh_steps import apply_refresh, refresh_steps
from stateroom.model.compare import mask_like, same
from stateroom.model.plan import Action, ServicePlan, Step
from stateroom.model.resource import Record, Template
from stateroom.model.values import contains_unknown


def deploy(start: PlanningContext) -> ServicePlan:
    """Plan config against state; with `refresh`, against the refreshed state."""
    target = start.workspace.template(start.service, start.watch)
    start.warnings.extend(f"{start.service}: {warning}" for warning in target.warnings)
    if not start.request.refresh:
        made = ServicePlanner(target, start.records, start.surroundings).plan()
        return finished(made, start)
    before, records = _refreshed(start, target)
    made = ServicePlanner(target, records, start.surroundings).plan()
    return finished(after(before, made), start)


def finished(made: ServicePlan, start: PlanningContext) -> ServicePlan:
    """Return the plan limited to its targets, marked when the state's outputs have to be written."""
    changed = not same(dict(made.outputs or {}), dict(start.snapshot.outputs))
    return only_targets(replace(made, outputs_change=changed), start.wanted)


def _refreshed(start: PlanningContext, target: Template) -> tuple[tuple[Step, ...], tuple[Record, ...]]:
    """Return refresh and adoption steps, and the records after them."""
    readings = start.read()
    steps = refresh_steps(start.service, start.snapshot.by_id(), readings, start.provider)
    records = apply_refresh(by_address(start.records), steps)
    adopted = _adoptions(start, target, records)
    return (*steps, *adopted), tuple(apply_refresh(records, adopted).values())


def _adoptions(start: PlanningContext, target: Template, records: Mapping[str, Record]) -> tuple[Step, ...]:
    """Return adoption steps for wanted resources that are unrecorded but have our tags.

    They occur after a lost state. Children (a route) can only be found once their parent (the API) is, so it takes
    several rounds.
    """
    steps: list[Step] = []
    known = dict(records)
    while True:
        planned = ServicePlanner(target, tuple(known.values()), start.surroundings).plan().steps
        found = [_adoption(start, target, step) for step in planned if step.action is Action.CREATE]
        fresh = [step for step in found if step is not None]
        if not fresh:
            return tuple(steps)
        steps += fresh
        known = apply_refresh(known, fresh)


def _adoption(start: PlanningContext, target: Template, step: Step) -> Step | None:
    if contains_unknown(step.inputs):
        return None
    owner = Owner(start.column.snapshot.service, start.stage, step.logical_id)
    physical_id = start.provider.find(step.type, step.inputs, owner)
    live = start.provider.read(step.type, physical_id, step.inputs) if physical_id else None
    if live is None:
        return None
    observed = mask_like(live.properties, step.inputs)
    record = Record(
        logical_id=step.logical_id,
        type=step.type,
        physical_id=live.physical_id,
        inputs={key: observed[key] for key in step.inputs if key in observed},
        observed=observed,
        dependencies=dependencies_of(target.resources[step.logical_id]),
        retain=target.resources[step.logical_id].retain,
        reader_version=start.provider.schema(step.type).reader_version,
    )
    return Step(
        id=f"{start.service}/{step.logical_id}@refresh",
        service=start.service,
        logical_id=step.logical_id,
        type=step.type,
        action=Action.ADOPT,
        reason="exists in the cloud and bears this project's tags",
        physical_id=live.physical_id,
        record=record,
    )


def after(before: tuple[Step, ...], made: ServicePlan) -> ServicePlan:
    """Prepend the steps of `before`; a step waits for the one that concerns its resource."""
    first = {step.logical_id: step.id for step in before}
    steps = tuple(
        replace(step, waits_for=(*step.waits_for, first[step.logical_id])) if step.logical_id in first else step
        for step in made.steps
    )
    return replace(made, steps=(*before, *steps))
