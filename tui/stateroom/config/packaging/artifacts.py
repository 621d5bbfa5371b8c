"""Zip a service's directory to a deployment package with reproducible bytes.

Names are sorted, times fixed, modes are 0755 for executables and 0644 for the rest, so the same files give the same
SHA-256 on every machine. A fingerprint of paths, sizes and times spares reading and compressing unchanged files.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from stateroom.config.document.user_files import LARGEST_PACKAGE, read_user_file
from stateroom.config.packaging.package_files import ROOM, PackageFile, package_files, unpackaged
from stateroom.errors import ConfigError
from stateroom.model.resource import Artifact

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold
_FORMAT: Final = "1"  # changes when the same files would give other bytes


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
    """Zip what `package_files` chooses of a directory. Raises ConfigError."""
    apart = (build_dir.resolve(), *homes)
    return zipped(root, package_files(root, patterns, below=below, beside=beside, at=at, apart=apart), build_dir)


def zipped(root: Path, files: Sequence[PackageFile], build_dir: Path) -> Artifact:
    """Zip files into `build_dir/<sha256>.zip`, or return the zip that exists.

    Args:
        root: the directory that they are packaged for.
        files: as `package_files` returns them.
        build_dir: where packages are kept; created when missing.

    Raises:
        ConfigError: a file cannot be read or the zip cannot be written.
    """
    try:
        build_dir.mkdir(parents=True, exist_ok=True)
        memo = build_dir / f"{_fingerprint(root, files)}.fingerprint"
        return _remembered(memo, build_dir) or _written(files, memo, build_dir)
    except OSError as error:
        raise unpackaged(root, error) from None


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
        raise ConfigError(f"{path} cannot be kept in {build_dir}", why=error.strerror or "", todo=ROOM) from None
    return Artifact(digest, target, len(data))


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _fingerprint(root: Path, files: Sequence[PackageFile]) -> str:
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


def _written(files: Sequence[PackageFile], memo: Path, build_dir: Path) -> Artifact:
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
