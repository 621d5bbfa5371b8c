"""Objects of a git repository by their SHA-1: loose ones, and those in packs.

The formats: https://git-scm.com/docs/gitformat-pack
"""

from __future__ import annotations

import mmap
import os
import re
import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from stateroom.config.variables.git.files import MOST, GitUnreadableError, inflate, read_bytes, read_text

SHA: Final = re.compile(r"[0-9a-f]{40}")
_KINDS: Final = {1: b"commit", 2: b"tree", 3: b"blob", 4: b"tag"}
_OFFSET_DELTA, _NAMED_DELTA = 6, 7
_DEEPEST: Final = 200  # deltas upon deltas
_DIRECTORIES: Final = 8  # alternates of alternates
_LEAST_ABBREVIATION: Final = 7
_HEADER: Final = 8 + 256 * 4  # of an index: signature, version, fan-out


class ObjectStore:
    """Objects below one `objects` directory, and below its alternates."""

    def __init__(self, directory: Path) -> None:
        self._directories = tuple(_with_alternates(directory))

    def read(self, sha: str, depth: int = 0) -> tuple[bytes, bytes]:
        """Return (kind, content) of an object. Raises GitUnreadableError."""
        for directory in self._directories:
            loose = read_bytes(directory / sha[:2] / sha[2:])
            if loose is not None:
                header, _, content = inflate(BytesIO(loose)).partition(b"\0")
                return header.split(b" ")[0], content
            for index in _indexes(directory):
                offset = index.offset(sha)
                if offset is not None:
                    return self._packed(index.pack, offset, depth)
        raise GitUnreadableError(f"the object {sha} is not there")

    def abbreviation(self, sha: str) -> str:
        """Shorten an id as `git rev-parse --short` does: longer in larger repositories, until it is unique."""
        indexes = [index for directory in self._directories for index in _indexes(directory)]
        objects = sum(index.count for index in indexes)
        length = max(_LEAST_ABBREVIATION, (max(objects, 1).bit_length() + 1) // 2)
        others = {other for index in indexes for other in index.neighbours(sha)}
        for directory in self._directories:
            beside = directory / sha[:2]
            others |= {sha[:2] + name for name in os.listdir(beside)} if beside.is_dir() else set()  # noqa: PTH208
        while any(other.startswith(sha[:length]) for other in others if other != sha):
            length += 1
        return sha[:length]

    def _packed(self, pack: Path, offset: int, depth: int) -> tuple[bytes, bytes]:
        if depth > _DEEPEST:
            raise GitUnreadableError("an object is stored as too many changes upon changes")
        if not pack.is_file():
            raise GitUnreadableError(f"{pack.name} is not there")
        with pack.open("rb") as handle:
            handle.seek(offset)
            kind, size = _object_header(handle)
            if size > MOST:
                raise GitUnreadableError(f"an object is larger than {MOST} bytes")
            if kind in _KINDS:
                return _KINDS[kind], inflate(handle)
            if kind == _OFFSET_DELTA:
                base = offset - _backwards(handle)
                if base <= 0:
                    raise GitUnreadableError(f"{pack.name} is damaged")
                delta = inflate(handle)
                found, content = self._packed(pack, base, depth + 1)
            elif kind == _NAMED_DELTA:
                name = handle.read(20).hex()
                delta = inflate(handle)
                found, content = self.read(name, depth + 1)
            else:
                raise GitUnreadableError(f"{pack.name} is damaged")
        return found, _applied(delta, content)


class _Index:
    """Index of one pack, version 2: sorted ids and their offsets."""

    def __init__(self, file: Path) -> None:
        self.pack = file.with_suffix(".pack")
        data = _mapped(file)
        if data[:8] != b"\xfftOc\0\0\0\2" or len(data) < _HEADER:
            raise GitUnreadableError(f"{file.name} is not an index of version 2")
        self._fan = struct.unpack(">256I", data[8:_HEADER])
        self.count = self._fan[255]
        self._data = data
        if len(data) < _HEADER + 28 * self.count:
            raise GitUnreadableError(f"{file.name} is cut off")

    def offset(self, sha: str) -> int | None:
        """Return the place of an object in the pack; None when it is not in it."""
        at = self._position(sha)
        if at >= self.count or self._name(at) != sha:
            return None
        offsets = _HEADER + 24 * self.count
        (small,) = struct.unpack_from(">I", self._data, offsets + 4 * at)
        if not small & 0x80000000:
            return int(small)
        try:
            (large,) = struct.unpack_from(">Q", self._data, offsets + 4 * self.count + 8 * (small & 0x7FFFFFFF))
        except struct.error:
            raise GitUnreadableError(f"{self.pack.name} is damaged") from None
        return int(large)

    def neighbours(self, sha: str) -> Iterator[str]:
        """Yield the ids that sort next to one: the most alike."""
        at = self._position(sha)
        for near in (at - 1, at, at + 1):
            if 0 <= near < self.count:
                yield self._name(near)

    def _name(self, at: int) -> str:
        start = _HEADER + 20 * at
        return self._data[start : start + 20].hex()

    def _position(self, sha: str) -> int:
        first = int(sha[:2], 16)
        low, high = (self._fan[first - 1] if first else 0), min(self._fan[first], self.count)
        while low < high:
            middle = (low + high) // 2
            if self._name(middle) < sha:
                low = middle + 1
            else:
                high = middle
        return low


def _mapped(file: Path) -> mmap.mmap | bytes:
    """Return a file's bytes, of which only those that are looked at are read. Raises GitUnreadableError."""
    try:
        with file.open("rb") as handle:
            return mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):  # ValueError: it is empty
        raise GitUnreadableError(f"{file.name} cannot be read") from None


