"""Ask several questions at once, and wait for the answers for a limited time only."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

_THREADS = 16


def together(questions: Sequence[Callable[[], T]], patience: float) -> list[T | Exception | None]:
    """Return each question's answer or error, in order; None for one without an answer after `patience` seconds.

    The threads are daemons: a call that hangs in the network keeps nobody, the end of the program included.
    """
    answers: list[T | Exception | None] = [None] * len(questions)
    todo = deque(enumerate(questions))
    arrived: queue.SimpleQueue[tuple[int, T | BaseException]] = queue.SimpleQueue()

    def work() -> None:
        while todo:
            try:
                index, question = todo.popleft()
            except IndexError:
                return  # another thread was faster
            try:
                arrived.put((index, question()))
            except BaseException as error:
                arrived.put((index, error))

    for _ in range(min(_THREADS, len(questions))):
        threading.Thread(target=work, name="stateroom-ask", daemon=True).start()
    deadline = time.monotonic() + patience
    for _ in questions:
        try:
            index, answer = arrived.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            todo.clear()
            break
        if isinstance(answer, BaseException) and not isinstance(answer, Exception):
            raise answer  # whoever stops the program means the caller
        answers[index] = answer
    return answers
