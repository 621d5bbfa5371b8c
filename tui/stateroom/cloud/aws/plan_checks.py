"""Check a resource before anything runs: does its type exist, can it be made and read, are its properties right.

Everything here is known without a call: from the registry's data, the type's schema and the handler's own tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from stateroom.cloud.aws.cloudcontrol import CloudControlHandler
from stateroom.cloud.aws.limits import exceeded
from stateroom.cloud.provider import Handler
from stateroom.cloud.schema.catalog import facts
from stateroom.cloud.schema.check import check
from stateroom.cloud.schema.rules import handlers_of, registered, schema_date, type_rules
from stateroom.model.diff import Path
from stateroom.model.problems.problem import Problem
from stateroom.model.problems.suggestions import did_you_mean, misspelt
from stateroom.model.values import Properties, Secret, Value

_ELSEWHERE: Final = "leave the resource out of the config, and make it by other means"
# Types that only the template language of a stack gives a meaning.
_OF_STACKS: Final[Mapping[str, str]] = {
    "AWS::CDK::Metadata": "it only counts uses of the CDK: leave it out",
    "AWS::CloudFormation::CustomResource": "only a stack calls a custom resource's function: call it from a script",
    "AWS::CloudFormation::Macro": "only a stack applies macros: write out what it would make",
    "AWS::CloudFormation::WaitCondition": "only a stack waits for signals: use DependsOn",
    "AWS::CloudFormation::WaitConditionHandle": "only a stack waits for signals: use DependsOn",
}


def problems(type_: str, inputs: Properties, handler: Handler | None) -> tuple[Problem, ...]:
    """Return what is wrong with a resource; problems of its type alone when it can not be managed at all."""
    of_type = tuple(type_problems(type_, handler))
    if any(problem.fatal for problem in of_type):
        return of_type
    odd = handler.problems(inputs) if handler is not None else ()
    return (*of_type, *odd, *_unset(type_, inputs, handler), *_schema(type_, inputs, handler), *exceeded(type_, inputs))


def type_problems(type_: str, handler: Handler | None) -> Iterator[Problem]:
    """Yield why resources of a type cannot be managed, or what was not checked of them."""
    if handler is not None and handler.settable is not None:
        return
    if type_ in _OF_STACKS:
        yield Problem(f"{type_} cannot be made without a CloudFormation stack", _OF_STACKS[type_])
    elif type_.startswith("Custom::"):
        what = f"{type_}: only a stack calls a custom resource's function"
        yield Problem(what, "call the function from a script instead")
    elif type_.startswith("AWS::Serverless::"):
        yield Problem(f"{type_} is a type of SAM, not of CloudFormation", "write the resources that SAM would make")
    elif (letters := handlers_of(type_)) is None or handler is None:
        guess = did_you_mean(type_, registered()) if misspelt(type_, registered()) else ""
        yield Problem(f"there is no resource type {type_} (registry of {schema_date()})", guess or _ELSEWHERE)
    elif "c" not in letters or "d" not in letters:
        yield Problem(f"{type_} cannot be made: Cloud Control does not offer the type", _ELSEWHERE)
    elif "r" not in letters:
        yield Problem(f"{type_} cannot be read: Cloud Control would make it, and never show it again", _ELSEWHERE)
    else:
        yield from _notes(type_, handler)


def _notes(type_: str, handler: Handler) -> Iterator[Problem]:
    """Yield what a plan does not know of a type that goes through Cloud Control."""
    if isinstance(handler, CloudControlHandler) and handler.answered_by:
        what = (
            f"{type_} goes through {handler.answered_by}, which may only keep what it is told: its service is not asked"
        )
        yield Problem(what, fatal=False)
    if type_rules(type_) is None:
        yield Problem(f"properties of {type_} were not checked: its schema is not at hand", fatal=False)


def _unset(type_: str, inputs: Properties, handler: Handler | None) -> Iterator[Problem]:
    """Yield properties that the type has and our calls do not send."""
    if handler is None or handler.settable is None:
        return
    known = facts(type_).schema
    for name, value in inputs.items():
        if name in handler.settable:
            yield from _below(value, (name,), handler.unsettable)
        elif name in known.read_only:
            yield Problem(f"{name} is read-only: AWS sets it itself", "leave it out", (name,))
        elif name in known.properties:
            yield _cannot_set((name,))


def _below(value: Value, path: Path, unsettable: frozenset[str]) -> Iterator[Problem]:
    for pattern in unsettable:
        first, *rest = pattern.split(".")
        if first == path[0]:
            yield from (_cannot_set((*path, *found)) for found in _places(value, rest))


def _places(value: Value, pattern: list[str]) -> Iterator[Path]:
    """Yield where a value has something at a dotted pattern."""
    if isinstance(value, Secret):
        value = value.reveal()
    if not pattern:
        yield ()
    elif pattern[0] == "*" and isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from ((index, *rest) for rest in _places(item, pattern[1:]))
    elif isinstance(value, Mapping) and pattern[0] in value:
        yield from ((pattern[0], *rest) for rest in _places(value[pattern[0]], pattern[1:]))


def _cannot_set(path: Path) -> Problem:
    name = ".".join(str(part) for part in path if isinstance(part, str))
    return Problem(
        f"{name} cannot be set: stateroom has no call for it", "leave it out, or deploy this resource elsewhere", path
    )


def _schema(type_: str, inputs: Properties, handler: Handler | None) -> Iterator[Problem]:
    """Yield what the schema refuses, but for what is sent though the schema does not have it."""
    settable: Any = (handler.settable if handler is not None else None) or frozenset()
    for problem in check(type_, inputs):
        if not (len(problem.path) == 1 and problem.path[0] in settable and problem.what.startswith("unknown")):
            yield problem
