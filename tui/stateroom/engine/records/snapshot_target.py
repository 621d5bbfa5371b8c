"""Convert a past state to a target template, with references in place of physical ids.

A rollback must not restore the id of an API that has since been replaced, so every value that a record took from
another record becomes a Ref or GetAtt again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stateroom.model.resource import Output, Record, Resource, Snapshot, Template
from stateroom.model.values import Value

_SHORTEST = 6  # shorter attribute values ("true", "$default") are no ids; replacing them would be guessing


@dataclass(frozen=True, slots=True)
class _Identity:
    """Text that identifies a record: its reference, and where to look for it in longer texts (None: nowhere)."""

    reference: Value
    within: re.Pattern[str] | None


def snapshot_target(snapshot: Snapshot, service: str) -> Template:
    """Convert the snapshot to a Template that the planner can target."""
    records = snapshot.by_id()
    resources = {
        name: Resource(
            logical_id=name,
            type=record.type,
            properties=_symbolic(record.inputs, _identities(record, records)),
            depends_on=tuple(item for item in record.dependencies if item in records),
            retain=record.retain,
        )
        for name, record in records.items()
    }
    everything = {text: identity for record in records.values() for text, identity in _identities_of(record)}
    outputs = {name: Output(_symbolic(value, everything)) for name, value in snapshot.outputs.items()}
    return Template(service, snapshot.service, snapshot.stage, snapshot.region, resources, outputs)


def _identities(record: Record, records: Mapping[str, Record]) -> dict[str, _Identity]:
    found: dict[str, _Identity] = {}
    for name in record.dependencies:
        if name in records:
            found.update(_identities_of(records[name]))
    return found


def _identities_of(record: Record) -> Iterator[tuple[str, _Identity]]:
    """Yield texts that identify the record, with their references."""
    for name, value in record.observed.items():
        if isinstance(value, str) and len(value) >= _SHORTEST and name not in record.inputs:
            yield value, _Identity({"Fn::GetAtt": [record.logical_id, name]}, _within(value, made_up=False))
    if len(record.physical_id) >= _SHORTEST:
        made_up = record.physical_id not in record.inputs.values()
        yield record.physical_id, _Identity({"Ref": record.logical_id}, _within(record.physical_id, made_up=made_up))


def _within(text: str, *, made_up: bool) -> re.Pattern[str] | None:
    """Return how to find an identity inside a longer text.

    ARNs and URLs anywhere; an id that AWS made up (of an API in `…:abc123/*`, of an integration in
    `integrations/abc123`) between separators. A plain name may be part of another name by chance.
    """
    if ":" in text or "/" in text:
        return re.compile(re.escape(text))
    return re.compile(rf"(?<![\w-]){re.escape(text)}(?![\w-])") if made_up else None


def _symbolic(value: Value, identities: Mapping[str, _Identity]) -> Value:
    if isinstance(value, str):
        return identities[value].reference if value in identities else _symbolic_parts(value, identities)
    if isinstance(value, Mapping):
        return {key: _symbolic(item, identities) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_symbolic(item, identities) for item in value]
    return value


def _symbolic_parts(text: str, identities: Mapping[str, _Identity]) -> Value:
    """Replace identities in a longer text, the longest first."""
    for known in sorted(identities, key=len, reverse=True):
        identity = identities[known]
        if identity.within and identity.within.search(text):
            joined: list[Value] = []
            for index, part in enumerate(identity.within.split(text)):
                joined += [identity.reference] if index else []
                joined += [_symbolic_parts(part, identities)] if part else []
            return {"Fn::Join": ["", joined]}
    return text
