"""Build refresh steps: update, drop or adopt state records from cloud readings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from stateroom.cloud.provider import Provider, ReadRequest
from stateroom.engine.survey.drift import Drift, accept, drift
from stateroom.model.diff import Path
from stateroom.model.plan import Action, Change, Step
from stateroom.model.resource import Record


@dataclass(slots=True)
class Readings:
    """Cloud readings of a service's records."""

    drifts: dict[str, Drift] = field(default_factory=dict)  # by logical id; those without drift are not here
    missing: list[str] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)  # logical id → why it could not be read


def read_records(records: Iterable[Record], provider: Provider) -> Readings:
    """Read every record once. An error concerns its own resource only."""
    by_name = {record.logical_id: record for record in records if not record.condemned}
    requests = [ReadRequest(name, record.type, record.physical_id, record.inputs) for name, record in by_name.items()]
    result = Readings()
    for reading in provider.read_many(requests, lambda: False):
        record = by_name[reading.key]
        if reading.error is not None:
            result.unread[reading.key] = " ".join(line for line in (reading.error.what, reading.error.why) if line)
        elif reading.live is None:
            result.missing.append(reading.key)
        else:
            found = drift(record, reading.live, provider)
            if found is not None:
                result.drifts[reading.key] = found
    return result


def refresh_steps(
    service: str,
    records: Mapping[str, Record],
    readings: Readings,
    provider: Provider,
    *,
    wanted: frozenset[str] | None = None,
    attributes: tuple[Path, ...] = (),
) -> tuple[Step, ...]:
    """Return steps that store the cloud's values in state; with `attributes`, only managed ones."""
    steps: list[Step] = []
    for name, record in records.items():
        if wanted is not None and name not in wanted:
            continue
        if name in readings.missing and not attributes:
            steps.append(_step(service, record, Action.FORGET, "no longer exists in the cloud"))
        elif name in readings.drifts:
            found = readings.drifts[name]
            taken = [item for item in found.managed if not attributes or item.path in attributes]
            if attributes and not taken:
                continue
            reason = "" if taken else "only attributes outside the config changed"
            changes = tuple(Change(item.path, item.state, item.cloud) for item in taken)
            after = accept(found, provider, attributes)
            steps.append(_step(service, record, Action.RECORD, reason, changes, after))
    return tuple(steps)


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


def apply_refresh(records: Mapping[str, Record], steps: Iterable[Step]) -> dict[str, Record]:
    """Return the records after the steps."""
    result = dict(records)
    for step in steps:
        if step.action is Action.FORGET:
            result.pop(step.logical_id, None)
        elif step.record is not None:
            result[step.logical_id] = step.record
    return result
