"""Ask the cloud how one step with an unknown outcome ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from stateroom.cloud.provider import Owner, Provider
from stateroom.engine.records.adoption import adopted_inputs
from stateroom.engine.records.drift import masked
from stateroom.errors import CloudError
from stateroom.model.compare import mask_like, same
from stateroom.model.pending import PendingOperation
from stateroom.model.resource import Live, Record, Snapshot
from stateroom.model.values import Properties, Value


@dataclass(frozen=True, slots=True)
class Finding:
    """How a step ended, in one line. `record` is now recorded; `gone`: its physical id is recorded no longer."""

    note: str
    record: Record | None = None
    gone: bool = False


def ask_about(
    operation: PendingOperation, records: Mapping[str, Record], snapshot: Snapshot, provider: Provider
) -> Finding:
    """Ask how a step ended.

    Args:
        operation: the step.
        records: of the state, by address; only read.
        snapshot: whose state it is.
        provider: the cloud.

    Raises:
        CloudError: it cannot be asked.
    """
    if not provider.supports(operation.type):
        raise CloudError(f"stateroom reads no {operation.type}", why="look for it, then drop it from the state by name")
    if operation.action == "delete":
        return _ask_delete(operation, records, provider)
    if operation.action == "adopt":
        return _ask_adopt(operation, snapshot, provider)
    current = records.get(operation.logical_id)
    if operation.action == "update" and current is not None:
        return _ask_update(operation, current, provider)
    return _ask_create(operation, current, snapshot, provider)


def _ask_delete(operation: PendingOperation, records: Mapping[str, Record], provider: Provider) -> Finding:
    name = operation.logical_id
    for record in records.values():
        if (record.logical_id, record.physical_id) == (name, operation.physical_id):
            if provider.read(record.type, record.physical_id, record.inputs) is not None:
                return Finding(f"{name}: was being deleted and still exists")
            break
    return Finding(f"{name}: was being deleted and is gone", gone=True)


def _ask_update(operation: PendingOperation, current: Record, provider: Provider) -> Finding:
    name, before, asked = operation.logical_id, current.inputs, operation.inputs
    reading = provider.read(current.type, current.physical_id, before)
    if reading is None:
        return Finding(f"{name}: was being updated and no longer exists; refresh drops it from state")
    live = mask_like(masked(reading, current), asked)
    touched = {key for key in {*before, *asked} if not _agree(key, before, asked)}
    inputs = {key: value for key, value in before.items() if key not in touched}
    inputs.update(_as_live(current.type, {key: asked[key] for key in asked if key in touched}, live, provider))
    record = replace(current, inputs=inputs, observed=live)
    return Finding(f"{name}: was being updated; its values were read again", record)


def _agree(key: str, a: Properties, b: Properties) -> bool:
    return key in a and key in b and same(a[key], b[key])


def _ask_adopt(operation: PendingOperation, snapshot: Snapshot, provider: Provider) -> Finding:
    """Take what was adopted if it bears this state's tags, or none; what is still somebody else's stays theirs."""
    name = operation.logical_id
    if provider.find(operation.type, operation.inputs, _owner(operation, snapshot)) != operation.physical_id:
        return Finding(f"{name}: was being adopted and is not this state's yet")
    reading = provider.read(operation.type, operation.physical_id, operation.inputs)
    if reading is None:
        return Finding(f"{name}: was being adopted and no longer exists")
    record = replace(_recorded(operation, reading, snapshot, provider), adopted=operation.adopted)
    return Finding(f"{name}: was being adopted; taken into state", record)


def _ask_create(operation: PendingOperation, current: Record | None, snapshot: Snapshot, provider: Provider) -> Finding:
    name, type_, inputs = operation.logical_id, operation.type, operation.inputs
    old = current.physical_id if current else ""
    physical_id: str | None = operation.physical_id if operation.physical_id != old else ""
    if not physical_id:
        physical_id = provider.find(type_, inputs, _owner(operation, snapshot))
    reading = provider.read(type_, physical_id, inputs) if physical_id and physical_id != old else None
    if reading is None:
        replaced = current if operation.action == "replace" and operation.physical_id == old else None
        gone = replaced is not None and provider.read(replaced.type, old, replaced.inputs) is None
        lost = "; what it was to replace is gone" if gone else ""
        return Finding(f"{name}: was being created and does not exist{lost}", gone=gone)
    record = _recorded(operation, reading, snapshot, provider)
    return Finding(f"{name}: was being created and exists as {reading.physical_id}; taken into state", record)


def _owner(operation: PendingOperation, snapshot: Snapshot) -> Owner:
    return Owner(snapshot.service, snapshot.stage, operation.logical_id, snapshot.lineage)


def _recorded(operation: PendingOperation, reading: Live, snapshot: Snapshot, provider: Provider) -> Record:
    live = mask_like(reading.properties, operation.inputs)
    return Record(
        logical_id=operation.logical_id,
        type=operation.type,
        physical_id=reading.physical_id,
        inputs=_as_live(operation.type, operation.inputs, live, provider),
        observed=live,
        dependencies=operation.dependencies,
        reader_version=provider.schema(operation.type).reader_version,
        lineage=snapshot.lineage,
    )


def _as_live(type_: str, wanted: Properties, live: Properties, provider: Provider) -> dict[str, Value]:
    """Return the wanted properties that the cloud confirms; a later deploy writes the others.

    What is set at creation only, and not told, was set with it: to write it would take a replacement.
    """
    known = {*live, *(path.split(".")[0] for path in provider.schema(type_).create_only)}
    inputs = adopted_inputs(type_, wanted, live, provider)
    return {key: value for key, value in inputs.items() if key in known}
