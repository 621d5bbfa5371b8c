"""Long tests first, the same number for each worker: one that came last would keep a single worker busy.

`--dist worksteal` hands each worker a part of the list, all of one length, and whoever is done takes from the end of
another's part.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

# Files whose tests take seconds each, those with the longest first.
LONG = (
    "e2e/test_killed_in_a_bucket.py",
    "e2e/test_two_checkouts_killed.py",
    "e2e/test_killed.py",
    "test_benchmarks.py",
    "demo/test_command.py",
    "engine/test_reset_cuts.py",
    "engine/test_readers_after_a_kill.py",
    "e2e/test_adoption_killed.py",
    "e2e/test_serverless_home.py",
    "e2e/test_out_of_sync_on_screen.py",
    "config/test_python_requirements.py",
)
T = TypeVar("T")


def rank_of(path: str) -> int:
    """Return the place of a file among those with long tests; the number of them for any other file."""
    return next((place for place, name in enumerate(LONG) if path.endswith(f"/tests/{name}")), len(LONG))


def spread(tests: Sequence[T], ranks: Sequence[int], workers: int) -> list[T]:
    """Put long tests at the front of each worker's part, dealt out in turn; the others keep their order."""
    long = sorted((rank, place) for place, rank in enumerate(ranks) if rank < len(LONG))
    rest = iter([test for test, rank in zip(tests, ranks, strict=True) if rank == len(LONG)])
    ordered: list[T] = []
    for worker in range(workers):
        size = (len(tests) - len(ordered)) // (workers - worker)
        part = [tests[place] for _, place in long[worker::workers]]
        part += [test for _, test in zip(range(size - len(part)), rest, strict=False)]
        ordered += part
    return ordered
