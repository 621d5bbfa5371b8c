"""Records of one service by address, old copies of replacements included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from stateroom.model.graph import topological_order
from stateroom.model.resource import Record


def address(record: Record) -> str:
    """Return the address of a record in its service."""
    return f"{record.logical_id}#{record.physical_id}" if record.condemned else record.logical_id


def by_address(records: Iterable[Record]) -> dict[str, Record]:
    """Return records by address."""
    return {address(record): record for record in records}


def store(records: dict[str, Record], record: Record) -> None:
    """Store a record; another physical copy of the same address becomes an old copy to delete."""
    current = records.pop(record.logical_id, None)
    if current is not None and current.physical_id != record.physical_id:
        old = replace(current, condemned=True)
        records[address(old)] = old
    records[record.logical_id] = record


def in_dependency_order(records: Mapping[str, Record]) -> tuple[Record, ...]:
    """Sort records so that each comes after its dependencies, old copies last."""
    live = {name: record for name, record in records.items() if not record.condemned}
    order = topological_order({name: record.dependencies for name, record in live.items()})
    old = [record for record in records.values() if record.condemned]
    return (*(live[name] for name in order), *old)
