"""Which written values a reading does not show yet; told from the two sides of a write, without a call."""

from __future__ import annotations

from typing import Any

import pytest

from stateroom.cloud.aws.written import behind, holds
from stateroom.cloud.provider import ResourceData
from stateroom.model.resource import Live
from stateroom.model.values import Secret

QUEUE = "AWS::SQS::Queue"
FUNCTION = "AWS::Lambda::Function"


def late(type_: str, before: dict[str, Any], after: dict[str, Any], shown: dict[str, Any]) -> dict[str, bool]:
    changed = frozenset({*before, *after})
    return dict(behind(type_, ResourceData("it", after, before, changed), Live("it", shown)))


@pytest.mark.parametrize(
    ("before", "after", "shown", "expected"),
    [
        ({"VisibilityTimeout": 90}, {"VisibilityTimeout": 120}, {"VisibilityTimeout": 90}, {"VisibilityTimeout": True}),
        ({"VisibilityTimeout": 90}, {"VisibilityTimeout": "120"}, {"VisibilityTimeout": 120}, {}),
        ({}, {"VisibilityTimeout": 120}, {"VisibilityTimeout": 30}, {"VisibilityTimeout": False}),
        ({"DelaySeconds": 10}, {}, {"DelaySeconds": 10}, {"DelaySeconds": True}),
        ({"DelaySeconds": 10}, {}, {"DelaySeconds": 0}, {}),
        ({"KmsMasterKeyId": "alias/a"}, {"KmsMasterKeyId": "alias/b"}, {"KmsMasterKeyId": "arn:aws:kms:b"}, {}),
        ({"DelaySeconds": 10}, {"DelaySeconds": 10}, {"DelaySeconds": 0}, {}),
    ],
    ids=["old", "new", "added", "unset", "unset and shown", "a form of the server's", "unchanged"],
)
def test_a_written_value_is_late_while_the_old_one_shows(
    before: dict[str, Any], after: dict[str, Any], shown: dict[str, Any], expected: dict[str, bool]
) -> None:
    assert late(QUEUE, before, after, shown) == expected


def test_secrets_are_compared_by_what_they_hide() -> None:
    before, after = ({"Environment": {"Variables": {"KEY": Secret(text)}}} for text in ("old", "new"))

    assert late(FUNCTION, before, after, {"Environment": {"Variables": {"KEY": "old"}}}) == {"Environment": True}
    assert late(FUNCTION, before, after, {"Environment": {"Variables": {"KEY": "new"}}}) == {}


def test_what_the_server_adds_inside_a_value_is_not_waited_for() -> None:
    assert holds(
        {"Mode": "Active", "Rules": [{"Id": "a"}]}, {"Mode": "Active", "Rules": [{"Id": "a", "Age": 1}], "By": 2}
    )
    assert not holds({"Rules": []}, {"Rules": [{"Id": "a"}]})
    assert not holds({"On": True}, {"On": 1})
    assert not holds({"On": True}, {})


def test_another_resources_policy_on_a_role_hides_nothing() -> None:
    document = {"Version": "2012-10-17", "Statement": []}
    policies: Any = [{"PolicyName": "own", "PolicyDocument": document}]
    shown: Any = [*policies, {"PolicyName": "other", "PolicyDocument": document}]

    assert late("AWS::IAM::Role", {}, {"Policies": policies}, {"Policies": shown}) == {}
