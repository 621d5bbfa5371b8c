"""What a handler sends: its calls recorded by a client that answers as botocore's models describe."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, Final

import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from stateroom.cloud.provider import Identity, Owner
from stateroom.cloud.schema.rules import Rule, type_rules
from stateroom.model.values import UNKNOWN

OWNER: Final = Owner("shop", "dev", "Thing")
_WITHOUT_ONE: Final = frozenset({"GetRandomPassword"})  # asks for nothing that could be missing
_STATES: Final = {
    "LastUpdateStatus": "Successful",
    "OperationStatus": "SUCCESS",
    "State": "Enabled",
    "Status": "READY",
    "TableStatus": "ACTIVE",
    "NextToken": "",
    "position": "",
}
_CALLS: Final = 40  # of a handler that would wait for ever for what is never made


class Enough(Exception):
    """The handler waits for something that the recording client does not make."""


class Recorder:
    """Stands for Clients: every call is checked against the API's model, recorded, and answered.

    `there`: whether what is asked for exists.
    """

    endpoint_url = None

    def __init__(self, *, there: bool) -> None:
        self.there = there
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.invalid: list[str] = []

    def __call__(self, service: str, region: str | None = None) -> Any:
        if region:
            self.calls.append(("Region", {"Region": region}))
        return ModelClient(self.record, service)

    def identity(self) -> Identity:
        return Identity("123456789012", "eu-west-1")

    def record(self, operation: Any, arguments: Mapping[str, Any]) -> Any:
        if len(self.calls) >= _CALLS:
            raise Enough
        self.calls.append((operation.name, dict(arguments)))
        if operation.input_shape is not None:
            report = ParamValidator().validate(arguments, operation.input_shape)
            if report.has_errors():
                self.invalid.append(f"{operation.name}: {report.generate_report()}")
        if operation.name.startswith(("Create", "Put", "Publish", "Add")):
            self.there = True
        missing = not self.there and operation.name.startswith(("Get", "Describe")) and not _lists(operation)
        if missing and operation.name not in _WITHOUT_ONE:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, operation.name)
        return _answer(operation.output_shape)

    def sends(self, value: Any) -> bool:
        """Whether a value stands in a call, by itself, as text or inside one."""
        return any(_inside(arguments, value) for name, arguments in self.calls if not name.startswith(("Get", "List")))


def _lists(operation: Any) -> bool:
    return bool(operation.output_shape) and bool({"items", "Items"} & operation.output_shape.members.keys())


class ModelClient:
    """Client of a service that knows its operations from botocore's model, and has each call answered."""

    def __init__(self, answer: Callable[[Any, Mapping[str, Any]], Any], service: str, region: str = "") -> None:
        self._answer, self._model = answer, service_model(service)
        self._operations = _operations(service)
        self.meta = SimpleNamespace(
            region_name=region or "eu-west-1", endpoint_url="https://example.amazonaws.com", partition="aws"
        )

    def get_paginator(self, name: str) -> Any:
        return SimpleNamespace(paginate=lambda **arguments: [self._call(name, arguments)])

    def __getattr__(self, name: str) -> Any:
        if name not in self._operations:
            raise AttributeError(name)
        return lambda **arguments: self._call(name, arguments)

    def _call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        plain = {key: value for key, value in arguments.items() if key != "PaginationConfig"}
        return self._answer(self._model.operation_model(self._operations[name]), plain)


@functools.cache
def _operations(service: str) -> Mapping[str, str]:
    return {xform_name(name): name for name in service_model(service).operation_names}


@functools.cache
def service_model(service: str) -> Any:
    return botocore.session.get_session().get_service_model(service)


def _answer(shape: Any, name: str = "", depth: int = 0) -> Any:
    if shape is None or depth > 6:
        return {}
    if shape.type_name == "structure":
        return {key: _answer(member, key, depth + 1) for key, member in shape.members.items()}
    if shape.type_name == "map":
        return {}
    if shape.type_name == "list":
        return []
    if shape.type_name in ("integer", "long", "float", "double"):
        return 0 if name.startswith("Failed") else 1
    if shape.type_name == "boolean":
        return False
    if shape.type_name == "blob":
        return io.BytesIO(b"thing")
    return _STATES.get(name, "arn:aws:any:eu-west-1:123456789012:thing")


def _inside(there: Any, value: Any) -> bool:
    if isinstance(there, Mapping):
        return any(_inside(item, value) or key == value for key, item in there.items())
    if isinstance(there, list | tuple):
        return any(_inside(item, value) for item in there)
    return bool(there == value) or (isinstance(there, str) and str(value) in there)


