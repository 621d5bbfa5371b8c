"""Store of deployment packages by content hash, so that a past version can be deployed again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from stateroom.errors import StateError
from stateroom.state.object_names import ObjectNames
from stateroom.state.stores.store import Store


class ArtifactStore:
    """Zips by SHA-256 (hex). `label` is the home in messages, `names` gives the keys."""

    def __init__(self, store: Store, label: Callable[[], str], names: type[ObjectNames] = ObjectNames) -> None:
        self._store = store
        self._label = label
        self._key = names.asset

    def put(self, sha256: str, path: Path) -> None:
        """Store the file under its hash. Raises StateError for another hash."""
        if self.has(sha256):
            return
        try:
            data = path.read_bytes()
        except OSError as error:
            raise StateError(
                f"cannot read the deployment package {path}", why=error.strerror or "", todo="package it again"
            ) from error
        _verify(sha256, data, str(path))
        self._store.put(self._key(sha256), data)

    def get(self, sha256: str) -> bytes:
        """Return the bytes of a package. Raises StateError when it is missing or damaged."""
        blob = self._store.get(self._key(sha256))
        if blob is None:
            raise StateError(
                f"the deployment package {sha256[:12]} is not kept in {self._label()}",
                why="the version it belongs to was deployed from elsewhere, or it was deleted",
                todo="deploy from the source instead",
            )
        _verify(sha256, blob.data, f"the package in {self._label()}")
        return blob.data

    def delete(self, sha256: str) -> None:
        """Delete a package; a missing one is a success."""
        self._store.delete(self._key(sha256))

    def has(self, sha256: str) -> bool:
        """Tell whether a package is stored."""
        return self._key(sha256) in self._store.list(self._key(sha256))


def _verify(sha256: str, data: bytes, what: str) -> None:
    if hashlib.sha256(data).hexdigest() != sha256:
        raise StateError(
            f"{what} is not the deployment package {sha256[:12]}",
            why="its bytes have another SHA-256",
            todo="package it again",
        )
