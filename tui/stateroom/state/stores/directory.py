"""Directory as a store: one file an object, written atomically."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path

from stateroom.errors import StateConflictError, StateError
from stateroom.state.stores.store import Blob

_SIDECAR = ".store.lock"
_CHECK = "check the disk and its permissions"
_WAYS_OUT = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room: the quota of this user is used up",
    errno.EROFS: "make the file system writable, or choose another home",
}


class DirectoryStore:
    """Objects as files below `root`, readable by their owner only. Nothing is created before the first put.

    A put writes a second file, syncs it and renames it over the first, so a reader sees the old bytes or the new ones,
    also after a power cut. Writers take turns by `flock` on a file next to the objects, across threads and processes; a
    writer that is killed leaves the lock to the kernel.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def get(self, key: str) -> Blob | None:
        """Return the file's bytes; None when there is no such file."""
        path = self._path(key)
        with _explained(f"cannot read {path}"):
            try:
                with _opened(path) as file:
                    data = file.read()
                    modified = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
            except (FileNotFoundError, NotADirectoryError):
                return None
        return Blob(data, _etag(data), modified)

    def digest(self, key: str) -> str | None:
        """Return the SHA-256 of a file (hex); None when there is none."""
        path = self._path(key)
        with _explained(f"cannot read {path}"):
            try:
                with _opened(path) as file:
                    return hashlib.file_digest(file, "sha256").hexdigest()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def put(self, key: str, data: bytes, *, if_match: str | None = None, if_none_match: bool = False) -> str:
        """Write the file atomically, if the condition holds."""
        path = self._own(key)
        with _explained(f"cannot write {path}"), self._writing():
            if if_none_match and path.exists():
                raise StateConflictError(f"{key} exists already", why="someone else wrote it first")
            self._require(key, if_match)
            self._make_directory(path.parent)
            _replace(path, data)
        return _etag(data)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Remove the file, and directories left empty by it."""
        path = self._path(key)
        with _explained(f"cannot read {path}"):
            if if_match is None and not path.exists():
                return
        self._own(key)
        with _explained(f"cannot delete {path}"), self._writing():
            self._require(key, if_match)
            if not path.exists():  # another one was faster, and has taken the directory along
                return
            path.unlink()
            _sync(path.parent)
            for parent in path.parents:
                if parent == self.root or not _removed(parent):
                    break

    def delete_all(self, keys: Sequence[str]) -> None:
        """Remove files one after the other."""
        for key in keys:
            self.delete(key)

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the keys below the prefix, sorted, without temporary files."""
        top = self._path(prefix + "x").parent if prefix else self.root
        keys: list[str] = []
        with _explained(f"cannot list {top}"):
            for directory, _, names in os.walk(top, onerror=_unless_missing):
                base = Path(directory).relative_to(self.root).as_posix()
                keys += [name if base == "." else f"{base}/{name}" for name in names if not name.startswith(".")]
        yield from sorted(key for key in keys if key.startswith(prefix))

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if any(part in ("", ".", "..") or part.startswith(".") or "\0" in part for part in parts):
            raise StateError(
                f"{key!r} cannot be a file in {self.root}",
                why="names of services and stages may not be empty, start with a dot or hold a slash",
                todo="choose another service or stage name",
            )
        return self.root.joinpath(*parts)

    def _own(self, key: str) -> Path:
        """Return the path that a key is written to. A directory that links into the store is another key's place."""
        path, root = self._path(key), self.root.resolve()
        real = path.parent.resolve()
        if root in (real, *real.parents) and real != root.joinpath(*key.split("/")[:-1]):
            raise StateError(
                f"{path.parent} is a link to {real}",
                why=f"writing {key} would write {(real / path.name).relative_to(root)}; nothing was written",
                todo="put a directory of its own in the place of the link",
            )
        return path

    def _require(self, key: str, etag: str | None) -> None:
        if etag is None:
            return
        current = self.get(key)
        if current is None or current.etag != etag:
            raise StateConflictError(
                f"{key} has changed" if current else f"{key} is gone",
                why="someone else wrote it since it was read",
                todo="nothing was overwritten; look again and repeat the command",
            )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._make_directory(self.root)
        descriptor = os.open(self.root / _SIDECAR, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _make_directory(self, path: Path) -> None:
        missing = [item for item in (path, *path.parents) if not item.exists()]
        for directory in reversed(missing):
            # The project's own directory is made with the user's ordinary permissions, the home below it is private.
            private = directory == self.root or self.root in directory.parents
            directory.mkdir(mode=0o700 if private else 0o777, exist_ok=True)
            _sync(directory.parent)


def _etag(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _opened(path: Path) -> BufferedReader:
    """Open a regular file to read it. Raises OSError, StateError."""
    # O_NONBLOCK: opening a pipe that nobody writes to would wait for a writer.
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb")
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise StateError(f"cannot read {path}", why="it is not a regular file", todo="take it away")


def _replace(path: Path, data: bytes) -> None:
    # One writer at a time, so the name may be fixed: what a killed writer left is overwritten by the next.
    fresh = path.with_name(f".{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync(path.parent)


def _sync(directory: Path) -> None:
    """Sync a directory, so that a rename, a new file or a removal is durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _removed(directory: Path) -> bool:
    with suppress(OSError):
        for leftover in directory.glob(".*.new"):
            leftover.unlink()
        directory.rmdir()
        return True
    return False


def _unless_missing(error: OSError) -> None:
    """Raise what a walk would pass over in silence, as if there was nothing; what is gone by now is nothing."""
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise StateError(what, why=why, todo=_WAYS_OUT.get(error.errno or 0, _CHECK)) from error
