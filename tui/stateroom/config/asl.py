"""A first look at an Amazon States Language definition: does every arrow lead somewhere, does every path end.

Works on definitions with intrinsics and `${…}` in place, for JSONPath and JSONata alike. Fields are those of the
States Language specification and its Step Functions extensions (AWS documentation, "Using Amazon States Language").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from stateroom.config.document import KeyPath
from stateroom.config.intrinsics import intrinsic
from stateroom.config.service import Service
from stateroom.config.suggest import suggestion
from stateroom.errors import ConfigError
from stateroom.model.values import Value

_TYPES: Final = frozenset({"Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"})
_TERMINAL: Final = frozenset({"Succeed", "Fail"})
_CALLBACK: Final = ".waitForTaskToken"
_TIMEOUTS: Final = ("TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath")


def check_definition(service: Service, definition: Mapping[str, Value], path: KeyPath) -> tuple[str, ...]:
    """Warnings about a definition. Raises ConfigError with state and field when it cannot work."""
    warnings: list[str] = []
    _Scope(service, definition, path, warnings).check()
    return tuple(warnings)


class _Scope:
    """States that can reach each other: a machine, a branch of a Parallel, the inside of a Map."""

    def __init__(self, service: Service, scope: Value, path: KeyPath, warnings: list[str]) -> None:
        self.service = service
        self.path = path
        self.warnings = warnings
        if not isinstance(scope, Mapping):
            raise service.error("not a map with StartAt and States", *path, todo="write StartAt: and States:")
        self.scope = scope
        states = scope.get("States")
        if not isinstance(states, Mapping) or not states:
            raise service.error("no States", *path, todo="add States: with at least one state")
        self.states: Mapping[str, Value] = states

    def check(self) -> None:
        start = self.scope.get("StartAt")
        if not isinstance(start, str):
            raise self.service.error("no StartAt", *self.path, todo=f"add StartAt: {next(iter(self.states))}")
        self.exists(start, *self.path, "StartAt")
        arrows: dict[str, list[str]] = {}
        terminal = False
        for name, state in self.states.items():
            path = (*self.path, "States", name)
            if not isinstance(state, Mapping):
                raise self.service.error("a state is a map", *path, todo="write Type: below it")
            self.check_type(state, path)
            self.check_end(state, path)
            self.check_inside(state, path)
            self.check_callback(name, state)
            arrows[name] = [target for target, _ in self.targets(state, path)]
            terminal = terminal or state.get("End") is True or state["Type"] in _TERMINAL
        if not terminal:
            raise self.service.error("no state ends", *self.path, "States", todo="add End: true to the last state")
        self.check_reachable(start, arrows)

    def check_type(self, state: Mapping[str, Value], path: KeyPath) -> None:
        type_ = state.get("Type")
        if type_ not in _TYPES if isinstance(type_, str) else True:
            what = "no Type" if type_ is None else f"{type_} is not a type of state"
            where = path if type_ is None else (*path, "Type")
            raise self.service.error(what, *where, todo=suggestion(str(type_ or ""), _TYPES))
        if type_ == "Task" and not state.get("Resource"):
            raise self.service.error("a Task has a Resource", *path, todo="add Resource: with the function's ARN")

    def check_end(self, state: Mapping[str, Value], path: KeyPath) -> None:
        type_ = state["Type"]
        arrows = [key for key in ("Next", "End") if key in state]
        if type_ == "Choice" or type_ in _TERMINAL:
            if arrows:
                raise self.service.error(f"a {type_} state has no {arrows[0]}", *path, arrows[0], todo="remove it")
        elif len(arrows) != 1:
            what = "both Next and End" if arrows else "neither Next nor End"
            raise self.service.error(what, *path, todo="keep one of Next: <state> and End: true")
        elif arrows == ["End"] and state["End"] is not True:
            raise self.service.error("End is not true", *path, "End", todo="write End: true, or Next: <state>")

    def check_inside(self, state: Mapping[str, Value], path: KeyPath) -> None:
        if state["Type"] == "Parallel":
            branches = state.get("Branches")
            if not isinstance(branches, list) or not branches:
                raise self.service.error("no Branches", *path, todo="add a list of branches, each with StartAt, States")
            for index, branch in enumerate(branches):
                _Scope(self.service, branch, (*path, "Branches", index), self.warnings).check()
        elif state["Type"] == "Map":
            key = "Iterator" if "Iterator" in state else "ItemProcessor"
            if key not in state:
                raise self.service.error("no ItemProcessor", *path, todo="add ItemProcessor: with StartAt and States")
            _Scope(self.service, state[key], (*path, key), self.warnings).check()

    def check_callback(self, name: str, state: Mapping[str, Value]) -> None:
        resource = state.get("Resource")
        waits = isinstance(resource, str) and resource.endswith(_CALLBACK)
        if waits and not any(key in state for key in _TIMEOUTS):
            where = self.service.where(*self.path, "States", name)
            self.warnings.append(
                f"{where}: state {name} waits for a task token without TimeoutSeconds or HeartbeatSeconds: "
                "a callback that never comes keeps the execution open for a year"
            )

    def targets(self, state: Mapping[str, Value], path: KeyPath) -> Iterator[tuple[str, KeyPath]]:
        """(state name, place) of every arrow out of a state; each is checked to exist."""
        for key in ("Next", "Default"):
            if key in state:
                yield self.exists(state[key], *path, key), (*path, key)
        for key in ("Choices", "Catch"):
            rules = state.get(key, [])
            if not isinstance(rules, list) or (key == "Choices" and state["Type"] == "Choice" and not rules):
                raise self.service.error(f"{key} is not a list of rules", *path, key, todo="begin each rule with -")
            for index, rule in enumerate(rules):
                where = (*path, key, index)
                if not isinstance(rule, Mapping) or "Next" not in rule:
                    raise self.service.error("a rule has a Next", *where, todo="add Next: <state>")
                yield self.exists(rule["Next"], *where, "Next"), (*where, "Next")

    def exists(self, target: Value, *path: str | int) -> str:
        if isinstance(target, str) and target in self.states:
            return target
        if intrinsic(target):
            raise self.service.error("a state's name is a literal", *path, todo="write the name of a state")
        raise self.missing(str(target), path)

    def missing(self, target: str, path: KeyPath) -> ConfigError:
        return self.service.error(f"there is no state {target} here", *path, todo=suggestion(target, self.states))

    def check_reachable(self, start: str, arrows: Mapping[str, list[str]]) -> None:
        seen: set[str] = set()
        todo = [start]
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo.extend(arrows[name])
        for name in arrows:
            if name not in seen:
                todo_text = f"lead to it with Next: {name}, or remove it"
                raise self.service.error("no state leads here", *self.path, "States", name, todo=todo_text)