def _indexes(directory: Path) -> Iterator[_Index]:
    packs = directory / "pack"
    for file in sorted(packs.glob("*.idx")) if packs.is_dir() else ():
        if file.is_file():  # a pipe would never open
            yield _Index(file)


def _with_alternates(directory: Path) -> Iterator[Path]:
    todo = [directory]
    seen: set[Path] = set()
    while todo and len(seen) < _DIRECTORIES:
        one = todo.pop(0)
        if one in seen:
            continue
        seen.add(one)
        yield one
        lines = (read_text(one / "info" / "alternates") or "").splitlines()
        todo += [(one / line).resolve() for line in lines if line and not line.startswith("#")]


def _object_header(handle: BinaryIO) -> tuple[int, int]:
    """Read (kind, size) of a packed object."""
    byte = _byte(handle)
    kind, size, shift = (byte >> 4) & 7, byte & 15, 4
    while byte & 0x80:
        byte = _byte(handle)
        size |= (byte & 0x7F) << shift
        shift += 7
    return kind, size


def _backwards(handle: BinaryIO) -> int:
    """Read the distance to the base of an offset delta."""
    byte = _byte(handle)
    distance = byte & 0x7F
    while byte & 0x80:
        byte = _byte(handle)
        distance = ((distance + 1) << 7) | (byte & 0x7F)
    return distance


def _byte(handle: BinaryIO) -> int:
    data = handle.read(1)
    if not data:
        raise GitUnreadableError("a pack is cut off")
    return data[0]


def _applied(delta: bytes, base: bytes) -> bytes:
    """Apply a delta to its base: copies of the base and new bytes."""
    try:
        _, at = _varint(delta, 0)
        size, at = _varint(delta, at)
        parts, length = [], 0
        while at < len(delta) and length <= min(size, MOST):
            order, at = delta[at], at + 1
            if order & 0x80:
                start, count, at = _copy(delta, order, at)
                part = base[start : start + count]
            else:
                part, at = delta[at : at + order], at + order
            parts.append(part)
            length += len(part)
    except IndexError:
        raise GitUnreadableError("an object is damaged") from None
    if length != size:
        raise GitUnreadableError("an object is damaged, or too large")
    return b"".join(parts)


def _copy(delta: bytes, order: int, at: int) -> tuple[int, int, int]:
    """Read (start, count, place after it) of a copy instruction."""
    numbers = [0] * 7
    for bit in range(7):
        if order & (1 << bit):
            numbers[bit], at = delta[at], at + 1
    start = int.from_bytes(bytes(numbers[:4]), "little")
    return start, int.from_bytes(bytes(numbers[4:]), "little") or 0x10000, at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte, at = data[at], at + 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at
