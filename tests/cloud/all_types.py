"""One resource of every handled type, each ready to be made through the provider after those that it refers to."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any, Final

from stateroom.cloud.aws.handlers import MODULES
from tests.cloud.api_types import API_NEEDS
from tests.cloud.more_types import MORE_TYPES
from tests.cloud.test_aws_provider import SHA256
from tests.cloud.test_every_type import SHOP

SCHEDULED: Final = {
    "Arn": "arn:aws:lambda:eu-west-1:123456789012:function:shop-pay",
    "RoleArn": ("Role", "Arn"),
    "Input": '{"all":true}',
}


def _let(action: str, resource: tuple[str, str]) -> dict[str, Any]:
    """A policy that lets EventBridge do something with a resource."""
    allowed = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": action}
    return {"Version": "2012-10-17", "Statement": [{**allowed, "Resource": resource}]}


# Logical id → type and properties, spelled as in SHOP.
ALL_TYPES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    **SHOP,
    "Version": ("AWS::Lambda::Version", {"FunctionName": ("Function", "")}),
    "Alias": (
        "AWS::Lambda::Alias",
        {"FunctionName": ("Function", ""), "Name": "live", "FunctionVersion": ("Version", "Version")},
    ),
    "Layer": ("AWS::Lambda::LayerVersion", {"LayerName": "shop-layer", "Content": {"ArtifactSha256": SHA256}}),
    "LayerPermission": (
        "AWS::Lambda::LayerVersionPermission",
        {"LayerVersionArn": ("Layer", ""), "Action": "lambda:GetLayerVersion", "Principal": "123456789012"},
    ),
    "Url": ("AWS::Lambda::Url", {"TargetFunctionArn": ("Function", "Arn"), "AuthType": "NONE"}),
    "InvokeConfig": (
        "AWS::Lambda::EventInvokeConfig",
        {"FunctionName": ("Function", ""), "Qualifier": "$LATEST", "MaximumRetryAttempts": 1},
    ),
    "Bucket": ("AWS::S3::Bucket", {"BucketName": "shop-bucket"}),
    "BucketPolicy": (
        "AWS::S3::BucketPolicy",
        {
            "Bucket": ("Bucket", ""),
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:GetObject",
                        "Resource": ("Bucket", "Arn", "{}/*"),
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ],
            },
        },
    ),
    "QueuePolicy": (
        "AWS::SQS::QueuePolicy",
        {"Queues": [("Dead", "")], "PolicyDocument": _let("sqs:SendMessage", ("Dead", "Arn"))},
    ),
    "TopicPolicy": (
        "AWS::SNS::TopicPolicy",
        {"Topics": [("Topic", "")], "PolicyDocument": _let("sns:Publish", ("Topic", ""))},
    ),
    "InlinePolicy": (
        "AWS::IAM::Policy",
        {
            "PolicyName": "shop-reads",
            "Roles": [("Role", "")],
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
            },
        },
    ),
    "Schedule": (
        "AWS::Scheduler::Schedule",
        {
            "Name": "shop-sweep",
            "ScheduleExpression": "rate(1 hour)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": SCHEDULED,
        },
    ),
    "Rest": ("AWS::ApiGateway::RestApi", {"Name": "shop-rest"}),
    "Path": (
        "AWS::ApiGateway::Resource",
        {"RestApiId": ("Rest", ""), "ParentId": ("Rest", "RootResourceId"), "PathPart": "orders"},
    ),
    "Method": (
        "AWS::ApiGateway::Method",
        {
            "RestApiId": ("Rest", ""),
            "ResourceId": ("Path", ""),
            "HttpMethod": "GET",
            "AuthorizationType": "NONE",
            "Integration": {"Type": "MOCK"},
        },
    ),
    "Authorizer": (
        "AWS::ApiGateway::Authorizer",
        {
            "RestApiId": ("Rest", ""),
            "Name": "callers",
            "Type": "TOKEN",
            "AuthorizerUri": ("Function", "Arn", "arn:aws:apigateway:eu-west-1:lambda:path/functions/{}/invocations"),
            "IdentitySource": "method.request.header.Auth",
        },
    ),
    "Validator": (
        "AWS::ApiGateway::RequestValidator",
        {"RestApiId": ("Rest", ""), "Name": "bodies", "ValidateRequestBody": True},
    ),
    "Model": (
        "AWS::ApiGateway::Model",
        {
            "RestApiId": ("Rest", ""),
            "Name": "Order",
            "ContentType": "application/json",
            "Schema": {"type": "object"},
        },
    ),
    "Refusal": (
        "AWS::ApiGateway::GatewayResponse",
        {"RestApiId": ("Rest", ""), "ResponseType": "ACCESS_DENIED", "StatusCode": "404"},
    ),
    "Deployment": ("AWS::ApiGateway::Deployment", {"RestApiId": ("Rest", ""), "StageName": "dev"}),
    "RestStage": (
        "AWS::ApiGateway::Stage",
        {"RestApiId": ("Rest", ""), "DeploymentId": ("Deployment", ""), "StageName": "live"},
    ),
    "Key": ("AWS::ApiGateway::ApiKey", {"Name": "shop-key", "Enabled": True}),
    "Plan": (
        "AWS::ApiGateway::UsagePlan",
        {"UsagePlanName": "shop-plan", "Throttle": {"BurstLimit": 5, "RateLimit": 2.0}},
    ),
    "PlanKey": (
        "AWS::ApiGateway::UsagePlanKey",
        {"KeyId": ("Key", ""), "KeyType": "API_KEY", "UsagePlanId": ("Plan", "")},
    ),
    "Notifications": (
        "Custom::S3",
        {
            "BucketName": ("Bucket", ""),
            "FunctionName": ("Function", ""),
            "BucketConfigs": [{"Event": "s3:ObjectCreated:*", "Rules": [{"Prefix": "in/"}]}],
        },
    ),
    "AccountRole": ("Custom::ApiGatewayAccountRole", {"RoleArn": ("Role", "Arn")}),
    **API_NEEDS,
    **MORE_TYPES,
    "Members": ("AWS::Cognito::UserPool", {"UserPoolName": "shop-members"}),
    "Triggers": (
        "Custom::CognitoUserPool",
        {
            "UserPoolName": ("Members", "UserPoolName"),
            "FunctionName": ("Function", ""),
            "UserPoolConfigs": [{"Trigger": "PostConfirmation"}],
        },
    ),
}


def handled_types() -> Iterator[str]:
    """Each type that has a handler of its own."""
    return (str(handler.type) for handler in all_handlers())


def all_handlers() -> Iterator[Any]:
    """Each handler's class."""
    for module in MODULES:
        yield from importlib.import_module(f"stateroom.cloud.aws.{module}").HANDLERS
