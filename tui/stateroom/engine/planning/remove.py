"""Plan a remove: delete what the state knows; with targets, those and what depends on them."""

from __future__ import annotations

from dataclasses import replace

from stateroom.config.resources.template import resource_ids
from stateroom.engine.planning.context import PlanningContext
from stateroom.engine.planning.planner import plan_service
from stateroom.engine.records.pending_steps import pending_steps
from stateroom.engine.records.snapshot_target import snapshot_target
from stateroom.errors import PlanError
from stateroom.model.graph import reachable, reversed_graph
from stateroom.model.plan import Action, ServicePlan
from stateroom.model.resource import Template
from stateroom.model.values import contains_secret
from stateroom.model.version import Past
from stateroom.state.tools.clearing import past_of


def plan_remove(context: PlanningContext) -> ServicePlan:
    """Plan to delete everything that the state knows, or what the request targets.

    Raises:
        PlanError: the stage is protected.
    """
    if context.stage in context.workspace.project.protected_stages:
        raise PlanError(
            f"{context.service}: {context.stage} is protected and is not removed",
            why="custom.stateroom.protect lists it (prod and production are listed by default)",
            todo="change custom.stateroom.protect if this stage is really to go",
        )
    target = context.empty_target() if context.wanted is None else _remaining_target(context, context.wanted)
    plan = context.claims().contested(plan_service(target, context.records, context.surroundings).plan)
    adopted = {record.logical_id: record.adopted for record in context.records}
    steps = tuple(
        replace(step, reason=_removal_note(adopted.get(step.logical_id, ""))) if step.action is Action.DELETE else step
        for step in plan.steps
    )
    pending = [item for item in context.snapshot.pending if context.wanted is None or item.logical_id in context.wanted]
    steps += pending_steps(context.service, pending)
    plan = replace(plan, steps=steps, outputs_change=context.column.exists and context.wanted is None)
    return replace(plan, past=_past(context, plan))


def _past(context: PlanningContext, plan: ServicePlan) -> Past | None:
    """Return what the remove clears of the home: nothing while anything of the service stays in the state."""
    stays = any(step.action in (Action.PENDING, Action.REFUSE) for step in plan.steps)
    if context.request.keep_history or context.wanted is not None or stays:
        return None
    snapshot = context.snapshot
    values = [snapshot.outputs, *(item for record in snapshot.records for item in (record.inputs, record.observed))]
    secrets = any(contains_secret(dict(value)) for value in values)
    return past_of(context.workspace.home, snapshot.service, snapshot.stage, secrets=secrets)


def _removal_note(adopted: str) -> str:
    """Say of a resource that was adopted at a moment (RFC 3339) that stateroom did not make it."""
    return f"adopted on {adopted[:10]}, not made by stateroom" if adopted else ""


def _remaining_target(context: PlanningContext, unwanted: frozenset[str]) -> Template:
    """Return the target without the unwanted resources and their dependents."""
    dependents = reversed_graph({record.logical_id: record.dependencies for record in context.records})
    gone = reachable(dependents, unwanted)
    everything = snapshot_target(context.snapshot, context.service)
    return replace(
        everything,
        resources={name: item for name, item in everything.resources.items() if name not in gone},
        outputs={name: item for name, item in everything.outputs.items() if not resource_ids(item.value) & gone},
    )
