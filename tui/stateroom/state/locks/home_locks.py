"""The locks of a home: taken for an operation, read, and broken together with the word of it in the records."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from stateroom.model.version import Holder, Lock
from stateroom.state.history.updates import Update, Updates
from stateroom.state.locks import lock
from stateroom.state.locks.process_table import ProcessTable
from stateroom.state.repository.object_names import ObjectNames
from stateroom.state.stores.store import Store


@dataclass(slots=True)
class HomeLocks:
    """One lock for each service and stage.

    Args:
        store, names: of the home.
        updates: its records, where a broken lock is told.
        holder: who we are.
        clock: now, UTC.
        processes: which processes run here.
    """

    store: Store
    names: type[ObjectNames]
    updates: Updates
    holder: Holder
    clock: Callable[[], datetime]
    processes: ProcessTable

    def hold(self, update: Update) -> AbstractContextManager[Lock]:
        """Hold the lock for the time of a `with` block. Raises LockedError, which names the holder."""
        now = self.clock()
        mine = Lock(self.holder, now, update.id)
        key = self.names(update.app, update.stage).lock
        return lock.hold(self.store, key, mine, now=now, processes=self.processes)

    def read(self, app: str, stage: str) -> Lock | None:
        """Who holds the lock, if anyone."""
        return lock.read(self.store, self.names(app, stage).lock)

    def is_abandoned(self, held: Lock) -> bool:
        """Whether it is sure that the holder is gone."""
        return lock.is_abandoned(held, self.holder, self.processes)

    def break_abandoned(self, app: str, stage: str) -> Lock | None:
        """Break the lock if it is sure that its holder is gone; else None. One that was just taken stays."""
        return self.break_one(app, stage, only=self.is_abandoned)

    def break_one(self, app: str, stage: str, *, only: Callable[[Lock], bool] = lambda _: True) -> Lock | None:
        """Break the lock and return it. The record of the operation that held it says so from then on."""
        names = self.names(app, stage)
        broken = lock.take_away(self.store, names.lock, only=only)
        if broken and broken.update_id and not self.updates.completed(names, broken.update_id):
            self.updates.interrupted(names, broken, f"{self.holder.user}@{self.holder.host}")
        return broken
