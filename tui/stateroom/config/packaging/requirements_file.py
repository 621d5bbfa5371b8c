"""Read a pip requirements file as install lines, with the files that they depend on.

The format is pip's: https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

from __future__ import annotations

import errno
import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from stateroom.config.document.user_files import read_user_text

_OPTION: Final = re.compile(r"(-[a-z]|--[a-z-]+)(?:[\s=]+|(?<=^-[a-z]))(.*)", re.DOTALL)
_INCLUDED: Final = frozenset({"-r", "--requirement"})
_EDITABLE: Final = frozenset({"-e", "--editable"})
_BESIDE: Final = frozenset({"-c", "--constraint", "-f", "--find-links"})  # name a file or directory, or a URL
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_NOT_SOURCE: Final = re.compile(r"\..*|__pycache__|build|node_modules|.*\.egg-info")  # made on the way, or tools'
_MOST_FILES: Final = 500  # read for one requirements file


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


def requirements_digest(lines: list[str], root: Path) -> str:
    """Return a digest of the lines and of the local files they name; a new digest is a new install."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(f"{line}\n".encode())
        option = _OPTION.fullmatch(line) if line.startswith("-") else None
        address = option[2] if option else line
        if option is None or option[1] in _BESIDE:
            for path, size, time in _local_files(root, address):
                digest.update(f"{path}\0{size}\0{time}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


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
    if len(read) > _MOST_FILES:
        raise OSError(errno.E2BIG, f"-r includes more than {_MOST_FILES} files", str(file))
    text = read_user_text(file).replace("\\\n", " ")
    for raw in text.split("\n"):
        line = re.sub(r"(^|\s)#.*$", "", raw).strip()
        option = _OPTION.fullmatch(line) if line.startswith("-") else None
        if option is not None and option[1] in _INCLUDED and "://" not in option[2]:
            yield from _lines(file.parent / option[2], (*around, file), read)
        elif line:
            yield file.parent, line


def _local_files(root: Path, address: str) -> Iterator[tuple[str, int, int]]:
    """Yield (path, size, mtime) of the sources of a requirement like `./lib` or `file:///lib`."""
    _, _, after = address.rpartition("file://")
    name = re.split(r"[\[;]", after, maxsplit=1)[0].strip()
    path = root / name
    # A bare name is of the index, even when there is a directory of that name.
    if "://" in name or not ("/" in name or name.startswith(".") or path.is_file()) or not path.exists():
        return
    for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
        inside = each.relative_to(path)
        if each.is_file() and not any(_NOT_SOURCE.fullmatch(part) for part in inside.parts):
            stat = each.stat()
            yield inside.as_posix(), stat.st_size, stat.st_mtime_ns
