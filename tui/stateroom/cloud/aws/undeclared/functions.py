"""What hangs on functions and log groups: policies, URLs, settings of asynchronous calls, subscription filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stateroom.cloud.aws.calls import none_if_missing, paginate
from stateroom.cloud.aws.shapes import from_json, without_empty
from stateroom.cloud.aws.undeclared.child_list import ChildList, function_in, without
from stateroom.cloud.aws.undeclared.statements import statement_danger, statements
from stateroom.cloud.children import Exposure, Recorded
from stateroom.model.values import Properties, Value, reveal

_LATEST = "$LATEST"


def _qualified(arn: str) -> str:
    """Return the qualifier in a function's ARN."""
    return function_in(arn).partition(":")[2] or _LATEST


def _at(parent: Recorded, identity: str) -> dict[str, str]:
    where = {"FunctionName": parent.physical_id}
    return where if identity == _LATEST else {**where, "Qualifier": identity}


class FunctionPolicy(ChildList):
    """Policy of a function: each declared permission is one statement of it. Versions and aliases have their own."""

    parent = "AWS::Lambda::Function"
    kind = "Policy"
    permission = "lambda:GetPolicy"
    stands_for = ("AWS::Lambda::Permission",)

    def children(self, physical_id: str) -> Properties:
        """Return the statements by Sid."""
        answer = none_if_missing(lambda: self._clients("lambda").get_policy(FunctionName=physical_id))
        return statements(from_json((answer or {}).get("Policy") or ""))

    def identities(self, parent: Recorded, other: Recorded) -> Iterable[str]:
        """Return the statement of a permission for the function."""
        name = function_in(reveal(other.inputs).get("FunctionName"))
        # `-next` stands in for a statement while it is being replaced
        mine = name.split(":")[0] == parent.physical_id
        return (other.physical_id, f"{other.physical_id[:95]}-next") if mine else ()

    def danger(self, identity: str, value: Value) -> Exposure | None:
        """Say who may call it."""
        return statement_danger(value)

    def remove(self, parent: Recorded, identity: str) -> None:
        """Remove the permission."""
        call = self._clients("lambda").remove_permission
        none_if_missing(lambda: call(FunctionName=parent.physical_id, StatementId=identity))


class FunctionUrl(ChildList):
    """URLs of a function and of its aliases, by qualifier."""

    parent = "AWS::Lambda::Function"
    kind = "Url"
    permission = "lambda:ListFunctionUrlConfigs"
    stands_for = ("AWS::Lambda::Url",)
    restorable = True

    def children(self, physical_id: str) -> Properties:
        """Return who may call each URL, and how."""
        pages = paginate(
            self._clients("lambda"), "list_function_url_configs", "FunctionUrlConfigs", FunctionName=physical_id
        )
        listed: list[Any] = none_if_missing(lambda: list(pages)) or []
        names = ("AuthType", "Cors", "InvokeMode")
        return {_qualified(item["FunctionArn"]): {key: item[key] for key in names if item.get(key)} for item in listed}

    def identities(self, parent: Recorded, other: Recorded) -> Iterable[str]:
        """Return the qualifier of a URL of the function."""
        inputs = reveal(other.inputs)
        name, _, qualifier = function_in(inputs.get("TargetFunctionArn")).partition(":")
        return (str(inputs.get("Qualifier") or qualifier or _LATEST),) if name == parent.physical_id else ()

    def danger(self, identity: str, value: Value) -> Exposure | None:
        """Say who may call the URL."""
        open_ = isinstance(value, Mapping) and value.get("AuthType") == "NONE"
        return Exposure("anyone may call it: URL, auth NONE" if open_ else "it can be called by a URL", open_)

    def remove(self, parent: Recorded, identity: str) -> None:
        """Delete the URL; its address is lost for good."""
        none_if_missing(lambda: self._clients("lambda").delete_function_url_config(**_at(parent, identity)))

    def put(self, parent: Recorded, identity: str, value: Value) -> None:
        """Write the URL's settings as they were; one that is gone is made again, with another address."""
        where, wanted = _at(parent, identity), {"Cors": {}, **reveal(value)}
        lambda_ = self._clients("lambda")
        if none_if_missing(lambda: lambda_.update_function_url_config(**where, **wanted)) is None:
            lambda_.create_function_url_config(**where, **without_empty(wanted))


