"""Read what nobody declared, for a survey: the second round of calls, when every resource has been shown once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final

from stateroom.engine.records.undeclared.changes import as_recorded
from stateroom.engine.requests import Emit
from stateroom.engine.survey.comparison import ServiceComparison
from stateroom.model.events import ResourcesRead

_BATCH_SECONDS: Final = 0.1  # readings that arrive within this time go out as one event


def read_children_of(comparisons: Iterable[ServiceComparison], emit: Emit, cancelled: Callable[[], bool]) -> None:
    """Read the undeclared children of every resource, emitting ResourcesRead for each once more.

    All records of a provider are told together: a resource of one service may stand for a child of another's.
    """
    by_provider: dict[int, list[ServiceComparison]] = {}
    for comparison in comparisons:
        by_provider.setdefault(id(comparison.provider), []).append(comparison)
    for group in by_provider.values():
        _read_group({item.service: item for item in group}, emit, cancelled)


def _read_group(group: dict[str, ServiceComparison], emit: Emit, cancelled: Callable[[], bool]) -> None:
    tables = next(iter(group.values())).provider.children
    resources = [
        as_recorded(f"{service}/{name}", record)
        for service, comparison in group.items()
        for name, record in comparison.records.items()
    ]
    waiting = {item.key: len(tables.kinds(item.type)) for item in resources}
    complete: dict[str, list[str]] = {}
    sent = time.monotonic()
    for reading in tables.read(resources, cancelled):
        if cancelled():
            return
        service, _, name = reading.key.partition("/")
        group[service].children.setdefault(name, {})[reading.kind] = reading
        waiting[reading.key] -= 1
        if not waiting[reading.key]:
            complete.setdefault(service, []).append(name)
        if time.monotonic() - sent >= _BATCH_SECONDS:
            _send(group, complete, emit)
            complete, sent = {}, time.monotonic()
    _send(group, complete, emit)


def _send(group: dict[str, ServiceComparison], complete: dict[str, list[str]], emit: Emit) -> None:
    moment = datetime.now(UTC)
    for service, names in complete.items():
        emit(ResourcesRead(service, tuple(group[service].diff(name, moment) for name in names)))
