"""A state file goes through stateroom without loss, whoever wrote what is in it."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from stateroom.errors import PassphraseError, StateError
from stateroom.model.resource import Snapshot
from stateroom.model.values import ABSENT, UNKNOWN, Secret
from stateroom.state.checkpoint.checkpoint_document import dump
from stateroom.state.checkpoint.codec import decode, encode, rewrite
from stateroom.state.checkpoint.integrity import magic_of
from stateroom.state.checkpoint.resource_codec import OURS
from stateroom.state.secrets.secret_encoding import SECRET, SIGNATURE
from tests.state.builders import cipher, function, queue, sealed_shut, snapshot
from tests.state.strategies import foreign_documents, snapshots
from tests.support.examples import examples

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@given(snapshots())
@examples(60)
def test_every_snapshot_comes_back_as_it_was(state: Snapshot) -> None:
    back = decode(encode(state, cipher(), moment=NOW), cipher())
    assert back.records == state.records
    assert back.outputs == state.outputs
    if state.records or state.outputs:
        assert back.lineage == state.lineage
        assert (back.service, back.stage, back.account, back.region) == ("orders", "dev", "123456789012", "eu-west-1")


@given(snapshots())
@examples(60)
def test_writing_what_was_read_changes_no_byte(state: Snapshot) -> None:
    data = encode(state, cipher(), moment=NOW)
    assert encode(decode(data, cipher()), cipher(), moment=LATER) == data


@given(snapshots(), snapshots())
@examples(60)
def test_what_a_write_says_it_stored_is_what_a_read_finds(state: Snapshot, other: Snapshot) -> None:
    before = decode(encode(state, cipher(), moment=NOW), cipher())
    kept, new = before.records[1:], other.records[:1]
    taken = {record.logical_id for record in kept}
    records = (*kept, *(record for record in new if record.logical_id not in taken))
    data, stored = rewrite(replace(before, records=records, outputs=other.outputs), cipher(), moment=LATER)
    read = decode(data, cipher())
    assert (stored.records, stored.outputs, stored.account) == (read.records, read.outputs, read.account)
    assert encode(stored, cipher(), moment=NOW) == data


def test_a_write_decodes_only_what_changed() -> None:
    before = decode(encode(snapshot(queue(Token=Secret("x")), function("Fn", "Queue")), cipher()), cipher())
    changed = replace(before.records[1], inputs={"MemorySize": 256})
    _, stored = rewrite(replace(before, records=(before.records[0], changed)), cipher(), moment=NOW)
    assert stored.records[0] is before.records[0]
    assert stored.records[1] == changed


@given(foreign_documents())
@examples(60)
def test_what_other_tools_wrote_goes_out_as_it_came_in(document: dict[str, Any]) -> None:
    state = decode(json.dumps(document).encode(), sealed_shut())
    assert same_json(json.loads(encode(state, sealed_shut(), moment=NOW)), document)


@given(foreign_documents())
@examples(40)
def test_records_join_what_other_tools_wrote_without_touching_it(document: dict[str, Any]) -> None:
    state = decode(json.dumps(document).encode(), sealed_shut())
    data = encode(replace(state, records=(queue(),), region="eu-west-1"), sealed_shut(), moment=NOW)
    after = json.loads(data)
    assert decode(data, sealed_shut()).records == (queue(),)
    kept = [raw for raw in resources_in(after) if raw["type"] == "aws:s3/bucket:Bucket"]
    assert same_json(kept, resources_in(document))
    for part in (after, document):
        del part["checkpoint"]["latest"]["resources"], part["checkpoint"]["latest"]["manifest"]
    assert same_json(after, document)


@pytest.mark.parametrize(
    "document",
    [
        {"version": 3, "checkpoint": {"stack": "organization/orders/dev"}},
        {"version": 3, "checkpoint": {"stack": "organization/orders/dev", "latest": None}},
        {"version": 3, "checkpoint": {"stack": "organization/orders/dev", "latest": {"manifest": {}, "extra": 1}}},
        {"version": 3, "checkpoint": {"stack": "organization/orders/dev", "latest": {"resources": None}}},
    ],
)
def test_a_stack_that_was_never_deployed_stays_as_it_is(document: dict[str, Any]) -> None:
    state = decode(json.dumps(document).encode(), sealed_shut())
    assert state.records == ()
    assert json.loads(encode(state, sealed_shut(), moment=NOW)) == document


def test_unknown_fields_of_a_record_survive_its_change() -> None:
    document = json.loads(encode(snapshot(queue(), function("Fn", "Queue")), sealed_shut()))
    raw = resources_in(document)[-1]
    raw |= {"protect": True, "aliases": ["urn:old"], "customTimeouts": {"create": 5.5}}
    raw["propertyDependencies"] = {"Role": raw["dependencies"]}
    raw["outputs"][OURS]["later"] = "field"
    state = decode(json.dumps(document).encode(), sealed_shut())
    changed = replace(state.records[1], inputs={"MemorySize": 256}, modified="2026-11-22T00:00:00Z")
    after = resources_in(json.loads(encode(replace(state, records=(state.records[0], changed)), sealed_shut())))[-1]
    expected = copy.deepcopy(raw) | {"inputs": {"MemorySize": 256}, "modified": "2026-11-22T00:00:00Z"}
    assert after == expected


def test_true_is_not_taken_for_one() -> None:
    state = decode(encode(snapshot(queue(Fifo=1)), sealed_shut()), sealed_shut())
    data = encode(replace(state, records=(queue(Fifo=True),)), sealed_shut())
    assert decode(data, sealed_shut()).records[0].inputs["Fifo"] is True


def test_a_state_without_secrets_needs_no_passphrase_and_names_no_provider() -> None:
    data = encode(snapshot(queue(), url="https://…"), sealed_shut())
    assert decode(data, sealed_shut()).outputs == {"url": "https://…"}
    assert b"secrets_providers" not in data


def test_what_was_observed_as_it_was_asked_for_is_in_memory_once() -> None:
    tags = [{"Key": "team", "Value": "a team with a long name"}]
    record = replace(queue(Tags=tags), observed={"Tags": [dict(tags[0])], "Arn": "arn:aws:sqs:eu-west-1:1:queue"})
    back = decode(encode(snapshot(record), sealed_shut()), sealed_shut()).records[0]
    assert back == record
    assert back.observed["Tags"] is back.inputs["Tags"]


_LOOK_EQUAL = [
    *((1, True), (1.0, 1), (0.0, -0.0), ([1], [True]), ([[-0.0]], [[0.0]])),
    *(
        ({"a": 0}, {"a": False}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": {"b": 1, "c": 1}}, {"a": {"c": 1, "b": 1}}),
    ),
]


@pytest.mark.parametrize(("asked", "seen"), _LOOK_EQUAL)
def test_what_only_looks_equal_is_not_taken_for_the_same(asked: Any, seen: Any) -> None:
    record = replace(queue(Odd=asked), observed={"Odd": seen})
    data = encode(snapshot(record), sealed_shut())
    observed = decode(data, sealed_shut()).records[0].observed["Odd"]
    assert json.dumps(observed) == json.dumps(seen)
    assert encode(decode(data, sealed_shut()), sealed_shut()) == data


def test_secrets_are_ciphertext_in_the_file_and_hidden_in_the_process() -> None:
    state = snapshot(queue(Token=Secret("hunter2")), password=Secret({"deep": ["hunter2"]}))
    data = encode(state, cipher())
    assert b"hunter2" not in data
    back = decode(data, cipher())
    assert back.outputs["password"].reveal() == {"deep": ["hunter2"]}
    assert "hunter2" not in repr(back)


def test_an_unchanged_secret_keeps_its_ciphertext_when_its_neighbour_changes() -> None:
    first = encode(snapshot(queue(Token=Secret("hunter2"), Delay=1)), cipher())
    state = decode(first, cipher())
    fresh = queue(Delay=2, Token=Secret("hunter2"))  # as a deploy builds it: new objects, equal values
    second = encode(replace(state, records=(fresh,)), cipher())
    assert token_in(second) == token_in(first)
    assert b'"Delay":2' in second


def test_a_changed_secret_gets_new_ciphertext() -> None:
    first = encode(snapshot(queue(Token=Secret("hunter2"))), cipher())
    changed = replace(decode(first, cipher()), records=(queue(Token=Secret("hunter3")),))
    second = encode(changed, cipher())
    assert token_in(second) != token_in(first)
    assert decode(second, cipher()).records[0].inputs["Token"].reveal() == "hunter3"


def test_a_secret_that_was_imported_in_the_clear_is_encrypted_by_the_next_write() -> None:
    document = json.loads(encode(snapshot(queue(Token="?")), sealed_shut()))
    resources_in(document)[-1]["inputs"]["Token"] = {SIGNATURE: SECRET, "plaintext": '"hunter2"'}
    state = decode(json.dumps(document).encode(), cipher())
    assert state.records[0].inputs["Token"] == Secret("hunter2")
    assert b"hunter2" not in encode(state, cipher())


def test_a_secret_inside_a_secret_is_read_as_pulumi_wrote_it() -> None:
    key = cipher()
    inner = json.dumps({"a": {SIGNATURE: SECRET, "ciphertext": '"hunter2"'}, "b": 1})
    document = json.loads(encode(snapshot(queue(Token=Secret("?"))), key))
    resources_in(document)[-1]["inputs"]["Token"]["ciphertext"] = key.encrypt(inner)
    state = decode(json.dumps(document).encode(), cipher())
    assert state.records[0].inputs["Token"].reveal() == {"a": "hunter2", "b": 1}


def test_secrets_of_another_provider_are_refused_but_not_lost() -> None:
    document = json.loads(encode(snapshot(queue()), sealed_shut()))
    document["checkpoint"]["latest"]["secrets_providers"] = {"type": "cloud", "state": {"url": "awskms://x"}}
    state = decode(json.dumps(document).encode(), sealed_shut())
    with pytest.raises(StateError, match="not encrypted with a passphrase"):
        encode(replace(state, records=(queue(Token=Secret("x")),)), cipher())


def test_a_wrong_passphrase_stops_the_load() -> None:
    data = encode(snapshot(queue(Token=Secret("x"))), cipher("right"))
    with pytest.raises(PassphraseError):
        decode(data, cipher("wrong"))


def test_records_are_stored_in_an_order_that_keeps_the_rules() -> None:
    data = encode(snapshot(function("Fn", "Queue"), queue()), sealed_shut())
    assert [record.logical_id for record in decode(data, sealed_shut()).records] == ["Queue", "Fn"]


def test_a_dependency_on_what_is_gone_is_dropped() -> None:
    state = decode(encode(snapshot(queue(), function("Fn", "Queue")), sealed_shut()), sealed_shut())
    after = decode(encode(replace(state, records=state.records[1:]), sealed_shut()), sealed_shut())
    assert after.records == (replace(function("Fn"), dependencies=()),)


def test_records_that_came_to_depend_on_each_other_are_stored_all_the_same() -> None:
    state = decode(encode(snapshot(function("A"), function("B"), function("C", "B")), sealed_shut()), sealed_shut())
    tangled = (function("A", "C"), function("B", "A"), function("C", "B"))
    after = decode(encode(replace(state, records=tangled), sealed_shut()), sealed_shut())
    assert {record.logical_id for record in after.records} == {"A", "B", "C"}
    assert sum(len(record.dependencies) for record in after.records) == 2


def test_old_and_new_copy_of_a_replaced_resource_stand_side_by_side() -> None:
    old = replace(queue(), physical_id="old", condemned=True)
    data = encode(snapshot(old, queue(), function("Fn", "Queue")), sealed_shut())
    assert [raw.get("delete", False) for raw in resources_in(json.loads(data))[2:]] == [True, False, False]
    assert decode(data, sealed_shut()).records == (old, queue(), function("Fn", "Queue"))


def test_two_living_copies_of_a_resource_are_never_written() -> None:
    with pytest.raises(StateError, match="duplicate resource"):
        encode(snapshot(queue(), replace(queue(), physical_id="other")), sealed_shut())


def test_after_a_remove_the_state_is_empty_as_ssts_is() -> None:
    state = decode(encode(snapshot(queue(), url="x"), sealed_shut()), sealed_shut())
    data = encode(replace(state, records=(), outputs={}), sealed_shut())
    assert resources_in(json.loads(data)) == []


def test_the_manifest_tells_when_something_changed() -> None:
    data = encode(snapshot(queue()), sealed_shut(), moment=NOW)
    changed = replace(decode(data, sealed_shut()), records=(queue(Delay=1),))
    manifest = json.loads(encode(changed, sealed_shut(), moment=LATER))["checkpoint"]["latest"]["manifest"]
    assert manifest["time"] == "2026-11-22T12:00:00.000000Z"
    assert manifest["magic"] == magic_of(manifest["version"])


def test_what_only_a_deploy_will_tell_is_pulumis_placeholder() -> None:
    data = encode(snapshot(queue(), url=UNKNOWN), sealed_shut())
    assert decode(data, sealed_shut()).outputs["url"] is UNKNOWN


@pytest.mark.parametrize("value", [ABSENT, datetime(2026, 1, 1, tzinfo=UTC), {1: "x"}, float("nan"), b"x", {"a"}])
def test_what_json_has_no_word_for_is_refused_with_the_resources_name(value: Any) -> None:
    with pytest.raises(StateError, match="Queue"):
        encode(snapshot(queue(Odd=value)), sealed_shut())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  \n",
        b"{",
        b"[]",
        b"null",
        b'{"version":3}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"version":3,"checkpoint":{"stack":"organization/a/b","latest":{"resources":[1]}}}',
        b'{"version":3,"checkpoint":{"stack":"organization/a/b","latest":{"resources":{}}}}',
        b'{"version":3,"checkpoint":{"stack":"organization/a/b","latest":[]}}',
        b'{"version":9,"checkpoint":{"stack":"organization/a/b"}}',
        b'{"version":3,"checkpoint":{"stack":7}}',
        b'{"version":3,"checkpoint":{"stack":"organization/a/b","latest":{"x":NaN}}}',
    ],
)
def test_rubbish_is_an_error_of_the_state_never_a_traceback(data: bytes) -> None:
    with pytest.raises(StateError):
        decode(data, sealed_shut())


def test_a_file_cut_off_anywhere_is_refused() -> None:
    data = encode(snapshot(queue(), function("Fn", "Queue"), url="x"), sealed_shut())
    for length in range(0, len(data), 7):
        with pytest.raises(StateError):
            decode(data[:length], sealed_shut())


def resources_in(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document["checkpoint"]["latest"]["resources"]
    return found


def token_in(data: bytes) -> Any:
    return resources_in(json.loads(data))[-1]["inputs"]["Token"]["ciphertext"]


def same_json(left: Any, right: Any) -> bool:
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


def test_a_value_that_holds_itself_is_refused() -> None:
    endless: dict[str, Any] = {}
    endless["again"] = [endless]
    with pytest.raises(StateError, match="JSON cannot hold"):
        dump(endless)
