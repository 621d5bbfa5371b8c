"""Long tests begin each worker's part of the list, and no test is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.order import LONG, rank_of, spread

TESTS = Path(__file__).parents[1]


def test_every_file_with_long_tests_is_there() -> None:
    assert [name for name in LONG if not (TESTS / name).is_file()] == []


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
@pytest.mark.parametrize("long", [0, 1, 4, 11, 40])
def test_each_worker_begins_with_its_share_of_the_long_tests(workers: int, long: int) -> None:
    ranks = [len(LONG)] * 29 + [place % len(LONG) for place in range(long)]
    tests = [f"{place}" for place in range(len(ranks))]
    ordered = spread(tests, ranks, workers)
    assert sorted(ordered) == sorted(tests)
    rank = dict(zip(tests, ranks, strict=True))
    rest = [test for test in ordered if rank[test] == len(LONG)]
    assert rest == tests[:29], "the others keep their order, with what they share"
    at = 0
    for worker in range(workers):
        size = (len(tests) - at) // (workers - worker)
        share = len(range(worker, long, workers))
        part = [rank[test] for test in ordered[at : at + size]]
        if long <= 11:
            assert part[:share] == sorted(part[:share])
            assert len(LONG) not in part[:share]
            assert set(part[share:]) <= {len(LONG)}
        at += size


def test_a_file_is_known_by_its_place() -> None:
    assert rank_of(f"{TESTS.as_posix()}/{LONG[1]}") == 1
    assert rank_of(f"{TESTS.as_posix()}/test_docs.py") == len(LONG)
