"""SST's secrets and the passphrase that opens them, as a user sets, loses and rotates them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stateroom.model.values import Secret
from stateroom.state.secrets import dotenv
from stateroom.state.secrets.cipher import Passphrase
from stateroom.state.secrets.secrets_file import SecretsFile
from stateroom.state.stores.directory import DirectoryStore
from tests.commands.keyrings import Chain, chain
from tests.commands.sst_home import PHRASE, Machine

__all__ = ["chain"]

pytestmark = pytest.mark.usefixtures("quick_keys")


@pytest.fixture
def machine(tmp_path: Path, chain: Chain) -> Machine:
    found = Machine(tmp_path)
    found.deployed()
    return found


def test_a_secret_is_set_from_standard_input_and_listed_masked(machine: Machine) -> None:
    assert machine("secret", "set", "Token", answers="hunter2\n").code == 0
    assert machine("secret", "list").out.splitlines() == ["# ledger/qa", "Token=***"]
    assert "Token=hunter2" in machine("secret", "list", "--reveal").out
    stored = (machine.states / "secret/ledger/qa.json").read_bytes()
    assert b"hunter2" not in stored
    assert not stored.startswith(b"\x1f\x8b")


def test_a_value_on_the_command_line_is_refused_and_not_repeated(machine: Machine) -> None:
    run = machine("secret", "set", "Token", "hunter2")
    assert run.code == 64
    assert "hunter2" not in run.out + run.err


def test_names_that_sst_would_not_take_are_refused(machine: Machine) -> None:
    run = machine("secret", "set", "token", answers="x\n")
    assert run.code == 64
    assert "Token" in run.err


def test_fallback_is_a_set_of_its_own_with_its_own_passphrase(machine: Machine) -> None:
    assert machine("secret", "set", "Shared", "--fallback", answers="all\n").code == 0
    assert (machine.states / "passphrase/ledger/_fallback.json").read_text() != PHRASE
    assert machine("secret", "set", "Token", answers="own\n").code == 0
    assert machine("secret", "list", "--reveal").out.splitlines() == [
        "# fallback",
        "Shared=all",
        "# ledger/qa",
        "Token=own",
    ]


def test_load_takes_a_whole_file_and_remove_forgets(machine: Machine, tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    file.write_text('# mine\nexport One=1\nTwo="a b\\nc"\nThree=\'$x "y"\'\n')
    assert machine("secret", "load", str(file)).code == 0
    found = machine("secret", "list", "--reveal", "--json").document["secrets"]["ledger/qa"]
    assert found == {"One": "1", "Two": "a b\nc", "Three": '$x "y"'}
    assert machine("secret", "remove", "One", "Two").code == 0
    assert machine("secret", "remove", "One").code == 64
    assert list(machine("secret", "list", "--json").document["secrets"]["ledger/qa"]) == ["Three"]


def test_a_secrets_file_goes_round_through_its_own_lines() -> None:
    values = {"A": "plain", "B": 'with "quotes" and \\ and $', "C": "two\nlines", "D": "", "E": " # no comment"}
    assert dotenv.parse("\n".join(dotenv.lines(values))) == values


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    """SST reads and writes without a lock, so that of two `secret set` one is lost."""
    store = DirectoryStore(tmp_path)
    file = SecretsFile(store, "secret/a/b.json", "a/b", lambda new: Passphrase(Secret(PHRASE), "given"))
    file.change(lambda before: {"First": Secret("1")})
    meddled = False

    def change(before: dict[str, Secret]) -> dict[str, Secret]:
        nonlocal meddled
        if not meddled:
            meddled = True
            file.change(lambda other: {**other, "Second": Secret("2")})
        return {**before, "Third": Secret("3")}

    assert set(file.change(change)) == {"First", "Second", "Third"}


def test_status_says_what_fits_where(machine: Machine, chain: Chain) -> None:
    rows = {row["source"]: row for row in machine("passphrase", "status", "--json").document["places"]}
    assert rows["home"]["fits"] is True
    assert rows["keyring"]["kept"] is False
    user = f"{machine.states.as_uri()}#ledger/qa"
    chain.kept["stateroom", user] = "something else"
    run = machine("passphrase", "status")
    assert run.code == 1
    assert "does NOT fit" in run.out


def test_set_checks_before_it_keeps_and_forget_minds_the_last_place(machine: Machine, chain: Chain) -> None:
    assert machine("passphrase", "set", answers="wrong\n").code == 1
    assert chain.kept == {}
    assert machine("passphrase", "set", answers=f"{PHRASE}\n").code == 0
    assert list(chain.kept.values()) == [PHRASE]
    (machine.states / "passphrase/ledger/qa.json").unlink()
    assert machine("passphrase", "forget").code == 1
    assert list(chain.kept.values()) == [PHRASE]
    assert machine("passphrase", "forget", "--force").code == 0
    assert chain.kept == {}


def test_a_deleted_passphrase_is_restored_from_the_keyring_if_it_fits(machine: Machine, chain: Chain) -> None:
    machine("passphrase", "set", answers=f"{PHRASE}\n")
    file = machine.states / "passphrase/ledger/qa.json"
    file.unlink()
    assert "hunter2" in machine("state", "show", "MyFn", "--decrypt").out, "the keyring still has it"
    assert machine("passphrase", "restore").code == 0
    assert file.read_text() == PHRASE
    file.unlink()
    user = next(iter(chain.kept))
    chain.kept[user] = "wrong"
    run = machine("passphrase", "restore")
    assert run.code == 1
    assert "the passphrase from the keyring" in run.err
    assert not file.exists()


def test_a_keyring_that_is_behind_gives_way_to_the_shared_passphrase(machine: Machine, chain: Chain) -> None:
    chain.kept["stateroom", f"{machine.states.as_uri()}#ledger/qa"] = "the one before the rotation"
    assert "hunter2" in machine("state", "show", "MyFn", "--decrypt").out


def test_without_any_passphrase_names_can_be_seen_and_secrets_not(machine: Machine) -> None:
    (machine.states / "passphrase/ledger/qa.json").unlink()
    assert machine("state", "list").code == 0
    assert machine("show", "1").code == 0
    run = machine("state", "show", "MyFn", "--decrypt")
    assert run.code == 1
    assert "passphrase" in run.err
    assert not (machine.states / "passphrase/ledger/qa.json").exists(), "reading creates nothing"


def test_rotate_encrypts_state_versions_and_secrets_anew(machine: Machine, chain: Chain) -> None:
    machine("secret", "set", "Token", answers="hunter3\n")
    run = machine("passphrase", "rotate", "--yes")
    assert run.code == 0, run.err
    fresh = (machine.states / "passphrase/ledger/qa.json").read_text()
    assert fresh != PHRASE
    assert "hunter2" in machine("state", "show", "MyFn", "--decrypt").out
    assert "hunter3" in machine("secret", "list", "--reveal").out
    (version,) = (machine.states / "snapshot/ledger/qa").iterdir()
    assert version.read_bytes() == (machine.states / "app/ledger/qa.json").read_bytes(), "still the same version"
    assert machine("rollback", "1", "--state-only", "--yes").code == 0
    assert "hunter2" in machine("state", "show", "MyFn", "--decrypt").out
    assert machine("passphrase", "export").out.strip() == fresh
    assert not list((machine.states / "passphrase").rglob("*.next*"))


@pytest.mark.parametrize("calls", range(8))
def test_a_rotation_that_is_cut_off_anywhere_is_taken_up(
    machine: Machine, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine("secret", "set", "Token", answers="hunter3\n")
    put, left = DirectoryStore.put, calls

    def cut(self: DirectoryStore, key: str, data: bytes, **conditions: object) -> str:
        nonlocal left
        if not key.startswith(("lock/", "update/")):
            if left == 0:
                raise KeyboardInterrupt
            left -= 1
        return put(self, key, data, **conditions)  # type: ignore[arg-type]

    monkeypatch.setattr(DirectoryStore, "put", cut)
    machine("passphrase", "rotate", "--yes")
    monkeypatch.undo()
    run = machine("passphrase", "rotate", "--yes")
    assert run.code == 0, run.err
    assert "hunter2" in machine("state", "show", "MyFn", "--decrypt").out
    assert "hunter3" in machine("secret", "list", "--reveal").out


def test_nothing_of_a_passphrase_is_ever_printed(machine: Machine, chain: Chain) -> None:
    machine("passphrase", "set", answers=f"{PHRASE}\n")
    for arguments in (["passphrase", "status"], ["state", "list"], ["show", "1"], ["secret", "list", "--reveal"]):
        run = machine(*arguments, "--json")
        assert PHRASE not in run.out + run.err
        assert json.dumps(PHRASE)[1:-1] not in run.out + run.err
