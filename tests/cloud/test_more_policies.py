"""Policies that nobody declared on secrets, buses, repositories and keys: seen, named, and taken away again."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from stateroom.cloud.children import Recorded
from stateroom.cloud.provider import Owner, run
from stateroom.model.values import ABSENT
from tests.cloud.test_aws_provider import no_sleep, opened
from tests.support.emulators import Emulator

pytestmark = pytest.mark.emulator

SECRET: Final = "AWS::SecretsManager::Secret"
FOR_ALL: Final = {"Sid": "all", "Effect": "Allow", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_a_secrets_policy_is_seen_and_undone(emulator: Emulator) -> None:
    provider, owner = opened(emulator.endpoint_url), Owner("shop", "dev", "Token", "a" * 32)
    inputs = {"Name": "shop-token", "SecretString": "s3cret"}
    live = run(provider.create(SECRET, inputs, owner), sleep=no_sleep)
    secret = Recorded("Token", SECRET, live.physical_id, inputs)

    (reading,) = provider.children.read([secret], lambda: False)
    assert (reading.kind, reading.children, reading.unread) == ("Policy", {}, "")
    secrets = emulator.client("secretsmanager")
    secrets.put_resource_policy(SecretId=live.physical_id, ResourcePolicy=policy(FOR_ALL))
    (reading,) = provider.children.read([secret], lambda: False)
    assert list(reading.children) == ["all"]
    danger = provider.children.danger(SECRET, ("Policy", "all"), reading.children["all"])
    assert danger is not None
    assert (danger.text, danger.open) == ("anyone may secretsmanager:*", True)

    declared = Recorded("P", "AWS::SecretsManager::ResourcePolicy", "p", {"SecretId": live.physical_id})
    (reading,) = provider.children.read([secret, declared], lambda: False, {"Token"})
    assert reading.children == {}, "a declared policy stands for it"

    provider.children.undo(secret, ("Policy", "all"), ABSENT)
    assert not secrets.get_resource_policy(SecretId=live.physical_id).get("ResourcePolicy")
    provider.children.undo(secret, ("Policy", "all"), FOR_ALL)
    assert "secretsmanager:*" in secrets.get_resource_policy(SecretId=live.physical_id)["ResourcePolicy"]


@pytest.mark.parametrize(
    ("type_", "property_"),
    [
        ("AWS::ECR::Repository", "RepositoryPolicyText"),
        ("AWS::Events::EventBus", "Policy"),
        ("AWS::KMS::Key", "KeyPolicy"),
    ],
)
def test_policies_that_are_properties_are_dangerous_when_they_are_set_by_hand(type_: str, property_: str) -> None:
    children = opened("http://127.0.0.1:1").children
    assert property_ in children.guarded(type_)
    found = children.danger(type_, (property_,), {"Statement": [FOR_ALL]})
    assert found is not None
    assert found.open
    assert children.danger(type_, (property_,), ABSENT) is None
    assert children.danger(type_, (property_, "Statement", 0, "Action"), "sqs:*") is not None
