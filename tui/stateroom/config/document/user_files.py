"""Read files that a project names: regular ones, up to a size. A pipe, a device or a socket would never end."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from io import BufferedReader
from pathlib import Path
from typing import Final

LARGEST: Final = 8_000_000  # bytes; CloudFormation takes templates of 1 MB
# Bytes of a package or of a file in it: Lambda takes 262,144,000 unpacked.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LARGEST_PACKAGE: Final = 300_000_000


def read_user_text(path: Path, largest: int = LARGEST) -> str:
    """Read a text file as UTF-8, without its byte order mark.

    Raises:
        OSError: it cannot be read, is no regular file, or is larger than `largest` bytes.
        UnicodeDecodeError: it is not UTF-8.
    """
    return read_user_file(path, largest).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def read_user_file(path: Path, largest: int) -> bytes:
    """Read a file's bytes. Raises OSError, as `read_user_text` does."""
    with open_user_file(path, largest) as file:
        data = file.read(largest + 1)
    if len(data) > largest:
        raise _too_large(path, largest)
    return data


def user_file_digest(path: Path, largest: int = LARGEST_PACKAGE) -> bytes:
    """Return the SHA-256 of a file's bytes. Raises OSError, as `read_user_text` does."""
    with open_user_file(path, largest) as file:
        return hashlib.file_digest(file, "sha256").digest()


def open_user_file(path: Path, largest: int) -> BufferedReader:
    """Open a regular file that says to be no larger than `largest` bytes, to read it. Raises OSError."""
    # O_NONBLOCK: opening a pipe that nobody writes to waits for a writer.
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb")
    try:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            code = errno.EISDIR if stat.S_ISDIR(found.st_mode) else errno.EINVAL
            what = "it is a directory" if stat.S_ISDIR(found.st_mode) else "it is not a regular file"
            raise OSError(code, what, str(path))
        if found.st_size > largest:
            raise _too_large(path, largest)
    except BaseException:
        file.close()
        raise
    return file


def _too_large(path: Path, largest: int) -> OSError:
    return OSError(errno.EFBIG, f"it is larger than {largest:,} bytes", str(path))
