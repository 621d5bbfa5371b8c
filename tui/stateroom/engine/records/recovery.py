"""Recover from an interrupted operation by its journal and the cloud.

The journal tells which steps ended and how. A step with a start entry only is resolved by asking the cloud: names are
derived and ownership is tagged, so the user need not be asked and nothing is orphaned.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from stateroom.cloud.provider import Owner, Provider
from stateroom.engine.records.drift import masked
from stateroom.engine.records.record_map import by_address, store
from stateroom.model.compare import mask_like, same
from stateroom.model.resource import Live, Record, Snapshot
from stateroom.model.values import Properties, Value
from stateroom.model.version import Intent
from stateroom.state.home import Leftover


@dataclass(frozen=True, slots=True)
class Recovered:
    """Recovered state of an interrupted operation, with one line for each finding."""

    snapshot: Snapshot
    notes: tuple[str, ...]


def recover(snapshot: Snapshot, leftover: Leftover, provider: Provider) -> Recovered:
    """Apply the journal to a snapshot and resolve every open intent by reading the cloud.

    Changes nothing.
    """
    snapshot = replayed(snapshot, leftover)
    records = by_address(snapshot.records)
    finished = len(leftover.records) + len(leftover.deleted)
    head = f"the last {leftover.command} was interrupted after {finished} finished steps"
    notes = resolve_intents(leftover.intents, records, snapshot, provider)
    return Recovered(replace(snapshot, records=tuple(records.values())), (head, *notes))


def resolve_intents(
    intents: tuple[Intent, ...], records: dict[str, Record], snapshot: Snapshot, provider: Provider
) -> tuple[str, ...]:
    """Resolve each step's result by reading, and store it in `records` (by address). Returns a line for each.

    Raises:
        CloudError: the cloud cannot be asked; `records` may then hold some of the answers.
    """
    return tuple(_resolve(intent, records, snapshot, provider) for intent in intents)


def replayed(snapshot: Snapshot, leftover: Leftover) -> Snapshot:
    """Return a snapshot with the finished steps of a journal. Reads nothing; a second time changes nothing."""
    records = by_address(snapshot.records)
    for record in leftover.records:
        store(records, record)
    for address in leftover.deleted:
        records.pop(address, None)
    return replace(snapshot, records=tuple(records.values()), lineage=snapshot.lineage or leftover.lineage)


def _resolve(intent: Intent, records: dict[str, Record], snapshot: Snapshot, provider: Provider) -> str:
    if intent.action == "delete":
        return _resolve_delete(intent, records, provider)
    if intent.action == "adopt":
        return _resolve_adopt(intent, records, snapshot, provider)
    current = records.get(intent.logical_id)
    if intent.action == "update" and current is not None:
        return _resolve_update(intent, current, records, provider)
    return _resolve_create(intent, current, records, snapshot, provider)


def _resolve_delete(intent: Intent, records: dict[str, Record], provider: Provider) -> str:
    for address, record in list(records.items()):
        if record.logical_id == intent.logical_id and record.physical_id == intent.physical_id:
            if provider.read(record.type, record.physical_id, record.inputs) is not None:
                return f"{intent.logical_id}: was being deleted and still exists"
            del records[address]
    return f"{intent.logical_id}: was being deleted and is gone"


def _resolve_update(intent: Intent, current: Record, records: dict[str, Record], provider: Provider) -> str:
    reading = provider.read(current.type, current.physical_id, current.inputs)
    if reading is None:
        return f"{intent.logical_id}: was being updated and no longer exists; refresh drops it from state"
    live = mask_like(masked(reading, current), intent.inputs)
    touched = {key for key in {*current.inputs, *intent.inputs} if not _agree(key, current.inputs, intent.inputs)}
    inputs = {key: value for key, value in current.inputs.items() if key not in touched}
    inputs.update(_as_live(current.type, {k: v for k, v in intent.inputs.items() if k in touched}, live, provider))
    records[intent.logical_id] = replace(current, inputs=inputs, observed=live)
    return f"{intent.logical_id}: was being updated; its values were read again"


def _agree(key: str, a: Properties, b: Properties) -> bool:
    return key in a and key in b and same(a[key], b[key])


def _resolve_adopt(intent: Intent, records: dict[str, Record], snapshot: Snapshot, provider: Provider) -> str:
    """Take what was adopted if it bears this state's tags, or none; what is still somebody else's stays theirs."""
    owner = Owner(snapshot.service, snapshot.stage, intent.logical_id, snapshot.lineage)
    if provider.find(intent.type, intent.inputs, owner) != intent.physical_id:
        return f"{intent.logical_id}: was being adopted and is not this state's yet"
    reading = provider.read(intent.type, intent.physical_id, intent.inputs)
    if reading is None:
        return f"{intent.logical_id}: was being adopted and no longer exists"
    store(records, replace(_adopted(intent, reading, provider), lineage=snapshot.lineage, adopted=intent.adopted))
    return f"{intent.logical_id}: was being adopted; taken into state"


def _resolve_create(
    intent: Intent, current: Record | None, records: dict[str, Record], snapshot: Snapshot, provider: Provider
) -> str:
    old = current.physical_id if current else ""
    physical_id: str | None = intent.physical_id if intent.physical_id != old else ""
    if not physical_id:
        owner = Owner(snapshot.service, snapshot.stage, intent.logical_id, snapshot.lineage)
        physical_id = provider.find(intent.type, intent.inputs, owner)
    reading = provider.read(intent.type, physical_id, intent.inputs) if physical_id and physical_id != old else None
    if reading is None:
        return f"{intent.logical_id}: was being created and does not exist"
    store(records, replace(_adopted(intent, reading, provider), lineage=snapshot.lineage))
    return f"{intent.logical_id}: was being created and exists as {reading.physical_id}; taken into state"


def _adopted(intent: Intent, reading: Live, provider: Provider) -> Record:
    live = mask_like(reading.properties, intent.inputs)
    return Record(
        logical_id=intent.logical_id,
        type=intent.type,
        physical_id=reading.physical_id,
        inputs=_as_live(intent.type, intent.inputs, live, provider),
        observed=live,
        dependencies=intent.dependencies,
        reader_version=provider.schema(intent.type).reader_version,
    )


def _as_live(type_: str, wanted: Properties, live: Properties, provider: Provider) -> dict[str, Value]:
    """Return the wanted properties that the cloud confirms; a later deploy writes the others."""
    happened: dict[str, Value] = {}
    for key, value in wanted.items():
        if key not in live:
            continue
        agrees = same(provider.canonical(type_, {key: value}), provider.canonical(type_, {key: live[key]}))
        happened[key] = value if agrees else live[key]
    return happened
