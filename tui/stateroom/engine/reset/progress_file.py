"""Progress file of a reset, written after each step, so that the next run continues an interrupted one."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from stateroom.errors import StateError
from stateroom.state.homes.bootstrap import Bootstrap, Bucket

_FILE: Final = "reset.json"


class ProgressFile:
    """Notes of a reset in a directory; false when none was begun there.

    Raises:
        StateError: they cannot be read.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._kept = _read(directory / _FILE)

    def __bool__(self) -> bool:
        return bool(self._kept)

    def __contains__(self, key: str) -> bool:
        return key in self._kept

    def text(self, key: str) -> str:
        """Return a note of one line; "" when there is none."""
        return str(self._kept.get(key) or "")

    def texts(self, key: str) -> dict[str, str]:
        """Return notes by name."""
        return dict(self._kept.get(key) or {})

    def buckets(self, key: str, bootstrap: Bootstrap) -> tuple[Bucket, ...]:
        """Return the buckets noted with `described`."""
        return tuple(bootstrap.open(**item) for item in self._kept.get(key) or ())

    def is_done(self, step: str) -> bool:
        """Tell whether a step was finished."""
        return step in self._kept.get("done", ())

    def finish(self, step: str) -> None:
        """Record that a step is finished."""
        self.write(done=[*self._kept.get("done", ()), step])

    def write(self, **notes: Any) -> None:
        """Write further notes atomically. Raises StateError: the disk is full, or it is not allowed."""
        self._kept |= notes
        fresh = self.directory / f".{_FILE}"
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(self._kept, file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.directory / _FILE)
        except OSError as error:
            raise StateError(
                f"cannot write {self.directory / _FILE}",
                why=error.strerror or "",
                todo="make room there, or name another directory with --backup; then run the reset again: it goes on",
            ) from error


def described(buckets: Sequence[Bucket]) -> list[dict[str, str]]:
    """Return buckets in the notes' format."""
    return [{"role": bucket.role, "name": bucket.name, "region": bucket.region} for bucket in buckets]


def unfinished(base: Path, home: str) -> Path | None:
    """Return the newest directory below `base` with an unfinished reset of a home."""
    found = [path.parent for path in base.glob(f"{home}-*/{_FILE}") if "finished" not in ProgressFile(path.parent)]
    return max(found, default=None)


def _read(path: Path) -> dict[str, Any]:
    try:
        notes = json.loads(path.read_text()) if path.is_file() else {}
    except (OSError, ValueError) as error:
        raise StateError(
            f"the notes of a reset in {path} cannot be read",
            why=str(error),
            todo="choose another --backup directory; what is in this one stays",
        ) from error
    return notes if isinstance(notes, dict) else {}
