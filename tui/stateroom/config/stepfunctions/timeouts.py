"""Set TimeoutSeconds of tasks to the called function's timeout: `configureTaskTimeouts`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.function import Function, setting
from stateroom.config.stepfunctions.machine import Machine
from stateroom.model.values import Value

_DEFAULT: Final = 6  # seconds; the framework's own for functions
_INVOKE: Final = ":states:::lambda:invoke"


def with_task_timeouts(build: Compilation, machine: Machine, functions: Mapping[str, Function]) -> Value:
    """Return a copy of the definition with TimeoutSeconds where a Task has none.

    A Task that waits for a token is left alone: its answer comes long after the function has ended.
    """
    timeouts: dict[str, Value] = {}
    for key, function in functions.items():
        timeouts[key] = timeouts[function.logical_id] = _seconds(setting(build, function, "timeout"))
    return _scope(build, machine.label, machine.definition, timeouts)


def _seconds(value: Value) -> Value:
    return (int(value) if isinstance(value, str) else value) or _DEFAULT


def _scope(build: Compilation, label: str, scope: Value, timeouts: Mapping[str, Value]) -> Value:
    if not isinstance(scope, Mapping) or not isinstance(scope.get("States"), Mapping):
        return scope
    states = {name: _state(build, label, name, state, timeouts) for name, state in scope["States"].items()}
    return {**scope, "States": states}


def _state(build: Compilation, label: str, name: str, state: Value, timeouts: Mapping[str, Value]) -> Value:
    if not isinstance(state, Mapping):
        return state
    if state.get("Type") == "Task":
        return _task(build, f"{label}: state {name}", state, timeouts.get(_called(state) or ""))
    changed = dict(state)
    for key in ("ItemProcessor", "Iterator"):
        if key in state:
            changed[key] = _scope(build, label, state[key], timeouts)
    if isinstance(state.get("Branches"), list):
        changed["Branches"] = [_scope(build, label, branch, timeouts) for branch in state["Branches"]]
    return changed


def _task(build: Compilation, label: str, state: Mapping[str, Value], seconds: Value) -> Value:
    if seconds is None:
        return state
    given = state.get("TimeoutSeconds")
    if given is None and "TimeoutSecondsPath" not in state:
        return {**state, "TimeoutSeconds": seconds}
    if isinstance(given, int) and isinstance(seconds, int) and given > seconds:
        build.warn(f"{label} waits {given} s for a function that ends after {seconds} s")
    return state


def _called(state: Mapping[str, Value]) -> str | None:
    """Return the reference to the Task's function."""
    resource: Value = state.get("Resource")
    if isinstance(resource, str):
        if not resource.endswith(_INVOKE):
            return None
        arguments = state.get("Arguments", state.get("Parameters"))
        resource = arguments.get("FunctionName") if isinstance(arguments, Mapping) else None
    name = intrinsic(resource)
    argument: Value = resource[name] if name in ("Ref", "Fn::GetAtt") else None
    if isinstance(argument, list) and argument:
        argument = argument[0]
    return argument.split(".")[0] if isinstance(argument, str) else None
