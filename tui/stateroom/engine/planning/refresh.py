"""Plan a refresh: take what the cloud says into the state. The cloud is only read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stateroom.cloud.provider import Provider
from stateroom.engine.planning.context import PlanningContext
from stateroom.engine.planning.readings import Readings
from stateroom.engine.planning.undeclared.changes import look_at_children
from stateroom.engine.planning.undeclared.recording import with_undeclared
from stateroom.engine.records.drift import accept_drift, chosen
from stateroom.model.diff import Path
from stateroom.model.plan import Action, Change, ServicePlan, Step
from stateroom.model.resource import Record

_OUTSIDE = "only attributes outside the config changed"
_RENEWED = "the cloud's answer is fuller than the one after the last deploy"


def plan_refresh(context: PlanningContext) -> ServicePlan:
    """Plan to record what moved in the cloud and to forget what is gone from it."""
    return plan_recording(context)


def plan_recording(context: PlanningContext, attributes: tuple[Path, ...] = ()) -> ServicePlan:
    """Plan to take the cloud's values into the state: all of them, or those of managed `attributes`."""
    readings = context.read()
    look_at_children(context, readings)
    context.check_attributes(readings)
    records = context.snapshot.by_id()
    steps = refresh_steps(
        context.service, records, readings, context.provider, wanted=context.wanted, attributes=attributes
    )
    steps = with_undeclared(context, steps, readings)
    return ServicePlan(
        context.service,
        steps,
        unchanged=len(records) - len(steps),
        outputs=context.snapshot.outputs,
        target=context.empty_target(),
        look=readings.look,
    )


def refresh_steps(
    service: str,
    records: Mapping[str, Record],
    readings: Readings,
    provider: Provider,
    *,
    wanted: frozenset[str] | None = None,
    attributes: tuple[Path, ...] = (),
) -> tuple[Step, ...]:
    """Build refresh steps: update or drop state records from cloud readings.

    Args:
        service: name of the service.
        records: live records by logical id.
        readings: what the cloud answered about them.
        provider: the cloud that was read.
        wanted: only these logical ids; None: all.
        attributes: only these, and of managed ones; empty: all.
    """
    steps: list[Step] = []
    for name, record in records.items():
        if wanted is not None and name not in wanted:
            continue
        if name in readings.missing and not attributes:
            steps.append(_step(service, record, Action.FORGET, "no longer exists in the cloud"))
        elif name in readings.drifts:
            found = readings.drifts[name]
            taken = [item for item in found.managed if chosen(item.path, attributes)]
            if attributes and not taken:
                continue
            reason = "" if taken else _OUTSIDE if found.unmanaged else _RENEWED
            changes = tuple(Change(item.path, item.state, item.cloud, cloud=item.cloud) for item in taken)
            after = accept_drift(found, provider, attributes)
            steps.append(_step(service, record, Action.RECORD, reason, changes, after))
    return tuple(steps)


def apply_refresh(records: Mapping[str, Record], steps: Iterable[Step]) -> dict[str, Record]:
    """Compute the records as they will be after refresh steps."""
    result = dict(records)
    for step in steps:
        if step.action is Action.FORGET:
            result.pop(step.logical_id, None)
        elif step.record is not None:
            result[step.logical_id] = step.record
    return result


def _step(
    service: str,
    record: Record,
    action: Action,
    reason: str,
    changes: tuple[Change, ...] = (),
    after: Record | None = None,
) -> Step:
    return Step(
        id=f"{service}/{record.logical_id}@refresh",
        service=service,
        logical_id=record.logical_id,
        type=record.type,
        action=action,
        reason=reason,
        changes=changes,
        physical_id=record.physical_id,
        record=after,
    )
