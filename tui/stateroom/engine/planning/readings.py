"""Read the cloud for planning: one reading of each record, and what it means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from stateroom.cloud.children import ChildReading
from stateroom.cloud.provider import Provider, ReadRequest
from stateroom.engine.records.drift import Drift, drift
from stateroom.model.plan import CloudLook
from stateroom.model.resource import Record


@dataclass(slots=True)
class Readings:
    """Cloud readings of a service's records."""

    drifts: dict[str, Drift] = field(default_factory=dict)  # by logical id; those without drift are not here
    missing: list[str] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)  # logical id → why it could not be read
    asked: int = 0
    children: dict[str, dict[str, ChildReading]] = field(default_factory=dict)  # by logical id and kind
    beside: set[str] = field(default_factory=set)  # resources with undeclared changes in their children

    @property
    def look(self) -> CloudLook:
        """Counts of what was read."""
        differing = sum(bool(found.managed) for found in self.drifts.values())
        drifted = {name for name, found in self.drifts.items() if found.managed}
        outside = len(({name for name, found in self.drifts.items() if found.unmanaged} | self.beside) - drifted)
        return CloudLook(
            read=self.asked - len(self.unread),
            unread=len(self.unread),
            differing=differing + len(self.missing),
            outside=outside,
        )


def read_records(records: Iterable[Record], provider: Provider) -> Readings:
    """Read every record once. An error concerns its own resource only."""
    by_name = {record.logical_id: record for record in records if not record.condemned}
    requests = [ReadRequest(name, record.type, record.physical_id, record.inputs) for name, record in by_name.items()]
    result = Readings(asked=len(requests))
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
