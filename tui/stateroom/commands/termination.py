"""Ctrl-C and SIGTERM end a command: at once what only reads, in its own time what writes.

A signal is an exception in the main thread, and `finally` blocks run. Where that does not end the process within a
second (a thread that waits for a server, a call in C that no exception reaches), a watcher ends it, as long as nothing
is being written. The watcher learns of signals from the file descriptor that the interpreter's own handler in C writes
to, so it needs no main thread: https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

STOPPED, TERMINATED = 130, 143  # exit codes of shells: 128 and the signal's number
_GRACE: Final = 0.7  # seconds between a signal and the end
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Terminated(KeyboardInterrupt):
    """SIGTERM: like Ctrl-C, with an exit code of its own."""


def stop(number: int, _frame: FrameType | None = None) -> None:
    """Raise what ends a command for a signal: Terminated for SIGTERM, else KeyboardInterrupt."""
    raise Terminated if number == signal.SIGTERM else KeyboardInterrupt


def stopped_code(error: BaseException) -> int:
    """Return the exit code of a command that `stop` has ended."""
    return TERMINATED if isinstance(error, Terminated) else STOPPED


class Deadline:
    """Watcher that ends the process soon after a signal, unless it was lifted.

    Args:
        end: ends the process with an exit code; may return in tests.
    """

    def __init__(self, end: Callable[[int], object]) -> None:
        self._end = end
        self._over = threading.Event()
        self._lifted = False
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        self._before = signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        threading.Thread(target=self._watch, name="stateroom-deadline", daemon=True).start()

    def lift(self) -> None:
        """Let the command end in its own time from now on: it is about to write."""
        self._lifted = True

    def close(self, *, stay: bool) -> None:
        """Stop listening; with `stay` a deadline that runs goes on, because leaving may hang as well."""
        signal.set_wakeup_fd(self._before)
        if not stay:
            self._over.set()
        os.close(self._writing)

    def _watch(self) -> None:
        while received := os.read(self._reading, 1):
            heard = received[0] in _SIGNALS and not self._lifted
            if heard and not self._over.wait(_GRACE) and not self._lifted:
                self._end(TERMINATED if received[0] == signal.SIGTERM else STOPPED)
                break
        os.close(self._reading)


_current: Deadline | None = None


@contextmanager
def ended_by_signals(end: Callable[[int], object], *, watch: bool, stay: bool) -> Iterator[None]:
    """Let SIGINT and SIGTERM end the block, as `stop` does. Does nothing outside the main thread.

    Args:
        end: ends the process with an exit code, when nothing else does.
        watch: whether there is a deadline; the screen has a loop of its own that listens for signals.
        stay: whether the deadline of a signal holds after the block, until the process is gone.
    """
    global _current
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    deadline = _current = Deadline(end) if watch else None
    stopped = False
    try:
        yield
    except KeyboardInterrupt:
        stopped = True
        raise
    finally:
        _current = None
        if deadline is not None:
            deadline.close(stay=stay and stopped)
        for number, handler in before.items():
            signal.signal(number, handler)


def about_to_write() -> None:
    """Lift the deadline of the running command: what it writes from now on is finished or taken back in order."""
    if _current is not None:
        _current.lift()


def say_stopped(write: Callable[[str], object]) -> None:
    """Write that the command was stopped, without waiting for whoever should read it."""

    def body() -> None:
        with contextlib.suppress(OSError, ValueError):
            write("stopped")

    writer = threading.Thread(target=body, daemon=True)
    writer.start()
    writer.join(0.1)
