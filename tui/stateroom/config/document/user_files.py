"""Read files that a project names: regular ones, up to a size. A pipe, a device or a socket would never end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

LARGEST: Final = 8_000_000  # bytes; CloudFormation takes templates of 1 MB


def read_user_text(path: Path, largest: int = LARGEST) -> str:
    """Read a text file as UTF-8, without its byte order mark.

    Raises:
        OSError: it cannot be read, is no regular file, or is larger than `largest` bytes.
        UnicodeDecodeError: it is not UTF-8.
    """
    return read_user_file(path, largest).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def read_user_file(path: Path, largest: int) -> bytes:
    """Read a file's bytes. Raises OSError, as `read_user_text` does."""
    # O_NONBLOCK: opening a pipe that nobody writes to waits for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            code = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
            raise OSError(code, "it is a directory" if stat.S_ISDIR(mode) else "it is not a regular file", str(path))
        data = file.read(largest + 1)
    if len(data) > largest:
        raise OSError(errno.EFBIG, f"it is larger than {largest:,} bytes", str(path))
    return data
