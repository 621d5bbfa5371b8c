"""Handlers of what hangs on log groups, subscription and metric filters, and of CloudWatch Logs' resource policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import DOCUMENT, FLAG, Form
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.shapes import lower_first, upper_first
from stateroom.cloud.provider import ResourceData
from stateroom.model.values import Value

# A role or a function's permission that was just made is not known everywhere yet.
_UNREADY: Final[Mapping[str, Sequence[str]]] = {
    "InvalidParameterException": ("test message", "could not execute", "assume role"),
    "OperationAbortedException": (),
}


class SubscriptionFilterHandler(DeclaredHandler):
    """Filter that sends a group's events to a function or a stream. Ref is its name."""

    type = "AWS::Logs::SubscriptionFilter"
    service = "logs"
    camel = True
    overwrites = True
    ref = "{FilterName}"
    parent = {"logGroupName": "{LogGroupName}"}
    address = {"filterName": "{id}"}
    creating = ApiCall("put_subscription_filter", {"filterName": "{FilterName}"})
    reading = Listing(
        ApiCall("describe_subscription_filters", {"filterNamePrefix": "{id}"}, answer="subscriptionFilters"),
        "{answer[filterName]}",
    )
    updating = {"": ApiCall("put_subscription_filter", whole=True)}
    deleting = ApiCall("delete_subscription_filter")
    retry = _UNREADY
    reason = "waiting until CloudWatch Logs may send to the filter's destination"
    settings = {
        **settings_of("DestinationArn", "Distribution", "EmitSystemFields", "FieldSelectionCriteria", "RoleArn"),
        "ApplyOnTransformedLogs": Setting(FLAG),
        "FilterPattern": Setting(unset=""),
    }
    attributes = {"FilterName": "{id}"}

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Send the pattern that all events match, too."""
        return {"filterPattern": "", **settings}


def _to_transformations(items: Sequence[Mapping[str, Any]]) -> Value:
    return [
        {
            **lower_first({key: value for key, value in item.items() if key != "Dimensions"}),
            **(
                {"dimensions": {one["Key"]: one["Value"] for one in item["Dimensions"]}} if "Dimensions" in item else {}
            ),
        }
        for item in items
    ]


def _from_transformations(items: Sequence[Mapping[str, Any]]) -> Value:
    return [
        {
            **upper_first({key: value for key, value in item.items() if key != "dimensions"}),
            **(
                {"Dimensions": [{"Key": key, "Value": item["dimensions"][key]} for key in sorted(item["dimensions"])]}
                if item.get("dimensions")
                else {}
            ),
        }
        for item in items
    ]


class MetricFilterHandler(DeclaredHandler):
    """Filter that makes metrics of a group's events. Ref is its name."""

    type = "AWS::Logs::MetricFilter"
    service = "logs"
    camel = True
    overwrites = True
    ref = "{FilterName}"
    parent = {"logGroupName": "{LogGroupName}"}
    address = {"filterName": "{id}"}
    creating = ApiCall("put_metric_filter", {"filterName": "{FilterName}"})
    reading = Listing(
        ApiCall("describe_metric_filters", {"filterNamePrefix": "{id}"}, answer="metricFilters"), "{answer[filterName]}"
    )
    updating = {"": ApiCall("put_metric_filter", whole=True)}
    deleting = ApiCall("delete_metric_filter")
    retry = {"OperationAbortedException": ()}
    settings = {
        **settings_of("EmitSystemFieldDimensions", "FieldSelectionCriteria"),
        "ApplyOnTransformedLogs": Setting(FLAG),
        "FilterPattern": Setting(unset=""),
        "MetricTransformations": Setting(Form(_to_transformations, _from_transformations)),
    }
    attributes = {"FilterName": "{id}"}

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Send the pattern that all events match, too."""
        return {"filterPattern": "", **settings}


class ResourcePolicyHandler(DeclaredHandler):
    """Policy that lets services write to log groups; an account has ten of them. Ref is its name."""

    type = "AWS::Logs::ResourcePolicy"
    service = "logs"
    camel = True
    overwrites = True
    ref = "{PolicyName}"
    address = {"policyName": "{id}"}
    creating = ApiCall("put_resource_policy", {"policyName": "{PolicyName}"})
    reading = Listing(ApiCall("describe_resource_policies", answer="resourcePolicies"), "{answer[policyName]}")
    updating = {"": ApiCall("put_resource_policy")}
    deleting = ApiCall("delete_resource_policy")
    settings = {"PolicyDocument": Setting(DOCUMENT)}
    attributes = {"PolicyName": "{id}"}
