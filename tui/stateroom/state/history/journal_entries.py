"""Journal entries as JSON: intent, physical id, result and failure of a step."""

from __future__ import annotations

from typing import Any

from stateroom.errors import StateError
from stateroom.model.resource import Record
from stateroom.model.version import Intent
from stateroom.state.secrets.cipher import Cipher
from stateroom.state.secrets.secret_encoding import seal, unseal

Entry = dict[str, Any]
KINDS = frozenset({"intend", "identified", "done", "failed"})
FORMAT = 1  # of segments that do not say theirs

_RECORD_TEXTS = ("logical_id", "type", "physical_id", "reader_version", "retain", "condemned", "created", "modified")
_LATER_TEXTS = ("lineage", "adopted")  # journals of older versions lack them
_INTENT_TEXTS = ("step", "logical_id", "type", "action", "physical_id")
_LATER_INTENT_TEXTS = ("adopted",)


def intended(intent: Intent, cipher: Cipher) -> Entry:
    """Make the entry of a step that is about to run."""
    return {"kind": "intend", **_packed(intent, (*_INTENT_TEXTS, *_LATER_INTENT_TEXTS), ("inputs",), cipher)}


def identified(step: str, physical_id: str) -> Entry:
    """Make the entry with a step's physical id; the resource may not be ready yet."""
    return {"kind": "identified", "step": step, "physical_id": physical_id}


def done(step: str, record: Record | None, deleted: str | None, cipher: Cipher) -> Entry:
    """Make the entry of a step that has succeeded."""
    texts = (*_RECORD_TEXTS, *_LATER_TEXTS)
    packed = _packed(record, texts, ("inputs", "observed"), cipher) if record else None
    if record and packed and record.children:
        packed["children"] = record.children
    return {"kind": "done", "step": step, "record": packed, "deleted": deleted}


def failed(step: str, message: str) -> Entry:
    """Make the entry of a step that the cloud rejected: nothing is pending for it."""
    return {"kind": "failed", "step": step, "message": message}


def intent_of(entry: Entry, cipher: Cipher | None) -> Intent:
    """Return the intent of an `intend` entry; without values if there is no cipher.

    Raises KeyError, TypeError for a damaged one.
    """
    fields = _unpacked(entry, _INTENT_TEXTS, ("inputs",), cipher)
    return Intent(**fields | _later(entry, _LATER_INTENT_TEXTS))


def record_of(packed: Entry, cipher: Cipher | None) -> Record:
    """Return the record of a `done` entry, as `intent_of` does."""
    fields = _unpacked(packed, _RECORD_TEXTS, ("inputs", "observed"), cipher)
    return Record(**fields | _later(packed, _LATER_TEXTS), children=packed.get("children"))


def _later(entry: Entry, names: tuple[str, ...]) -> dict[str, str]:
    return {name: str(entry.get(name) or "") for name in names}


def _packed(item: Intent | Record, plain: tuple[str, ...], sealed: tuple[str, ...], cipher: Cipher) -> Entry:
    entry: Entry = {name: getattr(item, name) for name in plain}
    entry["dependencies"] = list(item.dependencies)
    try:
        return entry | {name: seal(getattr(item, name), None, cipher) for name in sealed}
    except (TypeError, ValueError) as error:
        raise StateError(f"{item.logical_id} holds a value that a journal cannot hold", why=str(error)) from error


def _unpacked(entry: Entry, plain: tuple[str, ...], sealed: tuple[str, ...], cipher: Cipher | None) -> dict[str, Any]:
    fields = {name: entry[name] for name in plain}
    fields["dependencies"] = tuple(entry["dependencies"])
    return fields | {name: unseal(entry[name], cipher) if cipher else {} for name in sealed}
