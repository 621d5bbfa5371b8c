"""Commands on a Serverless home killed by SIGKILL at every write, then run again: it converges, and nothing is lost."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Shell
from tests.engine.homes import PACKAGES, bucket_of, buckets_in
from tests.support.emulators import REGION, Emulator
from tests.support.inventory import inventory

ROOT = Path(__file__).resolve().parents[2]
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


def victim(shell: Shell, point: int, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command that dies at the n-th write: before odd ones, after even ones."""
    when = "before" if point % 2 else "after"
    line = [sys.executable, "-m", "tests.e2e.bucket_victim", str(point), when, *shell.arguments(*words), *HOME]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def writes(shell: Shell, *words: str) -> int:
    """How many writes the command makes when nobody kills it."""
    done = victim(shell, 0, *words)
    assert done.returncode == 0, done.stderr
    found = re.search(r"writes: (\d+)", done.stdout)
    assert found
    return int(found[1])


HOME = ("--home", "serverless")


def things(shell: Shell) -> frozenset[str]:
    """What the cloud holds, without what a home is made of."""
    return frozenset(item for item in inventory(shell.emulator) if "serverless-framework" not in item)


@pytest.mark.timeout(300)
def test_a_first_deploy_killed_at_every_write_converges_when_run_again(small: Shell) -> None:
    total = writes(small, "deploy", "--yes")
    whole = things(small)
    assert total > 12, "bootstrap, lock, journal, package, state and version are expected to be written"
    for point in range(1, total + 1):
        small.emulator.reset()
        dead = victim(small, point, "deploy", "--yes")
        assert dead.returncode in (-signal.SIGKILL, 0), dead.stderr
        code, _, err = small.run("deploy", "--yes", *HOME)
        assert code == 0, f"killed at write {point}: {err}"
        assert things(small) == whole, f"killed at write {point}"
        assert buckets_in(small.emulator) == home_of(small.emulator), f"killed at write {point}"
        code, out, err = small.run("diff", *HOME)
        assert code == 0, f"killed at write {point}: {out}{err}"


@pytest.mark.timeout(300)
def test_a_reset_killed_at_any_write_is_continued_by_the_next(small: Shell) -> None:
    assert small.run("deploy", "--yes", *HOME)[0] == 0
    total = writes(small, "reset", "--yes")
    for point in range(1, total + 1, 4):
        dead = victim(small, point, "reset", "--yes")
        assert dead.returncode in (-signal.SIGKILL, 0), dead.stderr
        code, _, err = small.run("reset", "--yes", *HOME)
        assert code == 0, f"killed at write {point}: {err}"
        assert buckets_in(small.emulator) == home_of(small.emulator), f"killed at write {point}"
        code, out, err = small.run("diff", *HOME)
        assert code == 0, f"killed at write {point}: {out}{err}"


def home_of(emulator: Emulator) -> set[str]:
    return {bucket_of(emulator), bucket_of(emulator, PACKAGES, REGION)}
