"""Which old versions go, and which deployment packages nobody needs any more once they have gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stateroom.errors import StateError
from stateroom.model.version import Version
from stateroom.state.home import Home
from stateroom.state.names import Names
from stateroom.state.store import Store

_SHA256 = re.compile(rb"\b[0-9a-f]{64}\b")


@dataclass(frozen=True, slots=True)
class Retention:
    """What would be deleted. `versions` newest first; `packages` by SHA-256, `kept` of those still needed elsewhere."""

    app: str
    stage: str
    versions: tuple[Version, ...]
    keys: tuple[str, ...]
    packages: tuple[str, ...]
    kept: tuple[str, ...]


def plan(home: Home, app: str, stage: str, keep: int) -> Retention:
    """What goes when only the newest `keep` versions stay. Deletes nothing.

    A package goes only when a version that goes is the last thing in the whole home that mentions it.

    Raises:
        StateError: fewer than one version would stay.
    """
    if keep < 1:
        raise StateError("at least one version has to stay", todo="--keep 1 keeps the newest only")
    store, names = home.documents.store, home.documents.names(app, stage)
    versions = home.versions(app, stage)
    gone = versions[keep:]
    keys = [key for version in gone for key in _keys(names, version)]
    mentioned = {sha for version in gone for sha in _mentioned(store, names.snapshot(version.update_id))}
    packages = {sha for sha in mentioned if home.has_artifact(sha)}
    needed = _needed(store, set(keys), packages)
    return Retention(app, stage, gone, tuple(keys), tuple(sorted(packages - needed)), tuple(sorted(packages & needed)))


def apply(home: Home, retention: Retention) -> None:
    """Delete it. Old versions first, their packages last: a cut in between leaves a package too many, never too few."""
    store = home.documents.store
    for key in retention.keys:
        store.delete(key)
    still = _needed(store, set(retention.keys), set(retention.packages))
    for sha in retention.packages:
        if sha not in still:  # else someone has deployed the same code again meanwhile
            home.packages.delete(sha)


def _keys(names: Names, version: Version) -> Iterator[str]:
    """The snapshot goes last, so that what a killed run leaves is still a version."""
    yield names.update(version.update_id)
    yield f"eventlog/{names.app}/{names.stage}/{version.update_id}{names.SUFFIX}"
    yield names.snapshot(version.update_id)


def _mentioned(store: Store, key: str) -> set[str]:
    blob = store.get(key)
    return {match.decode() for match in _SHA256.findall(blob.data)} if blob else set()


def _needed(store: Store, gone: set[str], packages: set[str]) -> set[str]:
    """Packages that anything mentions which stays: states, versions and journals of every service of the home."""
    needed: set[str] = set()
    if not packages:
        return needed
    for key in store.list(""):
        if key not in gone and not key.endswith(".zip") and needed != packages:
            needed |= packages & _mentioned(store, key)
    return needed
