"""Decode and encode state files: Pulumi v3 checkpoints as SST writes them, without loss.

Records are the resources that stateroom wrote (`resources.is_record`). The rest of the file (resources of other tools,
unknown fields, ciphertext) is written back as it was read: the decoded file travels with the snapshot in
`Snapshot.carried`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn, TypeAlias

from stateroom.errors import StateError
from stateroom.model.resource import Record, Snapshot
from stateroom.model.values import Value
from stateroom.state.checkpoint import integrity
from stateroom.state.checkpoint.checkpoint_document import dump, entries_of, latest_of, names_of, parse, salt_of
from stateroom.state.checkpoint.pending_codec import merged_entries, to_pending
from stateroom.state.checkpoint.record_merge import Identity, Place, identity_of, merged_resources, place_of
from stateroom.state.checkpoint.resource_codec import Raw, ValueSharing, is_record, lineage_of, to_record
from stateroom.state.checkpoint.tokens import Urns
from stateroom.state.secrets.cipher import Cipher
from stateroom.state.secrets.secret_encoding import SECRET, is_special, unseal
from stateroom.state.timestamps import rfc3339

_FORMAT = "v3.215.0"  # format of this Pulumi release, which SST pins


DocumentHook: TypeAlias = Callable[[Snapshot, Raw], Raw]
"""What a home adds to the document of a state before it is stored, for other tools that read it."""


def identity_hook(_snapshot: Snapshot, document: Raw) -> Raw:
    """Return the document unchanged."""
    return document


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """File as it was read, with the record decoded from each of its resources."""

    document: dict[str, Any] = field(repr=False)
    records: dict[Identity, tuple[Record, Raw]] = field(repr=False)
    plaintext: bool = False  # a secret stands in the file unencrypted, as in a decrypted export

    @property
    def resources(self) -> list[Raw]:
        """Return every resource of the file."""
        return latest_of(self.document).get("resources") or []

    @property
    def salt(self) -> str:
        """Return the salt text of the file's secrets; empty when there is none."""
        return salt_of(self.document)


def latest_in(carried: Value) -> Raw:
    """Return the deployment of the file that a snapshot was read from; empty for a snapshot of no file."""
    latest: Raw = latest_of(carried.document) if isinstance(carried, Carried) else {}
    return latest


def decode(data: bytes, cipher: Cipher) -> Snapshot:
    """Decode a state file to a snapshot.

    Raises:
        StateError: the file is empty, cut off, not a checkpoint or breaks an integrity rule.
        PassphraseError: it holds secrets, and the passphrase is missing or wrong.
    """
    document = parse(data)
    integrity.check(latest_of(document))
    share = ValueSharing()
    try:
        for raw in latest_of(document).get("resources") or ():
            share(raw)
        return _snapshot_in(document, data, cipher, {})
    except (TypeError, ValueError, LookupError, AttributeError, RecursionError) as error:
        # Somebody else's hand: whatever stands in the file in place of what should.
        raise StateError("a resource in the file has another form than states have", why=type(error).__name__) from None


def encode(snapshot: Snapshot, cipher: Cipher, *, moment: datetime | None = None) -> bytes:
    """Encode a snapshot to a state file with encrypted secrets.

    The manifest takes `moment` if anything changed.

    Raises:
        StateError: the result would break an integrity rule, or a value cannot be stored.
        PassphraseError: there are secrets to encrypt and no passphrase.
    """
    return dump(_document_for(snapshot, cipher, moment))


def rewrite(
    snapshot: Snapshot, cipher: Cipher, *, moment: datetime, hook: DocumentHook = identity_hook
) -> tuple[bytes, Snapshot]:
    """Encode a snapshot; returns the file and the snapshot that `decode` would read from it.

    Only what changed is decoded, so that one change to a large state costs the writing of it and no second reading.
    Raises as `encode` does.
    """
    document = hook(snapshot, _document_for(snapshot, cipher, moment))
    data = dump(document)
    known = snapshot.carried.records.values() if isinstance(snapshot.carried, Carried) else ()
    return data, _snapshot_in(document, data, cipher, {id(raw): record for record, raw in known})


