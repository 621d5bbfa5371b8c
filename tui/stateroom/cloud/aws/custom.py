"""Handlers of the Serverless Framework's custom resources, without its helper function."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from stateroom.cloud.aws.calls import none_if_missing, retry_while
from stateroom.cloud.aws.custom_pool import PoolTriggersHandler
from stateroom.cloud.aws.handler_base import BATCH_FROM, AwsHandler, HandlerFactory
from stateroom.cloud.aws.shapes import without_empty
from stateroom.cloud.provider import Identified, Reading, ReadRequest, ResourceData, Task
from stateroom.model.ownership import Existing
from stateroom.model.problems.error_response import error_code
from stateroom.model.resource import Live
from stateroom.model.values import Properties, Value, reveal

_UNVERIFIED: Final[Mapping[str, Sequence[str]]] = {
    "InvalidArgument": ("Unable to validate",),  # the function's permission has not arrived yet
    "OperationAborted": (),
}
_UNASSUMABLE: Final[Mapping[str, Sequence[str]]] = {"BadRequestException": ("role",), "TooManyRequestsException": ()}
_ROLE: Final = "serverlessApiGatewayCloudWatchRole"  # one an account, shared with the framework
_LOGS_POLICY: Final = "policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
_KINDS: Final = ("TopicConfigurations", "QueueConfigurations", "EventBridgeConfiguration")


class BucketNotificationsHandler(AwsHandler):
    """Notifications of an existing bucket to one function. Ref is `<bucket>/<function>`.

    A bucket's notifications are one document; those to other targets are kept as they are.
    """

    type = "Custom::S3"
    settable = frozenset({"BucketConfigs", "BucketName", "FunctionName"})
    overwrites = True
    batch_from = BATCH_FROM

    def create(self, resource: ResourceData) -> Task[str]:
        """Add the notifications, or correct existing ones."""
        inputs = reveal(resource.inputs)
        physical_id = _pair(inputs)
        yield Identified(physical_id)
        yield from self.update(resource.whole(physical_id))
        return physical_id

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the bucket's notifications to the function, or None."""
        bucket, _, function = resource.id.partition("/")
        answer = none_if_missing(
            lambda: self._clients("s3").get_bucket_notification_configuration(Bucket=bucket), "NoSuchBucket"
        )
        own = [item for item in (answer or {}).get("LambdaFunctionConfigurations", ()) if _calls(item, function)]
        if not own:
            return None
        found = [config for item in own for config in _configs(item)]
        return {
            "BucketName": bucket,
            "FunctionName": function,
            "BucketConfigs": _in_order_of(found, reveal(resource.inputs.get("BucketConfigs") or [])),
        }

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Yield readings one by one: each bucket has its own document."""
        for request in requests:
            model = self.read(request.resource)
            yield Reading(request.key, Live(request.physical_id, model) if model else None)

    def update(self, resource: ResourceData) -> Task[None]:
        """Replace the notifications to the function."""
        inputs = reveal(resource.inputs)
        bucket, _, function = resource.id.partition("/")
        answer = self._clients("lambda").get_function_configuration(FunctionName=function)
        arn = answer["FunctionArn"].split(":$LATEST")[0]
        own = [_notification(arn, config) for config in inputs["BucketConfigs"]]
        yield from self._write(bucket, function, own)

    def delete(self, resource: ResourceData) -> Task[None]:
        """Remove the notifications to the function from the document."""
        bucket, _, function = resource.id.partition("/")
        if self.read(resource) is not None:
            yield from self._write(bucket, function, [])

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the bucket's notifications to this function."""
        physical_id = _pair(reveal(resource.inputs))
        return Existing(physical_id) if self.read(resource.at(physical_id)) is not None else None

    def _write(self, bucket: str, function: str, own: list[dict[str, Any]]) -> Task[None]:
        s3 = self._clients("s3")
        document = s3.get_bucket_notification_configuration(Bucket=bucket)
        others = [item for item in document.get("LambdaFunctionConfigurations", ()) if not _calls(item, function)]
        kept = {kind: document[kind] for kind in _KINDS if kind in document}
        wanted = {**kept, **without_empty({"LambdaFunctionConfigurations": [*others, *own]})}
        call = lambda: s3.put_bucket_notification_configuration(  # noqa: E731
            Bucket=bucket, NotificationConfiguration=wanted
        )
        yield from retry_while(call, _UNVERIFIED, "waiting until the bucket may invoke the function")


