"""Read the journal of an interrupted operation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stateroom.errors import NewerStateError
from stateroom.model.resource import Record
from stateroom.model.version import Intent
from stateroom.state.checkpoint.checkpoint_document import UPGRADE
from stateroom.state.history import journal_entries
from stateroom.state.object_names import ObjectNames
from stateroom.state.secrets.cipher import Cipher
from stateroom.state.stores.store import Store


@dataclass(frozen=True, slots=True)
class Leftover:
    """Merged journal of an operation that was interrupted.

    `records` and `deleted` are its finished steps (apply both, in any order); `intents` are the steps with an unknown
    result. Applying any of them twice does no harm.
    """

    update_id: str
    command: str
    base_etag: str | None  # of the state it began from
    records: tuple[Record, ...] = ()
    deleted: tuple[str, ...] = ()  # addresses: a logical id, or `<logical id>#<physical id>` of a condemned copy
    intents: tuple[Intent, ...] = ()
    damaged: int = 0  # segments that could not be read
    account: str = ""  # where it was at work; "" when an older stateroom did not write it down
    region: str = ""
    lineage: str = ""  # of the state, which an operation that began it had not stored yet

    def unresolved(self) -> Leftover:
        """Return a copy with only the steps that have an unknown result."""
        return replace(self, records=(), deleted=())


def journals(store: Store, names: ObjectNames) -> tuple[str, ...]:
    """Return the ids of the operations with a journal, oldest first."""
    ids = {key.removeprefix(names.journals).split("/", 1)[0] for key in store.list(names.journals)}
    return tuple(sorted(ids, reverse=True))


def read(store: Store, names: ObjectNames, update_id: str, cipher: Callable[[str], Cipher]) -> Leftover:
    """Read and merge the journal of one operation. `cipher` gives the cipher for a salt text.

    A segment that is missing or damaged loses only its own entries: a step that seems open is resolved by asking the
    cloud.

    Raises:
        NewerStateError: a newer release wrote it.
        PassphraseError: the journal holds secrets, and the passphrase is missing or wrong.
    """
    total = _JournalReplay()
    for segment in _segments(store, names.journal(update_id)):
        total.add(segment, cipher)
    return Leftover(
        update_id=update_id,
        command=str(total.header.get("command") or "operation"),
        base_etag=total.header.get("base"),
        records=tuple(total.records.values()),
        deleted=tuple(total.deleted),
        intents=tuple(total.open.values()),
        damaged=total.damaged,
        account=str(total.header.get("account") or ""),
        region=str(total.header.get("region") or ""),
        lineage=str(total.header.get("lineage") or ""),
    )


def oldest(
    store: Store, names: ObjectNames, cipher: Callable[[str], Cipher], completed: Callable[[str], object]
) -> Leftover | None:
    """Read the oldest journal with entries to apply or resolve, or None.

    `completed` tells whether an operation stored its state; then only its steps with an unknown result count.
    Raises PassphraseError as `read`.
    """
    for update_id in journals(store, names):
        left = read(store, names, update_id, cipher)
        if completed(update_id):
            left = left.unresolved()
        if left.records or left.deleted or left.intents:
            return left
    return None


def clear(store: Store, names: ObjectNames, update_id: str, keys: Sequence[str] | None = None) -> None:
    """Delete a journal, oldest segment first, so that a partial delete leaves finished steps only.

    `keys`: its segments, oldest first, where they are known; else they are listed.
    """
    store.delete_all(list(store.list(names.journal(update_id))) if keys is None else keys)


class _JournalReplay:
    """Accumulator of journal entries."""

    def __init__(self) -> None:
        self.header: dict[str, Any] = {}
        self.records: dict[str, Record] = {}
        self.deleted: dict[str, None] = {}
        self.open: dict[str, Intent] = {}
        self.damaged = 0

    def add(self, segment: dict[str, Any] | None, cipher: Callable[[str], Cipher]) -> None:
        if segment is None:
            self.damaged += 1
            return
        if segment.get("format", journal_entries.FORMAT) != journal_entries.FORMAT:
            raise _newer(f"it has format {segment['format']!r}")
        self.header = self.header or segment
        key = cipher(str(segment.get("salt") or ""))
        try:
            for entry in segment["entries"]:
                self._apply(entry, key)
        except (KeyError, TypeError, AttributeError):
            self.damaged += 1

    def _apply(self, entry: journal_entries.Entry, cipher: Cipher) -> None:
        if entry["kind"] not in journal_entries.KINDS:
            raise _newer(f"it has an entry {entry['kind']!r}")
        step = entry["step"]
        if entry["kind"] == "intend":
            self.open[step] = journal_entries.intent_of(entry, cipher)
        elif entry["kind"] == "identified":
            if step in self.open:
                self.open[step] = replace(self.open[step], physical_id=entry["physical_id"])
        else:
            self.open.pop(step, None)
        if entry["kind"] == "done":
            self._finish(entry, cipher)

    def _finish(self, entry: journal_entries.Entry, cipher: Cipher) -> None:
        if deleted := entry["deleted"]:
            self.records.pop(deleted, None)
            self.deleted[deleted] = None
        if entry["record"]:
            record = journal_entries.record_of(entry["record"], cipher)
            address = f"{record.logical_id}#{record.physical_id}" if record.condemned else record.logical_id
            self.records.pop(address, None)
            self.records[address] = record
            self.deleted.pop(address, None)


def _newer(why: str) -> NewerStateError:
    what = "the journal of an interrupted operation is newer than this stateroom knows"
    return NewerStateError(what, why=f"{why}; it is left as it is", todo=UPGRADE)


def _segments(store: Store, prefix: str) -> Iterator[dict[str, Any] | None]:
    for key in store.list(prefix):
        blob = store.get(key)
        if blob is None:
            continue  # cleared in between
        try:
            segment = json.loads(blob.data)
        except (ValueError, RecursionError):
            segment = None
        yield segment if isinstance(segment, dict) and isinstance(segment.get("entries"), list) else None
