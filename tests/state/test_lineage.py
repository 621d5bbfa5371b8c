"""Lineage and adoptions live as long as the state does: in its file, in journals, through other tools' writing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stateroom.model.resource import Snapshot
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.checkpoint.codec import decode, encode
from stateroom.state.checkpoint.resource_codec import OURS
from stateroom.state.history import journal_entries
from stateroom.state.tools.move import rename_stage
from stateroom.state.tools.repair import repair
from tests.state.builders import cipher, function, home_in, intent, queue, snapshot

ADOPTED = "2026-11-21T12:00:00Z"


def state() -> Snapshot:
    """One record that was made, one that was adopted, one that came from another state."""
    made, adopted = replace(queue("Made"), lineage="ours"), replace(queue("Taken"), lineage="ours", adopted=ADOPTED)
    return replace(snapshot(made, adopted, replace(function("Fn"), lineage="theirs"), url="x"), lineage="ours")


def document() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(encode(state(), cipher()))
    return made


def resources(raw: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = raw["checkpoint"]["latest"]["resources"]
    return found


def read(raw: dict[str, Any] | CheckpointDocument) -> Snapshot:
    data = raw.dump() if isinstance(raw, CheckpointDocument) else json.dumps(raw).encode()
    return decode(data, cipher())


def test_a_file_keeps_lineage_and_adoptions() -> None:
    back = read(document())

    assert back.lineage == "ours"
    assert {record.logical_id: (record.lineage, record.adopted) for record in back.records} == {
        "Made": ("ours", ""),
        "Taken": ("ours", ADOPTED),
        "Fn": ("theirs", ""),
    }


def test_a_state_made_before_there_were_lineages_has_none() -> None:
    old = document()
    root, *others = resources(old)
    del root["inputs"]
    for item in others:
        for mark in ("lineage", "adopted"):
            item.get("outputs", {}).get(OURS, {}).pop(mark, None)
    back = read(old)

    assert back.lineage == ""
    assert {record.lineage for record in back.records} == {record.adopted for record in back.records} == {""}


def test_a_lineage_is_kept_when_the_next_write_has_other_records() -> None:
    back = read(document())
    later = decode(encode(replace(back, records=back.records[:1]), cipher()), cipher())

    assert later.lineage == "ours"


def _reordered(raw: dict[str, Any]) -> None:
    resources(raw).reverse()


def _fewer_fields(raw: dict[str, Any]) -> None:
    """`sst state repair` writes what Pulumi has a field for: of the root, its inputs and outputs among them."""
    for item in resources(raw):
        for name in set(item) - {
            "urn",
            "custom",
            "id",
            "type",
            "parent",
            "provider",
            "inputs",
            "outputs",
            "dependencies",
        }:
            del item[name]


def _dangling(raw: dict[str, Any]) -> None:
    resources(raw)[-1]["dependencies"] = ["urn:pulumi:dev::orders::aws-native:sqs:Queue::Gone"]


@pytest.mark.parametrize("damage", [_reordered, _fewer_fields, _dangling])
def test_a_repaired_state_is_of_the_same_lineage(damage: Callable[[dict[str, Any]], None]) -> None:
    raw = document()
    damage(raw)
    back = read(repair(CheckpointDocument.parse(json.dumps(raw).encode())).document)

    assert back.lineage == "ours"
    assert {record.adopted for record in back.records if record.logical_id == "Taken"} == {ADOPTED}


def test_a_state_that_lost_its_root_gets_its_lineage_back_from_an_older_version() -> None:
    raw = document()
    del resources(raw)[0]
    older = CheckpointDocument.parse(json.dumps(document()).encode())

    assert read(repair(CheckpointDocument.parse(json.dumps(raw).encode()), older=[older]).document).lineage == "ours"


def test_a_renamed_stage_keeps_its_lineage() -> None:
    renamed = rename_stage(CheckpointDocument.parse(json.dumps(document()).encode()), "prod")

    assert read(renamed).lineage == "ours"
    assert read(renamed).stage == "prod"


def test_a_journal_keeps_lineage_and_adoption_of_a_record() -> None:
    record = state().records[1]
    entry = json.loads(json.dumps(journal_entries.done("1", record, None, cipher())))

    assert journal_entries.record_of(entry["record"], cipher()) == record


def test_a_journal_keeps_when_something_was_to_be_adopted() -> None:
    adoption = replace(intent(action="adopt", physical_id="q"), inputs={"QueueName": "q"}, adopted=ADOPTED)
    entry = json.loads(json.dumps(journal_entries.intended(adoption, cipher())))

    assert journal_entries.intent_of(entry, cipher()) == adoption


def test_journals_of_older_versions_say_nothing_of_either() -> None:
    done = json.loads(json.dumps(journal_entries.done("1", state().records[1], None, cipher())))
    begun = json.loads(json.dumps(journal_entries.intended(replace(intent(), inputs={}), cipher())))
    for name in ("lineage", "adopted"):
        done["record"].pop(name)
        begun.pop(name, None)
    record = journal_entries.record_of(done["record"], cipher())

    assert (record.lineage, record.adopted) == ("", "")
    assert journal_entries.intent_of(begun, cipher()).adopted == ""


def test_an_operation_that_was_cut_off_before_it_stored_a_state_left_the_lineage_in_its_journal(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    update = home.begin("orders", "dev", "deploy")
    with home.lock(update):
        home.journal(update, None, replace(snapshot(), lineage="ours")).intend([intent()])
    left = home_in(tmp_path).leftover("orders", "dev")

    assert left is not None
    assert left.lineage == "ours"
