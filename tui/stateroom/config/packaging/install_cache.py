"""Installed requirements in the cache: used only while they are what was installed.

An entry is a directory with `files` and `contents`. The latter holds a digest of all files, and one of their sizes and
times, which spares reading unchanged files again.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from stateroom.config.packaging.atomic_dir import make_once
from stateroom.config.service import Service

_LIMIT: Final = ("custom", "stateroom", "installTimeout")
_SECONDS: Final = 600  # that an install or a build may take, when the service does not say
_FILES: Final = "files"
_CONTENTS: Final = "contents"
_CHOOSE_INDEX: Final = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_FIND_LINKS", "PIP_CONFIG_FILE")


def cached(entry: Path) -> Path | None:
    """Return the files of an entry; None when there is none, or it is damaged."""
    try:
        tree, stamp = (entry / _CONTENTS).read_text("ascii").split()
        files = entry / _FILES
        whole = _digest(files, _stamp) == stamp or _digest(files, _content) == tree
    except (OSError, ValueError):
        return None
    return files if whole else None


def install_once(entry: Path, install: Callable[[Path], object], cancelled: Callable[[], bool]) -> Path | None:
    """Fill an entry by `install`, which is given the directory to make, and return its files; None when cancelled."""

    def make(target: Path) -> None:
        target.mkdir()
        install(target / _FILES)
        contents = f"{_digest(target / _FILES, _content)} {_digest(target / _FILES, _stamp)}\n"
        (target / _CONTENTS).write_text(contents, "ascii")

    if entry.is_dir() and cached(entry) is None:
        shutil.rmtree(entry, ignore_errors=True)  # damaged: made again
    make_once(entry, make, cancelled)
    return cached(entry)


def install_seconds(service: Service) -> float:
    """Return how long an install or a build of a service may take. Raises ConfigError."""
    given = service.lookup(*_LIMIT)
    seconds = _SECONDS if given is None else given
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < float("inf"):
        raise service.error("not a number of seconds", *_LIMIT, todo=f"write a number, such as {_SECONDS}")
    return seconds


def origin(environment: Mapping[str, str]) -> list[str]:
    """Return what decides, besides the requirements, what pip installs: this Python, its platform, pip's settings."""
    system = [str(sys.implementation.cache_tag), sys.platform, platform.machine(), "-".join(platform.libc_ver())]
    chosen = [f"{name}={environment[name]}" for name in _CHOOSE_INDEX if environment.get(name)]
    return [*system, *chosen, *map(_settings_digest, _settings_files(environment))]


def _settings_files(environment: Mapping[str, str]) -> list[Path]:
    """Return the files that pip reads its settings from: https://pip.pypa.io/en/stable/topics/configuration."""
    files = [Path("/etc/pip.conf"), Path(sys.prefix) / "pip.conf"]
    if home := environment.get("HOME"):
        below = environment.get("XDG_CONFIG_HOME") or f"{home}/.config"
        files += [Path(home) / ".pip" / "pip.conf", Path(below) / "pip" / "pip.conf"]
        files += [Path(home) / "Library" / "Application Support" / "pip" / "pip.conf"]
    if given := environment.get("PIP_CONFIG_FILE"):
        files.append(Path(given))
    return [file for file in files if file.is_file()]


def _settings_digest(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


def _digest(directory: Path, of: Callable[[Path], bytes]) -> str:
    digest = hashlib.sha256()
    for path in _below(directory):
        name = path.relative_to(directory).as_posix()
        digest.update(name.encode(errors="surrogateescape") + b"\0" + of(path) + b"\n")
    return digest.hexdigest()


def _below(directory: Path) -> Iterator[Path]:
    if not directory.is_dir():
        raise NotADirectoryError(directory)
    for parent, folders, names in os.walk(directory):
        folders.sort()
        for name in sorted(names):
            yield Path(parent) / name


def _stamp(path: Path) -> bytes:
    found = path.lstat()
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_mode:o}".encode()


def _content(path: Path) -> bytes:
    if path.is_symlink():
        return os.fsencode(path.readlink())
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").digest() + f"{path.stat().st_mode & 0o111:o}".encode()
