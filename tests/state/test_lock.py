"""One operation at a time, and whoever has to wait learns for whom."""

from __future__ import annotations

import multiprocessing
import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from stateroom.errors import LockedError
from stateroom.model.version import Holder
from stateroom.state.home import Home
from stateroom.state.locks.lock import is_abandoned
from stateroom.state.locks.process_table import ProcessTable
from tests.state.builders import ANA, BEN, home_in


def test_the_second_one_is_refused_with_the_holders_name_and_time(tmp_path: Path) -> None:
    ana, ben = home_in(tmp_path), home_in(tmp_path, holder=BEN)
    with ana.lock(ana.begin("orders", "dev", "deploy")):
        with pytest.raises(LockedError) as caught, ben.lock(ben.begin("orders", "dev", "deploy")):
            pytest.fail("both hold the lock")
        assert caught.value.what.startswith("locked by ana@laptop (deploy) for ")
        assert "stateroom unlock" in caught.value.todo
        held = ben.read_lock("orders", "dev")
    assert held is not None
    assert held.holder == ANA
    assert ben.read_lock("orders", "dev") is None


def test_services_and_stages_do_not_lock_each_other(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    with (
        home.lock(home.begin("orders", "dev", "deploy")),
        home.lock(home.begin("orders", "prod", "deploy")),
        home.lock(home.begin("billing", "dev", "deploy")),
    ):
        assert home.read_lock("billing", "dev") is not None


def test_the_lock_is_released_when_the_operation_fails(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    with pytest.raises(ZeroDivisionError), home.lock(home.begin("orders", "dev", "deploy")):
        raise ZeroDivisionError
    assert home.read_lock("orders", "dev") is None


def test_an_operation_whose_lock_was_broken_does_not_release_its_successors(tmp_path: Path) -> None:
    ana, ben = home_in(tmp_path), home_in(tmp_path, holder=BEN)
    with ana.lock(ana.begin("orders", "dev", "deploy")):
        ben.break_lock("orders", "dev")
        successor = ben.lock(ben.begin("orders", "dev", "deploy"))
        successor.__enter__()
    held = ana.read_lock("orders", "dev")
    assert held is not None
    assert held.holder == BEN
    successor.__exit__(None, None, None)


def test_breaking_a_lock_tells_whose_it_was_and_keeps_the_record_of_the_operation(tmp_path: Path) -> None:
    ana, ben = home_in(tmp_path), home_in(tmp_path, holder=BEN)
    update = ana.begin("orders", "dev", "deploy")
    with ana.lock(update):
        broken = ben.break_lock("orders", "dev")
    assert broken is not None
    assert (broken.holder, broken.update_id) == (ANA, update.id)
    record = (tmp_path / f".stateroom/update/orders/dev/{update.id}.json").read_text()
    assert "lock was broken by ben@desk" in record
    assert '"timeStarted": "2026-11-21T12:00:01' in record


def test_breaking_no_lock_breaks_nothing(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    assert home.break_lock("orders", "dev") is None
    assert not (tmp_path / ".stateroom").exists()


def test_a_lock_of_an_sst_client_is_a_lock(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    update = home.begin("orders", "dev", "deploy")
    write_lock(tmp_path, '{"created":"2026-11-21T01:12:36.367945364Z","updateID":"fe5e","runID":"","command":"repair"}')
    with pytest.raises(LockedError, match="repair"), home.lock(update):
        pytest.fail("the lock was ignored")
    lock = home.read_lock("orders", "dev")
    assert lock is not None
    assert (lock.update_id, lock.since.year, lock.since.microsecond) == ("fe5e", 2026, 367945)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x", "created": 7}'])
def test_an_unreadable_lock_is_still_a_lock_and_can_be_broken(tmp_path: Path, text: str) -> None:
    home = home_in(tmp_path)
    update = home.begin("orders", "dev", "deploy")
    write_lock(tmp_path, text)
    with pytest.raises(LockedError), home.lock(update):
        pytest.fail("the lock was ignored")
    assert home.break_lock("orders", "dev") is not None
    with home.lock(update):
        pass


@pytest.mark.emulator
def test_a_holder_that_died_on_this_host_is_told_from_one_at_work(tmp_path: Path) -> None:
    here = ProcessTable().placed(Holder("ana", socket.gethostname(), os.getpid(), "deploy"))
    if not here.namespace or not here.machine:
        pytest.skip("this system does not say where a process runs")
    process = multiprocessing.get_context("spawn").Process(target=int)
    process.start()
    process.join()
    dead = replace(here, pid=process.pid or 0)
    home = home_in(tmp_path, holder=dead)
    with home.lock(home.begin("orders", "dev", "deploy")) as lock:
        assert is_abandoned(lock, here, ProcessTable())
        assert not is_abandoned(lock, replace(here, host="another host"), ProcessTable())
        assert not is_abandoned(replace(lock, holder=here), here, ProcessTable())
        with (
            pytest.raises(LockedError, match=r"is gone[^$]*stateroom unlock"),
            home.lock(home.begin("orders", "dev", "x")),
        ):
            pytest.fail("both hold the lock")


@pytest.mark.emulator
def test_of_processes_racing_for_the_lock_one_wins_every_round(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    rounds, racers = 25, 3
    barrier = context.Barrier(racers)
    results = context.Queue()
    processes = [context.Process(target=race, args=(tmp_path, barrier, results, rounds)) for _ in range(racers)]
    for process in processes:
        process.start()
    wins = [results.get(timeout=60) for _ in range(rounds * racers)]
    for process in processes:
        process.join(60)
    assert all(sum(won for number, won in wins if number == current) == 1 for current in range(rounds))
    assert home_in(tmp_path).read_lock("orders", "dev") is None


def race(root: Path, barrier: object, results: object, rounds: int) -> None:
    home = home_in(root, holder=Holder("racer", "track", os.getpid(), "deploy"))
    for number in range(rounds):
        barrier.wait(60)  # type: ignore[attr-defined]
        results.put((number, attempt(home, barrier)))  # type: ignore[attr-defined]


def attempt(home: Home, barrier: object) -> bool:
    """Whether we got the lock; the winner keeps it until every racer has tried."""
    try:
        with home.lock(home.begin("orders", "dev", "deploy")):
            barrier.wait(60)  # type: ignore[attr-defined]
            return True
    except LockedError:
        barrier.wait(60)  # type: ignore[attr-defined]
        return False


def write_lock(root: Path, text: str) -> None:
    path = root / ".stateroom/lock/orders/dev.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
