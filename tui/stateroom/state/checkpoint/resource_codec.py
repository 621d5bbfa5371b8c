"""Convert records to checkpoint resources and back."""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from stateroom.errors import StateError
from stateroom.model.resource import Record
from stateroom.model.values import Value
from stateroom.state.checkpoint.tokens import PACKAGE, PROVIDER_TYPE, STACK_TYPE, Urns, name_in, token_of, type_of
from stateroom.state.secrets.cipher import Cipher
from stateroom.state.secrets.secret_encoding import seal, unseal

Raw = dict[str, Any]
"""A resource as the file has it."""

OURS = "__stateroom"
"""Key in `outputs` for what Pulumi has no field for. It marks a resource as a record; Pulumi's tools keep outputs."""


LINEAGE = "stateroom:lineage"
"""Key in the root resource's `inputs`: Pulumi's tools, `sst state repair` among them, keep inputs."""

_COMMON = ("type", "parent", "provider", "created", "modified")
_LARGE = (str, dict, list)  # numbers and the like take less memory than sharing them takes time


def is_record(raw: Raw) -> bool:
    """Tell whether stateroom wrote the resource; others are carried through unchanged."""
    outputs = raw.get("outputs")
    return raw["type"].startswith(f"{PACKAGE}:") and isinstance(outputs, dict) and isinstance(outputs.get(OURS), dict)


def to_record(raw: Raw, cipher: Cipher | None) -> Record:
    """Decode a resource that `is_record`. Without a cipher it must have no encrypted values."""
    inputs = raw.get("inputs") or {}
    observed = {key: value for key, value in raw["outputs"].items() if key != OURS}
    if not isinstance(inputs, dict):
        raise StateError(f"resource {raw['urn']} has inputs that are not an object")
    return Record(
        logical_id=name_in(raw["urn"]),
        type=type_of(raw["type"]),
        physical_id=raw.get("id") or "",
        inputs=unseal(inputs, cipher) if cipher else inputs,
        observed=unseal(observed, cipher) if cipher else observed,
        dependencies=tuple(name_in(urn) for urn in raw.get("dependencies") or ()),
        reader_version=raw["outputs"][OURS].get("reader", 1),
        retain=bool(raw.get("retainOnDelete")),
        condemned=bool(raw.get("delete")),
        created=raw.get("created") or "",
        modified=raw.get("modified") or "",
        lineage=str(raw["outputs"][OURS].get("lineage") or ""),
        adopted=str(raw["outputs"][OURS].get("adopted") or ""),
        children=raw["outputs"][OURS].get("children") or None,
    )


class ValueSharing:
    """Deduplication of equal data in a loaded file, which saves a third of a large state's memory.

    Observed properties mostly equal the requested ones, and resources share types, providers and times. References are
    replaced; values stay the same.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def __call__(self, raw: Raw) -> None:
        """Share data that the resource has in common with earlier ones, and its outputs with its inputs."""
        texts = self._texts
        for key in _COMMON:
            text = raw.get(key)
            if type(text) is str:
                raw[key] = texts.setdefault(text, text)
        inputs, outputs = raw.get("inputs"), raw.get("outputs")
        if type(inputs) is dict and type(outputs) is dict:
            for key, asked in inputs.items():
                seen = outputs.get(key)
                if type(seen) in _LARGE and seen == asked and _written_alike(seen, asked):
                    outputs[key] = asked


def _written_alike(a: Value, b: Value) -> bool:
    """Tell whether two equal values are the same JSON.

    `==` ignores the order of keys and does not tell 1 from true or 0.0 from -0.0. Comparing marshal's second format is
    the fastest way: it tells all of these, and as it has no back references, its bytes depend on nothing but the
    values.
    """
    return type(a) is str or marshal.dumps(a, 2) == marshal.dumps(b, 2)


def to_resource(record: Record, before: Raw, urns: Urns, dependencies: list[str], cipher: Cipher) -> Raw:
    """Encode a record to a resource.

    `before` is the record's resource in the file so far, empty for a new one: its name, its position and unknown fields
    are kept. `dependencies` are URNs.

    Raises:
        StateError: a value cannot be stored.
    """
    observed: Mapping[str, Value] = {**record.observed, OURS: _marks(record, before)}
    try:
        fields = {
            "delete": record.condemned,
            "id": record.physical_id,
            "inputs": seal(record.inputs, before.get("inputs"), cipher),
            "outputs": seal(observed, before.get("outputs"), cipher),
            "dependencies": dependencies,
            "retainOnDelete": record.retain,
            "created": record.created,
            "modified": record.modified,
        }
    except (TypeError, ValueError) as error:
        raise StateError(f"{record.logical_id} holds a value that a state cannot hold", why=str(error)) from error
    resource = dict(before or _new_resource(record, urns))
    for key, value in fields.items():
        if value or resource.get(key):
            resource[key] = value
    return resource


def _marks(record: Record, before: Raw) -> Raw:
    """Return the values that Pulumi has no field for; those of a newer stateroom are kept."""
    known: Raw = {"reader": record.reader_version, "lineage": record.lineage, "adopted": record.adopted}
    known["children"] = record.children
    kept = {key: value for key, value in before.get("outputs", {}).get(OURS, {}).items() if key not in known}
    return kept | {key: value for key, value in known.items() if value}


def _new_resource(record: Record, urns: Urns) -> Raw:
    token = token_of(record.type)
    return {
        "urn": urns.of(token, record.logical_id),
        "custom": True,
        "type": token,
        "parent": urns.stack,
        "provider": f"{urns.provider}::{provider_id(urns)}",
    }


def stack_resource(urns: Urns) -> Raw:
    """Return the root stack resource, without outputs."""
    return {"urn": urns.stack, "custom": False, "type": STACK_TYPE}


def lineage_of(stack: Raw) -> str:
    """Return the lineage that a root resource carries; "" when it has none."""
    inputs = stack.get("inputs")
    return str(inputs.get(LINEAGE) or "") if isinstance(inputs, dict) else ""


def provider_resource(urns: Urns, account: str, region: str) -> Raw:
    """Return the provider resource with the account and region of every record."""
    place = {"region": region, "accountId": account}
    return {
        "urn": urns.provider,
        "custom": True,
        "id": provider_id(urns),
        "type": PROVIDER_TYPE,
        "inputs": place,
        "outputs": dict(place),
        "parent": urns.stack,
    }


def provider_id(urns: Urns) -> str:
    """Return the provider's id, derived from its URN so that the same state has the same bytes.

    Providers are identified by URN and id.
    """
    return str(uuid5(NAMESPACE_URL, urns.provider))
