"""Versioned store protocol: object versions before an overwrite or delete, as in S3."""

from __future__ import annotations

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
