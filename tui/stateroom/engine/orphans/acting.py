"""Act on orphans that a user has named: plan their deletion and carry it out, or make imports of them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from stateroom.cloud.provider import Pause, Provider, Remark, Task
from stateroom.engine.orphan_report import Orphan, OrphanReport
from stateroom.engine.orphans.search import chosen_orphans
from stateroom.engine.requests import Control, Emit, ImportTarget, Outcome
from stateroom.engine.workspace import Workspace
from stateroom.errors import CloudError, PlanError, StateroomError, UsageError
from stateroom.model.events import Note, StepFailed, StepFinished, StepSkipped, StepStarted, StepWaiting
from stateroom.model.plan import Action, Operation, Plan, ServicePlan, Step


def orphans_named(report: OrphanReport, wanted: tuple[str, ...]) -> tuple[Orphan, ...]:
    """Return the orphans that a user named by id, ARN or address.

    Raises:
        UsageError: a name means none or several.
        PlanError: what is named may be in a state.
    """
    chosen: dict[tuple[str, str], Orphan] = {}
    for name, rows in chosen_orphans(report, wanted).items():
        if len(rows) != 1:
            what = "is no orphan" if not rows else f"means {len(rows)} resources"
            todo = "stateroom orphans lists them" if not rows else f"name one by its id: {rows[0].physical_id}"
            raise UsageError(f"{name} {what}", todo=todo)
        (row,) = rows
        if row in report.elsewhere:
            raise PlanError(
                f"{name} is not touched: another home made it",
                why=f"its tags name {row.home}, whose states were not looked at",
                todo="run it with --home and that home",
            )
        if row.why_not:
            raise PlanError(
                f"{name} is not touched: whether a state has it cannot be said",
                why=row.why_not,
                todo="mend that first: stateroom state repair, the passphrase, or the operation that is under way",
            )
        chosen[row.type, row.physical_id] = row
    return tuple(chosen.values())


def imports_of(workspace: Workspace, orphans: Iterable[Orphan]) -> tuple[ImportTarget, ...]:
    """Return the imports that take orphans into the states that their tags name.

    Raises:
        PlanError: no service of the project, on its stage, is the one that the tags name.
    """
    services = {workspace.place(name): name for name in workspace.services}
    targets: list[ImportTarget] = []
    for item in orphans:
        service = services.get((item.service, item.stage))
        if service is None:
            raise PlanError(
                f"{item.physical_id} is not adopted: it is of {item.service}/{item.stage}",
                why=f"open are {', '.join('/'.join(place) for place in services)}",
                todo=f"run it with --stage {item.stage} in the project of {item.service}",
            )
        targets.append(ImportTarget(f"{service}/{item.logical_id}", item.physical_id, orphan=True))
    return tuple(targets)


def plan_deletion(orphans: Sequence[Orphan]) -> Plan:
    """Plan to delete orphans: one service plan for each service and stage that their tags name.

    Raises:
        PlanError: of one only the ARN is known, because its type has no handler.
    """
    unknown = [item for item in orphans if not item.type]
    if unknown:
        raise PlanError(
            f"{unknown[0].physical_id} is not deleted",
            why="stateroom does not know the type of this ARN",
            todo="delete it with the console or the AWS CLI",
        )
    places: dict[tuple[str, str], list[Step]] = {}
    for item in orphans:
        parts = f"; with it go {', '.join(item.parts)}" if item.parts else ""
        step = Step(
            f"{item.service}/{item.logical_id}#{item.physical_id}",
            item.service,
            item.logical_id,
            item.type,
            Action.DELETE,
            reason=f"in no state{parts}",
            physical_id=item.physical_id,
        )
        places.setdefault((item.service, item.stage), []).append(step)
    plans = tuple(ServicePlan(service, tuple(steps), stage=stage) for (service, stage), steps in places.items())
    return Plan(Operation.REMOVE, plans, targets=tuple(item.physical_id for item in orphans))


def delete_orphans(
    providers: Mapping[str, Provider], orphans: Sequence[Orphan], emit: Emit, control: Control
) -> Outcome:
    """Delete orphans one after the other. No state changes; what fails is an orphan still.

    Args:
        providers: by region.
        orphans: what was agreed to.
        emit: told of every step.
        control: stops before the next one.
    """
    done, failed = 0, 0
    errors: list[tuple[str, tuple[str, ...]]] = []
    for item in orphans:
        id_ = f"{item.service}/{item.logical_id}"
        step = item.service, id_, item.logical_id
        if control.stopping:
            emit(StepSkipped(*step, "the operation was stopped"))
            continue
        emit(StepStarted(*step, item.type, Action.DELETE))
        began = time.monotonic()
        try:
            _delete(providers[item.region], item, emit)
        except StateroomError as error:
            failed += 1
            errors.append((id_, error.lines()))
            code = error.code if isinstance(error, CloudError) else ""
            took = time.monotonic() - began
            emit(StepFailed(*step, item.type, Action.DELETE, took, error.lines(), code))
        else:
            done += 1
            emit(StepFinished(*step, item.type, Action.DELETE, time.monotonic() - began))
    left = len(orphans) - done - failed
    return Outcome(done, failed, left, stopped=control.stopping, errors=tuple(errors))


def _delete(provider: Provider, item: Orphan, emit: Emit) -> None:
    live = provider.read(item.type, item.physical_id, {})
    if live is None:
        return
    task: Task[None] = provider.delete(item.type, item.physical_id, live.properties)
    for progress in task:
        if isinstance(progress, Pause):
            seconds = progress.left or progress.seconds
            emit(StepWaiting(item.service, f"{item.service}/{item.logical_id}", progress.reason, seconds))
            time.sleep(progress.seconds)
        elif isinstance(progress, Remark):
            emit(Note(item.service, progress.text))
