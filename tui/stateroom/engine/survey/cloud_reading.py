"""Read the cloud for a survey: every record of the compared services, sent on in small batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from stateroom.cloud.provider import ReadRequest
from stateroom.engine.requests import Emit
from stateroom.engine.survey.comparison import ServiceComparison
from stateroom.model.events import ResourcesRead

_BATCH_SECONDS = 0.05  # readings that arrive within this time go out as one event


def read_cloud_of(
    comparisons: Iterable[ServiceComparison], emit: Emit, cancelled: Callable[[], bool]
) -> tuple[int, int]:
    """Read every record, one provider after another, emitting ResourcesRead.

    Returns how many were asked for and how many failed.
    """
    by_provider: dict[int, list[ServiceComparison]] = {}
    for comparison in comparisons:
        by_provider.setdefault(id(comparison.provider), []).append(comparison)
    counts = [_read_group(group, emit, cancelled) for group in by_provider.values()]
    return sum(asked for asked, _ in counts), sum(failed for _, failed in counts)


def _read_group(group: Sequence[ServiceComparison], emit: Emit, cancelled: Callable[[], bool]) -> tuple[int, int]:
    """Read services that share a provider."""
    by_service = {comparison.service: comparison for comparison in group}
    requests = [
        ReadRequest(f"{comparison.service}/{name}", record.type, record.physical_id, record.inputs)
        for comparison in group
        for name, record in comparison.records.items()
    ]
    batch: dict[str, list[str]] = {}
    failed, sent = 0, time.monotonic()
    for reading in group[0].provider.read_many(requests, cancelled):
        if cancelled():
            return 0, 0
        service, _, name = reading.key.partition("/")
        by_service[service].readings[name] = reading
        failed += reading.error is not None
        batch.setdefault(service, []).append(name)
        if time.monotonic() - sent >= _BATCH_SECONDS:
            _send(by_service, batch, emit)
            batch, sent = {}, time.monotonic()
    _send(by_service, batch, emit)
    return len(requests), failed


def _send(comparisons: Mapping[str, ServiceComparison], batch: Mapping[str, Sequence[str]], emit: Emit) -> None:
    moment = datetime.now(UTC)
    for service, names in batch.items():
        emit(ResourcesRead(service, tuple(comparisons[service].diff(name, moment) for name in names)))
