"""`serverless-plugin-aws-alerts`: alarms of functions, the topics that they tell, and metrics of log patterns.

https://github.com/ACloudGuru/serverless-plugin-aws-alerts. Dashboards are not made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.config.compilation import Compilation, as_list
from stateroom.config.document.document import KeyPath
from stateroom.config.function import Function
from stateroom.config.naming import log_group_id, normalised, upper_first
from stateroom.model.values import Value

_PATH: Final[KeyPath] = ("custom", "alerts")
_ACTIONS: Final = {"ok": "OKActions", "alarm": "AlarmActions", "insufficientData": "InsufficientDataActions"}
_STATISTICS: Final = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_COPIED: Final = {
    "actionsEnabled": "ActionsEnabled",
    "description": "AlarmDescription",
    "evaluationPeriods": "EvaluationPeriods",
    "datapointsToAlarm": "DatapointsToAlarm",
    "comparisonOperator": "ComparisonOperator",
}


def _definition(metric: str, threshold: int, statistic: str = "Sum") -> dict[str, Value]:
    return {
        "namespace": "AWS/Lambda",
        "actionsEnabled": True,
        "metric": metric,
        "threshold": threshold,
        "statistic": statistic,
        "period": 60,
        "evaluationPeriods": 1,
        "datapointsToAlarm": 1,
        "comparisonOperator": "GreaterThanOrEqualToThreshold",
    }


_DEFINITIONS: Final[Mapping[str, Mapping[str, Value]]] = {
    "functionInvocations": _definition("Invocations", 100),
    "functionErrors": _definition("Errors", 1),
    "functionDuration": _definition("Duration", 500, "Average"),
    "functionThrottles": _definition("Throttles", 1),
}


def compile_alerts(build: Compilation, functions: Mapping[str, Function]) -> None:
    """Add alarms, topics and metric filters. Raises ConfigError."""
    config = build.service.mapping(*_PATH)
    if not config or (config.get("stages") and build.service.stage not in as_list(config["stages"])):
        return
    if config.get("dashboards"):
        build.warn("custom.alerts.dashboards is ignored: dashboards are not made")
    topics = _topics(build)
    shared = [alarm for key in ("alarms", "global", "function") for alarm in as_list(config.get(key))]
    for function in functions.values():
        own = as_list(function.config.get("alarms"))
        for alarm in (*_once(shared), *own):
            known = _known(build, config, alarm, function)
            # A function's own settings of an alarm that all have, or that it does without.
            build.resources.pop(_logical_id(function, known), None)
            if known["enabled"]:
                _add_alarm(build, function, known, topics)
                _add_metric(build, function, known)


def _once(alarms: list[Value]) -> list[Value]:
    """Return alarms without names that were there before; one with settings of its own counts each time."""
    return [alarm for at, alarm in enumerate(alarms) if isinstance(alarm, dict) or alarm not in alarms[:at]]


def _known(build: Compilation, config: Mapping[str, Value], alarm: Value, function: Function) -> dict[str, Any]:
    """Return an alarm with what its definition and the plugin's defaults say. Raises ConfigError."""
    own: dict[str, Value] = alarm if isinstance(alarm, dict) else {"name": alarm}
    name = str(own.get("name"))
    defined = {**_DEFINITIONS.get(name, {}), **((config.get("definitions") or {}).get(name) or {})}
    if not defined and len(own) < 2:
        todo = f"define it below custom.alerts.definitions, or write one of {', '.join(_DEFINITIONS)}"
        path = _PATH if alarm not in as_list(function.config.get("alarms")) else (*function.path, "alarms")
        raise build.service.error(f"there is no alarm {name}", *path, todo=todo)
    names = {key: config.get(key) for key in ("nameTemplate", "prefixTemplate")}
    return {"enabled": True, "type": "static", **names, **defined, **own, "name": name}


def _topics(build: Compilation) -> dict[str, dict[str, Value]]:
    """Add the topics, and return references to them: group ("" for all alarms) → kind of action → topic."""
    topics: dict[str, dict[str, Value]] = {"": {}}
    for key, value in build.service.mapping(*_PATH, "topics").items():
        group, kinds = ("", {key: value}) if key in _ACTIONS else (key, value if isinstance(value, dict) else {})
        for kind, given in kinds.items():
            settings = given if isinstance(given, dict) and "topic" in given else {"topic": given}
            topic = settings["topic"]
            if isinstance(topic, str) and not topic.startswith("arn:"):
                logical_id = f"AwsAlerts{upper_first(group)}{upper_first(kind)}"
                told = [
                    {"Protocol": item.get("protocol"), "Endpoint": item.get("endpoint")}
                    for item in as_list(settings.get("notifications"))
                ]
                properties = {"TopicName": topic, "Subscription": told}
                build.add(logical_id, "AWS::SNS::Topic", properties, (*_PATH, "topics", key))
                topic = {"Ref": logical_id}
            if topic:
                topics.setdefault(group, {})[kind] = topic
    return topics


