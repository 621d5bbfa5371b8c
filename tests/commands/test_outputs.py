"""What the Serverless Framework stored of a service is shown beside ours, and nobody deploys a twin unknowingly."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stateroom.cli import main
from stateroom.commands.environment import ProcessEnvironment
from tests.commands.fake import Run, Stream
from tests.state.buckets import EAST, bucket_in
from tests.support.emulators import Emulator

BUCKET = "serverless-framework-state-0000"
STACK = "arn:aws:cloudformation:eu-west-1:123456789012:stack/orders-dev/5585bcf1-e9b2-4f6a-9f52-0123456789ab"
PROJECT = """
service: orders
provider: {name: aws, region: eu-west-1}
resources:
  Resources: {Queue: {Type: AWS::SQS::Queue}}
  Outputs:
    Url: {Value: !Ref Queue}
    Fixed: {Value: same}
"""

Command = Callable[..., Run]


@pytest.fixture
def stateroom(moto: Emulator, tmp_path: Path) -> Command:
    project = tmp_path / "project"
    project.mkdir()
    (project / "serverless.yml").write_text(PROJECT)
    bucket_in(moto, BUCKET)
    pointer = json.dumps({"bucketName": BUCKET, "bucketRegion": EAST})
    moto.client("ssm", region=EAST).put_parameter(
        Name="/serverless-framework/state/s3-bucket", Value=pointer, Type="String"
    )

    def run(*arguments: str) -> Run:
        out, err = Stream(), Stream()
        environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "TERM": "dumb"}
        line = [*arguments, "--home", "serverless", "--endpoint-url", moto.endpoint_url, "-C", str(project)]
        code = main(line, ProcessEnvironment(out=out, err=err, input=Stream(), environment=environment))
        return Run(code, out.getvalue(), err.getvalue(), [], [])

    return run


def framework_stores(moto: Emulator, body: dict[str, Any], stack: str = STACK) -> None:
    key = f"services/traditional/{stack.replace('/', '_')}/state/state.json"
    moto.client("s3", region=EAST).put_object(Bucket=BUCKET, Key=key, Body=json.dumps(body).encode())


def test_a_service_that_only_the_framework_deployed_is_said_to_be_before_it_is_deployed_twice(
    stateroom: Command, moto: Emulator
) -> None:
    framework_stores(moto, {"outputs": {"Url": "https://framework"}})
    shown = stateroom("outputs")
    assert shown.code == 0, shown.err
    assert "deployed by the Serverless Framework, stored " in shown.out
    assert f"ago: stack {STACK}" in shown.out
    assert "stateroom has not deployed it" in shown.out
    assert "- Url  https://framework" in shown.out
    for command in (["status"], ["versions"]):
        assert f"deployed by the Serverless Framework (stack {STACK})" in stateroom(*command).out
    planned = stateroom("deploy", "--dry-run")
    assert STACK in planned.out + planned.err


def test_where_both_deployed_it_their_outputs_are_side_by_side(stateroom: Command, moto: Emulator) -> None:
    assert stateroom("deploy", "--yes").code == 0
    assert stateroom("outputs", "--json").document["services"][0]["framework"] is None
    framework_stores(moto, {"outputs": {"Url": "https://framework", "Fixed": "same", "Bucket": "b"}})
    lines = [line.split() for line in stateroom("outputs").out.splitlines()]
    assert ["Fixed", "same"] in lines
    assert ["-", "Bucket", "b"] in lines
    assert any(
        line[:3] == ["~", "Url", "stateroom:"] and line[-2:] == ["framework:", "https://framework"] for line in lines
    )
    assert "deployed by stateroom and by the Serverless Framework" in stateroom("status").out


def test_a_stack_that_the_framework_removed_and_one_of_another_name_are_not_this_ones(
    stateroom: Command, moto: Emulator
) -> None:
    framework_stores(moto, {})
    framework_stores(moto, {"outputs": {}}, STACK.replace("orders-dev", "orders-dev-2"))
    assert "Serverless Framework" not in stateroom("status").out


def test_a_record_that_cannot_be_read_is_one_line(stateroom: Command, moto: Emulator) -> None:
    key = f"services/traditional/{STACK.replace('/', '_')}/state/state.json"
    moto.client("s3", region=EAST).put_object(Bucket=BUCKET, Key=key, Body=b"{half")
    shown = stateroom("outputs")
    assert shown.code == 0
    assert shown.err.splitlines() == ["orders: what the Serverless Framework stored: its object is damaged"]


def test_after_a_remove_nothing_is_left_and_what_the_framework_stored_is(stateroom: Command, moto: Emulator) -> None:
    assert stateroom("deploy", "--yes").code == 0
    framework_stores(moto, {"outputs": {"Url": "https://framework"}})
    removed = stateroom("remove", "--yes")
    assert removed.code == 0, removed.err
    listed = moto.client("s3", region=EAST).list_objects_v2(Bucket=BUCKET)["Contents"]
    assert [item["Key"].split("/")[:2] for item in listed] == [["services", "traditional"]]


def test_after_a_remove_that_keeps_history_only_versions_are_left(stateroom: Command, moto: Emulator) -> None:
    assert stateroom("deploy", "--yes").code == 0
    removed = stateroom("remove", "--yes", "--keep-history")
    assert removed.code == 0, removed.err
    listed = moto.client("s3", region=EAST).list_objects_v2(Bucket=BUCKET)["Contents"]
    kinds = sorted({item["Key"].split("/")[1] for item in listed})
    assert kinds == ["snapshot", "update"], "neither a lock, nor a journal, nor outputs that a framework would read"
    commands = [item["command"] for item in stateroom("versions", "--json").document["services"][0]["versions"]]
    assert commands == ["remove", "deploy"]
    assert stateroom("rollback", "1", "--yes").code == 0
