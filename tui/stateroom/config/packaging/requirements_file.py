"""Read a pip requirements file as install lines, with the files that they depend on.

The format is pip's: https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from stateroom.config.document.user_files import read_user_text, user_file_digest
from stateroom.errors import ConfigError

_OPTION: Final = re.compile(r"(-[a-z]|--[a-z-]+)(?:[\s=]+|(?<=^-[a-z]))(.*)", re.DOTALL)
_INCLUDED: Final = frozenset({"-r", "--requirement"})
_EDITABLE: Final = frozenset({"-e", "--editable"})
_BESIDE: Final = frozenset({"-c", "--constraint", "-f", "--find-links"})  # name a file or directory, or a URL
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_NOT_SOURCE: Final = re.compile(r"\..*|__pycache__|build|node_modules|.*\.egg-info")  # made on the way, or tools'
_MOST_INCLUDED: Final = 500  # files read for one requirements file
_ARCHIVES: Final = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar")
_MOST_FILES: Final = 20_000  # of one local requirement
_MOST_BYTES: Final = 500_000_000  # twice what Lambda takes


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
    for directory, line in _lines(file):
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
            digest.update(user_file_digest(file))
    return digest.hexdigest()


def named_files(lines: Iterable[str], root: Path) -> tuple[Path, ...]:
    """Return the local files that lines name: constraints, archives, and all sources of local libraries."""
    return tuple(dict.fromkeys(file for line in lines for _, file in _named_files(line, root)))


def absolute_lines(lines: Iterable[str], root: Path) -> list[str]:
    """Return the lines with absolute paths, for a pip that runs in another directory."""
    return [_absolute(line, root) for line in lines]


def requirement_files(file: Path) -> tuple[Path, ...]:
    """Return a requirements file and those that it includes. Raises OSError, UnicodeDecodeError."""
    read: list[Path] = []
    for _ in _lines(file, read=read):
        pass
    return tuple(dict.fromkeys(read))


def local_path(root: Path, address: str) -> Path | None:
    """Return the file or directory that a requirement like `./lib` or `file:///lib` names; None for one of an index."""
    _, _, after = address.rpartition("file://")
    name = re.split(r"[\[;]", after, maxsplit=1)[0].strip()
    path = root / name
    # A bare name is of the index, even when there is a directory of that name, unless it is an archive's.
    if "://" in name or not ("/" in name or name.startswith(".") or name.endswith(_ARCHIVES)) or not path.exists():
        return None
    return path


def _lines(file: Path, around: tuple[Path, ...] = (), read: list[Path] | None = None) -> Iterator[tuple[Path, str]]:
    """Yield (directory, line) of a file and its includes; a file that includes itself is read once.

    Args:
        file: the file.
        around: the files that include it.
        read: every file so far.

    Raises:
        OSError: a file cannot be read, or too many are included.
    """
    file, read = file.resolve(), [] if read is None else read
    if file in around:
        return
    read.append(file)
    if len(read) > _MOST_INCLUDED:
        raise OSError(errno.E2BIG, f"-r includes more than {_MOST_INCLUDED} files", str(file))
    text = "\n".join(read_user_text(file).splitlines())  # pip takes more characters than \n for the end of a line
    for raw in text.replace("\\\n", " ").split("\n"):
        line = re.sub(r"(^|\s)#.*$", "", raw).strip()
        option = _OPTION.fullmatch(line) if line.startswith("-") else None
        if option is not None and option[1] in _INCLUDED and "://" not in option[2]:
            yield from _lines(file.parent / option[2], (*around, file), read)
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
    """Yield the files of a local library, in a fixed order; those of linked directories too.

    What is made on the way is none of them, unless the library names it as what builds it.

    Raises:
        ConfigError: they are too many, or too large.
    """
    count = size = 0
    named, seen = _backend_paths(directory), set[str]()
    for parent, folders, names in os.walk(directory, followlinks=True):
        real = os.path.realpath(parent)
        if real in seen:  # a link that leads back
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if _counts(Path(parent) / name, named))
        for name in sorted(names):
            file = Path(parent) / name
            if not _counts(file, named) or not file.is_file():
                continue
            count, size = count + 1, size + file.stat().st_size
            if count > _MOST_FILES or size > _MOST_BYTES:
                what = f"{_MOST_FILES} files" if count > _MOST_FILES else f"{_MOST_BYTES:,} bytes"
                todo = "name the directory of a library"
                raise ConfigError(f"{directory} has more than {what}", why="it is required", todo=todo)
            yield file


def _counts(path: Path, named: Collection[str]) -> bool:
    return not _NOT_SOURCE.fullmatch(path.name) or os.path.realpath(path) in named


def _backend_paths(directory: Path) -> frozenset[str]:
    """Return the directories from which pyproject.toml takes what builds the library, and those around them.

    https://peps.python.org/pep-0517/#in-tree-build-backends
    """
    try:
        paths = tomllib.loads(read_user_text(directory / "pyproject.toml"))["build-system"]["backend-path"]
        places = [Path(os.path.realpath(directory / path)) for path in paths]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return frozenset()
    return frozenset(str(part) for place in places for part in (place, *place.parents))
