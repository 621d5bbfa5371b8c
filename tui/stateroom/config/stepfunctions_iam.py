"""What a state machine's role must allow, read off its Task states. A new integration is a line in the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from stateroom.config.build import Build
from stateroom.config.intrinsics import intrinsic
from stateroom.model.values import Value

Scope: TypeAlias = Callable[[Mapping[str, Value]], list[Value]]
_ARN: Final = "arn:${AWS::Partition}:"


def statements_for(definition: Value, build: Build) -> list[Value]:
    """Policy statements, merged by action. Integrations that we cannot read are named in a warning."""
    resources_of: dict[tuple[str, ...], list[Value]] = {}
    for name, state in _tasks(definition):
        found = _grant(state)
        if found is None:
            build.warn(f"no permission is inferred for state {name} ({state.get('Resource')}): add iamRoleStatements")
            continue
        actions, resources = found
        known = resources_of.setdefault(actions, [])
        known += [resource for resource in resources if resource not in known]
    return [
        {"Effect": "Allow", "Action": list(actions), "Resource": ["*"] if "*" in resources else resources}
        for actions, resources in resources_of.items()
    ]


def _tasks(scope: Value) -> Iterator[tuple[str, Mapping[str, Value]]]:
    """(name, state) of every Task state, in branches and iterators too."""
    states = scope.get("States") if isinstance(scope, Mapping) else None
    for name, state in (states or {}).items():
        if not isinstance(state, Mapping):
            continue
        if state.get("Type") == "Task":
            yield name, state
        for inner in (*(state.get("Branches") or ()), state.get("ItemProcessor"), state.get("Iterator")):
            yield from _tasks(inner)


def _grant(state: Mapping[str, Value]) -> tuple[tuple[str, ...], list[Value]] | None:
    resource = state.get("Resource")
    if intrinsic(resource) or (isinstance(resource, str) and ":lambda:" in resource and ":function:" in resource):
        if intrinsic(resource) and _is_integration(resource):
            return None
        return ("lambda:InvokeFunction",), _function_and_versions(resource)
    if not isinstance(resource, str):
        return None
    integration = resource.partition(":states:::")[2].partition(".")[0]
    entry = _INTEGRATIONS.get(integration)
    if entry is None:
        return None
    action, scope = entry
    arguments = state.get("Arguments", state.get("Parameters"))
    return (action,), scope(arguments if isinstance(arguments, Mapping) else {})


def _is_integration(resource: Value) -> bool:
    return "states:::" in str(resource)


def _function_and_versions(arn: Value) -> list[Value]:
    if isinstance(arn, str):
        return [{"Fn::Sub": arn}, {"Fn::Sub": f"{arn}:*"}] if "${" in arn else [arn, f"{arn}:*"]
    return [arn, {"Fn::Sub": ["${functionArn}:*", {"functionArn": arn}]}]


def _is_dynamic(value: Value) -> bool:
    return not value or (isinstance(value, str) and (value.startswith(("{%", "$")) and not value.startswith("${")))


def _lambda(arguments: Mapping[str, Value]) -> list[Value]:
    name: Value = arguments.get("FunctionName")
    if _is_dynamic(name):
        return ["*"]
    if intrinsic(name) == "Ref":
        name = _attribute(name["Ref"], "Arn")
    if isinstance(name, str) and not name.startswith(("arn:", "${")):
        name = {"Fn::Sub": f"{_ARN}lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:{name.split(':')[0]}"}
    return _function_and_versions(name)


def _queue(arguments: Mapping[str, Value]) -> list[Value]:
    """The queue's ARN from its URL, `https://<host>/<account>/<name>`, wherever the URL comes from."""
    url: Value = arguments.get("QueueUrl")
    if _is_dynamic(url):
        return ["*"]
    if intrinsic(url) == "Ref":
        return [_attribute(url["Ref"], "Arn")]
    parts = {"Fn::Split": ["/", {"Fn::Sub": url} if isinstance(url, str) and "${" in url else url]}
    variables = {"Account": {"Fn::Select": [3, parts]}, "Name": {"Fn::Select": [4, parts]}}
    return [{"Fn::Sub": [f"{_ARN}sqs:${{AWS::Region}}:${{Account}}:${{Name}}", variables]}]


def _topic(arguments: Mapping[str, Value]) -> list[Value]:
    arn = arguments.get("TopicArn")
    return ["*"] if _is_dynamic(arn) else [arn]


def _table(arguments: Mapping[str, Value]) -> list[Value]:
    name: Value = arguments.get("TableName")
    if _is_dynamic(name):
        return ["*"]
    if intrinsic(name) == "Ref":
        return [_attribute(name["Ref"], "Arn")]
    prefix = f"{_ARN}dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/"
    if isinstance(name, str):
        return [name if name.startswith("arn:") else {"Fn::Sub": f"{prefix}{name}"}]
    return [{"Fn::Sub": [f"{prefix}${{tableName}}", {"tableName": name}]}]


def _attribute(logical_id: Value, name: str) -> Value:
    return {"Fn::GetAtt": [logical_id, name]}


_INTEGRATIONS: Final[Mapping[str, tuple[str, Scope]]] = {
    "lambda:invoke": ("lambda:InvokeFunction", _lambda),
    "sqs:sendMessage": ("sqs:SendMessage", _queue),
    "sns:publish": ("sns:Publish", _topic),
    "dynamodb:putItem": ("dynamodb:PutItem", _table),
    "dynamodb:updateItem": ("dynamodb:UpdateItem", _table),
    "dynamodb:getItem": ("dynamodb:GetItem", _table),
    "dynamodb:deleteItem": ("dynamodb:DeleteItem", _table),
    "aws-sdk:dynamodb:putItem": ("dynamodb:PutItem", _table),
    "aws-sdk:dynamodb:updateItem": ("dynamodb:UpdateItem", _table),
    "aws-sdk:dynamodb:getItem": ("dynamodb:GetItem", _table),
    "aws-sdk:dynamodb:deleteItem": ("dynamodb:DeleteItem", _table),
}
