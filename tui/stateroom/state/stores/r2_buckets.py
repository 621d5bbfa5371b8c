"""R2 buckets for a reset: list, copy byte for byte and delete their objects.

R2 keeps no versions of objects, so the current one is the only one. Locks are left out everywhere: they are no part of
the content, and during a reset they keep others out.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stateroom.errors import StateError
from stateroom.state.stores.buckets import Buckets
from stateroom.state.stores.cloudflare_api import REGION, Cloudflare
from stateroom.state.stores.r2 import R2Store
from stateroom.state.stores.s3 import S3ObjectVersion

RESETTING: Final = "stateroom/reset"  # key of the reset mark: the process that is resetting the home
_HELD: Final = ("lock/", RESETTING)
_THREADS: Final = 8


class R2Objects(R2Store):
    """R2 bucket as a store that lists its objects with size and time."""

    def versions(self, prefix: str = "") -> Iterator[S3ObjectVersion]:
        """Yield the objects, without locks."""
        for item in self.items(prefix):
            if not item["Key"].startswith(_HELD):
                etag = str(item["ETag"])
                yield S3ObjectVersion(item["Key"], "", item["LastModified"], True, False, int(item["Size"]), etag)


@dataclass(frozen=True, slots=True)
class R2Buckets:
    """R2 buckets of an account."""

    api: Cloudflare

    def exists(self, name: str) -> bool:
        """Tell whether a bucket exists. Raises StateError, also when the token is denied."""
        return self._buckets().exists(name)

    def create(self, name: str) -> None:
        """Create a bucket; an existing one is a success. Raises StateError."""
        self._buckets().create(name)

    def may_hold_anything(self, name: str) -> bool:
        """Tell whether a bucket has objects other than locks. Raises StateError."""
        return any(True for _ in R2Objects(self.api, name).versions())

    def delete_versions(self, name: str, versions: Sequence[S3ObjectVersion]) -> None:
        """Delete these objects, if they are unchanged since they were listed. Raises StateError.

        R2 ignores the condition of a deletion: a write between the check and the deletion is lost. The locks keep out
        every client that respects them.
        """
        store = R2Objects(self.api, name)
        there = {item.key: item.etag for item in store.versions()}
        same = [item.key for item in versions if there.get(item.key) == item.etag]
        with ThreadPoolExecutor(_THREADS) as pool:
            for _ in pool.map(store.delete, same):
                pass

    def delete(self, name: str) -> bool:
        """Tell whether a bucket is empty; never deletes it, because SST would recreate it at once."""
        return not self.may_hold_anything(name)

    def _buckets(self) -> Buckets:
        return Buckets(self.api.clients, REGION)


@dataclass(frozen=True, slots=True)
class R2Copies:
    """Copier of one bucket's objects, without interpreting them."""

    store: R2Store

    def download(self, version: S3ObjectVersion, directory: Path) -> tuple[str, dict[str, Any]]:
        """Save an object as `directory/<sha256>`, synced; returns the hash. Raises StateError.

        An object that has gone or changed since it was listed is an error; the next run lists it again.
        """
        data = self.store.raw(version.key)
        if data is None or len(data) != version.size:
            raise StateError(
                f"{version.key} in the bucket {self.store.bucket} is {'gone' if data is None else 'another one now'}",
                why="someone wrote it while it was being saved",
                todo="run it again: it continues from here",
            )
        digest = hashlib.sha256(data).hexdigest()
        fresh = directory / f".{hashlib.sha256(version.key.encode()).hexdigest()}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(directory / digest)
        return digest, {}

    def upload(self, key: str, path: Path, _headers: Mapping[str, Any]) -> None:
        """Write an object as `download` saved it. Raises StateError."""
        self.store.write_raw(key, path.read_bytes())

    def mark_deleted(self, key: str) -> None:
        """Delete an object: R2 has no delete markers."""
        self.store.delete(key)
