"""A deploy killed by SIGKILL at every write of its home, then run again: nothing orphaned, nothing lost, it converges.

What the cloud holds is taken from the emulator's own listing, not from our state.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.conftest import Shell
from tests.support.inventory import inventory
from tests.support.victims import Victims, victims


@dataclass(frozen=True)
class Victim:
    """Runs commands that die at a chosen write."""

    server: Victims
    shell: Shell

    def run(self, point: int, when: str, *words: str) -> dict[str, Any]:
        """Run a command that dies at the n-th write; how it ended."""
        return self.server.run(point, when, *self.shell.arguments(*words))

    def writes(self, *words: str) -> int:
        """How many writes the command makes when nobody kills it."""
        return self.server.writes(*self.shell.arguments(*words))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victims]:
    with victims("tests.e2e.victim", tmp_path_factory.mktemp("victims")) as running:
        yield running


@pytest.fixture
def victim(shell: Shell, server: Victims) -> Victim:
    return Victim(server, shell)


def names(shell: Shell) -> list[str]:
    """What the cloud holds, sorted, with the ids that it makes up itself left out; two of a kind count as two."""
    made_up = re.compile(r"(?<=mapping/)[0-9a-f-]{36}|(?<=/)\w+$")
    listed = inventory(shell.emulator)
    return sorted(
        made_up.sub("ID", item) if item.startswith(("apigatewayv2:", "lambda:mapping")) else item for item in listed
    )


def forget_everything(shell: Shell) -> None:
    """A new project in an empty cloud."""
    shell.emulator.reset()
    shutil.rmtree(shell.directory / ".stateroom")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_deploy_killed_at_every_write_converges_when_run_again(shell: Shell, victim: Victim, when: str) -> None:
    total = victim.writes("deploy", "--yes")
    whole = names(shell)
    assert total > 8, "a deploy is expected to write its lock, journal, state and version"
    # moto answers at once and takes every point; ministack's functions need time to become active, so there the two
    # moments take turns. Between them every write is covered on both.
    step = 1 if shell.emulator.name == "moto" else 2
    points = range(1 if when == "before" else step, total + 1, step)
    deaths = 0
    for point in points:
        forget_everything(shell)
        deaths += victim.run(point, when, "deploy", "--yes")["died"]
        code, out, err = shell.run("deploy", "--yes")
        assert code == 0, f"killed {when} write {point}: {err}"
        assert names(shell) == whole, f"killed {when} write {point}"
        code, out, err = shell.run("diff")
        assert code == 0, f"killed {when} write {point}: {out}{err}"
    assert deaths > 0.8 * len(points)  # group commit: a run may need a few writes fewer than another


@pytest.mark.timeout(300)
def test_a_killed_deploy_is_told_and_can_be_removed_without_a_trace(shell: Shell, victim: Victim) -> None:
    """What status says of a process that was really killed is part of it (case `killed-status`)."""
    before = inventory(shell.emulator)
    home, told = shell.directory / ".stateroom", 0
    total = victim.writes("deploy", "--yes")
    for point in range(1, total + 1, 3):
        forget_everything(shell)
        victim.run(point, "after", "deploy", "--yes")
        _, out, _ = shell.run("status", "--offline")
        assert ("was left behind by" in out) == any((home / "lock").rglob("*.json")), f"killed after write {point}"
        assert "is running" not in out
        told += "was cut off after" in out
        code, _, err = shell.run("remove", "--yes")
        assert code == 0, f"killed after write {point}: {err}"
        assert inventory(shell.emulator) == before, f"killed after write {point}"
    assert told, "no point was one between the journal's first write and the state's"
