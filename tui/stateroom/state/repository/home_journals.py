"""The journals of a home: begun by operations, read after an interruption, cleared when the state holds all of it."""

from __future__ import annotations

from dataclasses import dataclass

from stateroom.state.history import interrupted_journal
from stateroom.state.history.interrupted_journal import Leftover
from stateroom.state.history.journal import Journal
from stateroom.state.history.updates import Update, Updates
from stateroom.state.repository.object_names import ObjectNames
from stateroom.state.repository.snapshot_reader import SnapshotReader
from stateroom.state.stores.store import Store


@dataclass(frozen=True, slots=True)
class HomeJournals:
    """The journals of every service and stage. `reader` knows their ciphers, `updates` which operations ended."""

    store: Store
    names: type[ObjectNames]
    reader: SnapshotReader
    updates: Updates

    def begin(self, update: Update, base_etag: str | None, *, account: str, region: str) -> Journal:
        """The journal of an operation in a place that begins from the state with `base_etag`."""
        names = self.names(update.app, update.stage)
        place = {"account": account, "region": region}
        header = {"update": update.id, "command": update.command, "base": base_etag, **place}
        return Journal(self.store, names.journal(update.id), header, self.reader.cipher(names))

    def leftover(self, app: str, stage: str) -> Leftover | None:
        """What the oldest interrupted operation left, or None. A running operation's journal is one, too.

        Of an operation that stored its state only the steps whose end is unknown count: the rest is in the state.
        """
        names = self.names(app, stage)
        for update_id in interrupted_journal.journals(self.store, names):
            left = interrupted_journal.read(
                self.store, names, update_id, lambda salt: self.reader.cipher_for(names, salt)
            )
            if self.updates.completed(names, update_id):
                left = left.unresolved()
            if left.records or left.deleted or left.intents:
                return left
        return None

    def clear(self, app: str, stage: str, update_id: str, journal: Journal | None = None) -> None:
        """Forget an operation's journal, because the state holds all of it. `journal`: the one it has just written."""
        interrupted_journal.clear(self.store, self.names(app, stage), update_id, journal.keys if journal else None)
