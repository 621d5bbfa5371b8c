"""The check of properties against a type's schema: refuses what CloudFormation surely refuses, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from stateroom.cloud.schema.check import check
from stateroom.cloud.schema.rules import registered
from stateroom.cloud.session import open_aws
from stateroom.model.problems.problem import Problem
from stateroom.model.values import UNKNOWN, Secret
from tests.cloud.all_types import ALL_TYPES

QUEUE, TABLE, FUNCTION = "AWS::SQS::Queue", "AWS::DynamoDB::Table", "AWS::Lambda::Function"
BUCKET, GROUP, RULE = "AWS::S3::Bucket", "AWS::Logs::LogGroup", "AWS::Events::Rule"
PROVIDER = open_aws(region="eu-west-1", profile=None, endpoint_url="http://127.0.0.1:1", artifacts=lambda _: b"")


def only(type_: str, properties: dict[str, Any]) -> Problem:
    (problem,) = (item for item in check(type_, properties) if not item.what.endswith("is missing"))
    return problem


@pytest.mark.parametrize(
    ("type_", "properties", "path", "todo"),
    [
        (QUEUE, {"VisibilityTimeOut": 99}, ("VisibilityTimeOut",), "did you mean VisibilityTimeout?"),
        (QUEUE, {"visibilitytimeout": 99}, ("visibilitytimeout",), "did you mean VisibilityTimeout?"),
        (FUNCTION, {"VpcConfig": {"SubnetId": ["a"]}}, ("VpcConfig", "SubnetId"), "did you mean SubnetIds?"),
        (
            BUCKET,
            {"CorsConfiguration": {"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigin": ["*"]}]}},
            ("CorsConfiguration", "CorsRules", 0, "AllowedOrigin"),
            "did you mean AllowedOrigins?",
        ),
        (GROUP, {"Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Vaule": "d"}]}, ("Tags", 1, "Vaule"), "Value?"),
        # The schema allows a list or a map here (oneOf).
        (
            TABLE,
            {"KeySchema": [{"AttributeName": "id", "KeyTyp": "HASH"}]},
            ("KeySchema", 0, "KeyTyp"),
            "did you mean KeyType?",
        ),
        (
            BUCKET,
            {"LoggingConfiguration": {"TargetObjectKeyFormat": {"SimplPrefix": {}}}},
            ("LoggingConfiguration", "TargetObjectKeyFormat", "SimplPrefix"),
            "did you mean SimplePrefix?",
        ),
    ],
)
def test_an_unknown_property_is_named_at_every_depth(
    type_: str, properties: dict[str, Any], path: tuple[str | int, ...], todo: str
) -> None:
    """(case `misspelt-queue-property`)"""
    problem = only(type_, properties)

    assert problem.fatal
    assert problem.path == path
    assert problem.what.startswith("unknown property ")
    assert todo in problem.todo


@pytest.mark.parametrize(
    "keys", [[{"AttributeName": "id", "KeyType": "HASH"}], {"HashKeyElement": {"AttributeName": "id"}}, UNKNOWN]
)
def test_any_alternative_of_a_property_passes(keys: Any) -> None:
    assert check(TABLE, {"KeySchema": keys}) == ()


@pytest.mark.parametrize(
    ("type_", "properties", "wanted"),
    [
        (QUEUE, {"VisibilityTimeout": "soon"}, "VisibilityTimeout is a text, not an integer"),
        (QUEUE, {"VisibilityTimeout": [30]}, "VisibilityTimeout is a list, not an integer"),
        (QUEUE, {"FifoQueue": "yes"}, "FifoQueue is a text, not true or false"),
        (QUEUE, {"QueueName": {"a": 1}}, "QueueName is a map, not a text"),
        (QUEUE, {"Tags": "team=blue"}, "Tags is a text, not a list"),
        (FUNCTION, {"VpcConfig": {"SubnetIds": "subnet-1"}}, "VpcConfig.SubnetIds is a text, not a list"),
        (FUNCTION, {"Environment": "A=1"}, "Environment is a text, not a map"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(type_: str, properties: dict[str, Any], wanted: str) -> None:
    problem = only(type_, properties)

    assert problem.fatal
    assert problem.what == wanted


@pytest.mark.parametrize(
    "properties",
    [
        {"VisibilityTimeout": "30", "DelaySeconds": 5.0, "FifoQueue": "true", "QueueName": 7},
        {"ContentBasedDeduplication": "False", "RedrivePolicy": '{"maxReceiveCount": 3}'},
        {"VisibilityTimeout": UNKNOWN, "Tags": UNKNOWN, "QueueName": Secret("hidden")},
        {"RedrivePolicy": {"maxReceiveCount": "3"}, "KmsMasterKeyId": None},
    ],
)
def test_what_cloudformation_accepts_is_accepted(properties: dict[str, Any]) -> None:
    assert check(QUEUE, properties) == ()


def test_free_keys_and_documents_are_left_alone() -> None:
    """Environment variables of one letter, JSON as a map or as text, packages of our own."""
    code = {"ArtifactSha256": "ab"}
    environment = {"Variables": {"A": 1, "LONG_ONE": True}}
    assert check(FUNCTION, {"Role": UNKNOWN, "Code": code, "Environment": environment}) == ()
    machine = {"RoleArn": UNKNOWN, "DefinitionString": {"StartAt": "A", "States": {}}}
    assert check("AWS::StepFunctions::StateMachine", machine) == ()
    assert check(RULE, {"Targets": [{"Id": "a", "Arn": "b", "Input": {"all": True}}]}) == ()


def test_what_is_missing_is_named_at_every_depth() -> None:
    found = {item.what for item in check(RULE, {"Targets": [{"Id": "a"}]})}
    assert found == {"Targets[0].Arn is missing"}
    assert {item.what for item in check(FUNCTION, {})} == {"Code is missing", "Role is missing"}


def test_a_value_outside_a_closed_list_is_refused() -> None:
    keys = {"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}
    problem = only(TABLE, {**keys, "BillingMode": "PAY_PER_REQEST"})
    assert (problem.fatal, problem.todo) == (True, "did you mean PAY_PER_REQUEST?")
    assert only(TABLE, {**keys, "BillingMode": "ON_CREDIT"}).fatal
    assert only(GROUP, {"RetentionInDays": 10}).fatal
    assert check(GROUP, {"RetentionInDays": "14"}) == ()


def test_a_value_that_aws_may_know_by_now_is_a_warning() -> None:
    """Lists of versions grow with every release of AWS: only a misspelling is surely wrong."""
    needed = {"Role": "r", "Code": {"ZipFile": "x"}}
    newer = only(FUNCTION, {**needed, "Runtime": "python9.99"})
    assert not newer.fatal
    assert "AWS may know more" in newer.todo
    assert only(FUNCTION, {**needed, "Runtime": "pyton3.12"}).fatal


def test_a_secret_is_checked_and_never_shown() -> None:
    problem = only(TABLE, {"KeySchema": [], "BillingMode": Secret("hunter2")})

    assert problem.fatal
    assert "hunter2" not in str(problem)


def test_a_type_without_a_schema_is_not_judged() -> None:
    assert check("AWS::MSK::Cluster", {"Nonsense": 1}) == ()
    (note,) = PROVIDER.check("AWS::AmazonMQ::Broker", {"Nonsense": 1})[1:]
    assert not note.fatal
    assert note.what == "properties of AWS::AmazonMQ::Broker were not checked: its schema is not at hand"


@pytest.mark.parametrize(
    ("type_", "what", "todo"),
    [
        ("AWS::Route53::RecordSetGroup", "cannot be made", "leave the resource out"),
        ("AWS::IAM::AccessKey", "cannot be made", "leave the resource out"),
        ("AWS::AppSync::GraphQLSchema", "cannot be read", "leave the resource out"),
        ("AWS::SQS::Qeue", "there is no resource type AWS::SQS::Qeue", "did you mean AWS::SQS::Queue?"),
        ("AWS::Foo::Bar", "there is no resource type AWS::Foo::Bar", "leave the resource out"),
        ("My::Own::Thing::MODULE", "there is no resource type", "leave the resource out"),
        ("AWS::Serverless::Function", "a type of SAM", "write the resources"),
        ("Custom::Seed", "only a stack calls", "from a script"),
        ("AWS::CloudFormation::CustomResource", "without a CloudFormation stack", "from a script"),
        ("AWS::CloudFormation::WaitCondition", "without a CloudFormation stack", "DependsOn"),
        ("AWS::CloudFormation::Macro", "without a CloudFormation stack", "write out"),
    ],
)
def test_a_type_that_cannot_be_had_is_refused(type_: str, what: str, todo: str) -> None:
    """(cases `no-create-record-set-group`, `no-read-queue-policy`)"""
    (problem,) = PROVIDER.check(type_, {"Nonsense": 1})

    assert problem.fatal
    assert what in problem.what
    assert todo in problem.todo


def test_every_type_without_handlers_is_refused_and_every_other_is_not() -> None:
    unmade = {type_ for type_, letters in registered().items() if not {"c", "r", "d"} <= set(letters)}
    ours = {type_ for type_, _ in ALL_TYPES.values()}
    refused = {
        type_
        for type_ in registered()
        for item in PROVIDER.check(type_, {})
        if item.fatal and item.what.startswith((f"{type_} ", "there is no"))
    }

    assert len(registered()) > 1500
    assert refused == unmade - ours


def test_a_change_of_a_type_without_update_handler_replaces() -> None:
    """As CloudFormation does."""
    assert "*" in PROVIDER.schema("AWS::EC2::SubnetRouteTableAssociation").create_only
    assert "*" not in PROVIDER.schema("AWS::CloudWatch::Alarm").create_only
    assert "*" not in PROVIDER.schema("AWS::Lambda::Permission").create_only


def test_checking_is_fast() -> None:
    """No limit in seconds: as many checks as a service of 200 resources needs, and nothing is loaded twice."""
    properties = {"QueueName": "q", "VisibilityTimeout": 30, "Tags": [{"Key": "a", "Value": "b"}] * 5}
    assert all(check(QUEUE, properties) == () for _ in range(2000))
