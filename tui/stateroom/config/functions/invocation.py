"""Compile async invocation settings: `destinations`, `maximumEventAge`, `maximumRetryAttempts`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document import keys
from stateroom.config.document.intrinsics import arn_text, intrinsic
from stateroom.config.document.suggestions import suggestion
from stateroom.config.function import Function
from stateroom.config.functions.execution_role import has_execution_role
from stateroom.config.naming import normalised
from stateroom.model.values import Value

_ACTIONS: Final = {
    "function": "lambda:InvokeFunction",
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "eventBus": "events:PutEvents",
}
# What an ARN contains → the kind of target that it is.
_IN_ARN: Final = {":function:": "function", ":sqs:": "sqs", ":sns:": "sns", ":event-bus/": "eventBus"}
_FUNCTION_ARN: Final = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"


def compile_invocation(build: Compilation, function: Function, functions: Mapping[str, Function]) -> None:
    """Add an EventInvokeConfig when configured, and grants for its targets. Raises ConfigError."""
    config = function.config
    age, retries, destinations = (
        config.get(key) for key in ("maximumEventAge", "maximumRetryAttempts", "destinations")
    )
    if not destinations and not age and retries is None:
        return
    build.service.check(keys.DESTINATIONS, (), *function.path, "destinations")
    targets: dict[str, Value] = {}
    waits_for = list(function.target_after)
    for key, cfn in (("onSuccess", "OnSuccess"), ("onFailure", "OnFailure")):
        value = (destinations or {}).get(key)
        if value:
            targets[cfn] = {"Destination": _target(build, function, key, value, functions)}
            if isinstance(value, str) and value in functions:
                waits_for += functions[value].target_after
    properties = {
        "FunctionName": {"Ref": function.logical_id},
        "DestinationConfig": targets,
        "Qualifier": function.alias or "$LATEST",
        "MaximumEventAgeInSeconds": age or None,
        "MaximumRetryAttempts": retries,
    }
    logical_id = f"{normalised(function.key)}LambdaEvConf"
    depends_on = tuple(dict.fromkeys(waits_for))
    build.add(logical_id, "AWS::Lambda::EventInvokeConfig", properties, function.path, depends_on=depends_on)


def _target(build: Compilation, function: Function, key: str, value: Value, functions: Mapping[str, Function]) -> Value:
    """Return the destination's ARN, and grant sending to it."""
    service, path = build.service, (*function.path, "destinations", key)
    arn: Value
    granted: Value
    if isinstance(value, dict) and not intrinsic(value):
        service.check(keys.DESTINATION, (), *path)
        arn, kind = value.get("arn"), str(value.get("type"))
        if not arn or kind not in _ACTIONS:
            raise service.error("incomplete", *path, todo=f"write arn: and type: one of {', '.join(_ACTIONS)}")
        granted = arn
    elif (text := arn_text(value)) is not None and text.startswith("arn:"):
        found = next((kind for part, kind in _IN_ARN.items() if part in text), None)
        if found is None:
            raise service.error(f"{value} is no target", *path, todo="a function, queue, topic or event bus")
        arn = granted = value
        kind = found
    elif isinstance(value, str):
        if value not in functions:
            raise service.error(f"there is no function {value}", *path, todo=suggestion(value, functions))
        target, kind = functions[value], "function"
        arn = target.target
        # Not a reference: the role of the grant is the target's own, and that would be a circle.
        granted = {"Fn::Sub": _FUNCTION_ARN + target.name + (f":{target.alias}" if target.alias else "")}
    else:
        raise service.error("no type", *path, todo="write arn: and type: below it")
    if has_execution_role(build, function):
        build.grant(_ACTIONS[kind], granted)
    return arn
