"""Policies that are attributes of queues, topics and roles: made, read, changed and taken away as resources."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stateroom.cloud.aws.provider import AwsProvider
from stateroom.cloud.provider import Owner, ReadRequest
from tests.cloud.test_aws_provider import TRUST, finish, opened
from tests.support.emulators import Emulator

OWNER = Owner("shop", "dev", "Policy")


def document(action: str, *, resource: str = "*") -> dict[str, Any]:
    allowed = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": action}
    return {"Version": "2012-10-17", "Statement": [{**allowed, "Resource": resource}]}


@pytest.fixture
def provider(emulator: Emulator) -> AwsProvider:
    return opened(emulator.endpoint_url)


def made(provider: AwsProvider, type_: str, inputs: dict[str, Any], name: str = "Policy") -> Any:
    return finish(provider.create(type_, inputs, Owner("shop", "dev", name)))


def test_a_queue_policy_is_on_each_of_its_queues(provider: AwsProvider) -> None:
    """(case `no-read-queue-policy`)"""
    type_ = "AWS::SQS::QueuePolicy"
    one, two = (made(provider, "AWS::SQS::Queue", {"QueueName": name}, name).physical_id for name in ("one", "two"))
    inputs = {"Queues": [one, two], "PolicyDocument": document("sqs:SendMessage")}
    live = made(provider, type_, inputs)
    moved = {"Queues": [two], "PolicyDocument": document("sqs:ReceiveMessage")}

    assert provider.canonical(type_, live.properties) == provider.canonical(type_, inputs)
    changed = finish(provider.update(type_, live.physical_id, moved, inputs, frozenset(moved), OWNER))
    assert provider.canonical(type_, changed.properties) == provider.canonical(type_, moved)
    assert provider.read(type_, one, {**moved, "Queues": [one]}) is None
    for _ in range(2):
        finish(provider.delete(type_, live.physical_id, moved))
    assert provider.read(type_, live.physical_id, moved) is None


def test_a_queue_whose_policy_was_changed_or_taken_shows(provider: AwsProvider, emulator: Emulator) -> None:
    type_ = "AWS::SQS::QueuePolicy"
    one, two = (made(provider, "AWS::SQS::Queue", {"QueueName": name}, name).physical_id for name in ("one", "two"))
    inputs = {"Queues": [one, two], "PolicyDocument": document("sqs:SendMessage")}
    live = made(provider, type_, inputs)
    opened_up = document("sqs:*")
    sqs = emulator.client("sqs")

    sqs.set_queue_attributes(QueueUrl=two, Attributes={"Policy": json.dumps(opened_up)})
    drifted = provider.read(type_, live.physical_id, inputs)
    assert drifted is not None
    assert drifted.properties["PolicyDocument"] == opened_up
    sqs.set_queue_attributes(QueueUrl=two, Attributes={"Policy": ""})
    shorter = provider.read(type_, live.physical_id, inputs)
    assert shorter is not None
    assert shorter.properties["Queues"] == [one]


def test_a_topic_without_its_policy_has_the_one_of_a_new_topic(provider: AwsProvider) -> None:
    type_ = "AWS::SNS::TopicPolicy"
    topic = made(provider, "AWS::SNS::Topic", {"TopicName": "news"}, "Topic").physical_id
    inputs = {"Topics": [topic], "PolicyDocument": document("sns:Publish", resource=topic)}

    assert provider.ownership(type_, inputs, OWNER) is None
    live = made(provider, type_, inputs)
    assert provider.canonical(type_, live.properties) == provider.canonical(type_, inputs)
    for _ in range(2):
        finish(provider.delete(type_, live.physical_id, inputs))
    assert provider.read(type_, live.physical_id, inputs) is None


def test_an_inline_policy_is_a_resource_and_no_drift_of_its_role(provider: AwsProvider) -> None:
    role_type, type_ = "AWS::IAM::Role", "AWS::IAM::Policy"
    logs = {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}
    own = {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [logs]}}
    role = {"RoleName": "shop-role", "AssumeRolePolicyDocument": TRUST, "Policies": [own]}
    allowed = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    inputs = {
        "PolicyName": "reads",
        "Roles": ["shop-role"],
        "PolicyDocument": {"Version": "2012-10-17", "Statement": [allowed]},
    }
    first = made(provider, role_type, role, "Role")
    live = made(provider, type_, inputs)

    assert provider.canonical(type_, live.properties) == provider.canonical(type_, inputs)
    requests = [
        ReadRequest("Role", role_type, first.physical_id, role),
        ReadRequest("Policy", type_, live.physical_id, inputs),
    ]
    readings = {item.key: item.live for item in provider.read_many(requests, lambda: False)}
    assert readings["Role"] is not None
    assert readings["Role"].properties["Policies"] == first.properties["Policies"]

    without = {key: value for key, value in role.items() if key != "Policies"}
    after = finish(
        provider.update(role_type, "shop-role", without, role, frozenset({"Policies"}), Owner("shop", "dev", "Role"))
    )
    assert "Policies" not in after.properties
    assert provider.read(type_, live.physical_id, inputs) is not None
    for _ in range(2):
        finish(provider.delete(type_, live.physical_id, inputs))
    assert provider.read(type_, live.physical_id, inputs) is None


def test_a_policy_on_nothing_is_refused_in_the_plan(provider: AwsProvider) -> None:
    problems = provider.check("AWS::IAM::Policy", {"PolicyName": "reads", "PolicyDocument": document("s3:GetObject")})

    assert [problem.what for problem in problems if problem.fatal] == ["the policy is on nothing"]
