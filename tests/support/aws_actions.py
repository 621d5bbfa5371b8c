"""IAM actions of every AWS call in the package, found in its source: service by service, room by room."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
from botocore import xform_name

from stateroom.cloud.aws.s3_shapes import DELETES, SETTINGS

PREFIXES = {
    "elbv2": "elasticloadbalancing",
    "apigatewayv2": "apigateway",
    "cloudcontrol": "cloudformation",
    "resourcegroupstaggingapi": "tag",
    "stepfunctions": "states",
}
SERVICES = {
    *("apigateway", "apigatewayv2", "cloudcontrol", "cloudformation", "dynamodb", "ec2", "ecr", "events", "iam"),
    *("lambda", "logs", "resourcegroupstaggingapi", "s3", "scheduler", "secretsmanager", "sns", "sqs", "ssm"),
    *("stepfunctions", "sts", "cloudwatch", "iot", "kinesis", "kms", "pipes", "cognito-identity", "cognito-idp"),
    *("acm", "cloudfront", "elasticache", "elbv2", "route53"),
}
# API Gateway's actions are HTTP methods: https://docs.aws.amazon.com/service-authorization/latest/reference/
_METHODS = {"Create": "POST", "Delete": "DELETE", "Get": "GET", "Put": "PUT", "Tag": "PUT", "Untag": "DELETE"}
_S3 = {  # operations whose action has another name
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteObjects": "DeleteObject",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjectsV2": "ListBucket",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketCors": "PutBucketCORS",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
_CLIENT_ELSEWHERE = {  # name operations, and another file has the client
    "cloud/aws/dynamodb_features.py": "dynamodb",
    "cloud/aws/lambda_extras.py": "lambda",
    "cloud/aws/lambda_provisioned.py": "lambda",
}
READING = ("Get", "List", "Describe", "GET")


@cache
def operations(service: str) -> dict[str, str]:
    """Operations of a service by the names of boto3's methods."""
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name): name for name in model.operation_names}


def action(service: str, operation: str) -> str:
    """The action that an operation needs: `s3:ListBucket` for ListObjectsV2."""
    prefix = PREFIXES.get(service, service)
    if prefix == "apigateway":
        verb = next((method for begin, method in _METHODS.items() if operation.startswith(begin)), "PATCH")
        return f"{prefix}:{verb}"
    return f"{prefix}:{_S3.get(operation, operation) if service == 's3' else operation}"


def is_reading(name: str) -> bool:
    """Whether an action changes nothing, by its name."""
    return name.partition(":")[2].startswith(READING)


def actions_in(package: Path, *rooms: str) -> dict[str, set[str]]:
    """Actions of every call in rooms of the package (`cloud`, `state`), with the files that make it."""
    found: dict[str, set[str]] = {}
    for room in rooms:
        for file in sorted((package / room).rglob("*.py")):
            place = file.relative_to(package).as_posix()
            for name in _actions(ast.parse(file.read_text()), _CLIENT_ELSEWHERE.get(place, "")):
                found.setdefault(name, set()).add(place)
    if "cloud" in rooms:
        for name in _s3_settings():
            found.setdefault(name, set()).add("cloud/aws/s3_shapes.py")
    return found


def _actions(tree: ast.AST, elsewhere: str) -> Iterator[str]:
    """Yield actions: methods, or texts that name one, of the services whose clients a file asks for."""
    nodes = list(ast.walk(tree))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    names = texts | {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    asked = {_first(node) for node in nodes if isinstance(node, ast.Call)} | {_service(node) for node in nodes}
    for service in {*(asked & SERVICES), elsewhere} - {""}:
        known = operations(service)
        yield from (action(service, known[name]) for name in names & set(known))


def _first(call: ast.Call) -> Any:
    return call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None


def _service(node: ast.AST) -> Any:
    """Return the service that a type's table names: `service = "sqs"`."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Constant):
        return None
    named = any(isinstance(it, ast.Name) and it.id == "service" for it in node.targets)
    return node.value.value if named else None


def _s3_settings() -> Iterator[str]:
    known = operations("s3")
    for setting in SETTINGS.values():
        for method in (
            f"get_{setting.call}",
            f"put_{setting.call}",
            DELETES.get(setting.call, f"delete_{setting.call}"),
        ):
            if method in known:
                yield action("s3", known[method])
