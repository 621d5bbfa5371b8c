"""What was declared against an answer, without a baseline: what is no difference, and next to it what is one."""

from __future__ import annotations

from typing import Any

import pytest

from stateroom.cloud.normalise.intersection import aligned, as_declared
from stateroom.cloud.normalise.properties import canonical
from stateroom.cloud.normalise.spelling import alike
from stateroom.cloud.schema.catalog import facts
from stateroom.model.compare import same
from stateroom.model.values import UNKNOWN, Secret

QUEUE = "AWS::SQS::Queue"
POOL = "AWS::Cognito::UserPool"
GROUP = "AWS::EC2::SecurityGroup"
UNVENDORED = "AWS::MediaLive::Channel"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"


def agrees(type_: str, declared: Any, live: Any) -> bool:
    wanted, there = canonical(declared, facts(type_)), canonical(live, facts(type_))
    return same(as_declared(wanted, there, facts(type_)), wanted)


@pytest.mark.parametrize(
    ("type_", "declared", "live", "changed"),
    [
        pytest.param(
            "AWS::Scheduler::Schedule",
            {"Target": {"Arn": "a", "RoleArn": "r"}},
            {"Target": {"Arn": "a", "RoleArn": "r", "RetryPolicy": {"MaximumRetryAttempts": 185}}},
            {"Target": {"Arn": "b", "RoleArn": "r", "RetryPolicy": {"MaximumRetryAttempts": 185}}},
            id="a default inside a declared map",
        ),
        pytest.param(
            "AWS::S3::Bucket",
            {"LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": 7}]}},
            {"LifecycleConfiguration": {"Rules": [{"Id": "NGQ0", "Status": "Enabled", "ExpirationInDays": 7}]}},
            {"LifecycleConfiguration": {"Rules": [{"Id": "NGQ0", "Status": "Enabled", "ExpirationInDays": 8}]}},
            id="a name that the server gave an item",
        ),
        pytest.param(
            POOL,
            {"Schema": [{"Name": "tenant", "AttributeDataType": "String"}]},
            {"Schema": [{"Name": "sub"}, {"Name": "custom:tenant", "AttributeDataType": "String"}]},
            {"Schema": [{"Name": "sub"}, {"Name": "custom:customer", "AttributeDataType": "String"}]},
            id="the pool's own attributes, and the prefix of the others",
        ),
        pytest.param(
            QUEUE, {"KmsMasterKeyId": "alias/aws/sqs"}, {"KmsMasterKeyId": KEY}, {}, id="a key's alias and its ARN"
        ),
        pytest.param(
            UNVENDORED,
            {"Settings": [{"Name": "a", "Value": "1"}]},
            {"Settings": [{"Name": "b", "Value": "2"}, {"Name": "a", "Value": "1"}]},
            {"Settings": [{"Name": "b", "Value": "1"}, {"Name": "a", "Value": "2"}]},
            id="entries of a map that is written as a list",
        ),
        pytest.param(
            UNVENDORED,
            {"Zones": ["a", "b"], "Outputs": [{"Port": 1, "On": True}, {"Port": 2, "On": True}]},
            {"Zones": ["b", "a"], "Outputs": [{"Port": 2, "On": True, "X": 0}, {"Port": 1, "On": True}]},
            {"Zones": ["b", "a", "c"], "Outputs": [{"Port": 2, "On": True}, {"Port": 1, "On": True}]},
            id="sets in another order; an item that nobody declared",
        ),
        pytest.param(
            GROUP,
            {"SecurityGroupIngress": [{"IpProtocol": "6", "CidrIp": "10.0.0.9/24", "FromPort": 1, "ToPort": 1}]},
            {"SecurityGroupIngress": [{"IpProtocol": "tcp", "CidrIp": "10.0.0.0/24", "FromPort": 1, "ToPort": 1}]},
            {"SecurityGroupIngress": [{"IpProtocol": "tcp", "CidrIp": "10.1.0.0/24", "FromPort": 1, "ToPort": 1}]},
            id="protocols by number, ranges by their network",
        ),
        pytest.param(
            "AWS::ECS::TaskDefinition",
            {"Cpu": "0.5 vCPU", "ContainerDefinitions": [{"Name": "a", "Command": ["x", "y"]}]},
            {"Cpu": "512", "ContainerDefinitions": [{"Name": "a", "Command": ["x", "y"], "Essential": True}]},
            {"Cpu": "512", "ContainerDefinitions": [{"Name": "a", "Command": ["y", "x"], "Essential": True}]},
            id="the order of a command counts",
        ),
        pytest.param(
            "AWS::RDS::DBInstance",
            {"MasterUserPassword": "p", "EngineVersion": "8.0", "DBInstanceIdentifier": "Shop"},
            {"EngineVersion": "8.0.45", "DBInstanceIdentifier": "shop"},
            {"EngineVersion": "8.4.5", "DBInstanceIdentifier": "shop"},
            id="what is never told, a version's family, small letters",
        ),
    ],
)
def test_what_the_server_adds_sorts_and_respells_is_no_difference(
    type_: str, declared: Any, live: Any, changed: Any
) -> None:
    assert agrees(type_, declared, live)
    assert not agrees(type_, declared, changed)


