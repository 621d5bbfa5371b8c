"""Pending operations in state files: without loss, both ways, and what other tools wrote stays theirs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stateroom.model.pending import PendingOperation
from stateroom.model.resource import Snapshot
from stateroom.model.values import Secret
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.checkpoint.codec import decode, encode
from stateroom.state.checkpoint.foreign_view import view_snapshot
from tests.state.builders import cipher, queue, snapshot
from tests.state.strategies import pending_operations

pytestmark = pytest.mark.pure

HALF = PendingOperation(
    "Half",
    "AWS::S3::Bucket",
    "create",
    inputs={"BucketName": "half", "Key": Secret("hunter2")},
    dependencies=("Queue",),
    since="2026-11-21T12:00:00Z",
    why="allow s3:ListBucket",
)
FOREIGN = {
    "type": "creating",
    "later": {"a": 1},
    "resource": {
        "urn": "urn:pulumi:dev::orders::aws:sqs/queue:Queue::Other",
        "custom": True,
        "type": "aws:sqs/queue:Queue",
        "inputs": {"name": "half"},
        "dependencies": ["urn:pulumi:dev::orders::aws:iam/role:Role::Role"],
        "xnew": [1],
    },
}


def entries(data: bytes) -> list[Any]:
    found: list[Any] = json.loads(data)["checkpoint"]["latest"]["pending_operations"]
    return found


def with_entries(*found: Any) -> Snapshot:
    body = json.loads(encode(snapshot(queue()), cipher()))
    body["checkpoint"]["latest"]["pending_operations"] = list(found)
    return decode(json.dumps(body).encode(), cipher())


@given(st.lists(pending_operations(), max_size=4, unique_by=lambda item: item.key))
def test_any_pending_operation_is_read_as_it_was_written(pending: list[PendingOperation]) -> None:
    state = replace(snapshot(queue()), pending=tuple(pending))
    read = decode(encode(state, cipher()), cipher())
    assert read.pending == state.pending
    assert encode(read, cipher()) == encode(read, cipher())


def test_pulumi_finds_its_own_form_and_no_secret_in_the_clear() -> None:
    data = encode(replace(snapshot(queue()), pending=(HALF,)), cipher())
    (entry,) = entries(data)
    assert entry["type"] == "creating"
    assert entry["resource"]["urn"] == "urn:pulumi:dev::orders::aws-native:s3:Bucket::Half"
    assert entry["resource"]["type"] == "aws-native:s3:Bucket"
    assert "id" not in entry["resource"]
    assert b"hunter2" not in data
    assert json.loads(data)["checkpoint"]["latest"]["secrets_providers"]["type"] == "passphrase"


@pytest.mark.parametrize(
    ("action", "kind"),
    [("create", "creating"), ("replace", "creating"), ("update", "updating"), ("delete", "deleting")],
)
def test_each_action_has_pulumis_word(action: str, kind: str) -> None:
    state = replace(snapshot(queue()), pending=(replace(HALF, action=action, physical_id="half"),))
    assert [(item["type"], item["resource"]["id"]) for item in entries(encode(state, cipher()))] == [(kind, "half")]


def test_a_state_with_nothing_but_a_pending_operation_is_no_empty_state() -> None:
    state = decode(encode(replace(snapshot(), pending=(HALF,)), cipher()), cipher())
    assert (state.pending, state.region) == ((HALF,), "eu-west-1")


def test_what_another_tool_left_is_read_and_goes_back_as_it_came() -> None:
    state = with_entries(FOREIGN, {"type": "creating"}, None)
    (item,) = state.pending
    assert (item.logical_id, item.type, item.action) == ("Other", "aws:sqs/queue:Queue", "create")
    asked = replace(state, records=(queue(), queue("More")), pending=(item.because("it was not found"), HALF))
    written = entries(encode(asked, cipher()))
    assert written[:3] == [FOREIGN, {"type": "creating"}, None]
    assert decode(encode(asked, cipher()), cipher()).pending == (item, HALF)


def test_fields_that_a_newer_stateroom_wrote_stay_with_the_operation() -> None:
    (entry,) = entries(encode(replace(snapshot(queue()), pending=(replace(HALF, inputs={}),)), cipher()))
    entry["later"], entry["resource"]["newer"] = 1, 2
    entry["resource"]["outputs"]["__stateroom"]["newest"] = 3
    state = with_entries(entry)
    (again,) = entries(encode(replace(state, pending=(state.pending[0].because("other"),)), cipher()))
    assert (again["later"], again["resource"]["newer"]) == (1, 2)
    assert again["resource"]["outputs"]["__stateroom"]["newest"] == 3
    assert again["resource"]["outputs"]["__stateroom"]["why"] == "other"


def test_a_resolved_operation_leaves_the_file_and_the_others_stay() -> None:
    state = decode(encode(replace(with_entries(FOREIGN), pending=(HALF,)), cipher()), cipher())
    assert state.pending == (HALF,)
    assert entries(encode(replace(state, pending=()), cipher())) == []


def test_a_view_of_any_tools_state_shows_them() -> None:
    data = encode(replace(with_entries(FOREIGN), pending=(*with_entries(FOREIGN).pending, HALF)), cipher())
    shown = view_snapshot(CheckpointDocument.parse(data), cipher(salt=CheckpointDocument.parse(data).salt))
    assert [item.logical_id for item in shown.pending] == ["Other", "Half"]
    assert shown.pending[1] == HALF
