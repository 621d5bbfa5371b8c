"""`sqs`: an event source mapping from a queue."""

from __future__ import annotations

from typing import Final

from stateroom.config.build import Build
from stateroom.config.events.event import Event, name_in_arn
from stateroom.config.iam import has_execution_role
from stateroom.config.json_text import json_text
from stateroom.config.naming import EXECUTION_ROLE, alphanumeric, normalised
from stateroom.config.shapes import shapes
from stateroom.model.values import Value

_KEYS: Final = shapes(
    """arn:scalar batchSize:number enabled:flag maximumBatchingWindow:number functionResponseType:text
    filterPatterns:list maximumConcurrency:number"""
)


def sqs(build: Build, event: Event) -> None:
    """An event source mapping, and the grants that polling the queue needs."""
    service = build.service
    options = event.options(service, "arn", _KEYS, ())
    arn = options.get("arn")
    name = name_in_arn(arn)
    if arn is None or not name or (isinstance(arn, str) and not arn.startswith("arn:")):
        todo = "give the queue's ARN: !GetAtt Queue.Arn, ${param:queueArn} or arn:aws:sqs:…"
        raise event.error(service, "no queue", todo=todo)
    shared = has_execution_role(build, event.function)
    properties = {
        "BatchSize": options.get("batchSize", 10),
        "Enabled": options.get("enabled", True),
        "EventSourceArn": arn,
        "FunctionName": event.function.arn,
        "MaximumBatchingWindowInSeconds": options.get("maximumBatchingWindow"),
        "FunctionResponseTypes": _one(options.get("functionResponseType")),
        "FilterCriteria": _filters(options.get("filterPatterns")),
        "ScalingConfig": _concurrency(options.get("maximumConcurrency")),
    }
    logical_id = f"{normalised(event.function.key)}EventSourceMappingSQS{alphanumeric(name)}"
    depends_on = (EXECUTION_ROLE,) if shared else ()
    build.add(logical_id, "AWS::Lambda::EventSourceMapping", properties, event.path, depends_on=depends_on)
    if shared:
        build.grant(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], [arn])


def _one(value: Value) -> Value:
    return None if value is None else [value]


def _filters(patterns: Value) -> Value:
    if not isinstance(patterns, list):
        return None
    return {"Filters": [{"Pattern": json_text(pattern)} for pattern in patterns]}


def _concurrency(value: Value) -> Value:
    return None if value is None else {"MaximumConcurrency": value}
