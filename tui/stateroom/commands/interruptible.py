"""Long work in a thread, while the main thread listens for Ctrl-C and keeps the last line moving."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

from stateroom.commands.termination import stop

T = TypeVar("T")
_TICK = 0.2  # seconds; how often a live line is drawn again


def watched(work: Callable[[], T], *, interrupted: Callable[[int], None], tick: Callable[[], None] = lambda: None) -> T:
    """Run `work` in a thread and return what it returns, or raise what it raises.

    Args:
        work: blocks; must end soon after being told to by whatever `interrupted` does.
        interrupted: called in the main thread with 1 for the first Ctrl-C or SIGTERM, 2 for the second. The third
            raises KeyboardInterrupt from here and leaves the work alone, as it does when this one raises it.
        tick: called a few times a second.
    """
    results: list[T] = []
    errors: list[BaseException] = []
    done = threading.Event()

    def body() -> None:
        try:
            results.append(work())
        except BaseException as error:  # handed to the caller below, whatever it is
            errors.append(error)
        finally:
            done.set()

    # The signal handler runs in the main thread, which only waits: it cannot meet a lock that it holds itself.
    with _signals(interrupted):
        threading.Thread(target=body, name="stateroom-work", daemon=True).start()
        while not done.wait(_TICK):
            tick()
    if errors:
        raise errors[0]
    return results[0]


@contextmanager
def _signals(interrupted: Callable[[int], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    times = 0

    def handle(number: int, _frame: FrameType | None) -> None:
        nonlocal times
        times += 1
        if times > 2:
            stop(number)
        try:
            interrupted(times)
        except KeyboardInterrupt:
            stop(number)

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
