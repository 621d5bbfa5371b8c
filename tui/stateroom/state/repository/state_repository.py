"""State objects of a home: the current state and the versions of each service and stage."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from stateroom.errors import StateConflictError
from stateroom.model.resource import Snapshot
from stateroom.model.version import Holder, UpdateSummary, VersionName
from stateroom.state.checkpoint.codec import DocumentHook, encode, identity_hook, rewrite
from stateroom.state.history.history import HistoryReader
from stateroom.state.history.updates import Update, Updates
from stateroom.state.object_names import ObjectNames
from stateroom.state.repository.snapshot_reader import SnapshotReader
from stateroom.state.stores.store import Blob, Store

_RESOURCES = b'"resources"'
_NOTHING = re.compile(_RESOURCES + rb"\s*:\s*(?:\[\s*\]|null)")


@dataclass(frozen=True, slots=True)
class StoredState:
    """Stored state; the next commit expects its etag."""

    snapshot: Snapshot
    etag: str
    count: Callable[[], int]

    @property
    def number(self) -> int:
        """Number of its version; 0: none was ever written. Looked up when it is asked for."""
        return self.count()


class StateRepository:
    """Repository of states. Every write is checked, conditional and durable, and becomes a version."""

    def __init__(
        self,
        store: Store,
        reader: SnapshotReader,
        updates: Updates,
        histories: HistoryReader,
        holder: Holder,
        clock: Callable[[], datetime],
        names: type[ObjectNames] = ObjectNames,
        hook: DocumentHook = identity_hook,
    ) -> None:
        self._store = store
        self._reader = reader
        self._updates = updates
        self._histories = histories
        self._holder = holder
        self._clock = clock
        self._names = names
        self._hook = hook

    def load(self, names: ObjectNames) -> StoredState | None:
        """Return the current state, or None. Raises StateError, PassphraseError."""
        blob = self._store.get(names.state)
        if blob is None:
            return None
        snapshot = self._reader.decode(names, names.state, blob)
        return StoredState(snapshot, blob.etag, lambda: self._updates.last_number(names))

    def load_version(self, names: ObjectNames, name: VersionName) -> Snapshot:
        """Return a past state. Raises StateError, PassphraseError."""
        version, _ = self._histories.find(names.app, names.stage, name)
        blob = self._histories.load(names.app, names.stage, version)
        return self._reader.decode(names, f"version {version.name} of {names.state}", blob)

    def etag(self, names: ObjectNames) -> str | None:
        """Return the etag of the current state, readable or not."""
        blob = self._store.get(names.state)
        return blob.etag if blob else None

    def commit(self, snapshot: Snapshot, expected: str | None, update: Update, summary: UpdateSummary) -> StoredState:
        """Store a new version over the state with the etag `expected`. Raises as `Home.commit` does."""
        names = self._names(snapshot.service, snapshot.stage)
        cipher = self._reader.cipher(names)
        data, stored = rewrite(snapshot, cipher, moment=self._clock(), hook=self._hook)
        number = self._updates.next_number(names)
        try:
            etag = self._store.put(names.state, data, if_match=expected, if_none_match=expected is None)
        except StateConflictError as error:
            raise _conflict(names) from error
        self._keep(names, data, update, summary, number)
        return StoredState(stored, etag, lambda: number)

    def remove(self, names: ObjectNames, expected: str | None, update: Update, summary: UpdateSummary) -> int:
        """Delete the state with the etag `expected`, as a version of its own. Returns its number."""
        data = encode(Snapshot(names.app, names.stage), self._reader.cipher(names), moment=self._clock())
        number = self._updates.next_number(names)
        if expected is None and self._store.get(names.state) is not None:
            raise _conflict(names)
        try:
            if expected is not None:
                self._store.delete(names.state, if_match=expected)
        except StateConflictError as error:
            raise _conflict(names) from error
        self._keep(names, data, update, summary, number)
        return number

    def services(self) -> tuple[tuple[str, str], ...]:
        """Return (app, stage) of every state with resources, or that cannot be read."""
        owners = ((self._names.owner(key), key) for key in self._store.list(self._names.STATES))
        return tuple(owner for owner, key in owners if owner and not _is_empty(self._store.get(key)))

    def _keep(self, names: ObjectNames, data: bytes, update: Update, summary: UpdateSummary, number: int) -> None:
        self._store.put(names.snapshot(update.id), data)
        self._updates.finish(update, self._holder, summary, completed=self._clock(), number=number)


def _conflict(names: ObjectNames) -> StateConflictError:
    return StateConflictError(
        f"the state of {names.app}/{names.stage} was changed by someone else",
        why="it is not the one that this operation began from; nothing was overwritten",
        todo="look again (`stateroom diff`) and repeat the command",
    )


def _is_empty(blob: Blob | None) -> bool:
    """Tell whether a state has no resource, as after a remove."""
    if blob is None:
        return True
    if not _may_be_empty(blob.data):
        return False
    try:
        return not json.loads(blob.data)["checkpoint"]["latest"]["resources"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _may_be_empty(data: bytes) -> bool:
    """Tell whether a file contains an empty resource list; without one it need not be parsed."""
    at = data.find(_RESOURCES)
    while at >= 0 and not _NOTHING.match(data, at):
        at = data.find(_RESOURCES, at + 1)
    return at >= 0
