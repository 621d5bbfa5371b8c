"""The state file: a Pulumi v3 checkpoint, as SST writes it, read and written without loss.

Records are the resources that stateroom wrote (`resources.is_record`). Whatever else the file holds, resources of
other tools, fields that nobody here knows, ciphertext, goes back out as it came in: the decoded file travels with the
snapshot in `Snapshot.carried`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from stateroom.errors import StateError
from stateroom.model.resource import Record, Snapshot
from stateroom.model.values import Value
from stateroom.state import integrity
from stateroom.state.layout import Identity, Layout, identity_of, place_of
from stateroom.state.resources import Raw, is_record, to_record
from stateroom.state.sealing import SECRET, is_special, unseal
from stateroom.state.secrets import Cipher
from stateroom.state.times import rfc3339
from stateroom.state.tokens import Urns

_FORMAT = "v3.215.0"  # the Pulumi release whose format we write; SST pins it
_VERSIONS = (3, 4)


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """A file as it was read, and which of its resources became which record."""

    document: dict[str, Any] = field(repr=False)
    records: dict[Identity, tuple[Record, Raw]] = field(repr=False)
    plaintext: bool = False  # a secret stands in the file unencrypted, as in a decrypted export

    @property
    def resources(self) -> list[Raw]:
        """Every resource of the file."""
        return _latest(self.document).get("resources") or []

    @property
    def salt(self) -> str:
        """The salt text that the file's secrets are encrypted with; empty when there is none."""
        return _salt(self.document)


def decode(data: bytes, cipher: Cipher) -> Snapshot:
    """The snapshot in a state file.

    Raises:
        StateError: the file is empty, cut off, not a checkpoint or breaks an integrity rule.
        PassphraseError: it holds secrets, and the passphrase is missing or wrong.
    """
    document = _parse(data)
    latest = _latest(document)
    integrity.check(latest)
    app, stage = _names(document)
    urns = Urns(app, stage)
    key = _cipher(document, cipher) if is_special(data) else None
    snapshot: dict[str, Any] = {"service": app, "stage": stage}
    records: list[Record] = []
    known: dict[Identity, tuple[Record, Raw]] = {}
    for raw in latest.get("resources") or ():
        if is_record(raw):
            records.append(to_record(raw, key))
            known[identity_of(records[-1])] = records[-1], raw
        elif raw["urn"] == urns.stack:
            outputs = raw.get("outputs") or {}
            snapshot["outputs"] = unseal(outputs, key) if key else outputs
        elif raw["urn"] == urns.provider:
            snapshot |= place_of(raw)
    carried = Carried(document, known, plaintext=key is not None and b'"plaintext"' in data)
    return Snapshot(**snapshot, records=tuple(records), carried=carried)


def encode(snapshot: Snapshot, cipher: Cipher, *, moment: datetime | None = None) -> bytes:
    """The state file of a snapshot, its secrets encrypted. The manifest takes `moment` if anything changed.

    Raises:
        StateError: the result would break an integrity rule, or a value cannot be stored.
        PassphraseError: there are secrets to encrypt and no passphrase.
    """
    carried = snapshot.carried if isinstance(snapshot.carried, Carried) else Carried({}, {})
    before = carried.document
    key = _cipher(before, cipher)
    resources = Layout(snapshot, carried.resources, carried.records, key, reuse=not carried.plaintext).resources()
    latest = dict(_latest(before) or {"manifest": {}})
    if resources or latest.get("resources") or not before:
        latest["resources"] = resources
    if key.salt and not latest.get("secrets_providers") and SECRET in json.dumps(resources):
        latest["secrets_providers"] = {"type": "passphrase", "state": {"salt": key.salt}}
    document = _document(before, Urns(snapshot.service, snapshot.stage), latest)
    if document != before:
        _stamp(latest, moment)
    integrity.check(latest)
    return _dump(document)


def _document(before: dict[str, Any], urns: Urns, latest: dict[str, Any]) -> dict[str, Any]:
    if before and not _latest(before) and not latest.get("resources"):
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


def _parse(data: bytes) -> dict[str, Any]:
    if not data.strip():
        raise StateError("the file is empty")
    try:
        document = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise StateError("the file is not whole JSON", why=str(error)) from error
    if not isinstance(document, dict) or not isinstance(document.get("checkpoint"), dict):
        raise StateError("the file is not a Pulumi checkpoint", why="it has no `checkpoint` object")
    if document.get("version") not in _VERSIONS:
        raise StateError(
            f"the file has checkpoint version {document.get('version')}", why="stateroom reads versions 3 and 4"
        )
    latest = document["checkpoint"].get("latest")
    resources = latest.get("resources") if isinstance(latest, dict) else None
    if not isinstance(latest, dict | None) or not isinstance(resources, list | None):
        raise StateError("the file is not a Pulumi checkpoint", why="its `latest` is not a deployment")
    return document


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _dump(document: dict[str, Any]) -> bytes:
    try:
        text = json.dumps(document, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise StateError("the state holds a value that JSON cannot hold", why=str(error)) from error
    return text.encode()


def _latest(document: dict[str, Any]) -> Any:
    return document.get("checkpoint", {}).get("latest") or {}


def _names(document: dict[str, Any]) -> tuple[str, str]:
    stack = document["checkpoint"].get("stack")
    parts = stack.split("/") if isinstance(stack, str) else []
    if len(parts) != 3 or not all(parts):
        raise StateError("the file does not say whose state it is", why="`stack` is not organization/<app>/<stage>")
    return parts[1], parts[2]


def _salt(document: dict[str, Any]) -> str:
    provider: Value = _latest(document).get("secrets_providers") or {}
    if not isinstance(provider, dict) or provider.get("type") != "passphrase":
        return ""
    state = provider.get("state")
    return str(state.get("salt") or "") if isinstance(state, dict) else ""


def _cipher(document: dict[str, Any], cipher: Cipher) -> Cipher:
    """The cipher for a file: the given one with the file's salt, if it has one."""
    provider = _latest(document).get("secrets_providers")
    if not provider:
        return cipher
    return cipher.for_salt(_salt(document)) if _salt(document) else Cipher(_refuse, "")


def _refuse(_new: bool) -> NoReturn:
    raise StateError(
        "the state's secrets are not encrypted with a passphrase",
        why="stateroom only knows Pulumi's secrets provider `passphrase`",
        todo="change it with `pulumi stack change-secrets-provider passphrase`",
    )
