"""DynamoDB table features with separate read and write calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from stateroom.cloud.aws.calls import none_if_missing
from stateroom.cloud.aws.shapes import from_json, pick, to_json, without_empty
from stateroom.model.values import Value

_Table = Mapping[str, Any]  # DescribeTable's answer


@dataclass(frozen=True, slots=True)
class Feature:
    """Table feature: read and write calls of one property.

    Attributes:
        read: (client, table) → the property's value; empty or None when it is off.
        write: (client, table, wanted); an empty `wanted` turns it off.
        always: read it even when the config does not set it, so that a manual change shows.
        retry: transient error codes, in addition to those of every table.
    """

    read: Callable[[Any, _Table], Value]
    write: Callable[[Any, _Table, Mapping[str, Any]], None]
    always: bool = False
    retry: Mapping[str, Sequence[str]] = field(default_factory=dict)


def _read_ttl(client: Any, table: _Table) -> Value:
    described = client.describe_time_to_live(TableName=table["TableName"])["TimeToLiveDescription"]
    if described.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
        return None
    return {"AttributeName": described["AttributeName"], "Enabled": True}


def _write_ttl(client: Any, table: _Table, wanted: Mapping[str, Any]) -> None:
    # "Already enabled" and "already disabled" are errors to DynamoDB, and a change is allowed once an hour.
    current = _read_ttl(client, table)
    target = {"AttributeName": wanted["AttributeName"], "Enabled": True} if wanted.get("Enabled") else None
    if current and current != target:
        off = {"AttributeName": current["AttributeName"], "Enabled": False}
        client.update_time_to_live(TableName=table["TableName"], TimeToLiveSpecification=off)
    if target and current != target:
        client.update_time_to_live(TableName=table["TableName"], TimeToLiveSpecification=target)


def _read_backups(client: Any, table: _Table) -> Value:
    answer = client.describe_continuous_backups(TableName=table["TableName"])["ContinuousBackupsDescription"]
    described = answer.get("PointInTimeRecoveryDescription") or {}
    if described.get("PointInTimeRecoveryStatus") != "ENABLED":
        return {"PointInTimeRecoveryEnabled": False}
    return {"PointInTimeRecoveryEnabled": True, **pick(described, ("RecoveryPeriodInDays",))}


def _write_backups(client: Any, table: _Table, wanted: Mapping[str, Any]) -> None:
    specification = {"PointInTimeRecoveryEnabled": False, **wanted}
    client.update_continuous_backups(TableName=table["TableName"], PointInTimeRecoverySpecification=specification)


def _read_insights(client: Any, table: _Table) -> Value:
    answer = client.describe_contributor_insights(TableName=table["TableName"])
    if answer.get("ContributorInsightsStatus") not in ("ENABLED", "ENABLING"):
        return {"Enabled": False}
    return without_empty({"Enabled": True, "Mode": answer.get("ContributorInsightsMode")})


def _write_insights(client: Any, table: _Table, wanted: Mapping[str, Any]) -> None:
    action = "ENABLE" if wanted.get("Enabled") else "DISABLE"
    mode = {"ContributorInsightsMode": wanted["Mode"]} if wanted.get("Mode") else {}
    client.update_contributor_insights(TableName=table["TableName"], ContributorInsightsAction=action, **mode)


def _destinations(client: Any, table: _Table) -> dict[str, Mapping[str, Any]]:
    answer = client.describe_kinesis_streaming_destination(TableName=table["TableName"])
    listed = answer.get("KinesisDataStreamDestinations") or ()
    return {item["StreamArn"]: item for item in listed if item.get("DestinationStatus") in ("ACTIVE", "ENABLING")}


def _read_kinesis(client: Any, table: _Table) -> Value:
    for arn, item in _destinations(client, table).items():
        return {"StreamArn": arn, **pick(item, ("ApproximateCreationDateTimePrecision",))}
    return None


def _write_kinesis(client: Any, table: _Table, wanted: Mapping[str, Any]) -> None:
    current = _destinations(client, table)
    for arn in current:
        if arn != wanted.get("StreamArn"):
            client.disable_kinesis_streaming_destination(TableName=table["TableName"], StreamArn=arn)
    if wanted and wanted["StreamArn"] not in current:
        precision = pick(wanted, ("ApproximateCreationDateTimePrecision",))
        settings = {"EnableKinesisStreamingConfiguration": precision} if precision else {}
        client.enable_kinesis_streaming_destination(
            TableName=table["TableName"], StreamArn=wanted["StreamArn"], **settings
        )


def _read_policy(client: Any, table: _Table) -> Value:
    answer = none_if_missing(
        lambda: client.get_resource_policy(ResourceArn=table["TableArn"]), "PolicyNotFoundException"
    )
    return {"PolicyDocument": from_json(answer["Policy"])} if answer and answer.get("Policy") else None


def _write_policy(client: Any, table: _Table, wanted: Mapping[str, Any]) -> None:
    arn = table["TableArn"]
    if wanted:
        client.put_resource_policy(ResourceArn=arn, Policy=to_json(wanted["PolicyDocument"]))
    else:
        none_if_missing(lambda: client.delete_resource_policy(ResourceArn=arn), "PolicyNotFoundException")


FEATURES: Final[Mapping[str, Feature]] = {
    "TimeToLiveSpecification": Feature(_read_ttl, _write_ttl, always=True),
    "PointInTimeRecoverySpecification": Feature(
        _read_backups,
        _write_backups,
        always=True,
        retry={"ContinuousBackupsUnavailableException": ()},  # while backups of a new table are being set up
    ),
    "ContributorInsightsSpecification": Feature(_read_insights, _write_insights),
    "KinesisStreamSpecification": Feature(_read_kinesis, _write_kinesis),
    "ResourcePolicy": Feature(_read_policy, _write_policy),
}
