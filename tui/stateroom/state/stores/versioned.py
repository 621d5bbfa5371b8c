"""Stores that keep what an object was before it was overwritten or deleted: S3 buckets with versioning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol, runtime_checkable

from stateroom.state.stores.late import PointedStore
from stateroom.state.stores.store import Blob, Store


class ObjectVersion(Protocol):
    """What is known of a version of an object without reading it."""

    @property
    def key(self) -> str:
        """The object's key."""

    @property
    def version_id(self) -> str:
        """The store's name for the version."""

    @property
    def modified(self) -> datetime:
        """When it was written, to the second, by the store's clock."""

    @property
    def latest(self) -> bool:
        """Whether this is what the object is now."""

    @property
    def deleted(self) -> bool:
        """Whether it only marks a deletion."""

    @property
    def size(self) -> int:
        """Its bytes."""

    @property
    def etag(self) -> str:
        """The same for the same bytes, unless the bucket encrypts with KMS."""


@runtime_checkable
class Versioned(Protocol):
    """A store that keeps the versions of its objects, newest first."""

    def versions(self, prefix: str = "") -> Iterator[ObjectVersion]:
        """Every version of the objects that start with `prefix`. Raises StateError."""

    def get_version(self, key: str, version_id: str) -> Blob | None:
        """A version's bytes. Raises StateError."""

    def delete_version(self, key: str, version_id: str) -> None:
        """Delete a version for good. Raises StateError."""


def versioned(store: Store) -> Versioned | None:
    """The store behind, if it is there and keeps versions. Creates nothing."""
    found = store.found() if isinstance(store, PointedStore) else store
    return found if isinstance(found, Versioned) else None
