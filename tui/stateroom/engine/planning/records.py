"""The records of one service while an operation changes them: by address, old copies of replacements included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from stateroom.model.graph import topological_order
from stateroom.model.resource import Record


def address(record: Record) -> str:
    """Where a record stands among the records of its service."""
    return f"{record.logical_id}#{record.physical_id}" if record.condemned else record.logical_id


def by_address(records: Iterable[Record]) -> dict[str, Record]:
    """Records by address."""
    return {address(record): record for record in records}


def store(records: dict[str, Record], record: Record) -> None:
    """Put a record in; another physical copy under the same name becomes the old copy that is yet to be deleted."""
    current = records.pop(record.logical_id, None)
    if current is not None and current.physical_id != record.physical_id:
        old = replace(current, condemned=True)
        records[address(old)] = old
    records[record.logical_id] = record


def in_dependency_order(records: Mapping[str, Record]) -> tuple[Record, ...]:
    """Records so that each comes after what it depends on, old copies last, as the state file wants them."""
    live = {name: record for name, record in records.items() if not record.condemned}
    order = topological_order({name: record.dependencies for name, record in live.items()})
    old = [record for record in records.values() if record.condemned]
    return (*(live[name] for name in order), *old)
