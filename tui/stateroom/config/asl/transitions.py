"""The arrows between states: that each leads to a state of the same scope, and that every state is led to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stateroom.config.asl.report import CheckReport
from stateroom.config.document.document import KeyPath
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.document.suggestions import suggestion
from stateroom.model.values import Value


def targets(report: CheckReport, state: Mapping[str, Value], path: KeyPath) -> Iterator[tuple[Value, KeyPath]]:
    """(state's name, place) of every arrow out of a state. Raises ConfigError for a rule without one."""
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
    """The maps of a list such as Catch, [] when there is none. Raises ConfigError."""
    if key not in state:
        return []
    listed = state[key]
    if not isinstance(listed, list) or not all(isinstance(rule, Mapping) for rule in listed):
        raise report.error(f"{key} is not a list of rules", *path, key, todo="begin each rule with -")
    return listed


def state_named(report: CheckReport, states: Mapping[str, Value], target: Value, *path: str | int) -> str:
    """The target, which is a state of this scope. Raises ConfigError."""
    if isinstance(target, str) and target in states:
        return target
    if intrinsic(target):
        raise report.error("a state's name is a literal", *path, todo="write the name of a state")
    raise report.error(f"there is no state {target} here", *path, todo=suggestion(str(target), states))


def check_reachable(report: CheckReport, start: str, arrows: Mapping[str, list[str]], path: KeyPath) -> None:
    """Refuse states that nothing leads to."""
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
