"""Every command that writes a home, cut off at every write and deletion, then run again: nothing lost, it converges.

Deploy, refresh, remove and rollback are in tests/engine/test_power_cuts.py, a reset in tests/engine/test_reset_cuts.py.
The cut is simulated: from the chosen point on nothing is written any more, before or after a write has taken effect.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from stateroom.errors import StateError
from stateroom.state.stores.directory import DirectoryStore
from tests.commands.sst_home import PHRASE, Machine
from tests.engine.power import Mains

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("quick_keys")]


def nothing(_: Machine) -> None:
    """The stage as it was deployed."""


def damaged(machine: Machine) -> None:
    (machine.states / "app/ledger/qa.json").write_bytes(b'{"version": 3, "checkpo')


def other_stage(machine: Machine) -> None:
    text = (machine.states / "app/ledger/qa.json").read_text()
    empty = json.loads(text.replace("ledger/qa", "ledger/live"))
    empty["checkpoint"]["latest"]["resources"] = []
    machine.put("app", json.dumps(empty).encode(), "live")
    machine.put("passphrase", PHRASE.encode(), "live")


def without_passphrase(machine: Machine) -> None:
    (machine.states / "passphrase/ledger/qa.json").unlink()
    machine.environment = {**machine.environment, "STATEROOM_PASSPHRASE": PHRASE}


def exported(machine: Machine) -> None:
    text = (machine.states / "app/ledger/qa.json").read_text()
    (machine.here / "state.json").write_text(text.replace("ledger-qa-bucket", "another-bucket"))


def editor(machine: Machine) -> None:
    script = machine.here / "editor.sh"
    script.write_text("#!/bin/sh\nsed -i 's/ledger-qa-bucket/renamed-bucket/' \"$1\"\n")
    script.chmod(0o700)
    machine.environment = {**machine.environment, "EDITOR": str(script), "PATH": "/usr/bin:/bin"}


def secrets_file(machine: Machine) -> None:
    (machine.here / "secrets.env").write_text("Token=one\nOther=two\n")


def three_versions(machine: Machine) -> None:
    for name in ("MyFn", "MyBucketBucket"):
        assert machine("state", "remove", name, "--yes").code == 0


def locked(machine: Machine) -> None:
    lock = {"created": "2026-11-21T01:12:36Z", "updateID": "fe5e04590eb413d4bd8ae9fd", "runID": "", "command": "deploy"}
    machine.put("lock", json.dumps(lock).encode())


@dataclass(frozen=True)
class Command:
    """A command that writes: what there is before it, and its words; `{here}` is the directory it runs in."""

    words: str
    before: Callable[[Machine], None] = nothing
    answers: str = ""
    again: bool = True  # whether it may be run once more after it was through

    def run(self, machine: Machine) -> int:
        words = self.words.replace("{here}", str(machine.here)).split()
        return machine(*words, answers=self.answers, terminal=bool(self.answers) and "edit" in words).code


COMMANDS = [
    Command("secret set Token", answers="fresh\n"),
    Command("secret load {here}/secrets.env", secrets_file),
    Command("secret remove Kept", again=False),
    Command("passphrase restore", without_passphrase, again=False),
    Command("passphrase rotate --yes"),
    Command("state import {here}/state.json --yes", exported),
    Command("state remove MyFn --yes", again=False),
    Command("state move MyBucket --service ledger/qa --to ledger/live --yes", other_stage, again=False),
    Command("state rename-stage live --service ledger/qa --yes", again=False),
    Command("state repair --yes", damaged),
    pytest.param(Command("state edit", editor, answers="y\n"), marks=pytest.mark.emulator),
    Command("state prune --keep 1 --yes", three_versions),
    Command("unlock --yes", locked),
]


@pytest.fixture(scope="module")
def deployed(quick_keys: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine with a deployed stage and a secret of its own, to be copied: deriving keys takes its time."""
    directory = tmp_path_factory.mktemp("deployed")
    machine = Machine(directory)
    machine.deployed()
    assert machine("secret", "set", "Kept", answers="kept\n").code == 0
    return directory


@pytest.fixture
def mains(monkeypatch: pytest.MonkeyPatch) -> Mains:
    supply = Mains()

    def powered(write: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            if not supply.use():
                raise StateError("power cut")
            answer = write(*arguments, **options)
            if not supply.use():
                raise StateError("power cut")  # written, but nobody hears of it
            return answer

        return call

    monkeypatch.setattr(DirectoryStore, "put", powered(DirectoryStore.put))
    monkeypatch.setattr(DirectoryStore, "delete", powered(DirectoryStore.delete))
    return supply


def copies(deployed: Path, base: Path, command: Command) -> Iterator[Machine]:
    """Machines on which the command has not been run yet."""
    number = 0
    while True:
        number += 1
        shutil.copytree(deployed, base / str(number))
        machine = Machine(base / str(number))
        command.before(machine)
        yield machine


def outcome(machine: Machine) -> dict[str, object]:
    """What a user has: resources of every stage with a revealed secret among them, secrets, whether it is locked."""
    found: dict[str, object] = {}
    for path in sorted((machine.states / "app" / "ledger").glob("*.json")):
        document = machine.state(path.stem)
        assert document.problems() == ()
        found[path.stem] = sorted((raw["urn"], raw.get("id")) for raw in document.resources)
        service = ["--service", f"ledger/{path.stem}"]
        if "MyFn" in machine.names(path.stem):
            assert "token: hunter2" in machine("state", "show", "MyFn", "--decrypt", *service).out
        found[f"secrets of {path.stem}"] = machine("secret", "list", "--reveal", *service).out
    found["locks"] = sorted(path.name for path in (machine.states / "lock").rglob("*.json"))
    found["unfinished"] = sorted(path.name for path in machine.states.rglob("*.next*"))
    return found


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command.words.split()[:2]))
def test_cut_off_anywhere_and_run_again_it_converges(
    deployed: Path, tmp_path: Path, mains: Mains, command: Command
) -> None:
    machines = copies(deployed, tmp_path, command)
    whole = next(machines)
    mains.used = 0
    assert command.run(whole) == 0
    uses = mains.used
    expected = outcome(whole)
    assert uses >= 2
    for point in range(uses):
        machine = next(machines)
        mains.remaining = point
        command.run(machine)
        mains.remaining = 1_000_000
        for lock in sorted((machine.states / "lock").rglob("*.json")):  # a dead process cannot have let go of it
            if command.words != "unlock --yes":
                lock.unlink()
        code = command.run(machine)
        assert outcome(machine) == expected, f"cut at {point}"
        assert code == 0 or not command.again, f"cut at {point}"
