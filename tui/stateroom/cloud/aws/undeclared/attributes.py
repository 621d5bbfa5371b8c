"""Properties that are dangerous when somebody sets them and the config does not: read with their resource, as ever."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from stateroom.cloud.aws.undeclared.statements import document_danger, statement_danger, statements
from stateroom.cloud.children import Exposure
from stateroom.model.diff import Path
from stateroom.model.values import ABSENT, Value

Judge: TypeAlias = Callable[[Value], Exposure | None]

_ALL_POWERFUL: Final = ("/AdministratorAccess", "/IAMFullAccess", "/PowerUserAccess")


def attribute_danger(type_: str, path: Path, value: Value) -> Exposure | None:
    """Say what an undeclared attribute lets happen, or None."""
    judge = GUARDED.get(type_, {}).get(str(path[0]))
    return judge(value) if judge else None


def _attached(value: Value) -> Exposure | None:
    arns = [str(item) for item in value] if isinstance(value, list | tuple) else []
    names = ", ".join(arn.rsplit("/", 1)[-1] for arn in arns)
    return Exposure(f"policies on it: {names}", any(arn.endswith(_ALL_POWERFUL) for arn in arns)) if arns else None


def _inline(value: Value) -> Exposure | None:
    if value is ABSENT:
        return None
    found = [_policy(item) for item in value] if isinstance(value, list | tuple) else []
    dangers = [item for item in found if item]
    if not dangers:
        return Exposure("what its policies allow has changed")
    return Exposure("; ".join(item.text for item in dangers), any(item.open for item in dangers))


def _policy(item: Value) -> Exposure | None:
    if not isinstance(item, Mapping):
        return None
    return document_danger(str(item.get("PolicyName")), item.get("PolicyDocument"))


def _concurrency(value: Value) -> Exposure | None:
    if type(value) is not int:
        return None
    return Exposure("it cannot run: concurrency 0" if value == 0 else f"at most {value} of it at a time", value == 0)


def _public(value: Value) -> Exposure | None:
    return None if value is True else Exposure("public access is not blocked any more")


def _resource_policy(value: Value) -> Exposure | None:
    """Say who may do what by a policy document, or by the part of one that has changed."""
    if value is ABSENT:
        return None
    found = [item for item in map(statement_danger, statements(value).values()) if item]
    if not found:
        return statement_danger(value) or Exposure("who may use it is set by hand")
    return Exposure("; ".join(item.text for item in found), any(item.open for item in found))


def _says(text: str) -> Judge:
    return lambda value: None if value is ABSENT else Exposure(text)


_POLICIES: Final[Mapping[str, Judge]] = {"ManagedPolicyArns": _attached, "Policies": _inline}

# Type → property → judge of the cloud's value at or below it.
GUARDED: Final[Mapping[str, Mapping[str, Judge]]] = {
    "AWS::IAM::Role": _POLICIES,
    "AWS::IAM::User": _POLICIES,
    "AWS::IAM::Group": _POLICIES,
    "AWS::Lambda::Function": {"ReservedConcurrentExecutions": _concurrency},
    "AWS::S3::Bucket": {
        "PublicAccessBlockConfiguration": _public,
        "ReplicationConfiguration": _says("its objects are copied to another bucket"),
        "NotificationConfiguration": _says("its events go elsewhere as well"),
    },
    "AWS::Events::Rule": {"Targets": _says("its events go elsewhere as well")},
    "AWS::ApiGateway::RestApi": {"Policy": _says("who may call it is set by hand")},
    "AWS::ECR::Repository": {"RepositoryPolicyText": _resource_policy},
    "AWS::Events::EventBus": {"Policy": _resource_policy},
    "AWS::KMS::Key": {"KeyPolicy": _resource_policy},
    "AWS::DynamoDB::Table": {"ResourcePolicy": _says("who may use it is set by hand")},
}
