"""Files of a git directory, read with limits: a stranger wrote them."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import BinaryIO, Final

_CHUNK: Final = 16 * 1024
MOST: Final = 16 * 1024 * 1024  # bytes of one file or object


class GitUnreadableError(Exception):
    """The checkout cannot be read as files; its text says why."""


class NeedsGitError(Exception):
    """Only git itself can answer; its text says why."""


def read_bytes(path: Path, most: int = MOST) -> bytes | None:
    """Return a regular file's bytes; None when there is none. Raises GitUnreadableError when it is too large."""
    try:
        if not path.is_file():  # a pipe would never end
            return None
        with path.open("rb") as handle:
            data = handle.read(most + 1)
    except OSError as error:
        raise GitUnreadableError(f"{path.name}: {error.strerror or error}") from None
    if len(data) > most:
        raise GitUnreadableError(f"{path.name} is larger than {most} bytes")
    return data


def read_text(path: Path, most: int = MOST) -> str | None:
    """Return a regular file's text; None when there is none. Raises GitUnreadableError."""
    data = read_bytes(path, most)
    return None if data is None else data.decode("utf-8", "replace")


def inflate(data: BinaryIO, most: int = MOST) -> bytes:
    """Decompress zlib data up to its end. Raises GitUnreadableError when it is damaged or too large."""
    decompress = zlib.decompressobj()
    parts, room = [], most
    try:
        while not decompress.eof and room > 0 and (chunk := decompress.unconsumed_tail or data.read(_CHUNK)):
            parts.append(decompress.decompress(chunk, room))
            room -= len(parts[-1])
    except zlib.error:
        raise GitUnreadableError("an object is damaged") from None
    if not decompress.eof:
        raise GitUnreadableError(f"an object is damaged, or larger than {most} bytes")
    return b"".join(parts)
