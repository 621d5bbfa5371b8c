"""Going back to a version of a state that other tools wrote: the old file, whole, in the place of the current one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from stateroom.engine.requests import Emit, Outcome
from stateroom.engine.tools.state_tools import StateTools
from stateroom.errors import MisplacedStateError, StateError
from stateroom.model.compare import differences
from stateroom.model.events import (
    OperationFinished,
    OperationStarted,
    ServiceFinished,
    ServiceStarted,
    StateSaved,
    StepFinished,
)
from stateroom.model.plan import Action, Change, Operation, Plan, ServicePlan, Step
from stateroom.model.resource import Record, Snapshot
from stateroom.model.version import VersionName
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.home import Home


@dataclass(frozen=True, slots=True)
class ForeignRollback:
    """What a restore works with."""

    service: str
    tools: StateTools
    snapshot: Callable[[str, VersionName | None], Snapshot | None]


def version_document(home: Home, app: str, stage: str, name: VersionName) -> CheckpointDocument:
    """The file of a version. Raises StateError, naming the versions that exist."""
    version, _ = home.histories.find(app, stage, name)
    return CheckpointDocument.parse(home.histories.load(app, stage, version).data)


def plan(restoring: ForeignRollback, name: VersionName) -> Plan:
    """What going back would change in the state. The cloud is left alone."""
    past = restoring.snapshot(restoring.service, name)
    try:
        current = restoring.snapshot(restoring.service, None)
    except MisplacedStateError:
        raise
    except StateError:
        current = None  # damaged: it is replaced as a whole
    now = {record.logical_id: record for record in current.records} if current else {}
    then = {record.logical_id: record for record in past.records} if past else {}
    steps = [
        _step(restoring.service, record, now.get(name)) for name, record in then.items() if now.get(name) != record
    ]
    steps += [_forget(restoring.service, record) for name, record in now.items() if name not in then]
    made = ServicePlan(
        restoring.service,
        tuple(steps),
        stage=restoring.tools.stage,
        unchanged=len(then) - len(steps),
        base=_etag(restoring) or "none",
    )
    return Plan(Operation.ROLLBACK, (made,), options={"version": name})


def execute(restoring: ForeignRollback, plan: Plan, emit: Emit) -> Outcome:
    """Write the version's file over the state that the plan was made from.

    Raises:
        ReadOnlyError, LockedError, StateConflictError, StateError: nothing was written.
    """
    started = time.monotonic()
    made = plan.services[0]
    name = plan.options["version"]
    tools = restoring.tools
    draft = tools.take_in(version_document(tools.home, tools.app, tools.stage, name).dump(), "rollback")
    if (draft.expected or "none") != made.base:
        raise StateError("the state has changed since this was planned", why="nothing was written", todo="plan again")
    emit(OperationStarted(plan.operation, plan.stage, len(made.steps)))
    emit(ServiceStarted(made.service, len(made.steps)))
    version = tools.apply(draft)
    for step in made.steps:
        emit(StepFinished(step.service, step.id, step.logical_id, step.type, step.action, 0.0))
    emit(StateSaved(made.service, version))
    seconds = time.monotonic() - started
    emit(ServiceFinished(made.service, len(made.steps), 0, 0, seconds, ()))
    emit(OperationFinished(plan.operation, len(made.steps), 0, 0, seconds, False))
    return Outcome(done=len(made.steps))


def _etag(restoring: ForeignRollback) -> str | None:
    return restoring.tools.home.etag(restoring.tools.app, restoring.tools.stage)


def _step(service: str, record: Record, current: Record | None) -> Step:
    before = dict(current.inputs) if current else {}
    return Step(
        id=f"{service}/{record.logical_id}@state",
        service=service,
        logical_id=record.logical_id,
        type=record.type,
        action=Action.RECORD if current else Action.ADOPT,
        reason="state only",
        changes=tuple(Change(*found) for found in differences(before, dict(record.inputs))),
        physical_id=record.physical_id,
        record=record,
    )


def _forget(service: str, record: Record) -> Step:
    return Step(
        id=f"{service}/{record.logical_id}@state",
        service=service,
        logical_id=record.logical_id,
        type=record.type,
        action=Action.FORGET,
        reason="state only",
        physical_id=record.physical_id,
    )
