"""The Serverless Framework's custom resources, done by calls of our own: no helper function stands between."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from stateroom.cloud.aws.calls import Clients, error_code, none_if_missing, retry_while
from stateroom.cloud.aws.shapes import present
from stateroom.cloud.provider import Identified, Owner, Reading, ReadRequest, Task
from stateroom.model.ownership import Existing
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


class BucketNotificationsHandler:
    """What an existing bucket tells one function. Ref is `<bucket>/<function>`.

    A bucket's notifications are one document; all but those to this function are kept as they are.
    """

    type = "Custom::S3"
    reader_version = 1
    overwrites = True

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def create(self, inputs: Properties, owner: Owner) -> Task[str]:
        """Add the notifications, or put right those that are there already."""
        inputs = reveal(inputs)
        physical_id = _pair(inputs)
        yield Identified(physical_id)
        yield from self.update(physical_id, inputs, {}, frozenset(inputs), owner)
        return physical_id

    def read(self, physical_id: str, inputs: Properties) -> Properties | None:
        """The bucket's notifications to the function, or None when there are none."""
        bucket, _, function = physical_id.partition("/")
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
            "BucketConfigs": _in_order_of(found, reveal(inputs.get("BucketConfigs") or [])),
        }

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """One by one: each bucket has its own document."""
        for request in requests:
            model = self.read(request.physical_id, request.inputs)
            yield Reading(request.key, Live(request.physical_id, model) if model else None)

    def update(
        self,
        physical_id: str,
        inputs: Properties,
        previous: Properties,  # noqa: ARG002 (Handler)
        changed: frozenset[str],  # noqa: ARG002 (Handler)
        owner: Owner,  # noqa: ARG002 (Handler)
    ) -> Task[None]:
        """Write the notifications to the function anew."""
        inputs = reveal(inputs)
        bucket, _, function = physical_id.partition("/")
        answer = self._clients("lambda").get_function_configuration(FunctionName=function)
        arn = answer["FunctionArn"].split(":$LATEST")[0]
        own = [_notification(arn, config) for config in inputs["BucketConfigs"]]
        yield from self._write(bucket, function, own)

    def delete(self, physical_id: str, inputs: Properties) -> Task[None]:  # noqa: ARG002 (Handler)
        """Take the notifications to the function out of the document."""
        bucket, _, function = physical_id.partition("/")
        if self.read(physical_id, {}) is not None:
            yield from self._write(bucket, function, [])

    def locate(self, inputs: Properties, owner: Owner) -> Existing | None:  # noqa: ARG002 (Handler)
        """Look for the bucket's notifications to this function."""
        physical_id = _pair(reveal(inputs))
        return Existing(physical_id) if self.read(physical_id, inputs) is not None else None

    def _write(self, bucket: str, function: str, own: list[dict[str, Any]]) -> Task[None]:
        s3 = self._clients("s3")
        document = s3.get_bucket_notification_configuration(Bucket=bucket)
        others = [item for item in document.get("LambdaFunctionConfigurations", ()) if not _calls(item, function)]
        kept = {kind: document[kind] for kind in _KINDS if kind in document}
        wanted = {**kept, **present({"LambdaFunctionConfigurations": [*others, *own]})}
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
    return present(
        {
            "Id": f"{arn.rpartition(':')[2]}-{digest}",
            "LambdaFunctionArn": arn,
            "Events": [config["Event"]],
            "Filter": {"Key": {"FilterRules": rules}} if rules else None,
        }
    )


def _configs(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One a kind of event, as the framework writes them."""
    rules = ((item.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ()
    written = [{str(rule["Name"]).capitalize(): rule["Value"]} for rule in rules]
    return [{"Event": event, "Rules": written} for event in item.get("Events", ())]


def _in_order_of(found: list[dict[str, Any]], asked: Sequence[Mapping[str, Any]]) -> list[Value]:
    """What was found, in the order in which it was asked for: neither notifications nor their rules have one."""
    left = {_same(config): config for config in found}
    known = [dict(config) for config in asked if left.pop(_same(config), None) is not None]
    return [*known, *left.values()]


def _same(config: Mapping[str, Any]) -> str:
    return json.dumps([config.get("Event"), sorted(map(json.dumps, config.get("Rules") or ()))])


class AccountRoleHandler:
    """The role by which API Gateway writes logs, one an account and region. Ref is the role's ARN.

    It is never taken away: other APIs of the account use it.
    """

    type = "Custom::ApiGatewayAccountRole"
    reader_version = 1

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def create(self, inputs: Properties, owner: Owner) -> Task[str]:  # noqa: ARG002 (Handler)
        """Keep the account's role if any will do, else set the wanted one, which is made when none is named."""
        wanted, current = reveal(inputs).get("RoleArn"), self._current()
        if current and wanted in (None, current):
            yield Identified(current)
            return current
        arn = str(wanted or self._made())
        yield Identified(arn)
        yield from self._set(arn)
        return arn

    def read(self, physical_id: str, inputs: Properties) -> Properties | None:  # noqa: ARG002 (Handler)
        """The account's role, whichever it is, or None."""
        current = self._current()
        if not current:
            return None
        return {"RoleArn": current} if inputs.get("RoleArn") else {}

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """One answer for all."""
        for request in requests:
            model = self.read(request.physical_id, request.inputs)
            yield Reading(request.key, None if model is None else Live(request.physical_id, model))

    def update(
        self,
        physical_id: str,  # noqa: ARG002 (Handler)
        inputs: Properties,
        previous: Properties,  # noqa: ARG002 (Handler)
        changed: frozenset[str],  # noqa: ARG002 (Handler)
        owner: Owner,  # noqa: ARG002 (Handler)
    ) -> Task[None]:
        """Set the role that the config names."""
        wanted = reveal(inputs).get("RoleArn")
        if wanted and wanted != self._current():
            yield from self._set(str(wanted))

    def delete(self, physical_id: str, inputs: Properties) -> Task[None]:  # noqa: ARG002 (Handler)
        """Leave it: the account's other APIs use it."""
        yield from ()

    def locate(self, inputs: Properties, owner: Owner) -> Existing | None:  # noqa: ARG002 (Handler)
        """Look for the account's role, if it is the one that is wanted; services share it."""
        wanted, current = reveal(inputs).get("RoleArn"), self._current()
        return Existing(current, collides=False) if current and wanted in (None, current) else None

    def _current(self) -> str | None:
        arn = self._clients("apigateway").get_account().get("cloudwatchRoleArn")
        return str(arn) if arn else None

    def _set(self, arn: str) -> Task[None]:
        operation = {"op": "replace", "path": "/cloudwatchRoleArn", "value": arn}
        call = lambda: self._clients("apigateway").update_account(patchOperations=[operation])  # noqa: E731
        yield from retry_while(call, _UNASSUMABLE, "waiting until API Gateway may assume the role")

    def _made(self) -> str:
        """The role's ARN; the role may be there from another service."""
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


HANDLERS: tuple[type, ...] = (BucketNotificationsHandler, AccountRoleHandler)
