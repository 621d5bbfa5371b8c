"""Compile `sqs` events to event source mappings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.key_types import key_types
from stateroom.config.events.event import Event, allow, name_in_arn
from stateroom.config.events.mappings.mapping import add_mapping, filters, response_types
from stateroom.config.naming import alphanumeric, normalised
from stateroom.model.values import Value

_KEYS: Final = key_types(
    """arn:scalar batchSize:number enabled:flag maximumBatchingWindow:number functionResponseType:text
    filterPatterns:maps maximumConcurrency:number"""
)


def sqs(build: Compilation, events: Sequence[Event]) -> None:
    """Add an event source mapping for each event, and the grants for polling the queues."""
    queues = [_mapping(build, event) for event in events]
    allow(build, ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], queues)


def _mapping(build: Compilation, event: Event) -> Value:
    """Add the mapping; returns the queue's ARN."""
    service = build.service
    options = event.options(service, "arn", _KEYS)
    event.one_of(service, options, "functionResponseType", {"ReportBatchItemFailures"})
    arn = options.get("arn")
    name = name_in_arn(arn)
    if arn is None or not name or (isinstance(arn, str) and not arn.startswith("arn:")):
        todo = "give the queue's ARN: !GetAtt Queue.Arn, ${param:queueArn} or arn:aws:sqs:…"
        raise event.error(service, "no queue", todo=todo)
    properties = {
        "BatchSize": options.get("batchSize") or 10,
        "Enabled": options.get("enabled", True),
        "EventSourceArn": arn,
        "MaximumBatchingWindowInSeconds": options.get("maximumBatchingWindow"),
        "FunctionResponseTypes": response_types(options.get("functionResponseType")),
        "FilterCriteria": filters(options.get("filterPatterns")),
        "ScalingConfig": _concurrency(options.get("maximumConcurrency")),
    }
    add_mapping(build, event, f"{normalised(event.key)}EventSourceMappingSQS{alphanumeric(name)}", properties)
    return arn


def _concurrency(value: Value) -> Value:
    return None if value is None else {"MaximumConcurrency": value}
