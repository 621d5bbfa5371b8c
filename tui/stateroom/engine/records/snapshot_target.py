"""Convert a past state to a target template, with references in place of physical ids.

A rollback must not restore the id of an API that has since been replaced, so every value that a record took from
another record becomes a Ref or GetAtt again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stateroom.model.resource import Output, Record, Resource, Snapshot, Template
from stateroom.model.values import Value

_SHORTEST = 6  # shorter attribute values ("true", "$default") are no ids; replacing them would be guessing


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
    everything = {text: reference for record in records.values() for text, reference in _identity(record)}
    outputs = {name: Output(_symbolic(value, everything)) for name, value in snapshot.outputs.items()}
    return Template(service, snapshot.service, snapshot.stage, snapshot.region, resources, outputs)


def _identities(record: Record, records: Mapping[str, Record]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name in record.dependencies:
        if name in records:
            found.update(_identity(records[name]))
    return found


def _identity(record: Record) -> Iterator[tuple[str, Value]]:
    """Yield texts that identify the record, with their references."""
    for name, value in record.observed.items():
        if isinstance(value, str) and len(value) >= _SHORTEST and name not in record.inputs:
            yield value, {"Fn::GetAtt": [record.logical_id, name]}
    if len(record.physical_id) >= _SHORTEST:
        yield record.physical_id, {"Ref": record.logical_id}


def _symbolic(value: Value, identities: Mapping[str, Value]) -> Value:
    if isinstance(value, str):
        return identities[value] if value in identities else _symbolic_parts(value, identities)
    if isinstance(value, Mapping):
        return {key: _symbolic(item, identities) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_symbolic(item, identities) for item in value]
    return value


def _symbolic_parts(text: str, identities: Mapping[str, Value]) -> Value:
    """Replace identities in a longer text.

    Only ARNs and URLs: a plain name may be part of another name by chance.
    """
    for known in sorted(identities, key=len, reverse=True):
        if known in text and (":" in known or "/" in known):
            joined: list[Value] = []
            for index, part in enumerate(text.split(known)):
                joined += [identities[known]] if index else []
                joined += [_symbolic_parts(part, identities)] if part else []
            return {"Fn::Join": ["", joined]}
    return text
