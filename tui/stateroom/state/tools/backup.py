"""Backup of buckets on disk: every version of every object, for restoring them.

    index.jsonl      one line for each version and each marker of a deletion
    objects/<sha256> the bytes, each once
    restored.jsonl   what has been put back, and where

Lines are written after what they speak of, so a copy that was cut off is continued by the next run. What was secret
in the buckets is encrypted in here as it was there. The passphrase is not part of it, unless it lay in the bucket, as
SST keeps it in R2.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import count as counter
from itertools import groupby
from pathlib import Path
from typing import Any

from stateroom.errors import StateError
from stateroom.state.stores.copies import ObjectCopier
from stateroom.state.stores.s3 import S3ObjectVersion

_THREADS = 8

Count = Callable[[int, int], None]  # told how many of how many are done; may raise to stop the work


def uncounted(_done: int, _total: int) -> None:
    """Ignore the progress."""


@dataclass(frozen=True, slots=True)
class BackupEntry:
    """Version in a backup. `sha256` is empty for a delete marker."""

    role: str
    bucket: str
    key: str
    version_id: str
    modified: str  # ISO 8601
    latest: bool
    deleted: bool
    etag: str
    size: int
    position: int  # in the bucket's list, which has the newest first
    sha256: str = ""
    headers: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> tuple[str, ...]:
        """Identity of a version; a `null` version of an unversioned bucket can be overwritten."""
        return self.bucket, self.key, self.version_id, self.etag


class Backup:
    """Backup in a directory, created on the first write and readable by its owner only."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._objects = directory / "objects"
        self._lock = threading.Lock()
        self._entries = {entry.id: entry for entry in self._read("index.jsonl", BackupEntry)}
        self._restored = {tuple(item) for item in self._read("restored.jsonl", lambda **line: line["id"])}

    @property
    def entries(self) -> tuple[BackupEntry, ...]:
        """Return every version, in the order of saving."""
        return tuple(self._entries.values())

    def unsaved(self, bucket: str, versions: Sequence[S3ObjectVersion]) -> list[S3ObjectVersion]:
        """Return those of these versions that the backup lacks."""
        return [item for item in versions if (bucket, item.key, item.version_id, item.etag) not in self._entries]

    def save(
        self,
        role: str,
        bucket: str,
        versions: Sequence[S3ObjectVersion],
        copies: ObjectCopier,
        count: Count = uncounted,
    ) -> None:
        """Copy versions of a bucket's objects. Raises StateError."""
        with _on_disk(self.directory):
            self._objects.mkdir(parents=True, exist_ok=True, mode=0o700)

            def copy(place: tuple[int, S3ObjectVersion]) -> None:
                position, item = place
                digest, headers = ("", {}) if item.deleted else copies.download(item, self._objects)
                modified = item.modified.isoformat()
                entry = BackupEntry(
                    role, bucket, item.key, item.version_id, modified, item.latest, item.deleted, item.etag,
                    item.size, position, digest, headers,
                )  # fmt: skip
                self._append("index.jsonl", asdict(entry))
                with self._lock:
                    self._entries[entry.id] = entry

            _at_once(copy, list(enumerate(versions)), count)

    def check(self) -> None:
        """Check that the bytes of every index entry exist. Raises StateError."""
        for entry in self.entries:
            path = self._objects / entry.sha256
            if entry.sha256 and not (path.is_file() and path.stat().st_size == entry.size):
                raise StateError(
                    f"the backup in {self.directory} is damaged",
                    why=f"{entry.key} is not in it as it was saved",
                    todo="nothing more is removed; delete the directory and begin again",
                )

    def restore(self, role: str, bucket: str, copies: ObjectCopier, count: Count = uncounted) -> int:
        """Restore every version of a role's objects into a bucket, oldest first; returns their number.

        Versions that an earlier run restored are skipped. Raises StateError.
        """
        ordered = sorted((entry for entry in self.entries if entry.role == role), key=_age)
        by_key = [list(group) for _, group in groupby(ordered, key=lambda entry: entry.key)]

        def put_back(versions: list[BackupEntry]) -> None:
            for entry in versions:
                done = (*entry.id, bucket)
                if done in self._restored:
                    continue
                if entry.deleted:
                    copies.mark_deleted(entry.key)
                else:
                    copies.upload(entry.key, self._objects / entry.sha256, entry.headers)
                self._append("restored.jsonl", {"id": done})

        with _on_disk(self.directory):
            _at_once(put_back, by_key, count)
        return sum(not versions[-1].deleted for versions in by_key)

    def fill(self, role: str, present: Sequence[S3ObjectVersion], copies: ObjectCopier) -> int:
        """Restore objects that a bucket has lost since; returns their number.

        An object with a version that is not in the backup is skipped: it has changed since. So is one that is
        unchanged, and one that was deleted when the backup was made.

        Args:
            role: of the bucket.
            present: every version that the bucket holds now.
            copies: of the bucket.
        """
        there: dict[str, set[str]] = {}
        for item in present:
            there.setdefault(item.key, set()).add(item.etag)
        ordered = sorted((entry for entry in self.entries if entry.role == role), key=_age)
        lost = []
        for key, group in groupby(ordered, key=lambda entry: entry.key):
            versions = list(group)
            found = there.get(key, set())
            known = {entry.etag for entry in versions}
            if not versions[-1].deleted and versions[-1].etag not in found and found <= known:
                lost.append([entry for entry in versions if not entry.deleted and entry.etag not in found])

        def put_back(versions: list[BackupEntry]) -> None:
            for entry in versions:
                copies.upload(entry.key, self._objects / entry.sha256, entry.headers)

        with _on_disk(self.directory):
            _at_once(put_back, lost, uncounted)
        return len(lost)

    def current(self, role: str) -> dict[str, int]:
        """Return the keys of a role's objects that are not deleted, with their sizes."""
        ordered = sorted((entry for entry in self.entries if entry.role == role), key=_age)
        newest = {entry.key: entry for entry in ordered}
        return {key: entry.size for key, entry in newest.items() if not entry.deleted}

    def _read(self, name: str, parse: Callable[..., Any]) -> Iterator[Any]:
        path = self.directory / name
        with _on_disk(self.directory):
            lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        for line in lines:
            try:
                yield parse(**json.loads(line))
            except (ValueError, TypeError, KeyError):  # the line that was being written when the run was cut off
                continue

    def _append(self, name: str, line: dict[str, Any]) -> None:
        data = (json.dumps(line) + "\n").encode()
        with self._lock:
            descriptor = os.open(self.directory / name, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                size = os.fstat(descriptor).st_size
                if size and os.pread(descriptor, 1, size - 1) != b"\n":
                    data = b"\n" + data  # after a line that was cut off
                os.write(descriptor, data)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _age(entry: BackupEntry) -> tuple[str, datetime, bool, int]:
    """Sort key of versions: by object key, oldest first.

    S3's times have a resolution of a second, so delete marker and position break ties.
    """
    return entry.key, datetime.fromisoformat(entry.modified), entry.latest, -entry.position


def _at_once(work: Callable[[Any], None], items: Sequence[Any], count: Count) -> None:
    numbers = counter(1)

    def counted(item: Any) -> None:
        work(item)
        count(next(numbers), len(items))

    with ThreadPoolExecutor(_THREADS) as pool:
        for _ in pool.map(counted, items):
            pass


@contextmanager
def _on_disk(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StateError(
            f"cannot work with the backup in {directory}",
            why=error.strerror or type(error).__name__,
            todo="check the disk and its permissions, and run it again: it continues from here",
        ) from error
