"""Read the journal of an interrupted operation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from stateroom.model.resource import Record
from stateroom.model.version import Intent
from stateroom.state.history import journal_entries
from stateroom.state.object_names import ObjectNames
from stateroom.state.secrets.cipher import Cipher
from stateroom.state.stores.store import Store

CipherFor: TypeAlias = Callable[[str], Cipher | None]
"""Gives the cipher for a salt text; None: the values are not wanted, and nothing is decrypted."""


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
    finished: int = 0  # steps
    total: int = 0  # steps of its plan; 0 when an older stateroom did not write it down
    stored: bool = False  # it stored its state, which holds its finished steps
    settles: bool = False  # the state that it stores says of its open steps, too, how they ended or that they pend
    by: str = ""  # user@host of its record; "" when there is none
    since: datetime | None = None

    def unresolved(self) -> Leftover:
        """Return a copy with only the steps that have an unknown result, for an operation that stored its state."""
        return replace(self, records=(), deleted=(), intents=() if self.settles else self.intents, stored=True)


@dataclass(frozen=True, slots=True)
class Journals:
    """Oldest journal that holds something, and the ids of older operations whose journals hold nothing any more."""

    leftover: Leftover | None
    spent: tuple[str, ...] = ()


def journals(store: Store, names: ObjectNames) -> tuple[str, ...]:
    """Return the ids of the operations with a journal, oldest first."""
    ids = {key.removeprefix(names.journals).split("/", 1)[0] for key in store.list(names.journals)}
    return tuple(sorted(ids, reverse=True))


def read(store: Store, names: ObjectNames, update_id: str, cipher: CipherFor) -> Leftover:
    """Read and merge the journal of one operation.

    A segment that is missing or damaged loses only its own entries: a step that seems open is resolved by asking the
    cloud.

    Raises:
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
        finished=len(total.finished),
        total=_number(total.header.get("steps")),
        settles=bool(total.header.get("settles")),
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def look(store: Store, names: ObjectNames, cipher: CipherFor, completed: Callable[[str], object]) -> Journals:
    """Read journals, the oldest first, up to the first with entries to apply or resolve.

    `completed` tells whether an operation stored its state; then only its steps with an unknown result count.
    Raises PassphraseError as `read`.
    """
    spent: list[str] = []
    for update_id in journals(store, names):
        left = read(store, names, update_id, cipher)
        if completed(update_id):
            left = left.unresolved()
        if left.records or left.deleted or left.intents:
            return Journals(left, tuple(spent))
        spent.append(update_id)
    return Journals(None, tuple(spent))


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
        self.finished: set[str] = set()  # ids of steps
        self.damaged = 0

    def add(self, segment: dict[str, Any] | None, cipher: CipherFor) -> None:
        if segment is None:
            self.damaged += 1
            return
        self.header = self.header or segment
        key = cipher(str(segment.get("salt") or ""))
        try:
            for entry in segment["entries"]:
                self._apply(entry, key)
        except (KeyError, TypeError, AttributeError):
            self.damaged += 1

    def _apply(self, entry: journal_entries.Entry, cipher: Cipher | None) -> None:
        step = entry["step"]
        if entry["kind"] == "intend":
            self.open[step] = journal_entries.intent_of(entry, cipher)
        elif entry["kind"] == "identified":
            if step in self.open:
                self.open[step] = replace(self.open[step], physical_id=entry["physical_id"])
        else:
            self.open.pop(step, None)
        if entry["kind"] == "done":
            self.finished.add(step)
            self._finish(entry, cipher)

    def _finish(self, entry: journal_entries.Entry, cipher: Cipher | None) -> None:
        if deleted := entry["deleted"]:
            self.records.pop(deleted, None)
            self.deleted[deleted] = None
        if entry["record"]:
            record = journal_entries.record_of(entry["record"], cipher)
            address = f"{record.logical_id}#{record.physical_id}" if record.condemned else record.logical_id
            self.records.pop(address, None)
            self.records[address] = record
            self.deleted.pop(address, None)


def _segments(store: Store, prefix: str) -> Iterator[dict[str, Any] | None]:
    for key in store.list(prefix):
        blob = store.get(key)
        if blob is None:
            continue  # cleared in between
        try:
            segment = json.loads(blob.data)
        except ValueError:
            segment = None
        yield segment if isinstance(segment, dict) and isinstance(segment.get("entries"), list) else None