@pytest.mark.parametrize(
    ("declared", "live", "other"),
    [
        ("jobs", "arn:aws:sqs:eu-west-1:123456789012:jobs", "arn:aws:sqs:eu-west-1:123456789012:old-jobs"),
        ("123456789012", "arn:aws:iam::123456789012:root", "arn:aws:iam::210987654321:root"),
        ("execute-api:/*", "arn:aws:execute-api:eu-west-1:1:a1b2/*", "arn:aws:execute-api:eu-west-1:1:a1b2/prod"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000+00:00", "2026-01-01T01:00:00Z"),
        ("rate(60 minutes)", "rate(1 hour)", "rate(2 hours)"),
        ("30", 30, 31),
        ("*.shop.example", r"\052.shop.example.", "shop.example"),
        ("family", "arn:aws:ecs:eu-west-1:123456789012:task-definition/family:3", "family2"),
        (["a"], "a", "b"),
        ("*", {"AWS": ["*"]}, {"AWS": ["123456789012"]}),
        (True, "true", "false"),
    ],
)
def test_spellings(declared: Any, live: Any, other: Any) -> None:
    assert alike(declared, live)
    assert not alike(declared, other)


def test_only_a_declared_value_that_differs_is_ground_to_replace() -> None:
    table: dict[str, Any] = {"TableName": "t", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
    other = {"TableName": "t", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}

    assert agrees("AWS::DynamoDB::Table", table, {"TableName": "t"})  # not told
    assert not agrees("AWS::DynamoDB::Table", table, other)


def test_a_property_that_the_cloud_lacks_differs_unless_it_says_nothing() -> None:
    assert not agrees(QUEUE, {"VisibilityTimeout": 30}, {})
    assert agrees(QUEUE, {"DelaySeconds": 0, "FifoQueue": False, "RedrivePolicy": {}}, {})


def test_secrets_stay_secret_and_what_is_not_known_yet_gives_way() -> None:
    seen = as_declared({"A": Secret("x"), "B": Secret("x"), "C": UNKNOWN}, {"A": "x", "B": "y", "C": "z"}, facts("T"))

    assert seen == {"A": Secret("x"), "B": Secret("y"), "C": "z"}


def test_long_lists_are_paired_by_name() -> None:
    declared = [{"Namespace": str(i), "OptionName": "o", "Value": "v"} for i in range(300)]
    live = [{**item, "ResourceName": "r"} for item in declared[::-1]]

    assert agrees(UNVENDORED, {"OptionSettings": declared}, {"OptionSettings": live})
    live[0]["Value"] = "w"
    assert not agrees(UNVENDORED, {"OptionSettings": declared}, {"OptionSettings": live})


def test_an_answer_is_put_in_order_only_where_order_is_not_known_to_matter() -> None:
    before = {"Zones": ["a", "b"], "Stages": [{"Name": "build"}, {"Name": "test"}]}
    now = {"Zones": ["b", "a", "c"], "Stages": [{"Name": "test"}, {"Name": "build"}]}

    assert aligned(before, now, facts(UNVENDORED)) == {**now, "Zones": ["a", "b", "c"]}
    assert aligned({"Layers": ["a", "b"]}, {"Layers": ["b", "a"]}, facts("AWS::Lambda::Function")) == {
        "Layers": ["b", "a"]
    }
