"""Conversion of DynamoDB tables between CloudFormation and API shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from stateroom.cloud.aws.shapes import pick, without_empty
from stateroom.model.values import Properties

_THROUGHPUT: Final = ("ReadCapacityUnits", "WriteCapacityUnits")
_ON_DEMAND: Final = ("MaxReadRequestUnits", "MaxWriteRequestUnits")
_WARM: Final = ("ReadUnitsPerSecond", "WriteUnitsPerSecond")
_INDEX: Final = ("IndexName", "KeySchema", "Projection")

_VERBATIM: Final = (
    "TableName",
    "AttributeDefinitions",
    "KeySchema",
    "BillingMode",
    "TableClass",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
    "WarmThroughput",
    "ProvisionedThroughput",
    "LocalSecondaryIndexes",
    "GlobalSecondaryIndexes",
)
CREATED: Final = frozenset(_VERBATIM)
# Nested properties without a call of ours.
UNSETTABLE: Final = frozenset(
    {
        "GlobalSecondaryIndexes.*.ContributorInsightsSpecification",
        "StreamSpecification.ResourcePolicy",
        "StreamSpecification.Tags",
    }
)


def create_arguments(inputs: Properties) -> dict[str, Any]:
    """Return CreateTable's arguments; other properties have calls of their own."""
    arguments = pick(inputs, _VERBATIM)
    for name in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
        if name in arguments and not arguments[name]:
            del arguments[name]
    if "ProvisionedThroughput" in arguments:
        arguments["ProvisionedThroughput"] = throughput(arguments["ProvisionedThroughput"])
    if "GlobalSecondaryIndexes" in arguments:
        arguments["GlobalSecondaryIndexes"] = [new_index(index) for index in arguments["GlobalSecondaryIndexes"]]
    if inputs.get("StreamSpecification"):
        arguments["StreamSpecification"] = stream(inputs)
    if inputs.get("SSESpecification"):
        arguments["SSESpecification"] = encryption(inputs)
    return arguments


def throughput(value: Mapping[str, Any]) -> dict[str, int]:
    """Return capacity units as numbers; templates often give them as text."""
    return {name: int(value[name]) for name in _THROUGHPUT}


def new_index(index: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a global secondary index for CreateTable and UpdateTable."""
    argument = dict(index)
    if "ProvisionedThroughput" in argument:
        argument["ProvisionedThroughput"] = throughput(argument["ProvisionedThroughput"])
    return argument


def same_index(wanted: Mapping[str, Any], current: Mapping[str, Any]) -> bool:
    """Tell whether keys and projection agree; otherwise an index must be recreated."""
    return _index_identity(wanted) == _index_identity(current)


def _index_identity(index: Mapping[str, Any]) -> tuple[Any, ...]:
    projection = index.get("Projection") or {}
    keys = [(key["AttributeName"], key["KeyType"]) for key in index["KeySchema"]]
    return keys, projection.get("ProjectionType", "ALL"), sorted(projection.get("NonKeyAttributes") or ())


def stream(inputs: Properties) -> dict[str, Any]:
    """Return the API's StreamSpecification: CloudFormation's has no switch, its presence means on."""
    asked = inputs.get("StreamSpecification")
    return {"StreamEnabled": True, "StreamViewType": asked["StreamViewType"]} if asked else {"StreamEnabled": False}


def encryption(inputs: Properties) -> dict[str, Any]:
    """Return the API's SSESpecification, which names the switch `Enabled`."""
    asked = dict(inputs.get("SSESpecification") or {})
    return {"Enabled": asked.pop("SSEEnabled", False), **asked}


def model(table: Mapping[str, Any], asked: Properties) -> dict[str, Any]:
    """Convert DescribeTable's answer to CloudFormation properties.

    Warm throughput is left out unless `asked` for: DynamoDB raises it by itself as a table is used.
    """
    on_demand = (table.get("BillingModeSummary") or {}).get("BillingMode") == "PAY_PER_REQUEST"
    indexes = [_index(index, on_demand, asked_index(asked, index)) for index in _by_name(table, "Global")]
    streaming = table.get("StreamSpecification") or {}
    return without_empty(
        {
            "TableName": table["TableName"],
            "AttributeDefinitions": sorted(table["AttributeDefinitions"], key=lambda item: str(item["AttributeName"])),
            "KeySchema": table["KeySchema"],
            "BillingMode": "PAY_PER_REQUEST" if on_demand else "PROVISIONED",
            "ProvisionedThroughput": None if on_demand else pick(table["ProvisionedThroughput"], _THROUGHPUT),
            "OnDemandThroughput": _limits(table),
            "WarmThroughput": _warm(table) if "WarmThroughput" in asked else None,
            "GlobalSecondaryIndexes": indexes,
            "LocalSecondaryIndexes": [pick(index, _INDEX) for index in _by_name(table, "Local")],
            "StreamSpecification": pick(streaming, ("StreamViewType",)) if streaming.get("StreamEnabled") else None,
            "SSESpecification": _encryption(table),
            "TableClass": (table.get("TableClassSummary") or {}).get("TableClass"),
            "DeletionProtectionEnabled": bool(table.get("DeletionProtectionEnabled")),
            "Arn": table["TableArn"],
            "StreamArn": table.get("LatestStreamArn") if streaming.get("StreamEnabled") else None,
        }
    )


def asked_index(asked: Properties, index: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the requested index of the same name."""
    wanted: Sequence[Mapping[str, Any]] = asked.get("GlobalSecondaryIndexes") or ()
    return next((item for item in wanted if item["IndexName"] == index["IndexName"]), {})


def _by_name(table: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    return sorted(table.get(f"{kind}SecondaryIndexes") or (), key=lambda index: str(index["IndexName"]))


def _index(index: Mapping[str, Any], on_demand: bool, asked: Mapping[str, Any]) -> dict[str, Any]:
    answer = pick(index, _INDEX)
    if not on_demand:
        answer["ProvisionedThroughput"] = pick(index.get("ProvisionedThroughput") or {}, _THROUGHPUT)
    answer["OnDemandThroughput"] = _limits(index)
    answer["WarmThroughput"] = _warm(index) if "WarmThroughput" in asked else None
    return without_empty(answer)


def _limits(described: Mapping[str, Any]) -> dict[str, Any]:
    limits = pick(described.get("OnDemandThroughput") or {}, _ON_DEMAND)
    return {name: value for name, value in limits.items() if value != -1}  # -1 is "no limit"


def _warm(described: Mapping[str, Any]) -> dict[str, Any]:
    return pick(described.get("WarmThroughput") or {}, _WARM)


def _encryption(table: Mapping[str, Any]) -> dict[str, Any] | None:
    described = table.get("SSEDescription") or {}
    if described.get("Status") not in ("ENABLED", "ENABLING", "UPDATING"):
        return None
    key = described.get("KMSMasterKeyArn")
    return without_empty({"SSEEnabled": True, "SSEType": described.get("SSEType"), "KMSMasterKeyId": key})
