"""Compile `stream` events to event source mappings of DynamoDB or Kinesis streams."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.document.intrinsics import arn_text, intrinsic
from stateroom.config.document.key_types import key_types
from stateroom.config.events.event import Event, allow, checked_options, grouped, name_in_arn
from stateroom.config.events.mappings.mapping import add_mapping, filters, response_types, starting_position
from stateroom.config.naming import alphanumeric, normalised, upper_first
from stateroom.model.values import Value

_KEYS: Final = key_types(
    """arn:scalar type:text batchSize:number parallelizationFactor:number startingPosition:text
    startingPositionTimestamp enabled:flag consumer batchWindow:number maximumRetryAttempts
    bisectBatchOnFunctionError:flag maximumRecordAgeInSeconds functionResponseType:text destinations:map
    tumblingWindowInSeconds:number filterPatterns:maps"""
)
_DESTINATION: Final = key_types("arn:scalar type:text")
_TYPES: Final = frozenset({"dynamodb", "kinesis"})
# Who needs what, in the order in which the role lists it.
_GRANTS: Final[Mapping[str, tuple[str, ...]]] = {
    "dynamodb": (
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:DescribeStream",
        "dynamodb:ListStreams",
    ),
    "kinesis": (
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:DescribeStream",
        "kinesis:ListStreams",
    ),
    "consumed": (
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:DescribeStreamSummary",
        "kinesis:ListShards",
    ),
    "consumer": ("kinesis:SubscribeToShard",),
    "sns": ("sns:Publish",),
    "sqs": ("sqs:ListQueues", "sqs:SendMessage"),
}


def stream(build: Compilation, events: Sequence[Event]) -> None:
    """Add an event source mapping for each event, and the function's grants for reading its streams."""
    for own in grouped(events):
        needed: dict[str, list[Value]] = defaultdict(list)
        for event in own:
            _mapping(build, event, needed)
        for kind, actions in _GRANTS.items():
            if needed[kind]:
                allow(build, actions, needed[kind])


def _mapping(build: Compilation, event: Event, needed: dict[str, list[Value]]) -> None:
    service = build.service
    options = event.options(service, "arn", _KEYS)
    event.one_of(service, options, "functionResponseType", {"ReportBatchItemFailures"})
    arn, name = options.get("arn"), _name(options.get("arn"))
    kind = _type(build, event, options)
    if not name:
        raise event.error(
            service, "no stream", todo="give the stream's ARN: !GetAtt Table.StreamArn, arn:aws:kinesis:…"
        )
    consumer = options.get("consumer") if kind == "kinesis" else None
    needed["consumed" if options.get("consumer") and kind == "kinesis" else kind].append(arn)
    source: Value = arn
    after: tuple[str, ...] = ()
    if consumer:
        source, after = _consumer(build, event, arn, name) if consumer is True else (consumer, ())
        needed["consumer"].append(source)
    properties = {
        "BatchSize": options.get("batchSize") or 10,
        "Enabled": options.get("enabled", True),
        "EventSourceArn": source,
        "ParallelizationFactor": options.get("parallelizationFactor") or None,
        "StartingPosition": starting_position(service, event, options),
        "StartingPositionTimestamp": options.get("startingPositionTimestamp"),
        "MaximumBatchingWindowInSeconds": options.get("batchWindow"),
        "MaximumRetryAttempts": options.get("maximumRetryAttempts"),
        "BisectBatchOnFunctionError": options.get("bisectBatchOnFunctionError"),
        "FunctionResponseTypes": response_types(options.get("functionResponseType")),
        "MaximumRecordAgeInSeconds": options.get("maximumRecordAgeInSeconds"),
        "TumblingWindowInSeconds": options.get("tumblingWindowInSeconds"),
        "DestinationConfig": _on_failure(build, event, needed),
        "FilterCriteria": filters(options.get("filterPatterns")),
    }
    logical_id = f"{normalised(event.key)}EventSourceMapping{upper_first(kind)}{alphanumeric(name)}"
    add_mapping(build, event, logical_id, properties, *after)


def _type(build: Compilation, event: Event, options: Mapping[str, Value]) -> str:
    """Return `dynamodb` or `kinesis`, from the key `type` or from the ARN. Raises ConfigError."""
    event.one_of(build.service, options, "type", _TYPES)
    arn = options.get("arn")
    parts = (arn_text(arn) or "").split(":")
    kind = options.get("type") or (parts[2] if len(parts) > 2 else None)
    if kind not in _TYPES:
        raise event.error(build.service, "neither dynamodb nor kinesis", todo="add type: dynamodb or type: kinesis")
    return str(kind)


def _name(arn: Value) -> str | None:
    """Return the stream's name in an ARN: `arn:…:table/Orders/stream/2020…` → Orders."""
    text = arn_text(arn)
    if text is not None:
        parts = text.split("/")
        return parts[1] if len(parts) > 1 else None
    name = name_in_arn(arn)
    if name and intrinsic(arn) == "Fn::Join" and "/" in (last := str(arn["Fn::Join"][1][-1])):
        return last.rpartition("/")[2]  # a stream's label is a time, which has colons
    return name


def _consumer(build: Compilation, event: Event, arn: Value, stream_name: str) -> tuple[Value, tuple[str, ...]]:
    """Add an enhanced fan-out consumer for the function; returns its ARN and dependencies."""
    service = build.service
    name = f"{event.key}{stream_name}Consumer"
    if service.lookup("provider", "kinesis", "consumerNamingMode"):
        name = f"{event.key}{stream_name}{service.app}{service.stage}Consumer"
    logical_id = f"{normalised(name)}StreamConsumer"
    properties = {"StreamARN": arn, "ConsumerName": name}
    build.add(logical_id, "AWS::Kinesis::StreamConsumer", properties, event.path)
    return {"Ref": logical_id}, (logical_id,)


def _on_failure(build: Compilation, event: Event, needed: dict[str, list[Value]]) -> Value:
    service = build.service
    path: KeyPath = (*event.path, "destinations")
    if service.lookup(*path) is None:
        return None
    options = checked_options(service, key_types("onFailure:scalar|map"), *path)
    failure = options.get("onFailure")
    if isinstance(failure, dict) and not intrinsic(failure):
        options = checked_options(service, _DESTINATION, *path, "onFailure")
    else:
        options = {"arn": failure}
    arn = options.get("arn")
    parts = (arn_text(arn) or "").split(":")
    kind = options.get("type") or (parts[2] if len(parts) > 2 else None)
    if kind not in ("sns", "sqs"):
        todo = "write onFailure: {arn: …, type: sqs}, or type: sns"
        raise service.error("neither a queue nor a topic", *path, "onFailure", todo=todo)
    needed[str(kind)].append(arn)
    return {"OnFailure": {"Destination": arn}}
