"""Custom resources for events on existing objects: a bucket, a user pool, the account's API Gateway role.

The framework deploys a helper function for each of these, which changes the thing when CloudFormation calls it. Here
the same custom resource is left, without the helper: its type is known to stateroom, which makes the calls itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.events.event import ACCOUNT, PARTITION, REGION, Event, permit
from stateroom.config.naming import alphanumeric, normalised, upper_first
from stateroom.model.values import Value

BUCKET: Final = "Custom::S3"
USER_POOL: Final = "Custom::CognitoUserPool"
ACCOUNT_ROLE: Final = "Custom::ApiGatewayAccountRole"
_ACCOUNT_ROLE_ID: Final = "CustomApiGatewayAccountCloudWatchRole"

_Users = Sequence[tuple[Event, Mapping[str, Value]]]


def existing_bucket(build: Compilation, users: _Users) -> None:
    """Add an existing bucket's notifications to one function and the bucket's permission to invoke it."""
    first, options = users[0]
    bucket = options["bucket"]
    _refuse_second(build, users, "bucket")
    configs = [
        {
            "Event": own["event"],
            "Rules": [{upper_first(name): value} for name, value in own["rules"]],
        }
        for _, own in users
    ]
    source = {"Fn::Join": ["", ["arn:", PARTITION, ":s3:::", bucket]]}
    suffix = f"{alphanumeric(bucket) if isinstance(bucket, str) else 'Existing'}S3"
    permission = permit(build, first, suffix, "s3.amazonaws.com", SourceArn=source, SourceAccount=ACCOUNT)
    properties = {"FunctionName": first.function.name, "BucketName": bucket, "BucketConfigs": configs}
    _add(build, first, f"{normalised(first.key)}CustomS31", BUCKET, properties, permission)


def existing_pool(build: Compilation, users: _Users, configs: list[dict[str, Any]]) -> None:
    """Add the triggers of an existing user pool that invoke one function."""
    first, options = users[0]
    _refuse_second(build, users, "pool")
    source = {"Fn::Join": ["", ["arn:", PARTITION, ":cognito-idp:", REGION, ":", ACCOUNT, ":userpool/*"]]}
    suffix = f"CognitoUserPool{alphanumeric(str(options['pool']))}"
    permission = permit(build, first, suffix, "cognito-idp.amazonaws.com", SourceArn=source)
    properties = {
        "FunctionName": first.function.name,
        "UserPoolName": options["pool"],
        "UserPoolConfigs": configs,
    }
    _add(build, first, f"{normalised(first.key)}CustomCognitoUserPool1", USER_POOL, properties, permission)


def _refuse_second(build: Compilation, users: _Users, name: str) -> None:
    for event, options in users:
        if options[name] != users[0][1][name]:
            what = f"a second existing {name} for one function"
            raise event.error(build.service, what, name, todo="write another function for it")


def _add(
    build: Compilation, event: Event, logical_id: str, type_: str, properties: dict[str, Value], permission: str
) -> None:
    """Add a custom resource; those that change the same object depend on one another."""
    same = tuple(
        other.logical_id
        for other in build.resources.values()
        if other.type == type_ and _thing(other.properties) == _thing(properties)
    )
    depends_on = (event.function.logical_id, *event.after, permission, *same[-1:])
    build.add(logical_id, type_, properties, event.path, depends_on=depends_on)


def _thing(properties: Mapping[str, Value]) -> str:
    name = properties.get("BucketName", properties.get("UserPoolName"))
    return repr(name) if intrinsic(name) else str(name)


def account_role(build: Compilation, path: KeyPath) -> None:
    """Add the account's role for API Gateway logs, created when the account has none."""
    logs = build.service.lookup("provider", "logs", "restApi")
    options = logs if isinstance(logs, Mapping) else {}
    if not options.get("roleManagedExternally") and _ACCOUNT_ROLE_ID not in build.resources:
        build.add(_ACCOUNT_ROLE_ID, ACCOUNT_ROLE, {"RoleArn": options.get("role")}, path, retain=True)
