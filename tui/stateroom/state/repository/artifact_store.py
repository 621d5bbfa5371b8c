"""Store of deployment packages by content hash, so that a past version can be deployed again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from stateroom.errors import DamagedPackageError, StateError
from stateroom.model.package import LARGEST_UPLOAD, StoredPackage
from stateroom.state.object_names import ObjectNames
from stateroom.state.stores.s3 import S3Store
from stateroom.state.stores.store import Store
from stateroom.state.stores.versioned import ObjectVersion, digest_of, versioned


@dataclass(frozen=True, slots=True)
class PackageBucket:
    """Bucket from which Lambda can fetch packages; by default none.

    Args:
        region: where it is, or will be. Asked without a call.
        name: its name; "" while there is none.
    """

    region: Callable[[], str] = str
    name: Callable[[], str] = str


def bucket_name(store: Store | None) -> str:
    """Return the name of a store's bucket; "" for none, and for stores that are no buckets of S3."""
    return store.bucket if isinstance(store, S3Store) else ""


class ArtifactStore:
    """Zips by SHA-256 (hex).

    Args:
        store: where they lie.
        label: the home in messages.
        names: gives the keys.
        bucket: that of `store`, if it is one of S3.
    """

    def __init__(
        self,
        store: Store,
        label: Callable[[], str],
        names: type[ObjectNames] = ObjectNames,
        bucket: PackageBucket = PackageBucket(),
    ) -> None:
        self._store = store
        self._bucket = bucket
        self._label = label
        self._key = names.asset
        self._local: dict[str, Path] = {}  # packages that this process has at hand

    def put(self, sha256: str, path: Path) -> None:
        """Store the file under its hash, unless it is there; if that one is damaged, `get` puts this in its place.

        Raises:
            DamagedPackageError: the file has another hash.
            StateError: it cannot be read, or the home cannot be written.
        """
        self._local[sha256] = path
        if not self.has(sha256):
            self._store.put(self._key(sha256), _read(sha256, path))

    def keep(self, sha256: str, data: bytes) -> None:
        """Store bytes whose hash the caller has checked. Raises StateError when the home cannot be written."""
        self._store.put(self._key(sha256), data)

    def get(self, sha256: str) -> bytes:
        """Return the bytes of a package.

        One that is missing or damaged is replaced by the local one, if there is one; a deleted one is put back from
        what its bucket kept of it.

        Raises:
            StateError: it is missing or damaged, and there is no other.
        """
        blob = self._store.get(self._key(sha256))
        if blob is not None and _is(sha256, blob.data):
            return blob.data
        if sha256 in self._local:
            data = _read(sha256, self._local[sha256])
            self._store.put(self._key(sha256), data)
            return data
        if blob is None and (deleted := self._deleted(sha256)):
            self._store.put(self._key(sha256), deleted)
            return deleted
        raise StateError(
            f"the deployment package {sha256[:12]} cannot be used",
            why=self._missing() if blob is None else self._damaged(),
            todo="deploy from the source instead",
        )

    def problem(self, sha256: str) -> str:
        """Say why a package cannot be deployed again, "" when it can. Reads no package from a bucket."""
        found = digest_of(self._store, self._key(sha256))
        if found is None:
            return "" if any(self._versions(sha256)) else f"package {sha256[:12]}: {self._missing()}"
        return f"package {sha256[:12]}: {self._damaged()}" if found not in ("", sha256) else ""

    def serves(self, region: str) -> bool:
        """Tell whether Lambda of a region can fetch what is stored here: only from a bucket of its own region."""
        return bool(region) and self._bucket.region() == region

    def package(self, sha256: str, region: str) -> bytes | StoredPackage:
        """Return a package as Lambda of a region takes it: its bytes, or its place if it is too large to be sent.

        Raises:
            StateError: it is missing or damaged.
        """
        data = self.get(sha256)
        bucket = self._bucket.name() if len(data) > LARGEST_UPLOAD and self.serves(region) else ""
        return StoredPackage(bucket, self._key(sha256)) if bucket else data

    def delete(self, sha256: str) -> None:
        """Delete a package; a missing one is a success."""
        self._store.delete(self._key(sha256))

    def has(self, sha256: str) -> bool:
        """Tell whether a package is stored."""
        return self._key(sha256) in self._store.list(self._key(sha256))

    def keeps_deleted(self) -> bool:
        """Tell whether the bucket keeps deleted packages as versions: `get` finds one there."""
        keeper = versioned(self._store)
        try:
            newest = next(iter(keeper.versions("")), None) if keeper else None
        except StateError:
            return False
        return newest is not None and newest.version_id not in ("", "null")

    def _versions(self, sha256: str) -> Iterator[ObjectVersion]:
        """Yield what the bucket kept of a deleted package, newest first; nothing where that may not be listed."""
        keeper, key = versioned(self._store), self._key(sha256)
        with suppress(StateError):
            yield from (
                item for item in (keeper.versions(key) if keeper else ()) if item.key == key and not item.deleted
            )

    def _deleted(self, sha256: str) -> bytes | None:
        keeper = versioned(self._store)
        for item in self._versions(sha256):
            blob = keeper.get_version(item.key, item.version_id) if keeper else None
            if blob is not None and _is(sha256, blob.data):
                return blob.data
        return None

    def _missing(self) -> str:
        return f"it is not kept in {self._label()}: it was deployed from elsewhere, or deleted"

    def _damaged(self) -> str:
        return f"it is damaged in {self._label()}: its bytes have another SHA-256"


def _read(sha256: str, path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StateError(
            f"cannot read the deployment package {path}",
            why=error.strerror or "",
            todo="run the command again: it is packaged again",
        ) from error
    if not _is(sha256, data):
        raise DamagedPackageError(
            f"{path} is not the deployment package {sha256[:12]}",
            why="its bytes have another SHA-256",
            todo="run the command again: it is packaged again",
        )
    return data


def _is(sha256: str, data: bytes) -> bool:
    return hashlib.sha256(data).hexdigest() == sha256
