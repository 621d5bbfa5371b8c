"""Plan a deploy: lead to the config, with or without a look at the cloud first."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from stateroom.engine.planning.context import PlanningContext
from stateroom.engine.planning.dependencies import prepend_steps
from stateroom.engine.planning.planner import plan_service
from stateroom.engine.planning.readings import Readings
from stateroom.engine.planning.refresh import apply_refresh, refresh_steps
from stateroom.engine.planning.targets import limit_to_targets
from stateroom.engine.records.pending_steps import hold_back
from stateroom.engine.records.record_map import by_address
from stateroom.engine.records.reference_check import check_references
from stateroom.model.plan import CloudLook, ServicePlan, Step
from stateroom.model.resource import Record, Template


def plan_deploy(context: PlanningContext) -> ServicePlan:
    """Plan from the state to the config; with `refresh`, from the state as the cloud would correct it.

    Raises:
        ConfigError: the files say something that cannot be compiled, or ask for an attribute that does not exist.
        PlanError: a reference cannot be followed, or resources depend on each other in a circle.
    """
    target = context.workspace.template(context.service, context.watch)
    context.warnings.extend(f"{context.service}: {warning}" for warning in target.warnings)
    before: tuple[Step, ...] = ()
    check_references(target, context.snapshot.by_id(), context.provider)
    records = by_address(context.records)
    readings: Readings | None = None
    look: CloudLook | None = None
    if context.request.refresh:
        readings = context.read()
        before = refresh_steps(context.service, context.snapshot.by_id(), readings, context.provider)
        records = apply_refresh(records, before)
        look = readings.look
    plan = context.mark_outputs(prepend_steps(before, plan_with_claims(context, target, records, readings)))
    plan = limit_to_targets(replace(plan, look=look), context.wanted)
    if not plan.empty:  # an empty one ends with them
        context.warnings.extend(f"{name}: {lines[0]}" for name, lines in plan.unresolved)
    return plan


def plan_with_claims(
    context: PlanningContext, target: Template, records: Mapping[str, Record], readings: Readings | None = None
) -> ServicePlan:
    """Plan from records (by address) to a target; look for what exists already, and plan again with what is adopted.

    Children (a route) can only be looked for once their parent (the API) is found, so it takes several rounds. What
    would be overwritten is read at the same time, where `readings` do not have it: for the reader, not for the steps.
    """
    look = context.look(readings)
    known = dict(records)
    adoptions: tuple[Step, ...] = ()
    while True:
        plan = plan_service(target, tuple(known.values()), context.surroundings).plan
        plan = hold_back(plan, context.snapshot.pending)
        with ThreadPoolExecutor(2, "ownership") as pool:  # of what is changed and of what is made, at the same time
            contesting = pool.submit(context.claims().contested, plan)
            looking = pool.submit(look.read, limit_to_targets(plan, context.wanted))
            fresh, refusals = context.claims(known).settle(target, plan.steps)
        if not fresh:
            break
        adoptions += fresh
        known = apply_refresh(known, fresh)
    refused = {step.id: step for step in refusals}
    looking.result()
    plan = look.beside(contesting.result())
    plan = replace(plan, steps=tuple(refused.get(step.id, step) for step in plan.steps))
    return prepend_steps(adoptions, plan)
