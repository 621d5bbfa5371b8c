"""Version history of a state: recorded operations and the bucket's object versions.

Listing reads names, and the records of the operations shown; states are read one by one, on demand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from stateroom.errors import StateError, UnknownVersionError
from stateroom.model.version import History, Lock, Version, VersionName
from stateroom.state.history.updates import Body, Updates, version_of
from stateroom.state.history.version_timeline import KeptCopy, TimelineEntry, timeline
from stateroom.state.locks import lock
from stateroom.state.object_names import ObjectNames
from stateroom.state.stores.store import Blob, Store
from stateroom.state.stores.versioned import ObjectVersion, Versioned, versioned

UNRECORDED: Final = "unrecorded write"
DELETED: Final = "deleted"
_SEARCHED: Final = 64  # versions that are looked through first for one that was asked for
_NAMED: Final = 20  # versions that a message names


@dataclass(frozen=True, slots=True)
class _Listing:
    """Listing of a state's history from object names. `copies`: ids of recorded versions, newest first."""

    entries: tuple[TimelineEntry, ...]
    copies: tuple[str, ...]
    problem: tuple[str, ...] = ()


class HistoryReader:
    """Version histories of a home's states. `abandoned`: whether the holder of a lock has certainly ended."""

    def __init__(
        self,
        store: Store,
        names: type[ObjectNames],
        updates: Updates,
        abandoned: Callable[[Lock], bool] = lambda _: False,
    ) -> None:
        self._store = store
        self._names = names
        self._updates = updates
        self._abandoned = abandoned

    def history(self, app: str, stage: str, newest: int | None = None) -> History:
        """Return the newest versions of a state; None for all of them.

        `newest` counts complete versions; partial writes on the way to one are included and not counted.
        """
        names = self._names(app, stage)
        return self._history(names, self._listing(names), newest)

    def find(self, app: str, stage: str, name: VersionName) -> tuple[Version, Version | None]:
        """Return the version with a number or address prefix, and the version before it.

        Raises:
            StateError: there is none, or more than one; names them.
        """
        names = self._names(app, stage)
        listing = self._listing(names)
        history = self._history(names, listing, _SEARCHED)
        while True:
            exact = [version for version in history.versions if version.name == name]
            found = exact or [version for version in history.versions if _begins(version, name)]
            before = _before(history.versions, found[0]) if len(found) == 1 else None
            if len(found) == 1 and (before or not history.older):
                return found[0], before
            if not history.older:
                raise _unknown(f"{app}/{stage}", name, found, history.versions)
            history = self._history(names, listing, None)

    def read(self, app: str, stage: str, version: Version) -> Blob | None:
        """Return the bytes of a version; None when it has no state."""
        names = self._names(app, stage)
        if version.number:
            return self._store.get(names.snapshot(version.update_id))
        store = versioned(self._store)
        if not version.stored or store is None:
            return None
        return store.get_version(names.state, version.object_version)

    def load(self, app: str, stage: str, version: Version) -> Blob:
        """Return the bytes of a version. Raises StateError when it has no state."""
        blob = self.read(app, stage, version)
        if blob is None:
            raise StateError(
                f"there is no state of {app}/{stage} at version {version.name}",
                why="nothing was stored then" if not version.object_version else "it was deleted then",
                todo="`stateroom versions` lists the others",
            )
        return blob

    def stored(self, app: str, stage: str) -> Iterator[tuple[Version, Blob]]:
        """Yield every version with a state and its bytes, newest first, each read on demand."""
        for version in self.history(app, stage).versions:
            blob = self.read(app, stage, version) if version.stored else None
            if blob is not None:
                yield version, blob

    def _listing(self, names: ObjectNames) -> _Listing:
        runs = [names.id_in(key) for key in self._store.list(names.updates)]
        store = versioned(self._store)
        problem: tuple[str, ...] = ()
        if store is not None:
            try:
                copies = _copies(names, store)
                objects = [item for item in store.versions(names.state) if item.key == names.state]
                return _listed(copies, runs, objects)
            except StateError as error:  # without permission to list versions, the recorded ones still show
                problem = error.lines()
        return _listed([KeptCopy(names.id_in(key)) for key in self._store.list(names.snapshots)], runs, (), problem)

    def _history(self, names: ObjectNames, listing: _Listing, newest: int | None) -> History:
        shown = listing.entries[: _end(listing.entries, newest)]
        recorded = sum(entry.recorded for entry in shown)
        numbers = self._updates.numbers(names, listing.copies, recorded)
        bodies = self._updates.read_many(names, {entry.update_id for entry in shown if entry.update_id})
        same = {entry.same_as for entry in shown} - {"", *numbers}
        numbers |= self._updates.numbers(names, listing.copies) if same else {}
        running = self._running(names, shown, bodies)
        versions = (_version(entry, bodies.get(entry.update_id, {}), numbers, running) for entry in shown)
        return History(_in_order(filter(_worth_telling, versions)), len(listing.entries) - len(shown), listing.problem)

    def _running(self, names: ObjectNames, shown: Sequence[TimelineEntry], bodies: Mapping[str, Body]) -> set[str]:
        """Return the id of the running operation that holds the lock, if any."""
        open_ones = {item.update_id for item in shown if not item.recorded} - {""}
        if all(bodies[update_id].get("timeCompleted") for update_id in open_ones):
            return set()
        held = lock.read(self._store, names.lock)
        return {held.update_id} & open_ones if held and not self._abandoned(held) else set()


