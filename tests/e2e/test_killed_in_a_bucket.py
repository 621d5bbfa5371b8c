"""Commands on a Serverless home killed by SIGKILL at every write, then run again: it converges, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.conftest import Shell
from tests.engine.homes import PACKAGES, bucket_of, buckets_in
from tests.support.emulators import REGION, Emulator
from tests.support.inventory import inventory
from tests.support.victims import Victims, victims

HOME = ("--home", "serverless")
CONFIG = """\
service: corner
provider: {{name: aws, runtime: python3.12, region: {region}}}
functions:
  hello: {{handler: app.handler}}
"""


@pytest.fixture
def small(tmp_path: Path, moto: Emulator, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A project of one function that was never deployed, and an empty cloud."""
    directory = tmp_path / "corner"
    directory.mkdir()
    (directory / "serverless.yml").write_text(CONFIG.format(region=REGION))
    (directory / "app.py").write_text("def handler(event, context):\n    return 1\n")
    return Shell(directory, moto, capsys)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victims]:
    with victims("tests.e2e.bucket_victim", tmp_path_factory.mktemp("victims")) as running:
        yield running


@dataclass(frozen=True)
class Victim:
    """Runs commands that die at a chosen write."""

    server: Victims
    shell: Shell

    def killed(self, point: int, *words: str) -> None:
        """Run a command that dies at the n-th write: before odd ones, after even ones."""
        done = self.server.run(point, "before" if point % 2 else "after", *self.shell.arguments(*words), *HOME)
        assert done["died"] or done["code"] == 0, done

    def writes(self, *words: str) -> int:
        """How many writes the command makes when nobody kills it."""
        return self.server.writes(*self.shell.arguments(*words), *HOME)


@pytest.fixture
def victim(small: Shell, server: Victims) -> Victim:
    return Victim(server, small)


def things(shell: Shell) -> frozenset[str]:
    """What the cloud holds, without what a home is made of."""
    return frozenset(item for item in inventory(shell.emulator) if "serverless-framework" not in item)


@pytest.mark.timeout(300)
def test_a_first_deploy_killed_at_every_write_converges_when_run_again(small: Shell, victim: Victim) -> None:
    total = victim.writes("deploy", "--yes")
    whole = things(small)
    assert total > 12, "bootstrap, lock, journal, package, state and version are expected to be written"
    for point in range(1, total + 1):
        small.emulator.reset()
        victim.killed(point, "deploy", "--yes")
        code, _, err = small.run("deploy", "--yes", *HOME)
        assert code == 0, f"killed at write {point}: {err}"
        assert things(small) == whole, f"killed at write {point}"
        assert buckets_in(small.emulator) == home_of(small.emulator), f"killed at write {point}"
        code, out, err = small.run("diff", *HOME)
        assert code == 0, f"killed at write {point}: {out}{err}"


@pytest.mark.timeout(300)
def test_a_reset_killed_at_any_write_is_continued_by_the_next(small: Shell, victim: Victim) -> None:
    assert small.run("deploy", "--yes", *HOME)[0] == 0
    total = victim.writes("reset", "--yes")
    for point in range(1, total + 1, 4):
        victim.killed(point, "reset", "--yes")
        code, _, err = small.run("reset", "--yes", *HOME)
        assert code == 0, f"killed at write {point}: {err}"
        assert buckets_in(small.emulator) == home_of(small.emulator), f"killed at write {point}"
        code, out, err = small.run("diff", *HOME)
        assert code == 0, f"killed at write {point}: {out}{err}"


def home_of(emulator: Emulator) -> set[str]:
    return {bucket_of(emulator), bucket_of(emulator, PACKAGES, REGION)}
