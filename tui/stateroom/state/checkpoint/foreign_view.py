"""Read-only view of any tool's state: components and resources as records, in tree order.

A view is never stored. What goes back into a home is the file itself (state.repository.raw_repository), so that nothing
is lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from stateroom.errors import PassphraseError, StateError
from stateroom.model.resource import Record, Snapshot
from stateroom.model.values import Secret, Value
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument, Raw
from stateroom.state.checkpoint.pending_codec import to_pending
from stateroom.state.checkpoint.resource_codec import OURS
from stateroom.state.checkpoint.tokens import PROVIDER_PREFIX, STACK_TYPE, name_in, type_of
from stateroom.state.secrets.cipher import Cipher
from stateroom.state.secrets.secret_encoding import SECRET, SIGNATURE, unseal

_HIDDEN = ("sst:sst:Version", "sst:sst:LinkRef", STACK_TYPE)
_NOISE = ("__provider", OURS)  # serialised code, and our own mark


def view_snapshot(document: CheckpointDocument, cipher: Cipher) -> Snapshot:
    """Make a snapshot of a document. Secrets without a fitting passphrase stay locked.

    Raises:
        StateError: a secret is damaged.
    """
    app, stage = document.owner
    opened = _LenientDecryptor(cipher)
    resources = well_formed(document.resources)
    shown = [raw for raw in _tree(resources) if not is_hidden(raw)]
    names = _names(shown)
    by_urn = {raw["urn"]: names[id(raw)] for raw in reversed(shown)}
    records = tuple(_record(raw, names[id(raw)], by_urn, opened) for raw in shown)
    stack = next((raw for raw in resources if raw["type"] == STACK_TYPE), {})
    outputs = {key: value for key, value in _mapping(stack.get("outputs")).items() if key != "_protect"}
    operations = (to_pending(entry, None) for entry in document.pending)
    pending = tuple(replace(item, inputs=opened(item.inputs)) for item in operations if item)
    return Snapshot(app, stage, records, opened(outputs), region=_region(resources), pending=pending)


def well_formed(resources: Sequence[Any]) -> list[Raw]:
    """Return what can be shown as a resource: entries with URN and type. The others break a rule, which is told."""
    return [
        raw for raw in resources if isinstance(raw, dict) and _is_text(raw.get("urn")) and _is_text(raw.get("type"))
    ]


def is_hidden(raw: Raw) -> bool:
    """Tell whether a resource only groups others, as those that SST's own screen hides."""
    return raw["type"] in _HIDDEN or raw["type"].startswith(PROVIDER_PREFIX)


def _tree(resources: Sequence[Raw]) -> Iterator[Raw]:
    """Yield each resource after its parent, siblings in file order."""
    urns = {raw["urn"] for raw in resources}
    children: dict[str, list[Raw]] = {}
    for raw in resources:
        parent = _text(raw.get("parent"))
        children.setdefault(parent if parent in urns and parent != raw["urn"] else "", []).append(raw)
    waiting = list(reversed(children.get("", ())))
    entered: set[str] = set()
    while waiting:
        raw = waiting.pop()
        yield raw
        if raw["urn"] not in entered:
            entered.add(raw["urn"])
            waiting += reversed(children.get(raw["urn"], ()))


def _names(resources: Sequence[Raw]) -> dict[int, str]:
    """Return a unique name for each resource (by identity).

    It is the resource's name, else with its type, else with its physical id.
    """
    plain = Counter(name_in(raw["urn"]) for raw in resources)
    urns = Counter(raw["urn"] for raw in resources)
    names: dict[int, str] = {}
    for raw in resources:
        name = name_in(raw["urn"])
        if urns[raw["urn"]] > 1 and raw.get("delete"):
            name = f"{name}#{raw.get('id') or ''}"
        elif plain[name] > 1 and urns[raw["urn"]] < plain[name]:
            name = f"{name} ({raw['type'].rpartition(':')[2]})"
        names[id(raw)] = name
    return names


def _record(raw: Raw, name: str, names: dict[str, str], opened: _LenientDecryptor) -> Record:
    native = raw["type"].startswith("aws-native:") and raw["type"].count(":") > 1
    return Record(
        logical_id=name,
        type=type_of(raw["type"]) if native else raw["type"],
        physical_id=str(raw.get("id") or ""),
        inputs=opened(_quiet(raw.get("inputs"))),
        observed=opened(_quiet(raw.get("outputs"))),
        dependencies=tuple(names[urn] for urn in _items(raw.get("dependencies")) if urn in names),
        retain=bool(raw.get("retainOnDelete")),
        condemned=bool(raw.get("delete")),
        created=str(raw.get("created") or ""),
        modified=str(raw.get("modified") or ""),
        parent=names.get(_text(raw.get("parent")), ""),
    )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _items(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _mapping(value: Value) -> Raw:
    return value if isinstance(value, dict) else {}


def _quiet(properties: Value) -> dict[str, Value]:
    return {key: value for key, value in _mapping(properties).items() if key not in _NOISE}


class _LenientDecryptor:
    """Decryption of values for as long as the passphrase fits."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher
        self._locked = False

    def __call__(self, value: Value) -> Value:
        if not self._locked:
            try:
                return unseal(value, self._cipher)
            except PassphraseError:
                self._locked = True
            except StateError:
                if self._cipher.salt:
                    raise
                self._locked = True  # encrypted by something else than a passphrase
        return _locked(value)


def _locked(value: Value) -> Value:
    """Replace secrets by their ciphertext, so that two of them can still be told apart."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return Secret(f"[locked] {value.get('ciphertext') or ''}")
        return {key: _locked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_locked(item) for item in value]
    return value


def _region(resources: Sequence[Raw]) -> str:
    providers = (raw for raw in resources if raw["type"].startswith(f"{PROVIDER_PREFIX}aws"))
    found = (_mapping(raw.get("inputs")).get("region") for raw in providers)
    return next((region for region in found if isinstance(region, str)), "")
