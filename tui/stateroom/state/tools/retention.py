"""Retention of old versions and of the deployment packages that only they refer to.

A bucket with versioning keeps deleted and overwritten objects, and those are versions, too, with packages of their own.
They are deleted only on request, and then for good.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stateroom.errors import StateError
from stateroom.model.version import Version
from stateroom.state.home import Home
from stateroom.state.object_names import ObjectNames
from stateroom.state.stores.store import Store
from stateroom.state.stores.versioned import versioned

_SHA256 = re.compile(rb"\b[0-9a-f]{64}\b")
_Object = tuple[str, str]  # key, version id


@dataclass(frozen=True, slots=True)
class Retention:
    """Plan of a retention run. `versions` newest first; `packages` by SHA-256, `kept` still needed.

    `objects`: object versions of the bucket to delete, (key, version id); `held`: number of those that stay.
    """

    app: str
    stage: str
    versions: tuple[Version, ...]
    keys: tuple[str, ...]
    packages: tuple[str, ...]
    kept: tuple[str, ...]
    objects: tuple[_Object, ...] = ()
    held: int = 0


def plan(home: Home, app: str, stage: str, keep: int, *, object_versions: bool = False) -> Retention:
    """Plan a retention run that keeps the newest `keep` versions; deletes nothing.

    A package is deleted only when no remaining object in the home refers to it.

    Args:
        home: where they are.
        app: of the state.
        stage: of the state.
        keep: how many recorded versions stay.
        object_versions: also what the bucket itself kept from before the oldest of them.

    Raises:
        StateError: fewer than one version would stay, or the bucket's versions cannot be listed.
    """
    if keep < 1:
        raise StateError("at least one version has to stay", todo="--keep 1 keeps the newest only")
    store, names = home.documents.store, home.documents.names(app, stage)
    history = home.histories.history(app, stage).versions
    recorded = [version for version in history if version.number]
    gone = recorded[keep:]
    keys = [key for version in gone for key in _keys(names, version)]
    old = _old_objects(store, names, set(keys), recorded[:keep])
    objects = old if object_versions else []
    shas = {sha for version in gone for sha in mentioned(store, names.snapshot(version.update_id))}
    if object_versions:
        shas |= {sha for key, version_id in objects for sha in mentioned(store, key, version_id)}
    packages = {sha for sha in shas if home.packages.has(sha)}
    needed = _needed(home, set(keys), set(objects), packages)
    return Retention(
        app,
        stage,
        tuple(gone),
        tuple(keys),
        tuple(sorted(packages - needed)),
        tuple(sorted(packages & needed)),
        tuple(objects),
        held=0 if object_versions else len(old),
    )


def apply(home: Home, retention: Retention) -> None:
    """Delete what was planned: versions first, then packages, so that no version loses its package."""
    store = home.documents.store
    for key in retention.keys:
        store.delete(key)
    keeper = versioned(store)
    for key, version_id in retention.objects:
        if keeper is not None:
            keeper.delete_version(key, version_id)
    still = _needed(home, set(retention.keys), set(retention.objects), set(retention.packages))
    for sha in retention.packages:
        if sha not in still:  # else the same code has been deployed again meanwhile
            home.packages.delete(sha)


def _keys(names: ObjectNames, version: Version) -> Iterator[str]:
    """Yield a version's keys, the snapshot last, so that an interrupted run leaves a version."""
    yield names.update(version.update_id)
    yield f"eventlog/{names.app}/{names.stage}/{version.update_id}{names.SUFFIX}"
    yield names.snapshot(version.update_id)


def _old_objects(store: Store, names: ObjectNames, gone: set[str], kept: list[Version]) -> list[_Object]:
    """Return object versions of the state and its versions that precede the oldest kept version.

    The current state stays, whenever it was written, and so does the object version of the oldest kept version.
    """
    keeper = versioned(store)
    if keeper is None or not kept:
        return []
    oldest = kept[-1].update_id
    copies = [item for item in keeper.versions(names.snapshot(oldest)) if not item.deleted]
    if not copies:
        return []
    moment, etags = min(item.modified for item in copies), {item.etag for item in copies}
    states = [item for item in keeper.versions(names.state) if item.key == names.state]
    writes = [item for item in states if not item.deleted]  # newest first
    own = max((index for index, item in enumerate(writes) if item.etag in etags), default=None)
    before = [item for item in writes if item.modified < moment] if own is None else writes[own + 1 :]
    before += [item for item in states if item.deleted and item.modified < moment]
    found = [(item.key, item.version_id) for item in before if not item.latest]
    for prefix in (names.updates, names.snapshots):
        listed = list(keeper.versions(prefix))
        deleted = {item.key for item in listed if item.latest and item.deleted and names.id_in(item.key) > oldest}
        found += [(item.key, item.version_id) for item in listed if item.key in deleted | gone]
    return found


def mentioned(store: Store, key: str, version_id: str = "") -> set[str]:
    """Return what could be SHA-256s of packages in an object, or in one of its versions."""
    keeper = versioned(store) if version_id else None
    blob = keeper.get_version(key, version_id) if keeper else store.get(key)
    return {match.decode() for match in _SHA256.findall(blob.data)} if blob else set()


def _needed(home: Home, gone: set[str], objects: set[_Object], packages: set[str]) -> set[str]:
    """Return the packages that remaining states, versions and journals of the home refer to."""
    store = home.documents.store
    needed: set[str] = set()
    for key in store.list("") if packages else ():
        if key not in gone and not key.endswith(".zip") and needed != packages:
            needed |= packages & mentioned(store, key)
    keeper = versioned(store)
    seen: set[str] = set()
    for item in keeper.versions(home.documents.names.STATES) if keeper and packages else ():
        past = not item.latest and not item.deleted and (item.key, item.version_id) not in objects
        if past and item.etag not in seen and needed != packages:
            seen.add(item.etag)
            needed |= packages & mentioned(store, item.key, item.version_id)
    return needed
