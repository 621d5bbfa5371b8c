"""Handlers of AWS::Kinesis::Stream and AWS::Kinesis::StreamConsumer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import NUMBER
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting
from stateroom.cloud.aws.declared.settle import Settling
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.provider import ResourceData, Task
from stateroom.model.resource import Live
from stateroom.model.values import reveal

_HOURS: Final = 24  # that a stream keeps records if it does not say
# A stream that is not ready yet; the same code says that there is a consumer of the name.
_CREATING: Final = {"ResourceInUseException": ("state",), "LimitExceededException": ("concurrent", "rate")}
_BUSY: Final = {"ResourceInUseException": (), "LimitExceededException": ("concurrent", "rate")}


class StreamHandler(DeclaredHandler):
    """Stream. Ref is its name. Each of its settings has operations of its own, of which one goes on at a time."""

    type = "AWS::Kinesis::Stream"
    service = "kinesis"
    ref = "{Name}"
    address = {"StreamName": "{id}"}
    creating = ApiCall("create_stream", {"StreamName": "{Name}"})
    reading = ApiCall("describe_stream_summary", answer="StreamDescriptionSummary")
    deleting = ApiCall("delete_stream", {"EnforceConsumerDeletion": True})
    settling = Settling("StreamStatus", frozenset({"CREATING", "UPDATING"}), deadline=600)
    leaving = {"StreamStatus": frozenset({"DELETING"})}
    gone = ("waiting for Kinesis to delete the stream", 300)
    # At the create as well, see `adjusted`: emulators pass over what it is told.
    tagging = Tagging("add_tags_to_stream", "remove_tags_from_stream", ApiCall("list_tags_for_stream"), at_create="")
    settings = {
        "DesiredShardLevelMetrics": Setting(at_create=False),
        "MaxRecordSizeInKiB": Setting(NUMBER),
        "RecordDistributionStrategy": Setting(),
        "RetentionPeriodHours": Setting(NUMBER, at_create=False),
        "ShardCount": Setting(NUMBER),
        "StreamEncryption": Setting(at_create=False),
        "StreamModeDetails": Setting(),
        "WarmThroughputMiBps": Setting(NUMBER),
    }
    attributes = {"Name": "{id}", "Arn": "{answer[StreamARN]}"}

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Send the tags along; shards are counted only of a stream that has its number of them fixed."""
        if _mode(resource.inputs) == "ON_DEMAND":
            settings.pop("ShardCount", None)
        return {**settings, "Tags": tags.wanted(resource.inputs, resource.owner)}

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Write each setting that changed, waiting for the one before; then the tags."""
        for operation, arguments in _writes(resource, self.answer(resource) or {}):
            yield from self.send(ApiCall(operation, retry=_BUSY), arguments)
            yield from self.settle(resource, None)
        return (yield from super().update(resource))

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings: the number of shards only where it is fixed, encryption only where there is some."""
        encrypted = answer.get("EncryptionType", "NONE") != "NONE"
        return {
            **super().model(resource, answer),
            "ShardCount": answer.get("OpenShardCount") if _mode(answer) != "ON_DEMAND" else None,
            "DesiredShardLevelMetrics": _metrics(answer),
            "StreamEncryption": {"EncryptionType": answer["EncryptionType"], "KeyId": answer["KeyId"]}
            if encrypted
            else None,
        }


