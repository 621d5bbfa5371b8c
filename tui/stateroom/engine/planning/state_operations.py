"""Plan operations that target a state or change only the state: refresh, accept, heal, remove, rollback."""

from __future__ import annotations

from dataclasses import replace

from stateroom.config.resources.template import resource_ids
from stateroom.engine.opening.guards import check_region
from stateroom.engine.planning.context import PlanningContext
from stateroom.engine.planning.deploy import after, finished
from stateroom.engine.planning.planner import ServicePlanner, only_targets
from stateroom.engine.planning.refresh_steps import refresh_steps
from stateroom.engine.planning.snapshot_target import snapshot_target
from stateroom.engine.survey.drift import accept
from stateroom.errors import PlanError, UsageError
from stateroom.model.compare import differences, same
from stateroom.model.graph import reachable, reversed_graph
from stateroom.model.plan import Action, Change, ServicePlan, Step
from stateroom.model.resource import Record, Snapshot, Template


def refresh(start: PlanningContext) -> ServicePlan:
    """Plan to store the cloud's values in the state; the cloud is only read."""
    steps = refresh_steps(
        start.service,
        start.snapshot.by_id(),
        start.read(),
        start.provider,
        wanted=start.wanted,
        attributes=start.request.attributes,
    )
    unchanged = len(start.snapshot.by_id()) - len(steps)
    target = start.nothing()
    return ServicePlan(start.service, steps, unchanged=unchanged, outputs=start.snapshot.outputs, target=target)


def heal(start: PlanningContext) -> ServicePlan:
    """Plan to restore the recorded values in the cloud: from the cloud's values to the records."""
    readings = start.read()
    live = dict(start.snapshot.by_id())
    gone: list[Step] = []
    for name in readings.missing:
        if not start.request.attributes:
            gone += refresh_steps(start.service, {name: live.pop(name)}, readings, start.provider)
    for name, found in readings.drifts.items():
        if found.managed:
            live[name] = replace(accept(found, start.provider, start.request.attributes), observed=live[name].observed)
    made = ServicePlanner(
        snapshot_target(start.snapshot, start.service), tuple(live.values()), start.surroundings
    ).plan()
    return only_targets(after(tuple(gone), made), start.wanted)


def remove(start: PlanningContext) -> ServicePlan:
    """Plan to delete every recorded resource; with targets, those and their dependents.

    Raises:
        PlanError: the stage is protected.
    """
    if start.stage in start.workspace.project.protected_stages:
        raise PlanError(
            f"{start.service}: {start.stage} is protected and is not removed",
            why="custom.stateroom.protect lists it (prod and production are listed by default)",
            todo="change custom.stateroom.protect if this stage is really to go",
        )
    target = start.nothing() if start.wanted is None else _remainder(start, start.wanted)
    made = ServicePlanner(target, start.records, start.surroundings).plan()
    steps = tuple(replace(step, reason="") if step.action is Action.DELETE else step for step in made.steps)
    return replace(made, steps=steps, outputs_change=start.column.exists and start.wanted is None)


def _remainder(start: PlanningContext, unwanted: frozenset[str]) -> Template:
    """Return the target without the unwanted resources and their dependents."""
    dependents = reversed_graph({record.logical_id: record.dependencies for record in start.records})
    gone = reachable(dependents, unwanted)
    everything = snapshot_target(start.snapshot, start.service)
    return replace(
        everything,
        resources={name: item for name, item in everything.resources.items() if name not in gone},
        outputs={name: item for name, item in everything.outputs.items() if not resource_ids(item.value) & gone},
    )


def rollback(start: PlanningContext) -> ServicePlan:
    """Plan to return to a version: its inputs are the target. With `state_only` the cloud is left alone."""
    if start.request.version is None:
        raise UsageError("rollback needs a version", todo="stateroom versions lists them")
    workspace, number = start.workspace, start.request.version
    past = workspace.home.load_version(*workspace.place(start.service), number)
    if past.records:
        check_region(f"version {number} of {start.service}", past.region, workspace.region(start.service))
    if start.request.state_only:
        return _state_only(start, past)
    made = ServicePlanner(snapshot_target(past, start.service), start.records, start.surroundings).plan()
    return finished(made, start)


def _state_only(start: PlanningContext, past: Snapshot) -> ServicePlan:
    """Plan to restore the old records without regard to the cloud; a refresh corrects them."""
    now, then = start.snapshot.by_id(), past.by_id()
    steps: list[Step] = []
    for name, record in then.items():
        current = now.get(name)
        if current == record:
            continue
        action = Action.RECORD if current else Action.ADOPT
        changes = tuple(
            Change(path, before, after)
            for path, before, after in differences(dict(current.inputs) if current else {}, dict(record.inputs))
        )
        steps.append(_state_step(start.service, record, action, changes))
    steps += [_state_step(start.service, now[name], Action.FORGET, ()) for name in now if name not in then]
    return ServicePlan(
        start.service,
        tuple(steps),
        unchanged=len(then) - len(steps),
        outputs=past.outputs,
        target=replace(snapshot_target(past, start.service), resources={}),
        outputs_change=not same(dict(past.outputs), dict(start.snapshot.outputs)),
    )


def _state_step(service: str, record: Record, action: Action, changes: tuple[Change, ...]) -> Step:
    return Step(
        id=f"{service}/{record.logical_id}@state",
        service=service,
        logical_id=record.logical_id,
        type=record.type,
        action=action,
        reason="state only",
        changes=changes,
        physical_id=record.physical_id,
        record=None if action is Action.FORGET else record,
    )
