"""What decides an esbuild output besides its options: source files, and what chooses which of them are taken.

A file that comes beside a source, a manifest or tsconfig.json that changes, or packages that are installed anew may
choose another file, so the names in the sources' directories and those files count, too.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stateroom.config.document.user_files import read_user_text, user_file_digest

LOCK_FILES: Final = ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb")
_INSTALLED: Final = ("node_modules/.package-lock.json", "node_modules/.yarn-integrity", "node_modules/.modules.yaml")
_MANIFESTS: Final = ("package.json", "tsconfig.json", "jsconfig.json")
_EXTENDS: Final = re.compile(r'"extends"\s*:\s*(\[[^\]]*\]|"[^"]*")')
_MOST_EXTENDED: Final = 50


@dataclass(frozen=True, slots=True)
class Inputs:
    """Files and directories by absolute path, in a fixed order."""

    root: Path
    files: tuple[str, ...]
    directories: tuple[str, ...]

    @classmethod
    def of(cls, root: Path, sources: Iterable[str], tsconfig: str | None) -> Inputs:
        """Return the inputs of a build.

        Args:
            root: the service's directory.
            sources: as esbuild's metafile names them; those that are no files are left out.
            tsconfig: the one that the options name.
        """
        found = {path for source in sources if os.path.isfile(path := _absolute(root, source))}  # noqa: PTH113
        around = {str(folder) for path in found for folder in Path(path).parents} | {str(root), *map(str, root.parents)}
        files = {os.path.join(folder, name) for folder in around for name in (*_MANIFESTS, *_INSTALLED)}  # noqa: PTH118
        files |= set(_extended(_absolute(root, tsconfig))) if tsconfig else set()
        files |= {base for name in files if name.endswith("sconfig.json") for base in _extended(name)}
        directories = {str(Path(path).parent) for path in found if "node_modules" not in Path(path).parts}
        return cls(root, tuple(sorted(found | files)), tuple(sorted(directories)))

    def stamp(self) -> str:
        """Return a digest of sizes and times, and of the names in directories."""
        return self._digest(_stamp)

    def content(self) -> str:
        """Return a digest of what the files say, and of the names in directories."""
        return self._digest(_content)

    def changed_since(self, moment: int) -> bool:
        """Tell whether a file was written after a moment (in nanoseconds)."""
        return any(os.stat(path).st_mtime_ns > moment for path in self.files if os.path.exists(path))  # noqa: PTH110, PTH116

    def _digest(self, of: Callable[[str], bytes]) -> str:
        digest = hashlib.sha256()
        for path in self.files:
            digest.update(os.fsencode(os.path.relpath(path, self.root)) + b"\0" + of(path) + b"\n")
        for path in self.directories:
            names = sorted(os.listdir(path)) if os.path.isdir(path) else []  # noqa: PTH112, PTH208
            digest.update(json.dumps([os.path.relpath(path, self.root), names]).encode())
        return digest.hexdigest()

    def document(self) -> dict[str, Any]:
        """Return them as JSON takes them."""
        return {"files": self.files, "directories": self.directories}


def _absolute(root: Path, path: str) -> str:
    return os.path.normpath(os.path.join(root, path))  # noqa: PTH118 - thousands of them


def _extended(path: str, seen: int = 0) -> Iterator[str]:
    """Yield a tsconfig.json and those that it extends by a path; packages are in the lock files."""
    yield path
    try:
        text = read_user_text(Path(path))
    except (OSError, ValueError):
        return
    for found in _EXTENDS.finditer(text) if seen < _MOST_EXTENDED else ():
        for name in re.findall(r'"([^"]*)"', found[1]):
            if name.startswith((".", "/")):
                base = os.path.normpath(os.path.join(os.path.dirname(path), name))  # noqa: PTH118, PTH120
                yield from _extended(base if base.endswith(".json") else f"{base}.json", seen + 1)


def _stamp(path: str) -> bytes:
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return b""
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}".encode()


def _content(path: str) -> bytes:
    try:
        return user_file_digest(Path(path))
    except OSError:
        return b""
