"""Restore old records: the steps from the records of now to those of a version, in the state only."""

from __future__ import annotations

from collections.abc import Mapping

from stateroom.model.compare import differences
from stateroom.model.plan import Action, Change, Step
from stateroom.model.resource import Record


def restore_steps(service: str, now: Mapping[str, Record], then: Mapping[str, Record]) -> tuple[Step, ...]:
    """Build steps that bring back the records of `then` and forget those that only `now` has.

    Args:
        service: name of the service.
        now: present records by logical id.
        then: records of the version by logical id.
    """
    restored = (_restore(service, record, now.get(name)) for name, record in then.items() if now.get(name) != record)
    forgotten = (_step(service, record, Action.FORGET) for name, record in now.items() if name not in then)
    return (*restored, *forgotten)


def _restore(service: str, record: Record, current: Record | None) -> Step:
    before = dict(current.inputs) if current else {}
    changes = tuple(Change(*found) for found in differences(before, dict(record.inputs)))
    return _step(service, record, Action.RECORD if current else Action.ADOPT, changes)


def _step(service: str, record: Record, action: Action, changes: tuple[Change, ...] = ()) -> Step:
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
