"""Create directories atomically when filling them takes long."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from stateroom.errors import ConfigError

_PARTIAL: Final = ".partial-"
_ABANDONED: Final = 24 * 3600  # seconds after which no process can still be filling a partial directory
_TICK: Final = 0.1
_one_at_a_time: Final = threading.Lock()


def make_once(kept: Path, make: Callable[[Path], object], cancelled: Callable[[], bool]) -> None:
    """Fill a new directory with `make`, then move it to `kept`.

    What is at `kept` is whole, because it is moved there: a process that is killed leaves only a partial directory next
    to it, which a later one removes. In this process one is made at a time, and two that want the same make it once; of
    two processes that make the same, the first one's is kept.

    Raises:
        ConfigError: the directory cannot be written: the disk is full, or it is not allowed.
    """
    while not _one_at_a_time.acquire(timeout=_TICK):
        if kept.is_dir() or cancelled():
            return
    try:
        if not kept.is_dir() and not cancelled():
            _make(kept, make)
    except OSError as error:
        why = f"{error.filename or kept.parent}: {error.strerror or error}"
        raise ConfigError(
            f"{kept.parent} cannot be written", why=why, todo="check the directory's permissions and the free space"
        ) from error
    finally:
        _one_at_a_time.release()


def _make(kept: Path, make: Callable[[Path], object]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    _clear_abandoned(kept.parent)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix=_PARTIAL, ignore_cleanup_errors=True) as partial:
        target = Path(partial) / "whole"
        make(target)
        try:
            target.rename(kept)
        except OSError:  # another process was sooner
            if not kept.is_dir():
                raise


def _clear_abandoned(directory: Path) -> None:
    for partial in directory.glob(f"{_PARTIAL}*"):
        try:
            abandoned = time.time() - partial.stat().st_mtime > _ABANDONED
        except OSError:
            continue  # its owner has just finished
        if abandoned:
            shutil.rmtree(partial, ignore_errors=True)
