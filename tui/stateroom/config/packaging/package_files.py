"""Choose the files of a deployment package by `package.patterns`, as the framework does."""

from __future__ import annotations

import errno
import itertools
import os
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from stateroom.config.packaging.globs import matches
from stateroom.errors import ConfigError

_SKIPPED_DIRECTORIES: Final = frozenset(
    {".git", ".stateroom", ".serverless", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".svn"}
)
_HOME_MARK: Final = ".store.lock"  # beside the objects of every directory with states (state.stores.directory)
_SKIPPED_FILES: Final = re.compile(
    r"(\.env(\..*)?|serverless(-compose)?\.(ya?ml|json|js|ts|mjs|cjs)|.*\.py[cod]|\.DS_Store|\.gitignore|npm-debug\.log)"
)
_SAVED_PLAN: Final = b'{\n "format": "stateroom plan"'  # how files of `plan --out` begin, for their owner's eyes only
_GLOB: Final = re.compile(r"[*?{\[@!+(]")
_SYSTEM: Final = ("/proc/", "/sys/", "/dev/")
_MOST_ELSEWHERE: Final = 100_000  # entries; a link to the root of the disk must not be walked for hours
ROOM: Final = "check the file's permissions and the free space"
PackageFile: TypeAlias = tuple[str, Path, os.stat_result]  # the name in the package, the file, what is known of it


def package_files(
    root: Path,
    patterns: Sequence[str],
    *,
    below: str = "",
    beside: Sequence[Path] = (),
    at: str = "",
    apart: Collection[Path] = (),
) -> tuple[PackageFile, ...]:
    """Return the files of a package, sorted by their names in it.

    Args:
        root: the service's directory.
        patterns: `package.patterns`: globs that include, or with `!` exclude; later ones win. One that begins with
            `../` takes in files beside the directory; in the package their names are without the dots.
        below: a directory of `root` that becomes the package's own root; what is outside stays out.
        beside: directories with files to add; the later of two files of one name wins.
        at: what all paths in the package begin with, such as `python/`.
        apart: directories left out, packages and states; so is every other one that a state was ever written to.

    Raises:
        ConfigError: a file cannot be read; or the directory itself holds states.
    """
    _check_no_home(root, apart)
    try:
        inside = f"{below}/" if below else ""
        found = {
            at + name.removeprefix(inside): (root / name, stat)
            for name, stat in _files(root, tuple(patterns), apart)
            if name.startswith(inside)
        }
        if not inside:
            found |= {at + _without_dots(name): (root / name, stat) for name, stat in _outside(root, patterns, apart)}
        for other in beside:
            everything = _files(other, ("**",), apart)
            found.update({at + name: (other / name, stat) for name, stat in everything})
        return tuple((name, *found[name]) for name in sorted(found))
    except OSError as error:
        raise unpackaged(root, error) from None


def unpackaged(root: Path, error: OSError) -> ConfigError:
    """Return the error for a directory of which a file cannot be read, or whose zip cannot be written."""
    why = f"{error.filename or ''}: {error.strerror or error}"
    return ConfigError(f"{root} cannot be packaged", why=why, todo=ROOM)


def _check_no_home(root: Path, homes: Collection[Path]) -> None:
    """Check that a package's directory is not one with states. Raises ConfigError."""
    if (root / _HOME_MARK).exists() or root.resolve() in homes:
        raise ConfigError(
            f"{root} cannot be packaged",
            why="states are kept in it, which are no part of a package",
            todo=f"move them into a directory of their own: app, snapshot, update and what else is beside {_HOME_MARK}",
        )


def _outside(root: Path, patterns: Sequence[str], apart: Collection[Path]) -> Iterator[tuple[str, os.stat_result]]:
    """Yield what patterns that begin with `../` take in beside the directory, as `_files` does."""
    for pattern in patterns:
        plain = pattern.removeprefix("./")
        if not plain.startswith("../"):
            continue
        *fixed, last = itertools.takewhile(lambda part: not _GLOB.search(part), (*plain.split("/"), "*"))
        start = "/".join((*fixed, last))
        if (root / start).is_dir():
            yield from _files(root, tuple(patterns), apart, start=f"{start}/")
        elif (root / start).is_file() and _included(start, patterns, start):
            yield start, (root / start).stat()


def _without_dots(name: str) -> str:
    while name.startswith("../"):
        name = name.removeprefix("../")
    return name


def _files(
    root: Path, patterns: tuple[str, ...], apart: Collection[Path], start: str = ""
) -> Iterator[tuple[str, os.stat_result]]:
    """Yield (path below root with slashes, stat) of every included file, sorted; none in the directories `apart`.

    Links to directories are followed, as the framework follows them; `start` is the directory to begin with.
    """
    found: list[tuple[str, os.stat_result]] = []
    todo = [(start, bool(start))]
    elsewhere = 0
    while todo:
        prefix, beyond = todo.pop()
        with os.scandir(root / prefix) as entries:
            for entry in entries:
                name = prefix + entry.name
                elsewhere += beyond
                if elsewhere > _MOST_ELSEWHERE:
                    raise OSError(errno.EFBIG, f"links and ../ lead to more than {_MOST_ELSEWHERE:,} files", name)
                if entry.is_dir():
                    linked = entry.is_symlink()
                    if not _skips_directory(name, entry.name, apart, root) and not (linked and _leads_back(entry)):
                        todo.append((f"{name}/", beyond or linked))
                elif entry.is_file() and _included(name, patterns, start) and not _is_saved_plan(entry):
                    found.append((name, entry.stat()))
    return iter(sorted(found))


def _leads_back(entry: os.DirEntry[str]) -> bool:
    """Tell whether a link leads to a directory around it, or to what the system tells of itself."""
    there = os.path.realpath(entry.path)
    around = f"{os.path.realpath(os.path.dirname(entry.path))}/"  # noqa: PTH120 (an entry is no Path)
    return around.startswith(f"{there.rstrip('/')}/") or f"{there}/".startswith(_SYSTEM)


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


def _included(path: str, patterns: Sequence[str], start: str = "") -> bool:
    included = not start and not _SKIPPED_FILES.fullmatch(path.rsplit("/", 1)[-1])
    for pattern in patterns:
        negated = pattern.startswith("!")
        if matches(pattern.removeprefix("!").removeprefix("./"), path):
            included = not negated
    return included