def _pair(inputs: Properties) -> str:
    return f"{inputs['BucketName']}/{inputs['FunctionName']}"


def _calls(item: Mapping[str, Any], function: str) -> bool:
    return str(item.get("LambdaFunctionArn", "")).endswith(f":function:{function}")


def _notification(arn: str, config: Mapping[str, Any]) -> dict[str, Any]:
    rules = [{"Name": name, "Value": value} for rule in config.get("Rules") or () for name, value in rule.items()]
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()[:12]
    return without_empty(
        {
            "Id": f"{arn.rpartition(':')[2]}-{digest}",
            "LambdaFunctionArn": arn,
            "Events": [config["Event"]],
            "Filter": {"Key": {"FilterRules": rules}} if rules else None,
        }
    )


def _configs(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one configuration an event type, as the framework writes them."""
    rules = ((item.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ()
    written = [{str(rule["Name"]).capitalize(): rule["Value"]} for rule in rules]
    return [{"Event": event, "Rules": written} for event in item.get("Events", ())]


def _in_order_of(found: list[dict[str, Any]], asked: Sequence[Mapping[str, Any]]) -> list[Value]:
    """Order the found items as the requested ones: notifications and their rules are unordered."""
    left = {_same(config): config for config in found}
    known = [dict(config) for config in asked if left.pop(_same(config), None) is not None]
    return [*known, *left.values()]


def _same(config: Mapping[str, Any]) -> str:
    return json.dumps([config.get("Event"), sorted(map(json.dumps, config.get("Rules") or ()))])


class AccountRoleHandler(AwsHandler):
    """Role by which API Gateway writes logs, one an account and region. Ref is the role's ARN.

    It is never deleted: other APIs of the account use it.
    """

    type = "Custom::ApiGatewayAccountRole"
    settable = frozenset({"RoleArn"})
    batch_from = BATCH_FROM

    def create(self, resource: ResourceData) -> Task[str]:
        """Keep the account's role if any will do, else set the requested one or create a default role."""
        wanted, current = reveal(resource.inputs).get("RoleArn"), self._current()
        if current and wanted in (None, current):
            yield Identified(current)
            return current
        arn = str(wanted or self._made())
        yield Identified(arn)
        yield from self._set(arn)
        return arn

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the account's role, or None."""
        current = self._current()
        if not current:
            return None
        return {"RoleArn": current} if resource.inputs.get("RoleArn") else {}

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Yield one answer for all requests."""
        for request in requests:
            model = self.read(request.resource)
            yield Reading(request.key, None if model is None else Live(request.physical_id, model))

    def update(self, resource: ResourceData) -> Task[None]:
        """Set the role that the config names."""
        wanted = reveal(resource.inputs).get("RoleArn")
        if wanted and wanted != self._current():
            yield from self._set(str(wanted))

    def delete(self, resource: ResourceData) -> Task[None]:
        """Do nothing: the account's other APIs use the role."""
        yield from ()

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the account's role, if it is the one that is wanted; services share it."""
        wanted, current = reveal(resource.inputs).get("RoleArn"), self._current()
        return Existing(current, collides=False) if current and wanted in (None, current) else None

    def _current(self) -> str | None:
        arn = self._clients("apigateway").get_account().get("cloudwatchRoleArn")
        return str(arn) if arn else None

    def _set(self, arn: str) -> Task[None]:
        operation = {"op": "replace", "path": "/cloudwatchRoleArn", "value": arn}
        call = lambda: self._clients("apigateway").update_account(patchOperations=[operation])  # noqa: E731
        yield from retry_while(call, _UNASSUMABLE, "waiting until API Gateway may assume the role")

    def _made(self) -> str:
        """Create the default role, unless another service has, and return its ARN."""
        iam = self._clients("iam")
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": ["apigateway.amazonaws.com"]},
            "Action": ["sts:AssumeRole"],
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        try:
            role = iam.create_role(RoleName=_ROLE, Path="/", AssumeRolePolicyDocument=document)["Role"]
        except Exception as error:
            if error_code(error) != "EntityAlreadyExists":
                raise
            role = iam.get_role(RoleName=_ROLE)["Role"]
        partition = role["Arn"].split(":")[1]
        iam.attach_role_policy(RoleName=_ROLE, PolicyArn=f"arn:{partition}:iam::aws:{_LOGS_POLICY}")
        return str(role["Arn"])


HANDLERS: tuple[HandlerFactory, ...] = (BucketNotificationsHandler, AccountRoleHandler, PoolTriggersHandler)