def _copies(names: ObjectNames, store: Versioned) -> list[KeptCopy]:
    """Return the stored copies. One that was encrypted again has the etags of both."""
    listed: dict[str, list[ObjectVersion]] = {}
    for item in store.versions(names.snapshots):
        listed.setdefault(names.id_in(item.key), []).append(item)
    copies: list[KeptCopy] = []
    for update_id, items in listed.items():
        now = next((item for item in items if item.latest), None)
        if now is not None and not now.deleted:
            etags = frozenset(item.etag for item in items if not item.deleted)
            copies.append(KeptCopy(update_id, etags, now.size, min(item.modified for item in items)))
    return copies


def _listed(
    copies: Sequence[KeptCopy], runs: Sequence[str], objects: Sequence[ObjectVersion], problem: tuple[str, ...] = ()
) -> _Listing:
    ids = tuple(sorted(copy.update_id for copy in copies))
    return _Listing(timeline(copies, runs, objects), ids, problem)


def _end(entries: Sequence[TimelineEntry], newest: int | None) -> int:
    """Return the number of entries up to the last that counts."""
    if newest is None:
        return len(entries)
    counted = 0
    for index, entry in enumerate(entries):
        if counted == newest:
            return index
        counted += not entry.partial
    return len(entries)


def _version(entry: TimelineEntry, body: Body, numbers: Mapping[str, int], running: set[str]) -> Version:
    number = numbers.get(entry.update_id, 0) if entry.recorded else 0
    version = version_of(entry.update_id, body, entry.moment, number, current=entry.latest)
    if entry.recorded:
        return version
    if not entry.update_id or entry.partial or entry.update_id in running:
        said = f"during {version.command}" if entry.update_id else DELETED if entry.deleted else UNRECORDED
        version = replace(version, command=said, started=entry.moment, completed=entry.moment, errors=())
    return replace(
        version,
        counted=False,
        address=entry.address,
        stored=bool(entry.version_id) and not entry.deleted,
        partial=entry.partial,
        same_as=numbers.get(entry.same_as, 0),
        object_version=entry.version_id,
    )


def _in_order(versions: Iterable[Version]) -> tuple[Version, ...]:
    """Order recorded versions by number.

    Of two concurrent operations the one that began first may have stored last. When the store has no current state, the
    current version is the newest of them.
    """
    listed = list(versions)
    by_number = iter(sorted((item for item in listed if item.number), key=lambda item: item.number, reverse=True))
    told = any(version.current for version in listed)
    ordered: list[Version] = []
    for version in listed:
        item = next(by_number) if version.number else version
        newest = bool(item.number) and not told
        told = told or newest
        ordered.append(replace(item, current=True) if newest else item)
    return tuple(ordered)


def _worth_telling(version: Version) -> bool:
    """Tell whether a version belongs in the history: an operation without changes does not."""
    return bool(version.number or version.object_version or version.errors or version.completed is None)


def _before(versions: Sequence[Version], version: Version) -> Version | None:
    """Return the previous version with a different state, or without one."""
    older = versions[versions.index(version) + 1 :]
    return next((item for item in older if item.stored or item.object_version), None)


def _begins(version: Version, name: VersionName) -> bool:
    return isinstance(name, str) and bool(version.address) and version.address.startswith(name)


def _unknown(
    place: str, name: VersionName, found: Sequence[Version], versions: Sequence[Version]
) -> UnknownVersionError:
    if found:
        return UnknownVersionError(
            f"{place} has {len(found)} versions that begin with {name}",
            why=", ".join(str(version.name) for version in reversed(found[:_NAMED])),
            todo="name one of them",
        )
    existing = [str(version.name) for version in versions[:_NAMED] if not version.partial]
    more = f", and {len(versions) - _NAMED} before" if len(versions) > _NAMED else ""
    return UnknownVersionError(
        f"{place} has no version {name}",
        why=f"versions that exist: {', '.join(reversed(existing))}{more}" if existing else "it has no versions yet",
        todo="`stateroom versions` lists them",
    )
