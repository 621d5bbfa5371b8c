"""SST and stateroom take turns on one local home, and neither finds fault with what the other wrote."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stateroom.model.pending import PendingOperation
from stateroom.model.values import Secret
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.checkpoint.codec import decode, encode
from tests.commands.sst_home import PHRASE, Machine, cipher
from tests.oracle_sst.conftest import Sst
from tests.state.sst_states import bucket, function, ledger


@pytest.fixture
def machine(sst: Sst, tmp_path: Path) -> Machine:
    found = Machine(tmp_path)
    found.deployed()
    return found


def exported(sst: Sst, *flags: str) -> Any:
    text = sst("state", "export", "--stage", "qa", *flags)
    return json.loads(text[text.index("{") :])


def test_sst_decrypts_what_we_encrypted(sst: Sst, machine: Machine) -> None:
    latest = exported(sst, "--decrypt")["latest"]
    assert "hunter2" in json.dumps(latest["resources"][-1])


def test_sst_lists_and_finds_nothing_to_repair_in_what_we_write(sst: Sst, machine: Machine) -> None:
    assert machine("state", "remove", "MyFn", "--yes").code == 0
    assert "qa" in sst("state", "list", "--stage", "qa")
    assert "No changes" in sst("state", "repair", "--stage", "qa", ok=False)


def test_what_we_repair_sst_accepts(sst: Sst, machine: Machine) -> None:
    """SST drops the resource whose component is gone; we keep it, and SST has no objection."""
    whole = ledger()
    broken = [raw for raw in whole.resources if not raw["urn"].endswith("::MyBucket")]
    machine.put("app", json.dumps(whole.with_resources(broken[::-1]).body).encode())
    assert machine("state", "repair", "--yes").code == 0
    assert "No changes" in sst("state", "repair", "--stage", "qa", ok=False)
    assert "ledger-qa-bucket" in json.dumps(exported(sst))


def test_renamed_moved_and_imported_states_are_whole_to_sst(sst: Sst, machine: Machine, tmp_path: Path) -> None:
    assert machine("state", "rename-stage", "live", "--yes").code == 0
    assert "No changes" in sst("state", "repair", "--stage", "live", ok=False)
    text = sst("state", "export", "--stage", "live", "--decrypt")
    assert "hunter2" in text
    file = tmp_path / "export.json"
    file.write_text(text[text.index("{") :])
    assert machine("state", "import", str(file), "--yes", "--service", "ledger/live").code == 0
    assert "hunter2" in sst("state", "export", "--stage", "live", "--decrypt")


def test_what_sst_edits_away_we_bring_back(sst: Sst, machine: Machine) -> None:
    sst("state", "remove", "MyFn", "--stage", "qa", typed="y\n")
    assert "MyFn" not in machine.names()
    versions = machine.versions()
    assert [version["number"] for version in versions] == [2, 1]
    assert machine("rollback", "1", "--state-only", "--yes").code == 0
    assert "No changes" in sst("state", "repair", "--stage", "qa", ok=False)
    assert "hunter2" in json.dumps(exported(sst, "--decrypt"))


def test_secrets_go_both_ways(sst: Sst, machine: Machine) -> None:
    sst("secret", "set", "Theirs", "from sst", "--stage", "qa")
    assert machine("secret", "set", "Ours", answers="from stateroom").code == 0
    assert machine("secret", "list", "--reveal", "--json").document["secrets"]["ledger/qa"] == {
        "Theirs": "from sst",
        "Ours": "from stateroom",
    }
    text = sst("secret", "list", "--stage", "qa")
    assert "Theirs=" in text
    assert "from stateroom" in text


def test_a_home_that_sst_made_is_opened_and_its_passphrase_found(sst: Sst, tmp_path: Path) -> None:
    sst("secret", "set", "First", "value", "--stage", "fresh")
    machine = Machine(tmp_path)
    machine.put("app", ledger().dump())
    assert machine("state", "list").code == 0
    machine.put(
        "app",
        json.dumps(ledger().body).replace("ledger/qa", "ledger/fresh").replace(":qa:", ":fresh:").encode(),
        "fresh",
    )
    shown = machine("secret", "list", "--reveal", "--service", "ledger/fresh")
    assert "First=value" in shown.out, shown.err


def test_after_a_rotation_sst_reads_everything(sst: Sst, machine: Machine) -> None:
    machine("secret", "set", "Token", answers="hunter3")
    assert machine("passphrase", "rotate", "--yes").code == 0
    assert (machine.states / "passphrase/ledger/qa.json").read_text() != PHRASE
    assert "hunter2" in json.dumps(exported(sst, "--decrypt"))
    assert "hunter3" in sst("secret", "list", "--stage", "qa")


def test_our_lock_stops_sst_and_sst_unlocks_it(sst: Sst, machine: Machine) -> None:
    lock: dict[str, Any] = {
        "created": "2026-11-21T01:12:36.367945Z",
        "updateID": "fe5e04590eb413d4bd8ae9fe",
        "runID": "",
    }
    lock |= {"command": "deploy", "user": "ana", "host": "laptop", "pid": 1}
    path = machine.put("lock", json.dumps(lock).encode())
    sst("state", "remove", "MyFn", "--stage", "qa", typed="y\n", ok=False)
    assert "MyFn" in machine.names()
    sst("unlock", "--stage", "qa")
    assert not path.exists()


def test_resources_of_ours_pass_through_sst(sst: Sst, machine: Machine) -> None:
    """A state that stateroom deployed, with its own tokens, is a whole state to SST."""
    from dataclasses import replace

    from stateroom.model.values import Secret
    from stateroom.state.checkpoint.codec import encode
    from tests.commands.sst_home import cipher
    from tests.state.builders import function as native
    from tests.state.builders import queue, snapshot

    ours = replace(snapshot(queue(), native("Fn", "Queue", Token=Secret("hunter4"))), service="ledger", stage="qa")
    machine.put("app", encode(ours, cipher(salt="")))
    assert "hunter4" in json.dumps(exported(sst, "--decrypt"))
    assert "No changes" in sst("state", "repair", "--stage", "qa", ok=False)
    sst("state", "remove", "Fn", "--stage", "qa", typed="y\n")
    assert machine.names() >= {"Queue"}


def test_duplicates_that_we_told_apart_are_accepted(sst: Sst, machine: Machine) -> None:
    twins = [bucket("Twice", "old"), bucket("Twice", "new") | {"modified": "2026-12-01T00:00:00Z"}, function("Z")]
    machine.put("app", json.dumps(ledger(*twins).body).encode())
    assert machine("state", "repair", "--yes").code == 0
    assert "No changes" in sst("state", "repair", "--stage", "qa", ok=False)


def test_sst_accepts_and_keeps_our_pending_operations(sst: Sst, machine: Machine) -> None:
    """Its list, export, repair and edits take a state with one, and it reads the same afterwards."""
    file = machine.states / "app" / "ledger" / "qa.json"
    salt = CheckpointDocument.parse(file.read_bytes()).salt
    state = decode(file.read_bytes(), cipher(salt=salt))
    pending = PendingOperation(
        "Half",
        "AWS::S3::Bucket",
        "create",
        inputs={"Key": Secret("hunter2")},
        since="2026-11-21T12:00:00Z",
        why="denied",
    )
    file.write_bytes(encode(replace(state, pending=(pending,)), cipher(salt=salt)))
    assert "qa" in sst("state", "list", "--stage", "qa")
    assert "No changes" in sst("state", "repair", "--stage", "qa", ok=False)
    (entry,) = exported(sst, "--decrypt")["latest"]["pending_operations"]
    assert (entry["type"], "hunter2" in json.dumps(entry)) == ("creating", True)
    sst("state", "remove", "MyFn", "--stage", "qa", typed="y\n")
    assert decode(file.read_bytes(), cipher(salt=salt)).pending == (pending,)
