"""Plan an accept: take single values of the cloud into the state. The cloud is only read."""

from __future__ import annotations

from stateroom.engine.planning.context import PlanningContext
from stateroom.engine.planning.refresh import plan_recording
from stateroom.model.plan import ServicePlan


def plan_accept(context: PlanningContext) -> ServicePlan:
    """Plan to record the attributes of the request; without any, all that moved of its targets."""
    return plan_recording(context, context.request.attributes)
