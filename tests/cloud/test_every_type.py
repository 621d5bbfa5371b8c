"""One resource of each type through the provider: what was just deployed never looks changed, singly or in bulk."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from stateroom.cloud.provider import Owner, ReadRequest, run
from stateroom.cloud.session import open_aws
from stateroom.model.resource import Live
from tests.cloud.test_aws_provider import PACKAGE, SHA256, no_sleep
from tests.support.emulators import REGION, Emulator

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    ],
}
LOGS = {"Effect": "Allow", "Action": ["logs:PutLogEvents", "logs:CreateLogStream"], "Resource": "*"}
MACHINE = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}

# Logical id → type and properties. A tuple stands for another resource's attribute, or its id, in a text if need be.
SHOP: dict[str, tuple[str, dict[str, Any]]] = {
    "Role": (
        "AWS::IAM::Role",
        {
            "RoleName": "shop-role",
            "AssumeRolePolicyDocument": TRUST,
            "Policies": [{"PolicyName": "logs", "PolicyDocument": {"Version": "2012-10-17", "Statement": [LOGS]}}],
        },
    ),
    "Dead": ("AWS::SQS::Queue", {"QueueName": "shop-dead"}),
    "Queue": (
        "AWS::SQS::Queue",
        {
            "QueueName": "shop-queue",
            "VisibilityTimeout": "60",
            "RedrivePolicy": {"deadLetterTargetArn": ("Dead", "Arn"), "maxReceiveCount": "3"},
        },
    ),
    "Logs": ("AWS::Logs::LogGroup", {"LogGroupName": "/aws/lambda/shop-pay", "RetentionInDays": 14}),
    "Function": (
        "AWS::Lambda::Function",
        {
            "FunctionName": "shop-pay",
            "Runtime": "python3.11",
            "Handler": "index.handler",
            "Role": ("Role", "Arn"),
            "Code": {"ArtifactSha256": SHA256},
            "Environment": {"Variables": {"LIMIT": 3, "ON": True}},
        },
    ),
    "Permission": (
        "AWS::Lambda::Permission",
        {"FunctionName": ("Function", "Arn"), "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"},
    ),
    "Mapping": (
        "AWS::Lambda::EventSourceMapping",
        {"FunctionName": ("Function", ""), "EventSourceArn": ("Queue", "Arn"), "BatchSize": "5"},
    ),
    "Topic": ("AWS::SNS::Topic", {"TopicName": "shop-topic", "Tags": [{"Key": "team", "Value": "blue"}]}),
    "Subscription": (
        "AWS::SNS::Subscription",
        {
            "TopicArn": ("Topic", ""),
            "Protocol": "sqs",
            "Endpoint": ("Queue", "Arn"),
            "FilterPolicy": {"kind": ["paid"]},
            "RawMessageDelivery": True,
        },
    ),
    "Table": (
        "AWS::DynamoDB::Table",
        {
            "TableName": "shop-table",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "day", "AttributeType": "S"},
            ],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "by-day",
                    "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
        },
    ),
    "Rule": (
        "AWS::Events::Rule",
        {
            "Name": "shop-rule",
            "ScheduleExpression": "rate(5 minutes)",
            "State": "ENABLED",
            "Targets": [{"Id": "pay", "Arn": ("Function", "Arn"), "Input": '{"all": true}'}],
        },
    ),
    "Api": (
        "AWS::ApiGatewayV2::Api",
        {
            "Name": "shop-api",
            "ProtocolType": "HTTP",
            "CorsConfiguration": {
                "AllowOrigins": ["*"],
                "AllowHeaders": ["Content-Type"],
                "AllowMethods": ["GET", "POST"],
            },
        },
    ),
    "Stage": ("AWS::ApiGatewayV2::Stage", {"ApiId": ("Api", ""), "StageName": "$default", "AutoDeploy": True}),
    "Integration": (
        "AWS::ApiGatewayV2::Integration",
        {
            "ApiId": ("Api", ""),
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": ("Function", "Arn"),
            "PayloadFormatVersion": "2.0",
        },
    ),
    **{
        f"Route{number}": (
            "AWS::ApiGatewayV2::Route",
            {
                "ApiId": ("Api", ""),
                "RouteKey": f"GET /{number}",
                "AuthorizationType": "NONE",
                "Target": ("Integration", "", "integrations/{}"),
            },
        )
        for number in range(3)
    },
    "Machine": (
        "AWS::StepFunctions::StateMachine",
        {
            "StateMachineName": "shop-machine",
            "DefinitionString": json.dumps(MACHINE, indent=2),
            "RoleArn": ("Role", "Arn"),
        },
    ),
}


def resolved(value: Any, made: Mapping[str, Live]) -> Any:
    if isinstance(value, tuple):
        name, attribute, *form = value
        found = made[name].properties[attribute] if attribute else made[name].physical_id
        return form[0].format(found) if form else found
    if isinstance(value, dict):
        return {key: resolved(item, made) for key, item in value.items()}
    return [resolved(item, made) for item in value] if isinstance(value, list) else value


def missing(declared: Any, live: Any, path: str = "") -> Iterator[str]:
    """Where what was asked for is not part of what is there."""
    if isinstance(declared, Mapping) and isinstance(live, Mapping):
        for key, value in declared.items():
            yield from missing(value, live.get(key), f"{path}.{key}")
    elif isinstance(declared, list) and isinstance(live, list) and len(declared) == len(live):
        for index, pair in enumerate(zip(declared, live, strict=True)):
            yield from missing(*pair, f"{path}[{index}]")
    elif declared != live:
        yield f"{path}: asked {declared!r}, got {live!r}"


@pytest.fixture
def shop(emulator: Emulator) -> tuple[Any, dict[str, Live], dict[str, dict[str, Any]]]:
    """The provider, every resource as it was made, and what was asked for."""
    provider = open_aws(
        region=REGION, profile=None, endpoint_url=emulator.endpoint_url, artifacts={SHA256: PACKAGE}.__getitem__
    )
    made: dict[str, Live] = {}
    asked: dict[str, dict[str, Any]] = {}
    for name, (type_, properties) in SHOP.items():
        asked[name] = resolved(properties, made)
        made[name] = run(provider.create(type_, asked[name], Owner("shop", "dev", name)), sleep=no_sleep)
    return provider, made, asked


Shop = tuple[Any, dict[str, Live], dict[str, dict[str, Any]]]


def test_what_was_just_deployed_never_looks_changed(shop: Shop) -> None:
    provider, made, asked = shop
    for name, (type_, _) in SHOP.items():
        declared = provider.canonical(type_, asked[name])
        live = provider.canonical(type_, made[name].properties)

        assert not list(missing(declared, live)), name


def test_reading_in_bulk_says_what_was_said_after_creating(shop: Shop) -> None:
    provider, made, asked = shop
    requests = [ReadRequest(name, SHOP[name][0], live.physical_id, asked[name]) for name, live in made.items()]
    readings = {reading.key: reading for reading in provider.read_many(requests, lambda: False)}

    for name, (type_, _) in SHOP.items():
        live = readings[name].live
        assert live is not None, (name, readings[name].error)
        assert provider.canonical(type_, live.properties) == provider.canonical(type_, made[name].properties), name


def test_each_finds_what_it_made(shop: Shop) -> None:
    provider, made, asked = shop
    for name, (type_, _) in SHOP.items():
        assert provider.find(type_, asked[name], Owner("shop", "dev", name)) == made[name].physical_id, name


def test_all_of_it_can_be_deleted_twice(shop: Shop) -> None:
    provider, made, asked = shop
    for _ in range(2):
        for name in reversed(SHOP):
            run(provider.delete(SHOP[name][0], made[name].physical_id, asked[name]), sleep=no_sleep)
    requests = [ReadRequest(name, SHOP[name][0], live.physical_id, asked[name]) for name, live in made.items()]
    readings = list(provider.read_many(requests, lambda: False))

    assert [reading for reading in readings if reading.live or reading.error] == []
