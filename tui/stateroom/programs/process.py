"""Run a child process with a time limit, bounded output and cancellation, ending its process group."""

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
from typing import IO, Final, TypeAlias

_TICK: Final = 0.1  # seconds between two checks for cancellation
_MOST_OUTPUT: Final = 16 * 1024 * 1024  # bytes of one stream; a program that says more is ended
Process: TypeAlias = subprocess.Popen[bytes]
_running: Final[set[Process]] = set()


@dataclass(frozen=True, slots=True)
class Finished:
    """Result of a command. `code` is None when it was ended here; `said` is its output."""

    code: int | None
    said: str
    cancelled: bool = False
    errors: str = ""  # standard error, where it was kept apart
    flooded: bool = False  # ended because it said too much


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    outside: Path,
    seconds: float,
    cancelled: Callable[[], bool],
    apart: bool = False,
    cwd: Path | None = None,
) -> Finished:
    """Run a command without input until it ends, exceeds `seconds` or 16 MiB of output, or is cancelled.

    Its working directory is new, private and outside the project, so that nothing of the project is found by a
    relative path. It leads a process group of its own: Ctrl-C in the terminal does not reach it, and ending it ends all
    that it has started. It never outlives this process, unless that is killed itself.

    Args:
        command: the program's absolute path, then its arguments.
        environment: all of the child's variables.
        outside: the project's directory.
        seconds: time limit.
        cancelled: asked every tenth of a second.
        apart: keep standard error in `errors`; else both streams are `said`, in the order in which they came.
        cwd: another working directory, for a program whose output depends on it.

    Raises:
        OSError: it cannot be started.
    """
    until = time.monotonic() + seconds
    temporary = _directory_outside(outside)
    with (
        tempfile.TemporaryDirectory(
            prefix="stateroom-", dir=temporary, ignore_cleanup_errors=True
        ) as private,  # mode 0700
        tempfile.TemporaryFile(dir=temporary) as output,  # not a pipe: a child that lives on would keep that open
        tempfile.TemporaryFile(dir=temporary) as errors,
    ):
        process = subprocess.Popen(  # noqa: S603 - an absolute path, of the caller's choice
            command,
            cwd=cwd or private,
            env={"TMPDIR": private, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors if apart else subprocess.STDOUT,
            start_new_session=True,
        )
        ended, flooded = _attended(process, lambda: _flooded(output, errors), lambda: cancelled() or _over(until))
        said, complaints = _text(output), _text(errors)
    stopped = not ended and not flooded and cancelled()
    return Finished(process.returncode if ended else None, said, stopped, complaints, flooded)


def _attended(process: Process, flooded: Callable[[], bool], over: Callable[[], bool]) -> tuple[bool, bool]:
    """Wait until a process ends or has to be ended; returns (it has ended by itself, it said too much)."""
    _running.add(process)
    ended = too_much = False
    try:
        while not (ended := wait(process, _TICK)) and not over():
            if too_much := flooded():
                break
    finally:
        if not ended:
            end(process)
        _running.discard(process)
    return ended, too_much


def start(command: Sequence[str], *, cwd: Path, environment: Mapping[str, str], log: IO[bytes]) -> Process:
    """Start a server of our own that ends when its standard input closes; the caller ends it. Raises OSError."""
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.PIPE,  # held open by us; its closing is the server's end
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C in our terminal is ours to handle
    )


def attend(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command on the user's own terminal and directory, and return its exit code. Raises OSError."""
    return subprocess.run(command, check=False, env=environment).returncode  # noqa: S603 - the user's own editor


def wait(process: Process, seconds: float) -> bool:
    """Wait for a process; returns whether it has ended."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def end(process: Process) -> None:
    """End a process and its group; it has not been waited for, so its pid is still its own."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (AttributeError, ProcessLookupError, PermissionError):  # a system without groups, or too late
        process.kill()
    process.wait()


def _directory_outside(project: Path) -> str | None:
    """Return a directory for temporary files that is not in the project; None for the usual one."""
    project = project.resolve()
    if not Path(tempfile.gettempdir()).resolve().is_relative_to(project):
        return None
    others = (path for path in ("/tmp", "/var/tmp") if Path(path).is_dir())  # noqa: S108 - a private one is made in it
    return next((path for path in others if not Path(path).resolve().is_relative_to(project)), None)


def _flooded(*streams: IO[bytes]) -> bool:
    return any(os.fstat(stream.fileno()).st_size > _MOST_OUTPUT for stream in streams)


def _over(until: float) -> bool:
    return time.monotonic() >= until


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read(_MOST_OUTPUT).decode("utf-8", "replace")


@atexit.register
def _end_all() -> None:
    for process in tuple(_running):
        if process.poll() is None:
            end(process)