# Properties whose sample a schema cannot tell.
_GIVEN: Final[Mapping[str, Any]] = {
    "AWS::ApiGateway::Method.RequestParameters": {"method.request.path.id": True},
    "AWS::ApiGateway::Method.MethodResponses": [{"StatusCode": "201", "ResponseParameters": {"header": True}}],
    "AWS::Cognito::IdentityPoolRoleAttachment.RoleMappings": {
        "text-key": {"IdentityProvider": "text-provider", "Type": "Token", "AmbiguousRoleResolution": "Deny"}
    },
    "AWS::Cognito::IdentityPoolRoleAttachment.Roles": {"authenticated": "text-role"},
    "AWS::CloudWatch::Alarm.EvaluationWindow": {"WallClockWindow": {"Timezone": "text-zone"}},
    "AWS::SecretsManager::Secret.GenerateSecretString": {"SecretStringTemplate": "{}", "GenerateStringKey": "text-key"},
    "AWS::ApiGatewayV2::Route.RequestParameters": {"route.request.querystring.id": {"Required": True}},
    "AWS::ApiGatewayV2::Stage.RouteSettings": {"GET /a": {"LoggingLevel": "INFO"}},
    "AWS::DynamoDB::Table.BillingMode": "PAY_PER_REQUEST",
    "AWS::DynamoDB::Table.KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AWS::Lambda::Function.Code": {
        "S3Bucket": "text-bucket",
        "S3Key": "text-key",
        "S3ObjectVersion": "text-version",
        "S3ObjectStorageMode": "COPY",
        "SourceKMSKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/text",
    },
    "AWS::Lambda::LayerVersionPermission.LayerVersionArn": "arn:aws:lambda:eu-west-1:123456789012:layer:shop:7",
    "AWS::S3::Bucket.AccessControl": "Private",
    "AWS::S3::Bucket.LifecycleConfiguration": {
        "TransitionDefaultMinimumObjectSize": "varies_by_storage_class",
        "Rules": [
            {
                "Status": "Enabled",
                "Id": "text-rule",
                "Prefix": "text-prefix",
                "TagFilters": [{"Key": "text-key", "Value": "text-value"}],
                "ObjectSizeGreaterThan": 6101,
                "ObjectSizeLessThan": 6102,
                "ExpirationInDays": 6103,
                "NoncurrentVersionExpirationInDays": 6104,
                "NoncurrentVersionTransition": {"StorageClass": "GLACIER", "TransitionInDays": 6105},
                "NoncurrentVersionTransitions": [
                    {"StorageClass": "GLACIER_IR", "TransitionInDays": 6106, "NewerNoncurrentVersions": 6107}
                ],
                "Transition": {"StorageClass": "STANDARD_IA", "TransitionInDays": 6108},
                "Transitions": [{"StorageClass": "ONEZONE_IA", "TransitionInDays": 6109}],
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 6110},
            },
            {"Status": "Enabled", "ExpirationDate": "2027-01-01T00:00:00Z", "Prefix": "text-second"},
            {"Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 6111}},
        ],
    },
}


def samples(type_: str) -> dict[str, Any]:
    """A value of every property of a type: texts and numbers each once only, so that they are found again."""
    rules = type_rules(type_) or {}
    numbers = iter(range(7001, 9999))
    made = {name: _sample(rule, rules.get("d", {}), numbers) for name, rule in rules.get("p", {}).items()}
    return {name: _GIVEN.get(f"{type_}.{name}", value) for name, value in made.items()}


def _sample(rule: Rule, definitions: Mapping[str, Rule], numbers: Iterator[int], depth: int = 0) -> Any:
    while "r" in rule:
        rule = definitions.get(rule["r"], {})
    if depth > 7:
        return UNKNOWN
    if "e" in rule:
        return rule["e"][-1]
    if rule.get("p"):
        return {name: _sample(item, definitions, numbers, depth + 1) for name, item in rule["p"].items()}
    kinds = rule.get("t", "s")
    if "l" in kinds:
        return [_sample(rule.get("i", {}), definitions, numbers, depth + 1)]
    number = next(numbers)
    if "o" in kinds:
        inner: dict[str, Any] = next(iter(rule.get("k", {}).values()), {})
        return {f"key{number}": _sample(inner, definitions, numbers, depth + 1)}
    if "s" in kinds:
        return f"text{number}"
    return True if "b" in kinds else number


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted path and value of everything that can be told apart in a sample."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, f"{path}.*")
    elif value is not UNKNOWN and not isinstance(value, bool):
        yield path, value
