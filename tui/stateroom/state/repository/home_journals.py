"""Journals of a home: begun by operations, read after an interruption, cleared when the state holds all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from stateroom.model.resource import Snapshot
from stateroom.state.history import interrupted_journal
from stateroom.state.history.interrupted_journal import Journals, Leftover
from stateroom.state.history.journal import Journal, journal_header
from stateroom.state.history.updates import Update, Updates, user_of
from stateroom.state.object_names import ObjectNames
from stateroom.state.repository.snapshot_reader import SnapshotReader
from stateroom.state.secrets.cipher import Cipher
from stateroom.state.stores.store import Store
from stateroom.state.timestamps import moment_of, parse_time


@dataclass(frozen=True, slots=True)
class HomeJournals:
    """Journals of every service and stage. `reader` knows their ciphers, `updates` which operations ended."""

    store: Store
    names: type[ObjectNames]
    reader: SnapshotReader
    updates: Updates

    def begin(
        self,
        update: Update,
        base_etag: str | None,
        snapshot: Snapshot | None = None,
        steps: int = 0,
        *,
        settles: bool = False,
    ) -> Journal:
        """Open the journal of an operation that begins from a state (history.journal.journal_header)."""
        names = self.names(update.app, update.stage)
        header = journal_header(update, base_etag, snapshot, steps, settles=settles)
        return Journal(self.store, names.journal(update.id), header, self.reader.cipher(names))

    def leftover(self, app: str, stage: str, *, values: bool = True) -> Leftover | None:
        """Return the journal of the oldest interrupted (or running) operation, or None. `values`: as for `look`."""
        return self.look(app, stage, values=values).leftover

    def look(self, app: str, stage: str, *, values: bool = True) -> Journals:
        """Return the oldest journal that holds something, and which hold nothing any more.

        Of an operation that stored its state only the steps with an unknown result count: the rest is in the state.
        `values`: without them nothing is decrypted, and records and intents are names only.
        """
        names = self.names(app, stage)

        def cipher(salt: str) -> Cipher | None:
            return self.reader.cipher_for(names, salt) if values else None

        found = interrupted_journal.look(
            self.store, names, cipher, lambda update_id: self.updates.completed(names, update_id)
        )
        left = found.leftover
        return replace(found, leftover=self._with_holder(names, left)) if left else found

    def _with_holder(self, names: ObjectNames, found: Leftover) -> Leftover:
        """Say who ran an operation and since when, as its record tells."""
        body = self.updates.read(names, found.update_id) or {}
        user, host = user_of(body), body.get("host")
        since = parse_time(body.get("timeStarted")) or moment_of(found.update_id)
        return replace(found, by=f"{user}@{host}" if user and host else user, since=since)

    def clear(self, app: str, stage: str, update_id: str, journal: Journal | None = None) -> None:
        """Delete an operation's journal once the state holds all of it. `journal`: the one just written."""
        interrupted_journal.clear(self.store, self.names(app, stage), update_id, journal.keys if journal else None)
