"""Run a child process with a time limit and cancellation, ending its process group."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICK: Final = 0.1  # seconds between two checks for cancellation
_running: Final[set[subprocess.Popen[bytes]]] = set()


@dataclass(frozen=True, slots=True)
class Finished:
    """Result of a command. `code` is None when it was ended here; `said` is both output streams."""

    code: int | None
    said: str
    cancelled: bool = False


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    seconds: float,
    cancelled: Callable[[], bool],
) -> Finished:
    """Run a command without input until it ends, exceeds `seconds`, or is cancelled.

    It leads a process group of its own: Ctrl-C in the terminal does not reach it, and ending it ends all that it has
    started. It never outlives this process, unless that is killed itself.

    Raises:
        OSError: it cannot be started.
    """
    until = time.monotonic() + seconds
    with tempfile.TemporaryFile() as output:  # not a pipe: a child that lives on would keep that open
        process = subprocess.Popen(  # noqa: S603 - the caller's command
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        _running.add(process)
        ended = False
        try:
            while not (ended := _ended(process)) and not cancelled() and time.monotonic() < until:
                pass
        finally:
            if not ended:
                _end(process)
            _running.discard(process)
        output.seek(0)
        said = output.read().decode("utf-8", "replace")
    return Finished(process.returncode if ended else None, said, not ended and cancelled())


def _ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(_TICK)
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and its group; it has not been waited for, so its pid is still its own."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (AttributeError, ProcessLookupError, PermissionError):  # a system without groups, or too late
        process.kill()
    process.wait()


@atexit.register
def _end_all() -> None:
    for process in tuple(_running):
        if process.poll() is None:
            _end(process)
