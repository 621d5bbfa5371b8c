"""Survey states alone, where config and cloud are another tool's business and stay unread."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from stateroom.engine.requests import Emit
from stateroom.errors import StateroomError
from stateroom.model.diff import AttributeDiff, Mark, ResourceDiff, X, Y
from stateroom.model.events import ServiceSurveyed, ServiceUnreadable, SurveyFinished
from stateroom.model.pending import PendingOperation
from stateroom.model.resource import Record, Snapshot
from stateroom.model.standing import Standing
from stateroom.model.values import UNREAD


def survey_states(
    services: Sequence[str],
    snapshot: Callable[[str], Snapshot | None],
    standing: Callable[[str], Standing],
    emit: Emit,
    cancelled: Callable[[], bool],
) -> None:
    """Emit the resources of each state as ServiceSurveyed, or ServiceUnreadable, then SurveyFinished."""
    started = time.monotonic()
    for service in services:
        if cancelled():
            return
        try:
            found, stands = snapshot(service), standing(service)
        except StateroomError as error:
            emit(ServiceUnreadable(service, error.lines()))
            continue
        pending = {item.logical_id: item for item in found.pending} if found else {}
        records = found.records if found else ()
        diffs = tuple(_recorded(service, record, pending.pop(record.logical_id, None)) for record in records)
        diffs += tuple(_pending(service, item) for item in pending.values())
        emit(ServiceSurveyed(service, diffs, None if stands.quiet else stands))
    emit(SurveyFinished(time.monotonic() - started, 0, 0))


def _pending(service: str, item: PendingOperation) -> ResourceDiff:
    """Describe a resource that may exist, and of which there is no record."""
    return ResourceDiff(service, item.logical_id, item.type, X.UNKNOWN, Y.NONE, unsettled=item.verdict)


def _recorded(service: str, record: Record, pending: PendingOperation | None) -> ResourceDiff:
    return ResourceDiff(
        service=service,
        logical_id=record.logical_id,
        type=record.type,
        x=X.UNKNOWN if pending else X.SAME,  # there is no config to differ from
        y=Y.UNREAD,
        attributes=_attributes(record),
        physical_id=record.physical_id,
        parent=record.parent,
        unsettled=pending.verdict if pending else "",
    )


def _attributes(record: Record) -> tuple[AttributeDiff, ...]:
    """Return inputs as attributes, and further cloud outputs as unmanaged; components have outputs only."""
    asked, answered = record.inputs, record.observed
    further = {name: value for name, value in answered.items() if name not in asked or asked[name] != value}
    return tuple(
        AttributeDiff((name,), Mark.UNKNOWN, UNREAD, value, UNREAD, managed=side is asked or not asked)
        for side in (asked, further)
        for name, value in side.items()
    )