def _writes(resource: ResourceData, there: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    inputs, changed = reveal(resource.inputs), resource.changed
    by_name, by_arn = {"StreamName": resource.id}, {"StreamARN": there.get("StreamARN")}
    if "StreamModeDetails" in changed and _mode(inputs) != _mode(there):
        yield "update_stream_mode", {**by_arn, "StreamModeDetails": {"StreamMode": _mode(inputs)}}
    shards = int(inputs.get("ShardCount") or 0)
    if "ShardCount" in changed and shards and _mode(inputs) != "ON_DEMAND" and shards != there.get("OpenShardCount"):
        yield "update_shard_count", {**by_name, "TargetShardCount": shards, "ScalingType": "UNIFORM_SCALING"}
    hours, before = int(inputs.get("RetentionPeriodHours") or _HOURS), there.get("RetentionPeriodHours", _HOURS)
    if "RetentionPeriodHours" in changed and hours != before:
        verb = "increase" if hours > before else "decrease"
        yield f"{verb}_stream_retention_period", {**by_name, "RetentionPeriodHours": hours}
    if "StreamEncryption" in changed:
        yield from _encryption(by_name, inputs.get("StreamEncryption"), there)
    if "DesiredShardLevelMetrics" in changed:
        wanted, on = set(inputs.get("DesiredShardLevelMetrics") or ()), set(_metrics(there))
        for verb, names in (("enable", wanted - on), ("disable", on - wanted)):
            if names:
                yield f"{verb}_enhanced_monitoring", {**by_name, "ShardLevelMetrics": sorted(names)}
    if "MaxRecordSizeInKiB" in changed:
        yield (
            "update_max_record_size",
            {**by_arn, "MaxRecordSizeInKiB": int(inputs.get("MaxRecordSizeInKiB") or 1024)},
        )
    if "RecordDistributionStrategy" in changed:
        strategy = inputs.get("RecordDistributionStrategy") or "USER_PARTITION_KEY"
        yield "update_stream_record_distribution_strategy", {**by_arn, "RecordDistributionStrategy": strategy}
    if "WarmThroughputMiBps" in changed:
        warm = int(inputs.get("WarmThroughputMiBps") or 0)
        yield "update_stream_warm_throughput", {**by_name, "WarmThroughputMiBps": warm}


def _mode(details: Mapping[str, Any]) -> str:
    return str((details.get("StreamModeDetails") or {}).get("StreamMode", "PROVISIONED"))


def _metrics(answer: Mapping[str, Any]) -> list[str]:
    return [name for item in answer.get("EnhancedMonitoring") or () for name in item.get("ShardLevelMetrics") or ()]


def _encryption(
    where: Mapping[str, str], wanted: Mapping[str, str] | None, there: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    if wanted:
        yield "start_stream_encryption", {**where, "EncryptionType": wanted["EncryptionType"], "KeyId": wanted["KeyId"]}
    elif there.get("KeyId"):
        yield "stop_stream_encryption", {**where, "EncryptionType": there["EncryptionType"], "KeyId": there["KeyId"]}


class StreamConsumerHandler(DeclaredHandler):
    """Consumer with a throughput of its own. Ref is its ARN. Its tags are given once, and never change."""

    type = "AWS::Kinesis::StreamConsumer"
    service = "kinesis"
    overwrites = True
    ref = "{ConsumerARN}"
    address = {"ConsumerARN": "{id}"}
    locating = ApiCall(
        "describe_stream_consumer",
        {"StreamARN": "{StreamARN}", "ConsumerName": "{ConsumerName}"},
        answer="ConsumerDescription.ConsumerARN",
    )
    creating = ApiCall(
        "register_stream_consumer", {"ConsumerName": "{ConsumerName}"}, answer="Consumer", retry=_CREATING
    )
    reading = ApiCall("describe_stream_consumer", answer="ConsumerDescription")
    deleting = ApiCall("deregister_stream_consumer")
    settling = Settling("ConsumerStatus", frozenset({"CREATING"}))
    leaving = {"ConsumerStatus": frozenset({"DELETING"})}
    gone = ("waiting for Kinesis to let the consumer go", 120)
    settings = {"StreamARN": Setting(), "Tags": Setting()}
    attributes = {
        "ConsumerARN": "{id}",
        "ConsumerName": "{answer[ConsumerName]}",
        "ConsumerStatus": "{answer[ConsumerStatus]}",
    }

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Send the tags with the owner's."""
        return {**settings, "Tags": tags.wanted(resource.inputs, resource.owner)}


HANDLERS: tuple[HandlerFactory, ...] = (StreamHandler, StreamConsumerHandler)
