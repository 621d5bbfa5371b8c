"""A lock is broken by itself only when it is sure that its holder is gone: case `lock-pid-namespace`, its siblings."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stateroom.errors import LockedError
from stateroom.model.version import Holder, Lock
from stateroom.state.home import Home
from stateroom.state.locks import lock
from stateroom.state.locks.process_table import GONE, UNKNOWN, ProcessTable, is_gone
from tests.state.buckets import bucket_in
from tests.state.builders import home_in
from tests.state.lock_contenders import CONTENDERS, home_at
from tests.support.emulators import Emulator

ROOT = Path(__file__).resolve().parents[2]
NAMESPACE = ("unshare", "-rpf", "--mount-proc")  # another container of this machine, with its host name
HERE = Holder("ana", "ci", 4711, "deploy", machine="m1", boot="b1", namespace="pid:[1]", started="900")


def can_unshare() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


needs_namespaces = pytest.mark.skipif(not can_unshare(), reason="no user namespaces here")


class Processes:
    """A process table in which one pid began at a time, or is not there."""

    def __init__(self, began: str) -> None:
        self.began = began

    def table(self, directory: Path, pid: int = 4711) -> ProcessTable:
        stat = directory / f"proc/{pid}/stat"
        stat.parent.mkdir(parents=True)
        stat.write_text(f"{pid} (a ) b) S {' '.join(str(number) for number in range(4, 22))} {self.began} 23 24\n")

        def send(_pid: int, _signal: int) -> None:
            if self.began == GONE:
                raise ProcessLookupError

        return ProcessTable(directory, send)


def test_a_process_that_is_gone_or_whose_number_has_another_one_now_holds_nothing(tmp_path: Path) -> None:
    assert is_gone(HERE, HERE, Processes(GONE).table(tmp_path / "gone"))
    assert is_gone(HERE, HERE, Processes("901").table(tmp_path / "another"))
    assert not is_gone(HERE, HERE, Processes("900").table(tmp_path / "same"))


def test_a_process_that_is_there_and_hidden_may_be_the_holder(tmp_path: Path) -> None:
    hidden = ProcessTable(tmp_path, lambda *_: None)  # hidepid=2: it can be signalled, and /proc shows nothing
    assert hidden.started(4711) == UNKNOWN
    assert not is_gone(HERE, HERE, hidden)


@pytest.mark.parametrize("field", ["host", "machine", "boot", "namespace"])
@pytest.mark.parametrize("value", ["another", ""])
def test_of_another_host_machine_boot_or_namespace_nothing_is_known(tmp_path: Path, field: str, value: str) -> None:
    processes = Processes(GONE).table(tmp_path)
    other: dict[str, Any] = {field: value}
    elsewhere = replace(HERE, **other)
    assert not is_gone(elsewhere, HERE, processes)
    assert not is_gone(HERE, elsewhere, processes)
    assert value or not is_gone(elsewhere, elsewhere, processes) or field == "host"


def test_a_lock_without_a_start_time_or_a_number_is_held(tmp_path: Path) -> None:
    processes = Processes(GONE).table(tmp_path)
    assert not is_gone(replace(HERE, started=""), HERE, processes)
    assert not is_gone(replace(HERE, pid=0), HERE, processes)


@pytest.mark.emulator
def test_the_place_of_a_process_is_what_the_system_says_and_empty_where_it_says_nothing(tmp_path: Path) -> None:
    me = subprocess.run(
        [sys.executable, "-c", "from stateroom.engine.opening.factory import holder; print(holder())"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    if sys.platform == "linux":
        assert "namespace='pid:[" in me
        assert "started=''" not in me
    machine = Path("/etc/machine-id")
    if machine.exists():
        assert machine.read_text().strip() not in me, "machine-id(5): it is private"
    plain = Holder("ana", "mac", 4711, "deploy")
    assert ProcessTable(tmp_path).placed(plain) == plain  # macOS has no /proc


def test_a_proc_of_another_namespace_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/self").symlink_to("5000")
    plain = Holder("ana", "ci", 4711, "deploy")
    assert ProcessTable(tmp_path).placed(plain) == plain


@pytest.mark.parametrize(
    ("holder", "why"),
    [
        (replace(HERE, host="desk"), "another machine's"),
        (replace(HERE, machine="m2"), "another machine's"),
        (replace(HERE, boot="b2"), "has booted since"),
        (replace(HERE, namespace="pid:[2]"), "a pid namespace of its own"),
        (replace(HERE, machine="", boot="", namespace="", started=""), "does not say exactly where"),
    ],
)
def test_who_is_refused_learns_why_only_a_person_breaks_the_lock(tmp_path: Path, holder: Holder, why: str) -> None:
    held = home_in(tmp_path, holder=holder)
    mine = home_in(tmp_path, holder=replace(HERE, pid=4712))
    with held.lock(held.begin("orders", "dev", "deploy")):
        assert mine.locks.break_abandoned("orders", "dev") is None
        with pytest.raises(LockedError) as caught, mine.lock(mine.begin("orders", "dev", "deploy")):
            pytest.fail("both hold the lock")
        assert "may still be at work" in caught.value.why
        assert why in caught.value.why
        assert "only a person breaks this lock" in caught.value.todo
        assert mine.break_lock("orders", "dev") is not None  # what `stateroom unlock` does


def test_a_lock_that_an_older_version_wrote_is_held(tmp_path: Path) -> None:
    home = home_in(tmp_path, holder=HERE)
    path = tmp_path / ".stateroom/lock/orders/dev.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"created":"2026-11-21T01:12:36Z","updateID":"fe","command":"deploy","host":"ci","pid":999999}')
    assert home.locks.break_abandoned("orders", "dev") is None
    with pytest.raises(LockedError, match="may still be at work"), home.lock(home.begin("orders", "dev", "deploy")):
        pytest.fail("the lock was ignored")


def test_a_lock_that_changed_hands_since_it_was_judged_stays(tmp_path: Path) -> None:
    """Two find the same abandoned lock: what one has taken meanwhile is not broken by the other."""
    dead, mine = home_in(tmp_path, holder=HERE), home_in(tmp_path, holder=replace(HERE, pid=4712))
    kept = [dead.lock(dead.begin("orders", "dev", "deploy"))]  # a collected context lets go of its lock
    kept[0].__enter__()
    successor = home_in(tmp_path, holder=replace(HERE, pid=4713))

    def overtaken(_lock: object) -> bool:
        successor.break_lock("orders", "dev")
        kept.append(successor.lock(successor.begin("orders", "dev", "deploy")))
        kept[1].__enter__()
        return True

    assert mine.locks.break_one("orders", "dev", only=overtaken) is None
    held = mine.read_lock("orders", "dev")
    assert held is not None
    assert held.holder.pid == 4713


def contenders(command: Sequence[str], endpoint: str, *rounds: str) -> subprocess.Popen[str]:
    line = [*command, sys.executable, "-m", "tests.state.lock_contenders", endpoint, "states", *rounds]
    return subprocess.Popen(line, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def tell(groups: Sequence[subprocess.Popen[str]], word: str) -> None:
    for group in groups:
        assert group.stdin is not None
        group.stdin.write(f"{word}\n")
        group.stdin.flush()


def answers(groups: Sequence[subprocess.Popen[str]], *wanted: str) -> list[str]:
    """What each contender says next, all of them; `broke` is remembered with them."""
    found: list[str] = []
    for group in groups:
        assert group.stdout is not None
        number = 0
        while number < CONTENDERS:
            word = group.stdout.readline().strip()
            assert word, "a contender ended"
            number += word in wanted
            found.append(word)
    return found


def leave_a_lock(home: Home, stage: str) -> None:
    """What a process leaves that was killed on this machine, in this namespace, under the same host name."""
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    left = Lock(replace(home.locks.holder, pid=gone.pid), datetime.now(UTC), home.begin("orders", stage, "deploy").id)
    home.documents.store.put(home.documents.names("orders", stage).lock, lock.body(left))


@needs_namespaces
@pytest.mark.timeout(180)
def test_lock_pid_namespace_sixteen_of_two_namespaces_with_one_host_name_have_one_winner(emulator: Emulator) -> None:
    """Case `lock-pid-namespace`: half of them cannot see the others, nor whoever left a lock behind in round two."""
    bucket_in(emulator)
    rounds = ("first", "left", "third")
    leave_a_lock(home_at(emulator.endpoint_url, "states"), "left")
    groups = [contenders(command, emulator.endpoint_url, *rounds) for command in ((), NAMESPACE)]
    try:
        answers(groups, "ready")
        for stage in rounds:
            tell(groups, "go")
            said = answers(groups, "won", "lost")
            assert (stage, said.count("won")) == (stage, 1)
            assert said.count("broke") == (stage == "left")
            tell(groups, "end")
        assert [group.wait(30) for group in groups] == [0, 0]
    finally:
        for group in groups:
            group.kill()
            group.communicate()
    assert home_at(emulator.endpoint_url, "states").read_lock("orders", "first") is None


@needs_namespaces
@pytest.mark.timeout(60)
def test_lock_pid_namespace_the_lock_of_a_holder_that_cannot_be_seen_is_held(moto: Emulator) -> None:
    """Case `lock-pid-namespace`: a holder in a container, and a container of the same name that looks at its lock."""
    bucket_in(moto)
    look = (
        "import sys; from tests.state.lock_contenders import home_at; home = home_at(sys.argv[1], 'states');"
        "print(home.locks.break_abandoned('orders', 'dev'), home.read_lock('orders', 'dev').holder.host)"
    )
    home = home_at(moto.endpoint_url, "states")
    leave_a_lock(home, "dev")
    line = [*NAMESPACE, sys.executable, "-c", look, moto.endpoint_url]
    said = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["None", "ci"]
    broken = home.locks.break_abandoned("orders", "dev")
    assert broken is not None, "from its own namespace it is known to be gone"
