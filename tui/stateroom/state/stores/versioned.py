"""What some stores can do besides: keep the versions of objects, as S3 does, and tell digests without the bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol, runtime_checkable

from stateroom.state.stores.late import PointedStore
from stateroom.state.stores.store import Blob, Store


class ObjectVersion(Protocol):
    """Metadata of an object version."""

    @property
    def key(self) -> str:
        """Key of the object."""

    @property
    def version_id(self) -> str:
        """Store's id of the version."""

    @property
    def modified(self) -> datetime:
        """Time of writing, to the second, by the store's clock."""

    @property
    def latest(self) -> bool:
        """Whether this is the current version."""

    @property
    def deleted(self) -> bool:
        """Whether it is a delete marker."""

    @property
    def size(self) -> int:
        """Size in bytes."""

    @property
    def etag(self) -> str:
        """Etag: the same for the same bytes, unless the bucket encrypts with KMS."""


@runtime_checkable
class Versioned(Protocol):
    """Store that keeps the versions of its objects, newest first."""

    def versions(self, prefix: str = "") -> Iterator[ObjectVersion]:
        """Yield every version of the objects that start with `prefix`. Raises StateError."""

    def get_version(self, key: str, version_id: str) -> Blob | None:
        """Return a version's bytes. Raises StateError."""

    def delete_version(self, key: str, version_id: str) -> None:
        """Delete a version for good. Raises StateError."""


def versioned(store: Store) -> Versioned | None:
    """Return the underlying store, if it exists and keeps versions. Creates nothing."""
    found = store.found() if isinstance(store, PointedStore) else store
    return found if isinstance(found, Versioned) else None


@runtime_checkable
class Digesting(Protocol):
    """Store that tells what its objects hold."""

    def digest(self, key: str) -> str | None:
        """Return the SHA-256 of an object (hex), "" when it is not known without reading it; None: no object."""


def digest_of(store: Store, key: str) -> str | None:
    """Return the digest of an object, as `Digesting.digest`; a store that tells none is read. Creates nothing."""
    found = store.found() if isinstance(store, PointedStore) else store
    if found is None:
        return None
    if isinstance(found, Digesting):
        return found.digest(key)
    blob = found.get(key)
    return hashlib.sha256(blob.data).hexdigest() if blob else None
