"""Compile `alarms:` of a state machine to CloudWatch alarms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.document.suggestions import suggestion
from stateroom.config.stepfunctions import keys
from stateroom.config.stepfunctions.machine import Machine
from stateroom.model.values import Value

_METRICS: Final[Mapping[str, tuple[str, str]]] = {
    "executionsTimedOut": ("ExecutionsTimedOut", "executions timed out"),
    "executionsFailed": ("ExecutionsFailed", "executions failed"),
    "executionsAborted": ("ExecutionsAborted", "executions were aborted"),
    "executionThrottled": ("ExecutionThrottled", "execution were throttled"),
    "executionsSucceeded": ("ExecutionsSucceeded", "executions succeeded"),
}
_ACTIONS: Final = {"OKActions": "ok", "AlarmActions": "alarm", "InsufficientDataActions": "insufficientData"}
_VARIABLE: Final = re.compile(r"\$\[([^\][]*)\]")


def compile_alarms(build: Compilation, machine: Machine) -> None:
    """Add an alarm for each metric; an unknown metric gets a warning instead. Raises ConfigError."""
    service = build.service
    path = (*machine.path, "alarms")
    if not service.lookup(*path):
        return
    service.check(keys.ALARMS, (), *path)
    service.check(keys.TOPICS, (), *path, "topics")
    config = service.mapping(*path)
    for key, todo in (("topics", "add topics: {alarm: <ARN of a topic>}"), ("metrics", "list at least one metric")):
        if not config.get(key):
            raise service.error(f"no {key}", *path, todo=todo)
    seen: set[str] = set()
    for index, item in enumerate(config["metrics"]):
        name = _metric_name(build, item, (*path, "metrics", index))
        if not isinstance(name, str) or name not in _METRICS:
            todo = suggestion(str(name), _METRICS)
            build.warn(f"{service.where(*path, 'metrics', index)}: no alarm: {name} is not a metric: {todo}")
        elif not (isinstance(item, str) and item in seen):
            seen.add(str(item))
            own = item if isinstance(item, Mapping) else {}
            _alarm(build, machine, config, name, own, (*path, "metrics", index))


def _metric_name(build: Compilation, item: Value, path: KeyPath) -> Value:
    if not isinstance(item, Mapping):
        return item
    build.service.check(keys.METRIC, (), *path)
    return item.get("metric")


def _alarm(
    build: Compilation,
    machine: Machine,
    config: Mapping[str, Value],
    name: str,
    own: Mapping[str, Value],
    path: KeyPath,
) -> None:
    service = build.service
    metric, description = _METRICS[name]
    topics = config["topics"]
    variables = {"stateMachineName": machine.label, "metricName": name, "cloudWatchMetricName": metric}
    properties = {
        "Namespace": "AWS/States",
        "MetricName": metric,
        "AlarmDescription": f"{machine.label}[{service.stage}][{service.region}]: {description}",
        "Threshold": 1,
        "Period": _number(own.get("period") or config.get("period") or 60),
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Statistic": "Sum",
        **{key: [topics[topic]] if topics.get(topic) else [] for key, topic in _ACTIONS.items()},
        "TreatMissingData": own.get("treatMissingData") or config.get("treatMissingData") or "missing",
        "Dimensions": [{"Name": "StateMachineArn", "Value": machine.arn}],
        "AlarmName": own.get("alarmName") or _alarm_name(build, config.get("nameTemplate"), variables, path),
    }
    logical_id = str(own.get("logicalId") or f"{machine.logical_id}{metric}Alarm")
    build.add(logical_id, "AWS::CloudWatch::Alarm", properties, path)


def _number(value: Value) -> Value:
    return int(value) if isinstance(value, str) else value


def _alarm_name(build: Compilation, template: Value, variables: Mapping[str, str], path: KeyPath) -> str | None:
    if not isinstance(template, str):
        return None
    for name in _VARIABLE.findall(template):
        if name not in variables:
            where = (*path[:-2], "nameTemplate")
            raise build.service.error(f"$[{name}] is not known", *where, todo=suggestion(name, variables))
    return _VARIABLE.sub(lambda match: variables[match[1]], template)
