"""A deploy killed by SIGKILL at every write of its home, then run again: nothing orphaned, nothing lost, it converges.

What the cloud holds is taken from the emulator's own listing, not from our state.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Shell
from tests.support.inventory import inventory

ROOT = Path(__file__).resolve().parents[2]


def victim(shell: Shell, point: int, when: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command that dies at the n-th write."""
    command = [sys.executable, "-m", "tests.e2e.victim", str(point), when, *shell.arguments(*words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def writes(shell: Shell, *words: str) -> int:
    """How many writes the command makes when nobody kills it."""
    done = victim(shell, 0, "before", *words)
    assert done.returncode == 0, done.stderr
    found = re.search(r"writes: (\d+)", done.stdout)
    assert found
    return int(found[1])


def names(shell: Shell) -> frozenset[str]:
    """What the cloud holds, ids that it makes up itself left out."""
    return frozenset(
        re.sub(r"/[0-9a-f]{8}-[0-9a-f-]{27}|(?<=api/)\w+", "/ID", item) for item in inventory(shell.emulator)
    )


def forget_everything(shell: Shell) -> None:
    """A new project in an empty cloud."""
    shell.emulator.reset()
    subprocess.run(["rm", "-rf", str(shell.directory / ".stateroom")], check=True)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_deploy_killed_at_every_write_converges_when_run_again(shell: Shell, when: str) -> None:
    total = writes(shell, "deploy", "--yes")
    whole = names(shell)
    assert total > 8, "a deploy is expected to write its lock, journal, state and version"
    for point in range(1, total + 1):
        forget_everything(shell)
        dead = victim(shell, point, when, "deploy", "--yes")
        assert dead.returncode in (-signal.SIGKILL, 0), dead.stderr
        code, out, err = shell.run("deploy", "--yes")
        assert code == 0, f"killed {when} write {point}: {err}"
        assert names(shell) == whole, f"killed {when} write {point}"
        code, out, err = shell.run("diff")
        assert code == 0, f"killed {when} write {point}: {out}{err}"


@pytest.mark.timeout(300)
def test_a_killed_deploy_can_be_removed_without_a_trace(shell: Shell) -> None:
    before = inventory(shell.emulator)
    total = writes(shell, "deploy", "--yes")
    for point in range(1, total + 1, 3):
        forget_everything(shell)
        victim(shell, point, "after", "deploy", "--yes")
        code, _, err = shell.run("remove", "--yes")
        assert code == 0, f"killed after write {point}: {err}"
        assert inventory(shell.emulator) == before, f"killed after write {point}"
