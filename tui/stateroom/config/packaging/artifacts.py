"""Zip a service's directory to a deployment package with reproducible bytes.

Names are sorted, times fixed, modes are 0755 for executables and 0644 for the rest, so the same files give the same
SHA-256 on every machine. A fingerprint of paths, sizes and times spares reading and compressing unchanged files.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import zipfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from stateroom.config.document.user_files import LARGEST_PACKAGE, read_user_file
from stateroom.config.packaging.globs import matches
from stateroom.errors import ConfigError
from stateroom.model.resource import Artifact

_SKIPPED_DIRECTORIES: Final = frozenset(
    {".git", ".stateroom", ".serverless", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".svn"}
)
_HOME_MARK: Final = ".store.lock"  # beside the objects of every directory with states (state.stores.directory)
_SKIPPED_FILES: Final = re.compile(
    r"(\.env(\..*)?|serverless(-compose)?\.(ya?ml|json|js|ts|mjs|cjs)|.*\.py[cod]|\.DS_Store|\.gitignore|npm-debug\.log)"
)
_SAVED_PLAN: Final = b'{\n "format": "stateroom plan"'  # how files of `plan --out` begin, for their owner's eyes only
_ROOM: Final = "check the file's permissions and the free space"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold
_FORMAT: Final = "1"  # changes when the same files would give other bytes
_File: TypeAlias = tuple[str, Path, os.stat_result]  # the name in the package, the file, what is known of it


def package(
    root: Path,
    patterns: Sequence[str],
    build_dir: Path,
    *,
    below: str = "",
    beside: Sequence[Path] = (),
    at: str = "",
    homes: Sequence[Path] = (),
) -> Artifact:
    """Zip a directory into `build_dir/<sha256>.zip`, or return the zip that exists.

    Args:
        root: the service's directory.
        patterns: `package.patterns`: globs that include, or with `!` exclude; later ones win.
        build_dir: where packages are kept; created when missing.
        below: a directory of `root` that becomes the package's own root; what is outside stays out.
        beside: directories with files to add; the later of two files of one name wins.
        at: what all paths in the package begin with, such as `python/`.
        homes: directories with states, left out; so is every other one that a state was ever written to.

    Raises:
        ConfigError: a file cannot be read or the zip cannot be written; or the directory itself holds states.
    """
    _check_no_home(root, homes)
    try:
        inside = f"{below}/" if below else ""
        apart = frozenset({build_dir.resolve(), *homes})
        found = {
            at + name.removeprefix(inside): (root / name, stat)
            for name, stat in _files(root, tuple(patterns), apart)
            if name.startswith(inside)
        }
        for other in beside:
            everything = _files(other, ("**",), apart)
            found.update({at + name: (other / name, stat) for name, stat in everything})
        files = tuple((name, *found[name]) for name in sorted(found))
        build_dir.mkdir(parents=True, exist_ok=True)
        memo = build_dir / f"{_fingerprint(root, files)}.fingerprint"
        return _remembered(memo, build_dir) or _written(files, memo, build_dir)
    except OSError as error:
        raise ConfigError(
            f"{root} cannot be packaged",
            why=f"{error.filename or ''}: {error.strerror or error}",
            todo=_ROOM,
        ) from None


def _check_no_home(root: Path, homes: Collection[Path]) -> None:
    """Check that a package's directory is not one with states. Raises ConfigError."""
    if (root / _HOME_MARK).exists() or root.resolve() in homes:
        raise ConfigError(
            f"{root} cannot be packaged",
            why="states are kept in it, which are no part of a package",
            todo=f"move them into a directory of their own: app, snapshot, update and what else is beside {_HOME_MARK}",
        )


