"""Read and write the states of a home as files, without interpreting them.

The state tools use this. A write is conditional, is read back, and becomes a version; the previous content becomes one
first, if it was none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from stateroom.errors import NewerStateError, StateConflictError, StateError
from stateroom.model.version import Holder, UpdateSummary
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.checkpoint.foreign_view import is_hidden, well_formed
from stateroom.state.history.history import HistoryReader
from stateroom.state.history.updates import Update, Updates
from stateroom.state.object_names import ObjectNames
from stateroom.state.repository.placement import foreign_owner, refuse_foreign, refuse_misplaced
from stateroom.state.stores.store import Blob, Store
from stateroom.state.timestamps import descending_id, parse_time

RENAME: Final = "state rename-stage"  # command of the operation that takes a state to another stage


@dataclass(frozen=True, slots=True)
class EarlierState:
    """Older readable state of a service, with its label."""

    name: str  # "version 7", "version @2026-11-21T10:02:33"
    document: CheckpointDocument


class RawRepository:
    """State files of one home. Every method may raise StateError."""

    def __init__(
        self,
        store: Store,
        names: type[ObjectNames],
        updates: Updates,
        histories: HistoryReader,
        holder: Holder,
        clock: Callable[[], datetime],
    ) -> None:
        self.store = store
        self.names = names
        self._updates = updates
        self._histories = histories
        self._holder = holder
        self._clock = clock

    def read(self, app: str, stage: str, *, misplaced: bool = False) -> Blob | None:
        """Return the current state's bytes, damaged or not; None when there is none.

        Raises:
            MisplacedStateError: it is another one's, unless `misplaced`.
        """
        names = self.names(app, stage)
        blob = self.store.get(names.state)
        if blob is not None and not misplaced:
            refuse_misplaced(blob, names)
        return blob

    def older(self, app: str, stage: str) -> Iterator[EarlierState]:
        """Yield older valid states, newest first, each read on demand."""
        for version, blob in self._histories.stored(app, stage):
            document = _whole(blob)
            if document is not None and foreign_owner(blob.data, self.names(app, stage)) is None:
                yield EarlierState(f"version {version.name}", document)

    def held(self, app: str, stage: str) -> tuple[int, datetime | None]:
        """Count the resources of the current state that are shown, and tell when it was last written.

        (0, None) without a state, or when it cannot be read.
        """
        blob = self.store.get(self.names(app, stage).state)
        try:
            document = CheckpointDocument.parse(blob.data) if blob else None
        except StateError:
            document = None
        shown = [raw for raw in well_formed(document.resources) if not is_hidden(raw)] if document else []
        if blob is None or document is None or not shown:
            return 0, None
        manifest = document.latest.get("manifest")
        told = parse_time(manifest.get("time")) if isinstance(manifest, dict) else None
        return len(shown), told or blob.modified

    def lost(self, app: str, stage: str) -> int:
        """Count the resources in the newest version of a state whose file is not there.

        0: there is no version, or the state went on purpose: by a remove, or to another stage.
        """
        names = self.names(app, stage)
        kept = _whole(self._newest(names))
        if kept is None or not kept.resources:
            return 0
        last = next(iter(self.store.list(names.updates)), None)
        record = self._updates.read(names, names.id_in(last)) if last else None
        return 0 if str((record or {}).get("command") or "").startswith(RENAME) else len(kept.resources)

    def write(self, document: CheckpointDocument, expected: str | None, update: Update, summary: UpdateSummary) -> int:
        """Replace the state with etag `expected` (None: no state) and return the version's number.

        The lock of the update's app and stage must be held: that place is written to, whatever the document says.

        Raises:
            StateConflictError: another writer was faster; nothing was written.
            StateError: the document is another one's, breaks an integrity rule, or is not what the store gives back.
        """
        names = self.names(update.app, update.stage)
        data = document.dump()
        refuse_foreign(data, names)
        self._keep_current(names, expected, update)
        number = self._updates.next_number(names)
        self.store.put(names.state, data, if_match=expected, if_none_match=expected is None)
        stored = self.store.get(names.state)
        if stored is None or stored.data != data:
            raise StateError(
                f"{names.state} is not what was just written",
                why="someone wrote it in the same moment, or the store lost it",
                todo="`stateroom versions` lists the state as it was before",
            )
        self._finish(names, data, update, summary, number)
        return number

    def delete(self, app: str, stage: str, expected: str, update: Update) -> None:
        """Delete the state with etag `expected`, keeping it as a version. The lock must be held."""
        names = self.names(app, stage)
        self._keep_current(names, expected, update)
        self.store.delete(names.state, if_match=expected)
        self._updates.finish(update, self._holder, UpdateSummary(), completed=self._clock(), number=None)

    def _keep_current(self, names: ObjectNames, expected: str | None, update: Update) -> None:
        """Keep the content to be replaced: as a version, or a damaged one next to the state."""
        blob = self.store.get(names.state)
        if (blob.etag if blob else None) != expected:
            raise StateConflictError(
                f"the state of {names.app}/{names.stage} was changed by someone else",
                why="it is not the one that this was prepared for; nothing was overwritten",
                todo="look again and repeat the command",
            )
        if blob is None or not blob.data.strip():
            return
        if _whole(blob) is None:
            self.store.put(names.damaged(update.id), blob.data)
            return
        kept = self._newest(names)
        if kept is not None and _equal(kept, blob):
            return
        now = self._clock()
        number = self._updates.next_number(names)
        before = Update(descending_id(now), names.app, names.stage, f"before {update.command}", now, number)
        self._finish(names, blob.data, before, UpdateSummary(), number)

    def _newest(self, names: ObjectNames) -> Blob | None:
        _, update_id = self._updates.newest(names)
        return self.store.get(names.snapshot(update_id)) if update_id else None

    def _finish(self, names: ObjectNames, data: bytes, update: Update, summary: UpdateSummary, number: int) -> None:
        self.store.put(names.snapshot(update.id), data)
        self._updates.finish(update, self._holder, summary, completed=self._clock(), number=number)


def _whole(blob: Blob | None) -> CheckpointDocument | None:
    """Return the document in an object if it is valid, else None. Raises NewerStateError."""
    try:
        document = CheckpointDocument.parse(blob.data) if blob else None
    except NewerStateError:
        raise
    except StateError:
        return None
    return document if document is not None and not document.problems() else None


def _equal(one: Blob, other: Blob) -> bool:
    if one.data == other.data:
        return True
    try:
        return CheckpointDocument.parse(one.data).body == CheckpointDocument.parse(other.data).body
    except StateError:  # a version that was cut off is no version of this
        return False
