"""Validate transitions: each leads to a state of the same scope, and every state is reachable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stateroom.config.asl.report import CheckReport
from stateroom.config.document.document import KeyPath
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.document.suggestions import suggestion
from stateroom.model.values import Value


def targets(report: CheckReport, state: Mapping[str, Value], path: KeyPath) -> Iterator[tuple[Value, KeyPath]]:
    """Yield (state name, path) of a state's transitions. Raises ConfigError for a rule without one."""
    for key in ("Next", "Default"):
        if key in state:
            yield state[key], (*path, key)
    for key in ("Choices", "Catch"):
        for index, rule in enumerate(rules(report, state, key, path)):
            where = (*path, key, index)
            if "Next" not in rule:
                raise report.error("a rule has a Next", *where, todo="add Next: <state>")
            yield rule["Next"], (*where, "Next")


def rules(report: CheckReport, state: Mapping[str, Value], key: str, path: KeyPath) -> list[Mapping[str, Value]]:
    """Return the maps of a list such as Catch, [] without one. Raises ConfigError."""
    if key not in state:
        return []
    listed = state[key]
    if not isinstance(listed, list) or not all(isinstance(rule, Mapping) for rule in listed):
        raise report.error(f"{key} is not a list of rules", *path, key, todo="begin each rule with -")
    return listed


def state_named(report: CheckReport, states: Mapping[str, Value], target: Value, *path: str | int) -> str:
    """Return the target if it is a state of this scope. Raises ConfigError otherwise."""
    if isinstance(target, str) and target in states:
        return target
    if intrinsic(target):
        raise report.error("a state's name is a literal", *path, todo="write the name of a state")
    raise report.error(f"there is no state {target} here", *path, todo=suggestion(str(target), states))


def check_reachable(report: CheckReport, start: str, arrows: Mapping[str, list[str]], path: KeyPath) -> None:
    """Reject states that no transition leads to. Raises ConfigError."""
    seen: set[str] = set()
    todo = [start]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(arrows[name])
    for name in arrows:
        if name not in seen:
            raise report.error("no state leads here", *path, name, todo=f"lead to it with Next: {name}, or remove it")
