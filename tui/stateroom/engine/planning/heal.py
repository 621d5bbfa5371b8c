"""Plan a heal: put the cloud back to what the state says."""

from __future__ import annotations

from dataclasses import replace

from stateroom.engine.planning.context import PlanningContext
from stateroom.engine.planning.dependencies import prepend_steps
from stateroom.engine.planning.planner import plan_service
from stateroom.engine.planning.refresh import refresh_steps
from stateroom.engine.planning.targets import limit_to_targets
from stateroom.engine.planning.undeclared.changes import look_at_children
from stateroom.engine.planning.undeclared.reverting import revert_steps
from stateroom.engine.records.drift import accept_drift
from stateroom.engine.records.pending_steps import hold_back
from stateroom.engine.records.snapshot_target import snapshot_target
from stateroom.model.plan import ServicePlan, Step


def plan_heal(context: PlanningContext) -> ServicePlan:
    """Plan from the records as the cloud has them to the records as they are; what is gone is created again."""
    readings = context.read()
    look_at_children(context, readings)
    context.check_attributes(readings)
    live = dict(context.snapshot.by_id())
    gone: list[Step] = []
    for name in readings.missing:
        if not context.request.attributes:
            gone += refresh_steps(context.service, {name: live.pop(name)}, readings, context.provider)
    for name, found in readings.drifts.items():
        if found.managed:
            accepted = accept_drift(found, context.provider, context.request.attributes)
            live[name] = replace(accepted, observed=live[name].observed)
    target = snapshot_target(context.snapshot, context.service)
    plan = plan_service(target, tuple(live.values()), context.surroundings).plan
    plan = hold_back(plan, context.snapshot.pending)
    plan = context.cloud_values(readings).beside(context.claims().contested(plan))
    plan = replace(plan, steps=(*plan.steps, *revert_steps(context, readings, plan.steps)))
    healed = prepend_steps(tuple(gone), plan)
    return limit_to_targets(replace(healed, look=readings.look), context.wanted)
