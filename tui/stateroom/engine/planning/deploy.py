"""Plan a deploy: lead to the config, with or without a look at the cloud first."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from stateroom.engine.opening.known_outputs import compile_with_outputs
from stateroom.engine.planning.checks.steps import check_plan
from stateroom.engine.planning.context import PlanningContext
from stateroom.engine.planning.dependencies import prepend_steps
from stateroom.engine.planning.planner import plan_service
from stateroom.engine.planning.readings import Readings
from stateroom.engine.planning.refresh import apply_refresh, refresh_steps
from stateroom.engine.planning.targets import limit_to_targets
from stateroom.engine.planning.undeclared.changes import look_at_children
from stateroom.engine.planning.undeclared.recording import with_undeclared
from stateroom.engine.records.pending_steps import hold_back
from stateroom.engine.records.record_map import by_address
from stateroom.engine.records.reference_check import check_references
from stateroom.engine.records.unbuilt import as_recorded
from stateroom.model.plan import CloudLook, Operation, ServicePlan, Step
from stateroom.model.resource import Record, Template


def plan_deploy(context: PlanningContext) -> ServicePlan:
    """Plan from the state to the config; with `refresh`, from the state as the cloud would correct it.

    A dry run takes packages that are not built to be as they are recorded, and warns of them.

    Raises:
        KnownLaterError: it cannot be compiled before another service is deployed.
        TrustError: a program is wanted that may not run.
        ConfigError: the files say something that cannot be compiled, or ask for an attribute that does not exist.
        PlanError: a reference cannot be followed, or resources depend on each other in a circle.
    """
    target = deploy_target(context)
    before: tuple[Step, ...] = ()
    check_references(target, context.snapshot.by_id(), context.provider)
    records = by_address(context.records)
    readings: Readings | None = None
    look: CloudLook | None = None
    if context.request.refresh:
        readings = context.read()
        look_at_children(context, readings)
        before = refresh_steps(context.service, context.snapshot.by_id(), readings, context.provider)
        before = with_undeclared(context, before, readings)
        records = apply_refresh(records, before)
        look = readings.look
    plan = context.mark_outputs(prepend_steps(before, plan_with_claims(context, target, records, readings)))
    plan = limit_to_targets(replace(plan, look=look), context.wanted)
    if not plan.empty:  # an empty one ends with them
        context.warnings.extend(f"{name}: {lines[0]}" for name, lines in plan.unresolved)
    return plan


def deploy_target(context: PlanningContext) -> Template:
    """Compile what the config wants, with the outputs that are known; warns of what is not built. Raises as above."""
    workspace, service, sources = context.workspace, context.service, not context.request.dry_run
    compiled = compile_with_outputs(
        lambda output: workspace.template(service, context.watch, sources=sources, output=output),
        service,
        context.outputs,
        workspace.declared_outputs,
    )
    target = as_recorded(compiled, context.snapshot.by_id()).template
    context.warnings.extend(f"{context.service}: {warning}" for warning in target.warnings)
    if target.not_built:
        context.warnings.append(
            f"{context.service}: whether that code changes, and a new version of it, is not in this plan"
        )
    return target


def plan_with_claims(
    context: PlanningContext, target: Template, records: Mapping[str, Record], readings: Readings | None = None
) -> ServicePlan:
    """Plan from records (by address) to a target; look for what exists already, and plan again with what is adopted.

    Children (a route) can only be looked for once their parent (the API) is found, so it takes several rounds. What
    would be overwritten is read at the same time, where `readings` do not have it: for the reader, not for the steps.
    """
    values = context.cloud_values(readings)
    known = dict(records)
    serves = context.workspace.home.packages.serves
    adoptions: tuple[Step, ...] = ()
    while True:
        planned = plan_service(target, tuple(known.values()), context.surroundings)
        plan = hold_back(planned.plan, context.snapshot.pending)
        if context.request.operation is Operation.DEPLOY:  # what a past version has was deployed once
            checked = replace(planned, plan=plan)
            plan, warnings = check_plan(checked, target, context.provider, lambda: serves(target.region))
            context.warnings.extend(f"{context.service}: {warning}" for warning in warnings)
        with ThreadPoolExecutor(2, "ownership") as pool:  # of what is changed and of what is made, at the same time
            contesting = pool.submit(context.claims().contested, plan)
            looking = pool.submit(values.read, limit_to_targets(plan, context.wanted))
            fresh, refusals = context.claims(known).settle(target, plan.steps)
        if not fresh:
            break
        adoptions += fresh
        known = apply_refresh(known, fresh)
    refused = {step.id: step for step in refusals}
    looking.result()
    plan = values.beside(contesting.result())
    plan = replace(plan, steps=tuple(refused.get(step.id, step) for step in plan.steps))
    return prepend_steps(adoptions, plan)
