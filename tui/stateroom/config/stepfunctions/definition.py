"""Render a state machine's definition as JSON text, with references as Fn::Sub."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.function import Function
from stateroom.config.resources.json_text import Unquoted, json_text
from stateroom.config.resources.user_resources import resource_names
from stateroom.config.stepfunctions.machine import Machine
from stateroom.config.stepfunctions.timeouts import with_task_timeouts
from stateroom.model.values import Value

_PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z0-9_-]+)(?:\.Arn)?\}")
_LOGICAL_ID: Final = "LambdaFunction"
_NUMBER_FIELDS = """Seconds TimeoutSeconds HeartbeatSeconds MaxConcurrency IntervalSeconds MaxAttempts BackoffRate
    MaxDelaySeconds MaxItemsPerBatch MaxInputBytesPerBatch ToleratedFailurePercentage ToleratedFailureCount"""
_NUMBERS: Final = frozenset(_NUMBER_FIELDS.split())
_FREE: Final = frozenset({"Parameters", "Arguments", "Result", "ResultSelector", "ItemSelector", "Assign", "Output"})


def definition_text(build: Compilation, machine: Machine, functions: Mapping[str, Function]) -> Value:
    """Return the definition as text, or as Fn::Sub. Raises ConfigError."""
    definition: Value = machine.definition
    if machine.config.get("configureTaskTimeouts"):
        definition = with_task_timeouts(build, machine, functions)
    known = resource_names(build) | build.resources.keys()
    text = json_text(_numbers_bare(with_local_functions(definition, functions)), indent=2, known=known)
    return _exact(build, text) if machine.config.get("useExactVersion") else text


def local_function(name: Value, functions: Mapping[str, Function]) -> Function | None:
    """Return the service's function with this key or logical id."""
    if not isinstance(name, str):
        return None
    if name in functions:
        return functions[name]
    if not name.endswith(_LOGICAL_ID):
        return None
    return next((function for function in functions.values() if function.logical_id == name), None)


def static_arn(function: Function) -> Value:
    """Return the function's ARN built from its name.

    It is no dependency on the function, so the function may refer to the machine.
    """
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:{function.name}"}


def with_local_functions(value: Value, functions: Mapping[str, Function]) -> Value:
    """Replace references to functions by key: `Fn::GetAtt: [hello, Arn]`, `Ref: hello`, `${hello.Arn}`."""
    name = intrinsic(value)
    if name == "Ref":
        function = local_function(value[name], functions)
        return static_arn(function) if function else value
    if name == "Fn::GetAtt":
        return _attribute(value, functions)
    if isinstance(value, Mapping):
        return {key: with_local_functions(item, functions) for key, item in value.items()}
    if isinstance(value, list):
        return [with_local_functions(item, functions) for item in value]
    if isinstance(value, str) and "${" in value:
        return _PLACEHOLDER.sub(lambda match: _placeholder(match, functions), value)
    return value


def _attribute(value: Mapping[str, Value], functions: Mapping[str, Function]) -> Value:
    argument = value["Fn::GetAtt"]
    parts = argument.split(".", 1) if isinstance(argument, str) else argument
    if isinstance(parts, list) and len(parts) == 2 and isinstance(parts[0], str) and parts[0] in functions:
        return {"Fn::GetAtt": [functions[parts[0]].logical_id, parts[1]]}
    return value


def _placeholder(match: re.Match[str], functions: Mapping[str, Function]) -> str:
    function = functions.get(match.group(1))
    return f"${{{function.logical_id}.Arn}}" if function else match.group()


def _numbers_bare(value: Value) -> Value:
    """Mark references in number fields to be written without quotes: `"Seconds": ${…}`."""
    if isinstance(value, list):
        return [_numbers_bare(item) for item in value]
    if not isinstance(value, Mapping) or intrinsic(value):
        return value
    return {key: _bare(key, item) for key, item in value.items()}


def _bare(key: str, item: Value) -> Value:
    if key in _NUMBERS and intrinsic(item):
        return Unquoted(item)
    return item if key in _FREE else _numbers_bare(item)


def _exact(build: Compilation, text: Value) -> Value:
    """Replace functions by their published versions in the text."""
    argument = text["Fn::Sub"] if isinstance(text, Mapping) else text
    if not isinstance(argument, list):
        return text
    versions = {
        str(resource.properties["FunctionName"]["Ref"]): name
        for name, resource in build.resources.items()
        if resource.type == "AWS::Lambda::Version" and "Ref" in (resource.properties.get("FunctionName") or {})
    }
    written, variables = argument
    return {"Fn::Sub": [written, {name: _versioned(value, versions) for name, value in variables.items()}]}


def _versioned(value: Value, versions: Mapping[str, str]) -> Value:
    name = intrinsic(value)
    target: Value = value[name] if name in ("Ref", "Fn::GetAtt") else None
    if isinstance(target, list) and target:
        target = target[0]
    return {"Ref": versions[target]} if isinstance(target, str) and target in versions else value
