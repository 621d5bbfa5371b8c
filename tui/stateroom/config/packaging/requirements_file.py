"""Read a pip requirements file as install lines, with the files that they depend on.

The format is pip's: https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from stateroom.errors import ConfigError

_OPTION: Final = re.compile(r"(-[a-z]|--[a-z-]+)(?:[\s=]+|(?<=^-[a-z]))(.*)", re.DOTALL)
_INCLUDED: Final = frozenset({"-r", "--requirement"})
_EDITABLE: Final = frozenset({"-e", "--editable"})
_BESIDE: Final = frozenset({"-c", "--constraint", "-f", "--find-links"})  # name a file or directory, or a URL
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_NOT_SOURCE: Final = re.compile(r"\..*|__pycache__|build|node_modules|.*\.egg-info")  # made on the way, or tools'
_ARCHIVES: Final = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar")
_MOST_FILES: Final = 20_000  # of one local requirement


def requirement_lines(file: Path, left_out: Collection[str]) -> list[str]:
    """Return options in file order, then sorted requirements.

    Comments, `-e` and the packages of `left_out` are dropped.

    Files that are included with -r are inlined; paths of -c and -f are made absolute, as pip reads them relative to
    the file they stand in.

    Raises:
        OSError: a file cannot be read.
        UnicodeDecodeError: it is not text.
    """
    options: list[str] = []
    requirements: list[str] = []
    for directory, line in _lines(file, []):
        option = _OPTION.fullmatch(line) if line.startswith("-") else None
        if option is None and line.startswith("-"):
            options.append(line)
        elif option is None or option[1] in _EDITABLE:
            requirements.append(line if option is None else option[2])
        elif option[1] in _BESIDE and (directory / option[2]).exists():
            options.append(f"{option[1]} {(directory / option[2]).resolve()}")
        else:
            options.append(line)
    wanted = without_packages(requirements, left_out)
    return [*options, *wanted] if wanted else []


def without_packages(requirements: Iterable[str], left_out: Collection[str]) -> list[str]:
    """Return the requirements sorted and unique, without the distributions of `left_out`."""
    unwanted = {canonical(name) for name in left_out}
    named = {line: _NAME.match(line) for line in requirements}
    return sorted(line for line, name in named.items() if name is None or canonical(name[0]) not in unwanted)


def canonical(name: str) -> str:
    """Normalize a distribution name: https://packaging.python.org/specifications/name-normalization."""
    return re.sub(r"[-_.]+", "-", name).lower()


def option_of(line: str) -> tuple[str, str]:
    """Split a line such as `--index-url=URL` into (option, value); ("", line) for a requirement."""
    found = _OPTION.fullmatch(line) if line.startswith("-") else None
    if found is None:
        return (line, "") if line.startswith("-") else ("", line)
    return found[1], found[2]


def requirements_digest(lines: Iterable[str], root: Path) -> str:
    """Return a digest of the lines and of the local files they name; a new digest is a new install."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(f"{line}\n".encode())
        for base, file in _named_files(line, root):
            name = file.relative_to(base).as_posix()
            digest.update(f"{name}\0".encode(errors="surrogateescape"))
            with file.open("rb") as handle:
                digest.update(hashlib.file_digest(handle, "sha256").digest())
    return digest.hexdigest()


def named_files(lines: Iterable[str], root: Path) -> tuple[Path, ...]:
    """Return the local files that lines name: constraints, archives, and all sources of local libraries."""
    return tuple(dict.fromkeys(file for line in lines for _, file in _named_files(line, root)))


def absolute_lines(lines: Iterable[str], root: Path) -> list[str]:
    """Return the lines with absolute paths, for a pip that runs in another directory."""
    return [_absolute(line, root) for line in lines]


def requirement_files(file: Path) -> tuple[Path, ...]:
    """Return a requirements file and those that it includes. Raises OSError, UnicodeDecodeError."""
    found: dict[Path, None] = {file.resolve(): None}
    for _ in _lines(file, [], found):
        pass
    return tuple(found)


def local_path(root: Path, address: str) -> Path | None:
    """Return the file or directory that a requirement like `./lib` or `file:///lib` names; None for one of an index."""
    _, _, after = address.rpartition("file://")
    name = re.split(r"[\[;]", after, maxsplit=1)[0].strip()
    path = root / name
    # A bare name is of the index, even when there is a directory of that name, unless it is an archive's.
    if "://" in name or not ("/" in name or name.startswith(".") or name.endswith(_ARCHIVES)) or not path.exists():
        return None
    return path


def _lines(file: Path, around: list[Path], seen: dict[Path, None] | None = None) -> Iterator[tuple[Path, str]]:
    """Yield (directory, line) of a file and its includes; a file that includes itself is read once."""
    file = file.resolve()
    if file in around:
        return
    if seen is not None:
        seen[file] = None
    text = file.read_text(encoding="utf-8-sig").replace("\r\n", "\n").replace("\\\n", " ")
    for raw in text.split("\n"):
        line = re.sub(r"(^|\s)#.*$", "", raw).strip()
        option = _OPTION.fullmatch(line) if line.startswith("-") else None
        if option is not None and option[1] in _INCLUDED and "://" not in option[2]:
            yield from _lines(file.parent / option[2], [*around, file], seen)
        elif line:
            yield file.parent, line


def _absolute(line: str, root: Path) -> str:
    name, value = option_of(line)
    if name and name not in _BESIDE:
        return line
    path = local_path(root, value)
    if path is None or "://" in value:
        return line
    shown = re.split(r"[\[;]", value, maxsplit=1)[0].strip()
    return line[: len(line) - len(value)] + str(path.resolve()) + value[len(shown) :]


def _named_files(line: str, root: Path) -> Iterator[tuple[Path, Path]]:
    """Yield (base, file) of the sources of a requirement like `./lib` or `file:///lib`, or of `-c` and `-f`."""
    name, value = option_of(line)
    path = local_path(root, value) if not name or name in _BESIDE else None
    if path is None:
        return
    if path.is_file():
        yield path.parent, path
    elif path.is_dir():
        for file in _sources(path):
            yield path, file


def _sources(directory: Path) -> Iterator[Path]:
    """Yield the files of a local library, in a fixed order. Raises ConfigError when they are too many."""
    count = 0
    for parent, folders, names in os.walk(directory):
        folders[:] = sorted(name for name in folders if not _NOT_SOURCE.fullmatch(name))
        for name in sorted(names):
            file = Path(parent) / name
            if _NOT_SOURCE.fullmatch(name) or not file.is_file():
                continue
            count += 1
            if count > _MOST_FILES:
                todo = "name the directory of a library"
                raise ConfigError(f"{directory} has more than {_MOST_FILES} files", why="it is required", todo=todo)
            yield file
