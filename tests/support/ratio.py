"""How long work takes against other work of the same moment: what slows a machine down slows both."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


def times_as_long(ours: Callable[[], object], theirs: Callable[[], object], limit: float, rounds: int = 12) -> float:
    """How many times the CPU of `theirs` `ours` takes: the least of each, for they take turns.

    Neighbours only ever add to a measurement, so the least is the truest. It ends with the first round after which the
    ratio is below the limit.
    """
    best = [float("inf"), float("inf")]
    for _ in range(rounds):
        for place, work in enumerate((ours, theirs)):
            best[place] = min(best[place], cpu(work))
        if best[0] < limit * best[1]:
            break
    return best[0] / best[1]


def cpu(work: Callable[[], object]) -> float:
    """Seconds of CPU. What earlier work left to collect is collected before."""
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


@dataclass
class Crowd:
    """How crowded the machine is: `factor` is 1 where a program has a core of its own, 3 where three share it."""

    wall: float = 0.0
    cpu: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def factor(self) -> float:
        return max(1.0, self.wall / self.cpu) if self.cpu else 1.0

    def watch(self) -> None:
        """Until it is over: twice a second, see how long a moment's counting takes."""
        while not self.over.wait(0.5):
            wall, busy = time.perf_counter(), time.thread_time()
            sum(number * number for number in range(100_000))
            self.wall += time.perf_counter() - wall
            self.cpu += time.thread_time() - busy


@contextmanager
def crowd() -> Iterator[Crowd]:
    """Watch the machine while something runs."""
    seen = Crowd()
    thread = threading.Thread(target=seen.watch)
    thread.start()
    try:
        yield seen
    finally:
        seen.over.set()
        thread.join()
