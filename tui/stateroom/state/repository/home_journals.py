"""Journals of a home: begun by operations, read after an interruption, cleared when the state holds all of it."""

from __future__ import annotations

from dataclasses import dataclass

from stateroom.model.resource import Snapshot
from stateroom.state.history import interrupted_journal
from stateroom.state.history.interrupted_journal import Journals, Leftover
from stateroom.state.history.journal import Journal, journal_header
from stateroom.state.history.updates import Update, Updates
from stateroom.state.object_names import ObjectNames
from stateroom.state.repository.snapshot_reader import SnapshotReader
from stateroom.state.stores.store import Store


@dataclass(frozen=True, slots=True)
class HomeJournals:
    """Journals of every service and stage. `reader` knows their ciphers, `updates` which operations ended."""

    store: Store
    names: type[ObjectNames]
    reader: SnapshotReader
    updates: Updates

    def begin(self, update: Update, base_etag: str | None, snapshot: Snapshot | None = None) -> Journal:
        """Open the journal of an operation that begins from the state with `base_etag`, `snapshot` in its place."""
        names = self.names(update.app, update.stage)
        header = journal_header(update, base_etag, snapshot)
        return Journal(self.store, names.journal(update.id), header, self.reader.cipher(names))

    def leftover(self, app: str, stage: str) -> Leftover | None:
        """Return the journal of the oldest interrupted (or running) operation, or None."""
        return self.look(app, stage).leftover

    def look(self, app: str, stage: str) -> Journals:
        """Return the oldest journal that holds something, and which hold nothing any more.

        Of an operation that stored its state only the steps with an unknown result count: the rest is in the state.
        """
        names = self.names(app, stage)
        return interrupted_journal.look(
            self.store,
            names,
            lambda salt: self.reader.cipher_for(names, salt),
            lambda update_id: self.updates.completed(names, update_id),
        )

    def clear(self, app: str, stage: str, update_id: str, journal: Journal | None = None) -> None:
        """Delete an operation's journal once the state holds all of it. `journal`: the one just written."""
        interrupted_journal.clear(self.store, self.names(app, stage), update_id, journal.keys if journal else None)
