"""Locked distribution and its requirement line for pip."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from stateroom.config.packaging.requirements_file import canonical


@dataclass(frozen=True, slots=True)
class Locked:
    """Distribution at one version; `address` is a URL or local path when no index has it."""

    name: str
    version: str = ""
    marker: str = ""  # https://packaging.python.org/specifications/dependency-specifiers
    hashes: tuple[str, ...] = ()  # `sha256:…`
    extras: tuple[str, ...] = ()
    address: str = ""

    def line(self, *, hashed: bool) -> str:
        """Return the requirement line, with hashes if `hashed`."""
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        if "://" in self.address:
            what = f"{self.name}{extras} @ {self.address}"
        else:
            what = f"{self.address}{extras}" if self.address else f"{self.name}{extras}=={self.version}"
        marker = f" ; {self.marker}" if self.marker else ""
        return what + marker + "".join(f" --hash={one}" for one in sorted(self.hashes) if hashed)


def lines_of(locked: Iterable[Locked], indexes: Iterable[str], left_out: Collection[str]) -> list[str]:
    """Return the lines of a requirements file: indexes, then sorted requirements without `left_out`.

    pip takes hashes for all or for none, so one distribution without a hash, such as a local one, drops all hashes.
    """
    unwanted = {canonical(name) for name in left_out}
    kept = [one for one in locked if canonical(one.name) not in unwanted]
    hashed = all(one.hashes and not one.address for one in kept)
    options = [f"--extra-index-url {url}" for url in dict.fromkeys(indexes)]
    return [*options, *sorted({one.line(hashed=hashed) for one in kept})] if kept else []


def local(lock: Path, root: Path, path: str) -> str:
    """Return a local path of a lock file relative to pip's working directory."""
    relative = os.path.relpath(lock.parent / path, root)
    return relative if relative.startswith(os.pardir) else f".{os.sep}{relative}"
