"""Plan a rollback: go back to a version, the cloud as well or the state only."""

from __future__ import annotations

from dataclasses import replace

from stateroom.engine.opening.guards import check_region
from stateroom.engine.planning.context import PlanningContext
from stateroom.engine.planning.deletions import GONE_FROM_CONFIG
from stateroom.engine.planning.deploy import plan_with_claims
from stateroom.engine.planning.targets import limit_to_targets
from stateroom.engine.records.record_map import by_address
from stateroom.engine.records.restore import restore_steps
from stateroom.engine.records.snapshot_target import snapshot_target
from stateroom.errors import UsageError
from stateroom.model.compare import same
from stateroom.model.plan import Action, ServicePlan, Step
from stateroom.model.resource import Snapshot
from stateroom.model.version import VersionName


def plan_rollback(context: PlanningContext) -> ServicePlan:
    """Plan to go back to the request's version: its inputs become what should be.

    Raises:
        UsageError: the request names no version.
        PlanError: the version's resources are in another region.
        StateError: there is no such version, or it cannot be read.
    """
    if context.request.version is None:
        raise UsageError("rollback needs a version", todo="stateroom versions lists them")
    workspace, number = context.workspace, context.request.version
    past = workspace.home.load_version(*workspace.place(context.service), number)
    if past.records:
        check_region(f"version {number} of {context.service}", past.region, workspace.region(context.service))
    if context.request.state_only:
        return _plan_state_only(context, past)
    target = snapshot_target(past, context.service)
    plan = plan_with_claims(context, target, by_address(context.records))
    plan = limit_to_targets(context.mark_outputs(plan), context.wanted)
    plan = replace(plan, steps=tuple(_because_of_version(step, number) for step in plan.steps))
    # Where nothing is to do, whether the cloud is as the state says is all that there is to tell.
    return replace(plan, look=context.read().look) if plan.empty else plan


def _because_of_version(step: Step, number: VersionName) -> Step:
    """Give a delete its reason: the config may well have the resource, the version does not."""
    gone = step.action is Action.DELETE and step.reason == GONE_FROM_CONFIG
    return replace(step, reason=f"not in version {number}") if gone else step


def _plan_state_only(context: PlanningContext, past: Snapshot) -> ServicePlan:
    """Plan to restore the old records without regard to the cloud; a refresh corrects them."""
    steps = restore_steps(context.service, context.snapshot.by_id(), past.by_id())
    return ServicePlan(
        context.service,
        steps,
        unchanged=len(past.by_id()) - len(steps),
        outputs=past.outputs,
        target=replace(snapshot_target(past, context.service), resources={}),
        outputs_change=not same(dict(past.outputs), dict(context.snapshot.outputs)),
    )