class EventInvokeConfig(ChildList):
    """Retries, age and destinations of asynchronous calls, by qualifier."""

    parent = "AWS::Lambda::Function"
    kind = "EventInvokeConfig"
    permission = "lambda:ListFunctionEventInvokeConfigs"
    stands_for = ("AWS::Lambda::EventInvokeConfig",)
    restorable = True

    def children(self, physical_id: str) -> Properties:
        """Return the settings."""
        pages = paginate(
            self._clients("lambda"),
            "list_function_event_invoke_configs",
            "FunctionEventInvokeConfigs",
            FunctionName=physical_id,
        )
        listed: list[Any] = none_if_missing(lambda: list(pages)) or []
        return {_qualified(item["FunctionArn"]): _settings(item) for item in listed}

    def identities(self, parent: Recorded, other: Recorded) -> Iterable[str]:
        """Return the qualifier of settings of the function."""
        inputs = reveal(other.inputs)
        name = function_in(inputs.get("FunctionName")).partition(":")[0]
        return (str(inputs.get("Qualifier") or _LATEST),) if name == parent.physical_id else ()

    def danger(self, identity: str, value: Value) -> Exposure | None:
        """Say where events are copied to."""
        targets = value.get("DestinationConfig") if isinstance(value, Mapping) else None
        arns = [str(item["Destination"]) for item in (targets or {}).values()]
        return Exposure(f"its events and results go to {', '.join(arns)}") if arns else None

    def remove(self, parent: Recorded, identity: str) -> None:
        """Leave Lambda's defaults: two retries, six hours."""
        none_if_missing(lambda: self._clients("lambda").delete_function_event_invoke_config(**_at(parent, identity)))

    def put(self, parent: Recorded, identity: str, value: Value) -> None:
        """Write the settings as they were."""
        self._clients("lambda").put_function_event_invoke_config(**_at(parent, identity), **reveal(value))


def _settings(item: Mapping[str, Any]) -> dict[str, Any]:
    found = without(item, "FunctionArn", "LastModified", "DestinationConfig")
    targets = {key: value for key, value in (item.get("DestinationConfig") or {}).items() if value}
    return {**found, "DestinationConfig": targets} if targets else found


class SubscriptionFilters(ChildList):
    """Filters of a log group that send its lines elsewhere, by name."""

    parent = "AWS::Logs::LogGroup"
    kind = "SubscriptionFilters"
    permission = "logs:DescribeSubscriptionFilters"
    stands_for = ("AWS::Logs::SubscriptionFilter",)
    restorable = True

    def children(self, physical_id: str) -> Properties:
        """Return the filters as CloudFormation names their settings."""
        logs = self._clients("logs")
        pages = paginate(logs, "describe_subscription_filters", "subscriptionFilters", logGroupName=physical_id)
        return {item["filterName"]: _filter(item) for item in none_if_missing(lambda: list(pages)) or []}

    def identities(self, parent: Recorded, other: Recorded) -> Iterable[str]:
        """Return the name of a filter of the group."""
        inputs = reveal(other.inputs)
        if inputs.get("LogGroupName") != parent.physical_id:
            return ()
        return (str(inputs.get("FilterName") or ""), other.physical_id.split("|")[0])

    def danger(self, identity: str, value: Value) -> Exposure | None:
        """Say who gets the lines."""
        where = value.get("DestinationArn") if isinstance(value, Mapping) else ""
        return Exposure(f"its log lines go to {where}")

    def remove(self, parent: Recorded, identity: str) -> None:
        """Delete the filter."""
        delete = self._clients("logs").delete_subscription_filter
        none_if_missing(lambda: delete(logGroupName=parent.physical_id, filterName=identity))

    def put(self, parent: Recorded, identity: str, value: Value) -> None:
        """Put the filter as it was."""
        settings = {key[0].lower() + key[1:]: item for key, item in reveal(value).items()}
        put = self._clients("logs").put_subscription_filter
        put(logGroupName=parent.physical_id, filterName=identity, **{"filterPattern": "", **settings})


def _filter(item: Mapping[str, Any]) -> dict[str, Any]:
    names = ("destinationArn", "filterPattern", "roleArn", "distribution")
    return {key[0].upper() + key[1:]: item[key] for key in names if item.get(key)}
