"""Directories whose programs the user has allowed, remembered in the user's data directory.

One JSON file, mode 0600, written atomically. A directory is remembered by its real path, with a digest of each
file that decides what its programs do: a file that changes, comes or goes asks again.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from stateroom.errors import StateroomError, UsageError
from stateroom.programs.access import ProgramUse

TRUST_VARIABLE: Final = "STATEROOM_TRUST"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class TrustedDirectory:
    """A remembered directory: real path, when it was trusted (RFC 3339, UTC), and by program the files with digests."""

    path: Path
    since: str
    programs: Mapping[str, Mapping[str, str]]

    def changed(self) -> tuple[str, ...]:
        """Return the files that are not any more as they were trusted."""
        known = {name: digest for files in self.programs.values() for name, digest in files.items()}
        return tuple(sorted(name for name, digest in known.items() if file_digest(self.path / name) != digest))


class TrustStore:
    """The user's trusted directories.

    Args:
        file: where they are remembered; None without a home directory: then none are.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def directories(self) -> tuple[TrustedDirectory, ...]:
        """Return all remembered directories, by path. Raises StateroomError when the file cannot be believed."""
        return tuple(_directory(path, entry) for path, entry in sorted(self._read().items()))

    def refusal(self, root: Path, use: ProgramUse) -> str:
        """Return what the user can do about a use that is not allowed for a directory; "" when it is allowed."""
        root = root.resolve()
        known = next((item for item in self.directories() if item.path == root), None)
        name, act = use.program.name, use.program.act
        if known is None or name not in known.programs:
            return f"`stateroom trust` allows {name} {act} for {root}"
        files = known.programs[name]
        asked = {os.path.relpath(file, root): file_digest(file) for file in use.files}
        gone = {shown: "" for shown, digest in files.items() if digest and not (root / shown).is_file()}
        for shown, digest in (gone | asked).items():
            if files.get(shown) != digest:
                what = "has changed" if shown in files else "is new"
                return f"{shown} {what} since {name} was allowed {act} for {root}: `stateroom trust` allows it again"
        return ""

    def trust(self, root: Path, uses: Iterable[ProgramUse]) -> None:
        """Remember that these uses are allowed for a directory, as its files are now.

        Raises:
            StateroomError: it cannot be written.
        """
        root = root.resolve()
        programs: dict[str, dict[str, str]] = {}
        for use in uses:
            files = {os.path.relpath(file, root): file_digest(file) for file in use.files}
            programs.setdefault(use.program.name, {}).update(files)
        now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        self._write({**self._read(), str(root): {"since": now, "programs": programs}})

    def revoke(self, root: Path) -> bool:
        """Forget a directory; returns whether it was remembered. Raises StateroomError."""
        known = self._read()
        found = known.pop(str(root.resolve()), None) is not None
        if found:
            self._write(known)
        return found

    def _read(self) -> dict[str, Any]:
        if self._file is None:
            return {}
        try:
            with self._file.open("rb") as handle:
                self._check(os.fstat(handle.fileno()))
                document = json.load(handle)
            known: dict[str, Any] = document["directories"]
            for entry in known.values():
                _directory("", entry)
            return known
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            todo = "remove it, and trust directories again"
            why = "it is not as stateroom writes it"
            raise StateroomError(f"{self._file} cannot be read", why=why, todo=todo) from None

    def _check(self, found: os.stat_result) -> None:
        """Check that nobody else can have written the file. Raises StateroomError."""
        mine = not hasattr(os, "getuid") or found.st_uid == os.getuid()
        if not mine or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise StateroomError(
                f"{self._file} is not believed",
                why="somebody else than you can write it",
                todo=f"look at it, then: chmod 600 {self._file}",
            )

    def _write(self, directories: Mapping[str, Any]) -> None:
        if self._file is None:
            raise StateroomError(
                "trust cannot be remembered",
                why="neither XDG_DATA_HOME nor HOME is set",
                todo=f"set HOME, or name the directory in {TRUST_VARIABLE}",
            )
        text = json.dumps({"version": _VERSION, "directories": directories}, indent=2, sort_keys=True) + "\n"
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, temporary = tempfile.mkstemp(dir=self._file.parent, prefix=".trust-")  # mode 0600
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
                    handle.write(text)
                Path(temporary).replace(self._file)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise StateroomError(
                f"{self._file} cannot be written", why=error.strerror or "", todo="check its directory"
            ) from None


def _directory(path: str, entry: Mapping[str, Any]) -> TrustedDirectory:
    programs = {name: {**files} for name, files in entry["programs"].items()}
    return TrustedDirectory(Path(path), str(entry["since"]), programs)


def trust_store(environment: Mapping[str, str]) -> TrustStore:
    """Return the store of `$XDG_DATA_HOME/stateroom/trust.json`, below `~/.local/share` by default."""
    base, home = environment.get("XDG_DATA_HOME"), environment.get("HOME")
    if not base and not home:
        return TrustStore(None)
    return TrustStore((Path(base) if base else Path(str(home)) / ".local" / "share") / "stateroom" / "trust.json")


def named_directories(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the directories of STATEROOM_TRUST, which are trusted with all that is in them, whatever changes.

    Raises:
        UsageError: one is not absolute.
    """
    names = [name for name in environment.get(TRUST_VARIABLE, "").split(os.pathsep) if name]
    for name in names:
        if not Path(name).is_absolute():
            todo = "name the directory as / begins it, so that it means the same in every directory"
            raise UsageError(f"{TRUST_VARIABLE}={name} is not an absolute directory", todo=todo)
    return tuple(Path(name).resolve() for name in names)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex; "" when there is no such file."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError:
        return ""
