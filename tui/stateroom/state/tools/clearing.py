"""Clear what a home keeps of a service and stage besides its state: versions, records, packages. For `remove`.

It goes by key: nothing is deleted that does not begin with the service's and stage's own prefixes, but for packages,
and of those only what no state, version or journal of the home mentions any more. The record of the operation that
clears goes last and names the packages: what a run was cut off in, the next one finds and finishes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from stateroom.errors import StateError
from stateroom.model.version import Past
from stateroom.state.home import Home
from stateroom.state.object_names import ObjectNames
from stateroom.state.stores.store import Store
from stateroom.state.stores.versioned import versioned
from stateroom.state.tools.retention import mentioned

_READERS = 16
_UNVERSIONED = ("", "null")  # version ids of S3 where a bucket keeps no versions


@dataclass(frozen=True, slots=True)
class Cleared:
    """What was cleared. `packages` are deleted, `kept` are needed by something else; both by SHA-256."""

    packages: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def past_of(home: Home, app: str, stage: str, *, secrets: bool = False) -> Past | None:
    """Return what there is to clear; None when there is nothing. Lists names, and reads no object.

    Args:
        home: where it is.
        app: of the state.
        stage: of the state.
        secrets: whether the state has values that are encrypted with a passphrase.
    """
    store, names = home.documents.store, home.documents.names(app, stage)
    versions, records = sum(1 for _ in store.list(names.snapshots)), sum(1 for _ in store.list(names.updates))
    state = store.get(names.state) is not None
    rest = any(True for prefix in _others(names) for _ in store.list(prefix))
    if not (versions or records or state or rest):
        return None
    return Past(versions, records, _keeps(store, names), secrets=secrets)


def clear_past(home: Home, app: str, stage: str, update_id: str) -> Cleared:
    """Delete versions, records, journals and packages of a service and stage that has no state any more.

    Args:
        home: where they are; the lock is held.
        app: of the state.
        stage: of the state.
        update_id: the operation that clears; its record goes last.

    Raises:
        StateError: the home cannot be read or written; what is left, the next remove clears.
    """
    store, names = home.documents.store, home.documents.names(app, stage)
    record = names.update(update_id)
    own = [key for prefix in (names.snapshots, *_others(names), names.updates) for key in store.list(prefix)]
    packages = {sha for sha in _mentioned_in(store, own) if home.packages.has(sha)}
    if packages:
        _note(store, record, packages)
    store.delete_all([key for key in own if key != record])
    needed = packages & _mentioned_in(store, _that_need_packages(home, record)) if packages else set()
    if packages - needed and not home.packages.keeps_deleted():
        needed |= packages & _mentioned_by_past_objects(store, names)
    for sha in sorted(packages - needed):
        home.packages.delete(sha)
    store.delete(record)
    return Cleared(tuple(sorted(packages - needed)), tuple(sorted(needed)))


def cleared_text(cleared: Cleared) -> str:
    """Say what was cleared: `versions and records are cleared, and 2 packages; 1 stays, something else needs it`."""
    gone, kept = len(cleared.packages), len(cleared.kept)
    text = "versions and records are cleared" + (f", and {gone} package{'s' * (gone != 1)}" if gone else "")
    stays = f"; {kept} package{'s stay' if kept != 1 else ' stays'}: something else in the home needs"
    return text + (f"{stays} {'them' if kept != 1 else 'it'}" if kept else "")


def _others(names: ObjectNames) -> tuple[str, ...]:
    """Return the prefixes of what belongs to a service and stage besides state, lock, versions and records."""
    damaged = names.damaged("").rpartition("/")[0] + "/"
    return damaged, f"eventlog/{names.app}/{names.stage}/", names.journals


def _keeps(store: Store, names: ObjectNames) -> bool | None:
    """Tell whether the bucket keeps what is deleted of the state; None when that may not be asked."""
    keeper = versioned(store)
    if keeper is None:
        return False
    try:
        return any(
            item.key == names.state and item.version_id not in _UNVERSIONED for item in keeper.versions(names.state)
        )
    except StateError:
        return None


def _note(store: Store, record: str, packages: set[str]) -> None:
    """Name the packages in the operation's record, so that they are known when everything else is gone."""
    blob = store.get(record)
    try:
        body = json.loads(blob.data) if blob else {}
    except ValueError:
        body = {}
    store.put(record, json.dumps({**body, "packages": sorted(packages)}).encode())


def _that_need_packages(home: Home, record: str) -> list[str]:
    """Return the keys of states, versions and journals. Records of operations need no package, and only name some."""
    store, names = home.documents.store, home.documents.names
    return [
        key
        for key in store.list("")
        if key != record and not key.endswith(".zip") and not key.startswith(names.UPDATES)
    ]


def _mentioned_in(store: Store, keys: Iterable[str]) -> set[str]:
    with ThreadPoolExecutor(_READERS, "past") as pool:
        return set().union(*pool.map(lambda key: mentioned(store, key), keys))


def _mentioned_by_past_objects(store: Store, names: ObjectNames) -> set[str]:
    """Return the packages that other states' past objects name, where the packages' bucket keeps no deleted ones."""
    keeper = versioned(store)
    found: set[str] = set()
    for item in keeper.versions(names.STATES) if keeper else ():
        if item.key != names.state and not item.latest and not item.deleted:
            found |= mentioned(store, item.key, item.version_id)
    return found
