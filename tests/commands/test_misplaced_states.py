"""A state that carries another name inside is refused wherever it is used: case `copied-from-prod` and its siblings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from stateroom.state.tools.move import rename_state
from tests.commands.sst_home import PHRASE, Machine
from tests.commands.test_sst_home import Account
from tests.state.sst_states import bucket, ledger
from tests.support.emulators import Emulator

READERS = ("state list", "state show MyBucketBucket", "state export")
CHANGES = (
    "state remove MyBucketBucket --yes",
    "state repair --yes",
    "state rename-stage live --yes",
    "state import {export} --yes",
    "state move MyBucketBucket --to ledger/qa --yes",
    "rollback 1 --state-only --yes",
    "passphrase rotate --yes",
)


def files(directory: Path) -> dict[str, bytes]:
    found = (path for path in directory.rglob("*") if path.is_file() and path.name != ".store.lock")
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in found}


def copied(machine: Machine) -> None:
    machine.put("app", (machine.states / "app/ledger/qa.json").read_bytes(), "dev")


def linked(machine: Machine) -> None:
    (machine.states / "app/ledger/dev.json").symlink_to("qa.json")


def half_corrected(machine: Machine) -> None:
    """Only the name of the file was corrected by hand, the resources still are another stage's."""
    document = machine.state()
    checkpoint = {**document.body["checkpoint"], "stack": "organization/ledger/dev"}
    machine.put("app", json.dumps({**document.body, "checkpoint": checkpoint}).encode(), "dev")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    found = Machine(tmp_path)
    found.deployed()
    found.put("passphrase", PHRASE.encode(), "dev")
    found.put(
        "update", (found.states / "update/ledger/qa/fe5e04590eb413d4bd8ae9fe.json").read_bytes(), "fe5e", "ledger/dev"
    )
    found.put("snapshot", rename_state(found.state(), ("ledger", "dev")).dump(), "fe5e", "ledger/dev")
    return found


@pytest.mark.parametrize("words", [*READERS, *CHANGES])
@pytest.mark.parametrize("misplace", [copied, linked, half_corrected])
def test_copied_from_prod_is_refused_by_every_command_and_nothing_is_written(
    machine: Machine, tmp_path: Path, misplace: Callable[[Machine], None], words: str
) -> None:
    misplace(machine)
    export = tmp_path / "export.json"
    export.write_bytes(rename_state(machine.state(), ("ledger", "dev")).dump())
    before = files(machine.states)
    run = machine(*words.format(export=export).split(), "--service", "ledger/dev")
    assert run.code == 1, run.out
    assert "app/ledger/dev.json holds the state of ledger/qa" in run.err
    assert "state rename-stage dev" in run.err
    assert files(machine.states) == before


def test_copied_from_prod_is_no_place_to_move_resources_into(machine: Machine) -> None:
    copied(machine)
    before = files(machine.states)
    run = machine("state", "move", "MyBucketBucket", "--to", "ledger/dev", "--service", "ledger/qa", "--yes")
    assert run.code == 1
    assert "holds the state of ledger/qa" in run.err
    assert files(machine.states) == before


def test_a_state_of_another_app_is_refused_too(machine: Machine) -> None:
    machine.put("app", rename_state(machine.state(), ("bookings", "dev")).dump(), "dev")
    run = machine("state", "remove", "MyBucketBucket", "--yes", "--service", "ledger/dev")
    assert "app/ledger/dev.json holds the state of bookings/dev" in run.err


@pytest.mark.parametrize("misplace", [copied, linked, half_corrected])
def test_rename_stage_gives_a_copy_the_name_of_its_place_and_leaves_the_original_alone(
    machine: Machine, misplace: Callable[[Machine], None]
) -> None:
    misplace(machine)
    original = (machine.states / "app/ledger/qa.json").read_bytes()
    sealed = machine.state().resources[-1]["outputs"]["token"]
    looked = machine("state", "rename-stage", "dev", "--service", "ledger/dev", "--dry-run")
    assert "become those of ledger/dev, here" in looked.out
    assert "both say that they are theirs" in looked.out
    run = machine("state", "rename-stage", "dev", "--service", "ledger/dev", "--yes")
    assert run.code == 0, run.err
    assert (machine.states / "app/ledger/qa.json").read_bytes() == original
    assert not (machine.states / "app/ledger/dev.json").is_symlink()
    assert {raw["urn"].split("::")[0] for raw in machine.state("dev").resources} == {"urn:pulumi:dev"}
    assert machine.state("dev").resources[-1]["outputs"]["token"] == sealed, "its passphrase opens it already"
    assert machine("state", "show", "MyFn", "--decrypt", "--service", "ledger/dev").out.count("hunter2") == 1
    assert machine("state", "remove", "MyBucketBucket", "MyFn", "--yes", "--service", "ledger/dev").code == 0
    assert "MyBucketBucket" in machine.names("qa")
    assert "MyBucketBucket" not in machine.names("dev")


def test_the_secrets_of_a_renamed_copy_open_with_the_passphrase_of_its_new_name(machine: Machine) -> None:
    copied(machine)
    machine.put("passphrase", b"YW5vdGhlciBwYXNzcGhyYXNlIG9mIDMyIGJ5dGVzISE=", "dev")
    assert machine("state", "rename-stage", "dev", "--service", "ledger/dev", "--yes").code == 0
    assert machine.state("dev").salt != machine.state("qa").salt
    assert "hunter2" in machine("state", "show", "MyFn", "--decrypt", "--service", "ledger/dev").out


def test_a_state_with_its_own_name_is_not_renamed_to_it(machine: Machine) -> None:
    run = machine("state", "rename-stage", "qa", "--service", "ledger/qa", "--yes")
    assert run.code == 1
    assert "no state of another name" in run.err


def test_a_directory_that_is_a_link_to_another_apps_is_never_written_through(machine: Machine) -> None:
    (machine.states / "app/twin").symlink_to("ledger")
    before = files(machine.states)
    run = machine("state", "rename-stage", "qa", "--service", "twin/qa", "--yes")
    assert run.code == 1
    assert "is a link to" in run.err
    after = files(machine.states)
    assert {key: after[key] for key in before} == before


def test_repair_does_not_bring_back_a_version_of_another_stage(machine: Machine) -> None:
    machine.put("app", b"", "dev")
    machine.put("snapshot", machine.state().dump(), "fe5d", "ledger/dev")  # newer, and copied
    run = machine("state", "repair", "--yes", "--service", "ledger/dev")
    assert run.code == 0, run.err
    assert machine.state("dev").owner == ("ledger", "dev")


def test_a_copy_inside_a_bucket_is_refused_and_nothing_is_written(moto: Emulator, tmp_path: Path) -> None:
    account = Account(moto, tmp_path)
    account.deployed()
    account.put("app/ledger/dev.json", ledger(bucket("Extra")).dump())
    before = [item["Key"] for item in account.s3.list_objects_v2(Bucket="sst-state-hofsfzcouknv")["Contents"]]
    run = account("state", "remove", "Extra", "--yes", "--service", "ledger/dev")
    assert "app/ledger/dev.json holds the state of ledger/qa" in run.err
    after = [item["Key"] for item in account.s3.list_objects_v2(Bucket="sst-state-hofsfzcouknv")["Contents"]]
    assert after == before