def prebuilt(path: Path, build_dir: Path) -> Artifact:
    """Copy the user's own zip (`package.artifact`) to the build directory. Raises ConfigError."""
    try:
        data = read_user_file(path, LARGEST_PACKAGE)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read", why=error.strerror or "", todo="build the package first") from None
    try:
        digest = hashlib.sha256(data).hexdigest()
        build_dir.mkdir(parents=True, exist_ok=True)
        target = build_dir / f"{digest}.zip"
        if _bytes_of(target) != data:
            _write_atomically(target, data)
    except OSError as error:
        raise ConfigError(f"{path} cannot be kept in {build_dir}", why=error.strerror or "", todo=_ROOM) from None
    return Artifact(digest, target, len(data))


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _files(root: Path, patterns: tuple[str, ...], apart: Collection[Path]) -> Iterator[tuple[str, os.stat_result]]:
    """Yield (path below root with slashes, stat) of every included file, sorted; none in the directories `apart`."""
    found: list[tuple[str, os.stat_result]] = []
    todo = [""]
    while todo:
        prefix = todo.pop()
        with os.scandir(root / prefix) as entries:
            for entry in entries:
                name = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    if not _skips_directory(name, entry.name, apart, root):
                        todo.append(f"{name}/")
                elif entry.is_file() and _included(name, patterns) and not _is_saved_plan(entry):
                    found.append((name, entry.stat()))
    return iter(sorted(found))


def _is_saved_plan(entry: os.DirEntry[str]) -> bool:
    """Tell whether a file is a saved plan: in a package it would make the plan outdated that it holds.

    Only private files (mode 0600, as plans are written) are opened.
    """
    if entry.stat().st_mode & 0o077:
        return False
    with open(entry.path, "rb") as file:  # noqa: PTH123 (an entry is no Path)
        return file.read(len(_SAVED_PLAN)) == _SAVED_PLAN


def _skips_directory(path: str, name: str, apart: Collection[Path], root: Path) -> bool:
    if name in _SKIPPED_DIRECTORIES or path == "node_modules/.cache" or path.endswith("/node_modules/.cache"):
        return True
    return (root / path / _HOME_MARK).exists() or (root / path).resolve() in apart


def _included(path: str, patterns: tuple[str, ...]) -> bool:
    included = not _SKIPPED_FILES.fullmatch(path.rsplit("/", 1)[-1])
    for pattern in patterns:
        negated = pattern.startswith("!")
        if matches(pattern.removeprefix("!").removeprefix("./"), path):
            included = not negated
    return included


def _fingerprint(root: Path, files: Sequence[_File]) -> str:
    digest = hashlib.sha256(f"{_FORMAT}\0{root}\0".encode(errors="surrogateescape"))
    for name, _, stat in files:
        line = f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\0{stat.st_ctime_ns}\0{_mode(stat):o}\n"
        digest.update(line.encode(errors="surrogateescape"))
    return digest.hexdigest()


def _mode(stat: os.stat_result) -> int:
    return 0o755 if stat.st_mode & 0o100 else 0o644


def _remembered(memo: Path, build_dir: Path) -> Artifact | None:
    """Return the package that was made of the same files; None when it is gone, or not what it was.

    Its bytes are read again only if somebody has touched the file since.
    """
    try:
        sha256, size, touched = memo.read_text().split(" ")
        path = build_dir / f"{sha256}.zip"
        stat = path.stat()
        if stat.st_size != int(size):
            return None
        if _touched(stat) != touched:
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    return None
            _remember(memo, sha256, stat)
        return Artifact(sha256, path, int(size))
    except (OSError, ValueError):
        return None


def _remember(memo: Path, sha256: str, stat: os.stat_result) -> None:
    _write_atomically(memo, f"{sha256} {stat.st_size} {_touched(stat)}".encode())


def _touched(stat: os.stat_result) -> str:
    """Return what changes with every write to a file, also with one that sets its time back."""
    return f"{stat.st_mtime_ns}:{stat.st_ctime_ns}:{stat.st_ino}"


def _written(files: Sequence[_File], memo: Path, build_dir: Path) -> Artifact:
    descriptor, temporary = tempfile.mkstemp(dir=build_dir, suffix=".partial")
    try:
        with os.fdopen(descriptor, "w+b") as handle:
            with zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, path, stat in files:
                    info = zipfile.ZipInfo(name, _EPOCH)
                    info.create_system = 3  # Unix, so that the mode bits count on any machine
                    info.external_attr = (0o100000 | _mode(stat)) << 16
                    info.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(info, read_user_file(path, LARGEST_PACKAGE))
            handle.seek(0)
            sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
            size = handle.tell()
        target = build_dir / f"{sha256}.zip"
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _remember(memo, sha256, target.stat())
    return Artifact(sha256, target, size)


def _write_atomically(target: Path, data: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, suffix=".partial")
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(data)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
