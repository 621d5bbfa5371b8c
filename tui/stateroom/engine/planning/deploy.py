"""Plan a deploy: lead to the config, with or without a look at the cloud first."""

from __future__ import annotations

from collections.abc import Mapping

from stateroom.cloud.provider import Owner
from stateroom.engine.planning.context import PlanningContext
from stateroom.engine.planning.dependencies import dependencies_of, prepend_steps
from stateroom.engine.planning.planner import plan_service
from stateroom.engine.planning.refresh import apply_refresh, refresh_steps
from stateroom.engine.planning.targets import limit_to_targets
from stateroom.engine.records.record_map import by_address
from stateroom.model.compare import mask_like
from stateroom.model.plan import Action, ServicePlan, Step
from stateroom.model.resource import Record, Template
from stateroom.model.values import contains_unknown


def plan_deploy(context: PlanningContext) -> ServicePlan:
    """Plan from the state to the config; with `refresh`, from the state as the cloud would correct it.

    Raises:
        ConfigError: the files say something that cannot be compiled.
        PlanError: a reference cannot be followed, or resources depend on each other in a circle.
    """
    target = context.workspace.template(context.service, context.watch)
    context.warnings.extend(f"{context.service}: {warning}" for warning in target.warnings)
    refreshing, records = _refresh(context, target) if context.request.refresh else ((), context.records)
    plan = plan_service(target, records, context.surroundings).plan
    if context.request.refresh:
        plan = prepend_steps(refreshing, plan)
    return limit_to_targets(context.mark_outputs(plan), context.wanted)


def _refresh(context: PlanningContext, target: Template) -> tuple[tuple[Step, ...], tuple[Record, ...]]:
    """Return refresh and adoption steps, and the records after them."""
    readings = context.read()
    steps = refresh_steps(context.service, context.snapshot.by_id(), readings, context.provider)
    records = apply_refresh(by_address(context.records), steps)
    adopted = _adoptions(context, target, records)
    return (*steps, *adopted), tuple(apply_refresh(records, adopted).values())


def _adoptions(context: PlanningContext, target: Template, records: Mapping[str, Record]) -> tuple[Step, ...]:
    """Return adoption steps for wanted resources that are unrecorded but have our tags.

    They occur after a lost state. Children (a route) can only be found once their parent (the API) is, so it takes
    several rounds.
    """
    steps: list[Step] = []
    known = dict(records)
    while True:
        planned = plan_service(target, tuple(known.values()), context.surroundings).plan.steps
        found = [_adoption(context, target, step) for step in planned if step.action is Action.CREATE]
        fresh = [step for step in found if step is not None]
        if not fresh:
            return tuple(steps)
        steps += fresh
        known = apply_refresh(known, fresh)


def _adoption(context: PlanningContext, target: Template, step: Step) -> Step | None:
    if contains_unknown(step.inputs):
        return None
    owner = Owner(context.column.snapshot.service, context.stage, step.logical_id)
    physical_id = context.provider.find(step.type, step.inputs, owner)
    live = context.provider.read(step.type, physical_id, step.inputs) if physical_id else None
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
        reader_version=context.provider.schema(step.type).reader_version,
    )
    return Step(
        id=f"{context.service}/{step.logical_id}@refresh",
        service=context.service,
        logical_id=step.logical_id,
        type=step.type,
        action=Action.ADOPT,
        reason="exists in the cloud and bears this project's tags",
        physical_id=live.physical_id,
        record=record,
    )
