"""Convert pending operations to entries of a checkpoint's `pending_operations` and back.

An entry is {"resource": <as it would stand in the file>, "type": "creating"}, as Pulumi writes it
(pulumi/pulumi sdk/go/common/apitype/core.go, OperationV2). What stateroom knows beyond that stands below our own key in
the resource's outputs, which marks the entry as ours. Entries of other tools are read, and never rewritten.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from stateroom.errors import StateError
from stateroom.model.pending import PendingOperation
from stateroom.state.checkpoint.resource_codec import OURS, Raw, provider_id
from stateroom.state.checkpoint.tokens import PACKAGE, Urns, name_in, token_of, type_of
from stateroom.state.secrets.cipher import Cipher
from stateroom.state.secrets.secret_encoding import seal, unseal

Key: TypeAlias = tuple[str, str, str, str]

_ACTIONS: Final[Mapping[str, str]] = {
    "creating": "create",
    "updating": "update",
    "deleting": "delete",
    "reading": "read",
    "importing": "import",
}
_KINDS: Final[Mapping[str, str]] = {
    "create": "creating",
    "replace": "creating",
    "update": "updating",
    "delete": "deleting",
    "adopt": "importing",
}
_MARKS: Final = ("since", "why", "adopted")


def to_pending(entry: Any, cipher: Cipher | None) -> PendingOperation | None:
    """Decode an entry; None for one that names no resource. Without a cipher it must hold no encrypted values."""
    key = _key_of(entry)
    if key is None:
        return None
    marks, inputs = _marks_of(entry["resource"]), entry["resource"].get("inputs")
    inputs = inputs if isinstance(inputs, dict) else {}
    return PendingOperation(
        *key,
        inputs=unseal(inputs, cipher) if cipher else inputs,
        dependencies=_dependencies(entry["resource"], marks),
        **{name: str(marks.get(name) or "") for name in _MARKS},
    )


def merged_entries(pending: Iterable[PendingOperation], old: Iterable[Any], urns: Urns, cipher: Cipher) -> list[Any]:
    """Merge pending operations with the entries that the file had, in the file's order, new ones last.

    An entry whose operation is not pending any more is left out; one that names no resource goes back as it came.

    Raises:
        StateError: a value cannot be stored.
        PassphraseError: there are secrets to encrypt and no passphrase.
    """
    wanted = list(pending)
    left = Counter(item.key for item in wanted)
    entries: list[Any] = []
    for entry in old:
        key = _key_of(entry)
        if key is None or (left[key] and not is_ours(entry)):
            entries.append(entry)
        elif left[key]:
            item = next(item for item in wanted if item.key == key)
            entries.append({**entry, **_to_entry(item, entry["resource"], urns, cipher)})
        if key is not None and left[key]:
            left[key] -= 1
    return [*entries, *(_to_entry(item, {}, urns, cipher) for item in _rest(wanted, left))]


def _rest(wanted: list[PendingOperation], left: Counter[Key]) -> Iterator[PendingOperation]:
    for item in wanted:
        if left[item.key]:
            left[item.key] -= 1
            yield item


def _to_entry(item: PendingOperation, before: Raw, urns: Urns, cipher: Cipher) -> Raw:
    """Encode an operation. `before` is its resource in the file so far: fields that we do not know are kept."""
    known = {"action": item.action, **{name: getattr(item, name) for name in _MARKS}}
    known["dependencies"] = list(item.dependencies)
    kept = {name: value for name, value in _marks_of(before).items() if name not in known}
    marks = kept | {name: value for name, value in known.items() if value}
    token = token_of(item.type) if "::" in item.type else item.type
    try:
        inputs = seal(item.inputs, before.get("inputs"), cipher)
    except (TypeError, ValueError) as error:
        raise StateError(f"{item.logical_id} holds a value that a state cannot hold", why=str(error)) from error
    resource: Raw = {
        "urn": urns.of(token, item.logical_id),
        "custom": True,
        **({"id": item.physical_id} if item.physical_id else {}),
        "type": token,
        "parent": urns.stack,
        "provider": f"{urns.provider}::{provider_id(urns)}",
        **before,
        "inputs": inputs,
        "outputs": {**(before.get("outputs") or {}), OURS: marks},
    }
    return {"resource": resource, "type": _KINDS.get(item.action, "creating")}


def _key_of(entry: Any) -> Key | None:
    """Return the key of an entry's operation (PendingOperation.key), without its values; None: no resource."""
    raw = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(raw, dict) or not isinstance(raw.get("urn"), str) or not isinstance(raw.get("type"), str):
        return None
    kind = str(entry.get("type") or "")
    action = str(_marks_of(raw).get("action") or _ACTIONS.get(kind, kind))
    return name_in(raw["urn"]), _type_in(raw["type"]), action, str(raw.get("id") or "")


def _type_in(token: str) -> str:
    """Return the CloudFormation type of a token of ours; other tools' tokens stay as they are."""
    return type_of(token) if token.startswith(f"{PACKAGE}:") and token.count(":") > 1 else token


def is_ours(entry: Any) -> bool:
    """Tell whether stateroom wrote an entry; others are carried through unchanged."""
    return _key_of(entry) is not None and bool(_marks_of(entry["resource"]))


def _marks_of(raw: Raw) -> Raw:
    outputs = raw.get("outputs")
    marks = outputs.get(OURS) if isinstance(outputs, dict) else None
    return marks if isinstance(marks, dict) else {}


def _dependencies(raw: Raw, marks: Raw) -> tuple[str, ...]:
    if isinstance(marks.get("dependencies"), list):
        return tuple(map(str, marks["dependencies"]))
    listed = raw.get("dependencies")
    return tuple(name_in(urn) for urn in listed if isinstance(urn, str)) if isinstance(listed, list) else ()
