"""Locks of a home: taken for an operation, read, and broken with a note in the records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from stateroom.model.version import Holder, Lock
from stateroom.state.history.updates import Update, Updates
from stateroom.state.locks import lock
from stateroom.state.locks.process_table import ProcessTable
from stateroom.state.object_names import ObjectNames
from stateroom.state.stores.store import Store


@dataclass(slots=True)
class HomeLocks:
    """Locks of every service and stage.

    Args:
        store, names: of the home.
        updates: its records, in which a broken lock is noted.
        holder: who we are.
        clock: now, UTC.
        processes: which processes run here.
        confirm: raises StateError when the home has moved or is being reset. Asked once a lock is held: whoever resets
            a home says so first and looks for locks then, so one of the two sees the other.
    """

    store: Store
    names: type[ObjectNames]
    updates: Updates
    holder: Holder
    clock: Callable[[], datetime]
    processes: ProcessTable
    confirm: Callable[[], None] = lambda: None
    _confirming: dict[tuple[str, str], Future[None]] = field(default_factory=dict)

    @contextmanager
    def hold(self, update: Update) -> Iterator[Lock]:
        """Hold the lock during a `with` block. Raises LockedError, which names the holder."""
        now, place = self.clock(), (update.app, update.stage)
        names = self.names(*place)
        mine = Lock(self.holder, now, update.id)
        held = lock.hold(self.store, names.lock, mine, now=now, processes=self.processes)
        with held, self.updates.alone(names), ThreadPoolExecutor(1, "confirm") as pool:
            self._confirming[place] = pool.submit(self.confirm)
            try:
                yield mine
            finally:
                self._confirming.pop(place, None)

    def confirmed(self, app: str, stage: str) -> None:
        """Wait for the answer of `confirm`, if we hold this lock. Raises StateError."""
        if confirming := self._confirming.get((app, stage)):
            confirming.result()

    def count(self, app: str, stage: str) -> int:
        """Return the number of the newest version; under our lock it is counted once."""
        return self.updates.last_number(self.names(app, stage))

    def read(self, app: str, stage: str) -> Lock | None:
        """Return the lock that is held, if any."""
        return lock.read(self.store, self.names(app, stage).lock)

    def other(self, app: str, stage: str) -> Lock | None:
        """Return the lock that another holds, if any. Makes no call while we hold it."""
        return None if self.holds(app, stage) else self.read(app, stage)

    def holds(self, app: str, stage: str) -> bool:
        """Tell whether this process holds the lock."""
        return (app, stage) in self._confirming

    def is_abandoned(self, held: Lock) -> bool:
        """Tell whether it is certain that the holder is gone."""
        return lock.is_abandoned(held, self.holder, self.processes)

    def break_abandoned(self, app: str, stage: str) -> Lock | None:
        """Break the lock if its holder is certainly gone, else return None. One that was just taken stays."""
        return self.break_one(app, stage, only=self.is_abandoned)

    def break_one(self, app: str, stage: str, *, only: Callable[[Lock], bool] = lambda _: True) -> Lock | None:
        """Break the lock, note it in the record of the operation that held it, and return it."""
        names = self.names(app, stage)
        broken = lock.take_away(self.store, names.lock, only=only)
        if broken and broken.update_id and not self.updates.completed(names, broken.update_id):
            self.updates.interrupted(names, broken, f"{self.holder.user}@{self.holder.host}")
        return broken
