"""Compile configs in background threads, with a signal when one has slow work to do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from stateroom.config.compile_options import Watch

T = TypeVar("T")


class BackgroundCompile(Generic[T]):
    """Background work that starts at once and signals when it is slow. No caller has to wait for it.

    Args:
        work: is given the Watch to tell what it waits for.
        cancelled: whether the result is no longer needed.
    """

    def __init__(self, work: Callable[[Watch], T], cancelled: Callable[[], bool]) -> None:
        self.future: Future[T] = Future()
        self.doing = ""  # what makes it slow
        self._work = work
        self._watch = Watch(self._tell, cancelled)
        self._settled = threading.Event()
        threading.Thread(target=self._run, name="compiling", daemon=True).start()

    def is_quick(self) -> bool:
        """Wait until the work is done or reports something slow; True when it is done."""
        self._settled.wait()
        return self.future.done()

    def _tell(self, doing: str) -> None:
        self.doing = doing
        self._settled.set()

    def _run(self) -> None:
        try:
            self.future.set_result(self._work(self._watch))
        except BaseException as error:  # raised again when the result is requested
            self.future.set_exception(error)
        finally:
            self._settled.set()
