"""A home: where the states of a project's services live, with their locks, versions, journals and packages.

Homes differ in how their store is found and in the names of its objects; what is done with them is here, once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from stateroom.errors import StateConflictError, StateError
from stateroom.model.resource import Snapshot
from stateroom.model.version import Holder, Lock, UpdateSummary, Version
from stateroom.state import leftovers, lock
from stateroom.state.checkpoint import decode, encode
from stateroom.state.journal import Journal
from stateroom.state.leftovers import Leftover
from stateroom.state.names import STATES, Names, state_owner
from stateroom.state.packages import Packages
from stateroom.state.passphrase import PassphraseSource
from stateroom.state.reader import Reader
from stateroom.state.store import Blob, Store
from stateroom.state.times import descending_id
from stateroom.state.updates import Update, Updates

__all__ = ["Home", "Leftover", "Stored", "Update"]


@dataclass(frozen=True, slots=True)
class Stored:
    """A state as it is stored: its etag is what the next commit expects. `number` 0: no version was ever written."""

    snapshot: Snapshot
    etag: str
    number: int


class Home:
    """The states of a project. Reading creates nothing; every write is conditional, checked and durable.

    Args:
        store: where the bytes lie.
        label: the home as the title line shows it.
        url: the home as the keyring knows it.
        passphrase: gives the passphrase when a secret comes up.
        holder: who we are, for locks and update records.
        clock: now, UTC.
    """

    def __init__(
        self,
        store: Store,
        *,
        label: str,
        url: str,
        passphrase: PassphraseSource,
        holder: Holder,
        clock: Callable[[], datetime],
    ) -> None:
        self.label = label
        self._store = store
        self._passphrase = passphrase
        self._holder = holder
        self._clock = clock
        self._reader = Reader(label, url, passphrase)
        self._updates = Updates(store)
        self._packages = Packages(store, label)

    @property
    def passphrase_source(self) -> str:
        """How secrets are opened: environment, keyring, prompt, given, locked; not needed; empty: not asked yet."""
        return self._passphrase.origin or ("not needed" if self._reader.used else "")

    # -- states

    def load(self, app: str, stage: str) -> Stored | None:
        """The current state, or None when the service was never deployed.

        Raises:
            StateError: the state is damaged; says how to restore one.
            PassphraseError: it holds secrets, and the passphrase is missing or wrong.
        """
        names = Names(app, stage)
        blob = self._store.get(names.state)
        if blob is None:
            return None
        snapshot = self._reader.decode(names, names.state, blob)
        current = next(iter(self._updates.versions(names)), None)
        return Stored(snapshot, blob.etag, current.number if current else 0)

    def etag(self, app: str, stage: str) -> str | None:
        """The etag of the current state, readable or not; None when there is none."""
        blob = self._store.get(Names(app, stage).state)
        return blob.etag if blob else None

    def commit(self, snapshot: Snapshot, *, expected: str | None, update: Update, summary: UpdateSummary) -> Stored:
        """Store a new version of the state.

        Args:
            snapshot: the state.
            expected: etag of the state that it replaces; None: there is none yet.
            update: the operation.
            summary: what it did.

        Raises:
            StateConflictError: someone wrote in between; nothing was written.
            StateError: the state would break an integrity rule; nothing was written.
            PassphraseError: there are secrets to encrypt and no passphrase; nothing was written.
        """
        names = Names(snapshot.service, snapshot.stage)
        cipher = self._reader.cipher(names)
        data = encode(snapshot, cipher, moment=self._clock())
        number = self._updates.next_number(names)
        try:
            etag = self._store.put(names.state, data, if_match=expected, if_none_match=expected is None)
        except StateConflictError as error:
            raise StateConflictError(
                f"the state of {names.app}/{names.stage} was changed by someone else",
                why="it is not the one that this operation began from; nothing was overwritten",
                todo="look again (`stateroom diff`) and repeat the command",
            ) from error
        self._store.put(names.snapshot(update.id), data)
        self._updates.finish(update, self._holder, summary, completed=self._clock(), number=number)
        return Stored(decode(data, cipher), etag, number)

    def services(self) -> tuple[tuple[str, str], ...]:
        """(app, stage) of every state that holds something, or that cannot be read."""
        owners = ((state_owner(key), key) for key in self._store.list(STATES))
        return tuple(owner for owner, key in owners if owner and not _is_empty(self._store.get(key)))

    # -- operations

    def begin(self, app: str, stage: str, command: str) -> Update:
        """Record that an operation begins."""
        now = self._clock()
        number = self._updates.next_number(Names(app, stage))
        update = Update(descending_id(now), app, stage, command, now, number)
        self._updates.begin(update, self._holder)
        return update

    def finish(self, update: Update, summary: UpdateSummary, *, version_written: bool) -> None:
        """Record that an operation ended. `commit` has done so already for one that wrote a version."""
        if not version_written:
            self._updates.finish(update, self._holder, summary, completed=self._clock(), number=None)

    def lock(self, update: Update) -> AbstractContextManager[Lock]:
        """Hold the lock for the time of a `with` block. Raises LockedError, which names the holder."""
        now = self._clock()
        held = Lock(self._holder, now, update.id)
        return lock.hold(self._store, Names(update.app, update.stage).lock, held, now=now)

    def read_lock(self, app: str, stage: str) -> Lock | None:
        """Who holds the lock, if anyone."""
        blob = self._store.get(Names(app, stage).lock)
        return lock.parse(blob) if blob else None

    def break_lock(self, app: str, stage: str) -> Lock | None:
        """Break the lock and return it. The record of the operation that held it says so from then on."""
        names = Names(app, stage)
        blob = self._store.get(names.lock)
        if blob is None:
            return None
        broken = lock.parse(blob)
        try:
            self._store.delete(names.lock, if_match=blob.etag)
        except StateConflictError:
            return None  # released in the meantime
        if broken.update_id and not self._updates.completed(names, broken.update_id):
            who = f"{self._holder.user}@{self._holder.host}"
            message = f"interrupted; its lock was broken by {who}"
            self._updates.interrupted(names, broken.update_id, broken.holder.command, broken.since, message)
        return broken

    # -- versions

    def versions(self, app: str, stage: str) -> tuple[Version, ...]:
        """Every past state, newest first."""
        return self._updates.versions(Names(app, stage))

    def load_version(self, app: str, stage: str, number: int) -> Snapshot:
        """The state at a version. Raises StateError when there is no such version, PassphraseError as `load`."""
        names = Names(app, stage)
        versions = self._updates.versions(names)
        found = next((version for version in versions if version.number == number), None)
        key = names.snapshot(found.update_id) if found else ""
        blob = self._store.get(key) if found else None
        if blob is None:
            existing = ", ".join(str(version.number) for version in reversed(versions))
            raise StateError(
                f"{app}/{stage} has no version {number}",
                why=f"versions that exist: {existing}" if existing else "it has no versions yet",
                todo="`stateroom versions` lists them",
            )
        return self._reader.decode(names, key, blob)

    # -- journals

    def journal(self, update: Update, base_etag: str | None) -> Journal:
        """The journal of an operation that begins from the state with `base_etag`."""
        names = Names(update.app, update.stage)
        header = {"update": update.id, "command": update.command, "base": base_etag}
        return Journal(self._store, names.journal(update.id), header, self._reader.cipher(names))

    def leftover(self, app: str, stage: str) -> Leftover | None:
        """What the oldest interrupted operation left, or None. A running operation's journal is one, too.

        Of an operation that stored its state only the steps whose end is unknown count: the rest is in the state.
        """
        names = Names(app, stage)
        for update_id in leftovers.journals(self._store, names):
            left = leftovers.read(self._store, names, update_id, lambda salt: self._reader.cipher_for(names, salt))
            if self._updates.completed(names, update_id):
                left = Leftover(left.update_id, left.command, left.base_etag, intents=left.intents)
            if left.records or left.deleted or left.intents:
                return left
        return None

    def clear_journal(self, app: str, stage: str, update_id: str) -> None:
        """Forget an operation's journal, because the state holds all of it."""
        leftovers.clear(self._store, Names(app, stage), update_id)

    # -- deployment packages

    def put_artifact(self, sha256: str, path: Path) -> None:
        """Keep a deployment package under its hash (hex). Raises StateError when the file is another one."""
        self._packages.put(sha256, path)

    def artifact(self, sha256: str) -> bytes:
        """A deployment package. Raises StateError when it is not kept, or damaged."""
        return self._packages.get(sha256)

    def has_artifact(self, sha256: str) -> bool:
        """Whether a deployment package is kept."""
        return self._packages.has(sha256)


def _is_empty(blob: Blob | None) -> bool:
    """Whether a state holds no resource, as after a remove."""
    if blob is None:
        return True
    try:
        return not json.loads(blob.data)["checkpoint"]["latest"]["resources"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
