"""Home of a project's states, with their locks, versions, journals and packages.

Kinds of homes differ in how the store is found and in object names; operations on them are shared here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from stateroom.model.plan import BootstrapPart
from stateroom.model.resource import Snapshot
from stateroom.model.version import Holder, Lock, UpdateSummary, Version, VersionName
from stateroom.state.checkpoint.codec import DocumentHook, identity_hook
from stateroom.state.history.history import HistoryReader
from stateroom.state.history.interrupted_journal import Leftover
from stateroom.state.history.journal import Journal
from stateroom.state.history.updates import Update, Updates
from stateroom.state.lineage import tag_text
from stateroom.state.locks.process_table import ProcessTable
from stateroom.state.object_names import ObjectNames
from stateroom.state.repository.artifact_store import ArtifactStore
from stateroom.state.repository.framework_stacks import FrameworkState, framework_records
from stateroom.state.repository.home_journals import HomeJournals
from stateroom.state.repository.home_keys import HomeKeys
from stateroom.state.repository.home_locks import HomeLocks
from stateroom.state.repository.raw_repository import RawRepository
from stateroom.state.repository.snapshot_reader import SnapshotReader
from stateroom.state.repository.state_repository import StateRepository, StoredState
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.stores.patience import Patience
from stateroom.state.stores.store import Store
from stateroom.state.timestamps import descending_id

__all__ = ["FirstWrite", "Home", "Leftover", "StoredState", "Unmade", "Update"]


@dataclass(frozen=True, slots=True)
class FirstWrite:
    """What an operation is going to write to a home, besides states.

    Args:
        packages: deployment packages, and the home may have none yet.
        secrets: (app, stage) of states that get their first secrets.
    """

    packages: bool = False
    secrets: tuple[tuple[str, str], ...] = ()


Unmade: TypeAlias = Callable[[FirstWrite], Iterable[BootstrapPart]]
"""What a write will make in the account first; raises StateError when it could not be written."""


@dataclass(frozen=True, slots=True)
class Look:
    """State, journal and another one's lock of a service and stage at a moment. `ours`: this process holds the lock."""

    stored: StoredState | None
    leftover: Leftover | None
    lock: Lock | None
    spent: tuple[str, ...] = ()  # operations whose journals hold nothing any more
    ours: bool = False