def _snapshot_in(document: Raw, data: bytes, cipher: Cipher, known: Mapping[int, Record]) -> Snapshot:
    """Decode a document with the file `data`.

    `known`: records by the identity of their resource, decoded before.
    """
    app, stage = names_of(document)
    urns = Urns(app, stage)
    key = _cipher(document, cipher) if is_special(data) else None
    outputs: dict[str, Value] = {}
    lineage = ""
    place: Place = {"account": "", "region": ""}
    records: list[Record] = []
    sources: dict[Identity, tuple[Record, Raw]] = {}
    for raw in latest_of(document).get("resources") or ():
        if is_record(raw):
            records.append(known.get(id(raw)) or to_record(raw, key))
            sources[identity_of(records[-1])] = records[-1], raw
        elif raw["urn"] == urns.stack:
            kept = raw.get("outputs") or {}
            outputs = unseal(kept, key) if key else kept
            lineage = lineage_of(raw)
        elif raw["urn"] == urns.provider:
            place = place_of(raw)
    carried = Carried(document, sources, plaintext=key is not None and b'"plaintext"' in data)
    pending = tuple(filter(None, (to_pending(entry, key) for entry in entries_of(document))))
    return Snapshot(app, stage, tuple(records), outputs, **place, lineage=lineage, pending=pending, carried=carried)


def _document_for(snapshot: Snapshot, cipher: Cipher, moment: datetime | None) -> Raw:
    carried = snapshot.carried if isinstance(snapshot.carried, Carried) else Carried({}, {})
    before = carried.document
    key = _cipher(before, cipher)
    resources = merged_resources(snapshot, carried.resources, carried.records, key, reuse=not carried.plaintext)
    latest = dict(latest_of(before) or {"manifest": {}})
    if resources or latest.get("resources") or not before:
        latest["resources"] = resources
    urns = Urns(snapshot.service, snapshot.stage)
    pending = merged_entries(snapshot.pending, entries_of(before), urns, key)
    if pending or latest.get("pending_operations"):
        latest["pending_operations"] = pending
    if key.salt and not latest.get("secrets_providers") and SECRET in json.dumps([resources, pending]):
        latest["secrets_providers"] = {"type": "passphrase", "state": {"salt": key.salt}}
    document = _document(before, urns, latest)
    if document != before:
        _stamp(latest, moment)
    integrity.check(latest)
    return document


def _document(before: dict[str, Any], urns: Urns, latest: dict[str, Any]) -> dict[str, Any]:
    if before and not latest_of(before) and not latest.get("resources"):
        return before
    names = {"stack": f"organization/{urns.app}/{urns.stage}"}
    return {"version": 3, **before, "checkpoint": {**names, **before.get("checkpoint", {}), "latest": latest}}


def _stamp(latest: dict[str, Any], moment: datetime | None) -> None:
    manifest = dict(latest.get("manifest") or {})
    if moment:
        manifest["time"] = rfc3339(moment)
    manifest["version"] = manifest.get("version") or _FORMAT
    manifest["magic"] = integrity.magic_of(manifest["version"])
    latest["manifest"] = manifest


def _cipher(document: dict[str, Any], cipher: Cipher) -> Cipher:
    """Return the cipher for a file: the given one with the file's salt, if it has one."""
    provider = latest_of(document).get("secrets_providers")
    if not provider:
        return cipher
    return cipher.for_salt(salt_of(document)) if salt_of(document) else Cipher(_refuse, "")


def _refuse(_new: bool) -> NoReturn:
    raise StateError(
        "the state's secrets are not encrypted with a passphrase",
        why="stateroom only knows Pulumi's secrets provider `passphrase`",
        todo="change it with `pulumi stack change-secrets-provider passphrase`",
    )