def _add_alarm(
    build: Compilation, function: Function, alarm: Mapping[str, Any], topics: Mapping[str, Mapping[str, Value]]
) -> None:
    stack = build.service.prefix
    metric = _metric(function, alarm) if alarm.get("pattern") else alarm["metric"]
    namespace = stack if alarm.get("pattern") else alarm.get("namespace")
    dimensions = [] if alarm.get("pattern") else _dimensions(function, alarm)
    properties: dict[str, Value] = {cfn: alarm.get(ours) for ours, cfn in _COPIED.items()}
    for kind, name in _ACTIONS.items():
        listed = as_list(alarm.get(f"{kind}Actions"))
        groups = [topics.get("", {}), *(topics.get(str(group), {}) for group in listed)]
        properties[name] = [group[kind] for group in groups if kind in group]
    properties["TreatMissingData"] = alarm.get("treatMissingData") or "missing"
    if alarm["type"] == "anomalyDetection":
        source = {"Namespace": namespace, "MetricName": metric, "Dimensions": dimensions}
        stat = {"Metric": source, "Period": alarm.get("period"), "Stat": alarm.get("statistic")}
        band = f"ANOMALY_DETECTION_BAND(m1, {alarm.get('threshold')})"
        expected = {"Id": "ad1", "Expression": band, "Label": f"{metric} (expected)", "ReturnData": True}
        metrics = [{"Id": "m1", "ReturnData": True, "MetricStat": stat}, expected]
        properties |= {"Metrics": metrics, "ThresholdMetricId": "ad1"}
    else:
        properties |= {"Namespace": namespace, "MetricName": metric, "Dimensions": dimensions}
        properties |= {"Threshold": alarm.get("threshold"), "Period": alarm.get("period")}
        plain = alarm.get("statistic") in _STATISTICS
        properties["Statistic" if plain else "ExtendedStatistic"] = alarm.get("statistic")
        properties["EvaluateLowSampleCountPercentile"] = (
            None if plain else alarm.get("evaluateLowSampleCountPercentile")
        )
    properties["AlarmName"] = _name(stack, function, alarm, metric)
    build.add(_logical_id(function, alarm), "AWS::CloudWatch::Alarm", properties, function.path)


def _logical_id(function: Function, alarm: Mapping[str, Any]) -> str:
    return f"{normalised(function.key)}{normalised(alarm['name'])}Alarm"


def _add_metric(build: Compilation, function: Function, alarm: Mapping[str, Any]) -> None:
    """Add the filters that count the lines of a log: 1 for one of the pattern, 0 for each."""
    if not alarm.get("pattern"):
        return
    base = f"{function.logical_id}{upper_first(alarm['name'])}LogMetricFilter"
    group = log_group_id(function.key)
    for end, pattern, value in (("ALERT", alarm["pattern"], 1), ("OK", "", 0)):
        metric = {
            "MetricValue": value,
            "MetricNamespace": build.service.prefix,
            "MetricName": _metric(function, alarm),
        }
        properties = {
            "FilterPattern": pattern,
            "LogGroupName": f"/aws/lambda/{function.name}",
            "MetricTransformations": [metric],
        }
        if f"{base}{end}" not in build.resources:
            build.add(f"{base}{end}", "AWS::Logs::MetricFilter", properties, function.path, depends_on=(group,))


def _metric(function: Function, alarm: Mapping[str, Any]) -> str:
    return f"{upper_first(str(alarm['metric']))}{function.logical_id}"


def _dimensions(function: Function, alarm: Mapping[str, Any]) -> list[Value]:
    given = as_list(alarm.get("dimensions"))
    if alarm.get("omitDefaultDimension"):
        return given
    others = [item for item in given if item.get("Name") != "FunctionName"]
    return [*others, {"Name": "FunctionName", "Value": {"Ref": function.logical_id}}]


def _name(stack: str, function: Function, alarm: Mapping[str, Any], metric_id: Value) -> str | None:
    """Return what the templates make of an alarm's name; None without templates: then it is generated."""
    template, prefix = alarm.get("nameTemplate"), alarm.get("prefixTemplate")
    if not template and not prefix:
        return None
    metric = alarm["metric"] if template else alarm["name"]
    text = str(template or "$[functionName]-$[metricName]")
    values = {"functionName": function.key, "functionId": function.logical_id, "metricName": metric}
    for name, value in {**values, "metricId": metric_id}.items():
        text = text.replace(f"$[{name}]", str(value), 1)
    before = str("$[stackName]" if prefix is None else prefix).replace("$[stackName]", stack, 1)
    return f"{before}-{text}" if before else text