class Home:
    """States of a project. Reading creates nothing; every write is conditional, checked and durable.

    Args:
        store: where the bytes lie.
        label: the home as the title line shows it; asked again each time, because a home may be found late.
        url: the home as the keyring knows it; asked when a secret comes up.
        passphrase: gives the passphrase when a secret comes up.
        holder, clock: who we are, for locks and update records; now, UTC.
        names: decides the keys of all objects.
        assets: where deployment packages lie, if not in `store`.
        hook: changes a state's document before it is written.
        shared: whether the Serverless Framework keeps states of its own in the store.
        mark: the home as tags of resources name it; default: its label.
        processes: process table of this machine, to judge locks that were left behind.
        patience: of the store's calls; an operation makes it last.
        confirm: raises StateError when the home has moved; asked by whoever holds a lock.
        unmade: what a write will make in the account first; nothing by default.
    """

    def __init__(
        self,
        store: Store,
        *,
        label: str | Callable[[], str],
        url: str | Callable[[], str],
        passphrase: PassphraseSource,
        holder: Holder,
        clock: Callable[[], datetime],
        names: type[ObjectNames] = ObjectNames,
        assets: Store | None = None,
        hook: DocumentHook = identity_hook,
        shared: bool = False,
        mark: str = "",
        processes: ProcessTable = ProcessTable(),  # noqa: B008 - frozen
        patience: Patience | None = None,
        confirm: Callable[[], None] = lambda: None,
        unmade: Unmade = lambda _: (),
    ) -> None:
        self.shared = shared
        self.unmade = unmade
        self._mark = mark
        self.patience = patience or Patience()
        self._label = _asked(label)
        self._names = names
        self._store = store
        self._passphrase = passphrase
        self._holder = holder
        self._clock = clock
        self._reader = SnapshotReader(self._label, _asked(url), passphrase)
        self._updates = Updates(store, names)
        self.locks = HomeLocks(store, names, self._updates, holder, clock, processes, confirm)
        self.journals = HomeJournals(store, names, self._reader, self._updates)
        self.histories = HistoryReader(store, names, self._updates, self.locks.is_abandoned)
        self._states = StateRepository(store, self._reader, self._updates, self.histories, holder, clock, names, hook)
        self.keys = HomeKeys(store, names, self._reader, passphrase)
        self.documents = RawRepository(store, names, self._updates, self.histories, holder, clock)
        self.packages = ArtifactStore(store if assets is None else assets, self._label, names)

    @property
    def label(self) -> str:
        """Label of the home in the title line. Calls no API."""
        return self._label()

    @property
    def mark(self) -> str:
        """Name of the home for tags of resources."""
        return tag_text(self._mark or self._label())

    @property
    def passphrase_source(self) -> str:
        """Source of the passphrase: environment, keyring, prompt, given, locked; not needed; "" before use."""
        return self._passphrase.origin or ("not needed" if self._reader.used else "")

    # -- states and their versions

    def load(self, app: str, stage: str) -> StoredState | None:
        """Load the current state, or None when there is none.

        Raises:
            StateError: the state is damaged; says how to restore one.
            PassphraseError: it holds secrets, and the passphrase is missing or wrong.
        """
        return self._states.load(self._names(app, stage))

    def look(self, app: str, stage: str) -> Look:
        """Read state, journals and another one's lock at once. Raises as `load` does."""
        with ThreadPoolExecutor(2, "home") as pool:
            found, held = pool.submit(self.journals.look, app, stage), pool.submit(self.locks.other, app, stage)
            stored, journals = self.load(app, stage), found.result()
            look = Look(stored, journals.leftover, held.result(), journals.spent, self.locks.holds(app, stage))
        self.locks.confirmed(app, stage)
        return look

    def etag(self, app: str, stage: str) -> str | None:
        """Return the etag of the current state, readable or not; None when there is none."""
        return self._states.etag(self._names(app, stage))

    def commit(
        self, snapshot: Snapshot, *, expected: str | None, update: Update, summary: UpdateSummary
    ) -> StoredState:
        """Store a new version of the state.

        Args:
            snapshot: the state.
            expected: etag of the state that it replaces; None: there is none yet.
            update, summary: the operation, and what it did.

        Raises:
            StateConflictError: another writer was faster; nothing was written.
            StateError: the state would break an integrity rule; nothing was written.
            PassphraseError: there are secrets to encrypt and no passphrase; nothing was written.
        """
        self.locks.confirmed(update.app, update.stage)
        return self._states.commit(snapshot, expected, update, summary)

    def remove_state(
        self, app: str, stage: str, *, expected: str | None, update: Update, summary: UpdateSummary
    ) -> int:
        """Delete the state after its last resource is gone; its versions stay, and this becomes one of them.

        Returns the version's number. Raises StateConflictError as `commit` does.
        """
        return self._states.remove(self._names(app, stage), expected, update, summary)

    def services(self) -> tuple[tuple[str, str], ...]:
        """Return (app, stage) of every state with resources, or that cannot be read."""
        return self._states.services()

    def versions(self, app: str, stage: str) -> tuple[Version, ...]:
        """Return every recorded version, newest first. `histories` has unrecorded ones, too."""
        return tuple(version for version in self.histories.history(app, stage).versions if version.number)

    def load_version(self, app: str, stage: str, name: VersionName) -> Snapshot:
        """Load the state at a version. Raises StateError with the versions that exist, and PassphraseError."""
        return self._states.load_version(self._names(app, stage), name)

    def framework_states(self, stacks: Collection[tuple[str, str]]) -> dict[tuple[str, str], FrameworkState]:
        """Return the framework's records of stacks, (name, region), if it uses this home. Raises StateError."""
        return framework_records(self._store, stacks) if self.shared and stacks else {}

    # -- operations

    def begin(self, app: str, stage: str, command: str) -> Update:
        """Write the record of an operation that begins."""
        now = self._clock()
        update = Update(descending_id(now), app, stage, command, now)
        self._updates.begin(update, self._holder)
        return update

    def finish(self, update: Update, summary: UpdateSummary, *, version_written: bool) -> None:
        """Write the end of an operation, unless `commit` has done so for its version."""
        if not version_written:
            self._updates.finish(update, self._holder, summary, completed=self._clock(), number=None)

    def prepare_secrets(self, app: str, stage: str) -> None:
        """Check that a secret can be stored before a resource with one is created. Raises PassphraseError."""
        self._reader.cipher(self._names(app, stage)).encrypt("")

    def withdraw(self, update: Update) -> None:
        """Delete the record of an operation that was stopped before its first step."""
        self._updates.withdraw(update)

    def lock(self, update: Update) -> AbstractContextManager[Lock]:
        """Hold the lock during a `with` block. Raises LockedError, which names the holder."""
        return self.locks.hold(update)

    def read_lock(self, app: str, stage: str) -> Lock | None:
        """Return the lock that is held, if any."""
        return self.locks.read(app, stage)

    def is_abandoned(self, held: Lock) -> bool:
        """Tell whether the holder ran exactly here and has ended; False for other places."""
        return self.locks.is_abandoned(held)

    def break_lock(self, app: str, stage: str) -> Lock | None:
        """Break the lock, note it in the record of the operation that held it, and return it."""
        return self.locks.break_one(app, stage)

    # -- journals

    def journal(
        self, update: Update, base_etag: str | None, snapshot: Snapshot | None = None, steps: int = 0
    ) -> Journal:
        """Open the journal of an operation that begins from the state with `base_etag`, `snapshot` in its place."""
        return self.journals.begin(update, base_etag, snapshot, steps)

    def leftover(self, app: str, stage: str) -> Leftover | None:
        """Return the journal of the oldest interrupted (or running) operation, or None (HomeJournals.look)."""
        return self.journals.leftover(app, stage)

    def clear_journal(self, app: str, stage: str, update_id: str, journal: Journal | None = None) -> None:
        """Delete an operation's journal once the state holds all of it. `journal`: the one just written."""
        self.journals.clear(app, stage, update_id, journal)

    # -- deployment packages

    def artifact(self, sha256: str) -> bytes:
        """Return a deployment package. Raises StateError when it is missing or damaged."""
        return self.packages.get(sha256)


def _asked(text: str | Callable[[], str]) -> Callable[[], str]:
    return (lambda: text) if isinstance(text, str) else text
