"""Validate one state: its type, the fields of its query language, and what its type requires."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from stateroom.config.asl.choices import check_choices
from stateroom.config.asl.expressions import check_expressions
from stateroom.config.asl.fields import JSONATA, LANGUAGES, TERMINAL, TYPES, belongs_to, fields_of, is_known
from stateroom.config.asl.handlers import check_catchers, check_retriers
from stateroom.config.asl.numbers import check_numbers
from stateroom.config.asl.report import CheckReport
from stateroom.config.document.document import KeyPath
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.document.suggestions import suggestion
from stateroom.model.values import Value

_CALLBACK: Final = ".waitForTaskToken"
_TIMEOUTS: Final = ("TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath")
_ARNS: Final = ("arn:", "${", "#{")
_WAITS: Final = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")
_ALTERNATIVES: Final = (
    ("TimeoutSeconds", "TimeoutSecondsPath"),
    ("HeartbeatSeconds", "HeartbeatSecondsPath"),
    ("MaxConcurrency", "MaxConcurrencyPath"),
    ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
    ("ToleratedFailureCount", "ToleratedFailureCountPath"),
    ("Error", "ErrorPath"),
    ("Cause", "CausePath"),
    ("ItemProcessor", "Iterator"),
)
_INNER_ALTERNATIVES: Final = {
    ("ItemReader", "ReaderConfig"): (("MaxItems", "MaxItemsPath"),),
    ("ItemBatcher",): (
        ("MaxItemsPerBatch", "MaxItemsPerBatchPath"),
        ("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"),
    ),
}


def check_state(report: CheckReport, name: str, state: Value, path: KeyPath) -> None:
    """Validate a state: ConfigError for what cannot work, warnings for what works badly."""
    type_ = _type(report, state, path)
    language = _language(report, state, path)
    _fields(report, state, type_, language, path)
    _end(report, state, path)
    if type_ == "Task":
        _resource(report, state, path)
    if "Credentials" in state and not (isinstance(state["Credentials"], Mapping) or language == JSONATA):
        raise report.error("not a map", *path, "Credentials", todo="write RoleArn: below it")
    if type_ == "Wait" and sum(key in state for key in _WAITS) != 1:
        raise report.error(f"a Wait has one of {', '.join(_WAITS)}", *path, todo="keep one, such as Seconds: 10")
    if type_ == "Choice":
        check_choices(report, state, language, path)
    check_retriers(report, state, path)
    check_catchers(report, state, language, path)
    check_numbers(report, state, language, path)
    check_expressions(report, state, language, path)
    _callback(report, name, state, path)


def _type(report: CheckReport, state: Value, path: KeyPath) -> str:
    if not isinstance(state, Mapping):
        raise report.error("a state is a map", *path, todo="write Type: below it")
    type_ = state.get("Type")
    if isinstance(type_, str) and type_ in TYPES:
        return type_
    what = "no Type" if type_ is None else f"{type_} is not a type of state"
    where = path if type_ is None else (*path, "Type")
    raise report.error(what, *where, todo=suggestion(str(type_ or ""), TYPES))


def _language(report: CheckReport, state: Mapping[str, Value], path: KeyPath) -> str:
    language = state.get("QueryLanguage", report.language)
    if language not in LANGUAGES:
        todo = suggestion(str(language), LANGUAGES)
        raise report.error(f"{language} is not a query language", *path, "QueryLanguage", todo=todo)
    if report.language == JSONATA and language != JSONATA:
        todo = "remove it here, or set QueryLanguage: JSONata only in the states that use it"
        raise report.error("JSONPath within a JSONata machine", *path, "QueryLanguage", todo=todo)
    return str(language)


def _fields(report: CheckReport, state: Mapping[str, Value], type_: str, language: str, path: KeyPath) -> None:
    known = fields_of(type_, language)
    for field in state:
        if field in known:
            continue
        other = belongs_to(field, type_)
        if other:
            todo = f"remove it, or set QueryLanguage: {other}"
            raise report.error(
                f"{field} is a field of {other}, and this state's language is {language}", *path, todo=todo
            )
        if is_known(field):
            raise report.error(f"a {type_} state has no {field}", *path, field, todo="remove it")
        raise report.error("unknown field", *path, field, todo=suggestion(field, known))
    _alternatives(report, state, _ALTERNATIVES, path)
    for holder, pairs in _INNER_ALTERNATIVES.items():
        where = (*path, *holder)
        inner: Value = state
        for key in holder:
            inner = inner.get(key) if isinstance(inner, Mapping) else None
        if isinstance(inner, Mapping):
            _alternatives(report, inner, pairs, where)


def _alternatives(
    report: CheckReport, holder: Mapping[str, Value], pairs: Iterable[tuple[str, str]], path: KeyPath
) -> None:
    for first, second in pairs:
        if first in holder and second in holder:
            raise report.error(f"both {first} and {second}", *path, todo="keep one of them")


def _resource(report: CheckReport, state: Mapping[str, Value], path: KeyPath) -> None:
    resource = state.get("Resource")
    if not resource:
        raise report.error("a Task has a Resource", *path, todo="add Resource: with the function's ARN")
    if isinstance(resource, Mapping) and len(resource) > 1:
        what = f"Resource holds {' and '.join(resource)}"
        raise report.error(what, *path, "Resource", todo="indent what is not part of the reference like Resource:")
    if not isinstance(resource, str) and not intrinsic(resource):
        raise report.error("not an ARN", *path, "Resource", todo="write an ARN, or !GetAtt of a function")
    if isinstance(resource, str) and not resource.startswith(_ARNS):
        report.warn(f"{resource} is not an ARN, and AWS takes nothing else; a function's is !GetAtt name.Arn", *path)


def _end(report: CheckReport, state: Mapping[str, Value], path: KeyPath) -> None:
    if state["Type"] == "Choice" or state["Type"] in TERMINAL:
        return  # have no such fields
    arrows = [key for key in ("Next", "End") if key in state]
    if len(arrows) != 1:
        what = "both Next and End" if arrows else "neither Next nor End"
        raise report.error(what, *path, todo="keep one of Next: <state> and End: true")
    if arrows == ["End"] and state["End"] is not True:
        raise report.error("End is not true", *path, "End", todo="write End: true, or Next: <state>")


def inner_scopes(report: CheckReport, state: Mapping[str, Value], path: KeyPath) -> Iterator[tuple[Value, KeyPath]]:
    """Yield (scope, path) of a Parallel's branches and a Map's processor. Raises ConfigError."""
    if state["Type"] == "Parallel":
        branches = state.get("Branches")
        if not isinstance(branches, list) or not branches:
            raise report.error("no Branches", *path, todo="add a list of branches, each with StartAt, States")
        for index, branch in enumerate(branches):
            yield branch, (*path, "Branches", index)
    elif state["Type"] == "Map":
        key = "Iterator" if "Iterator" in state else "ItemProcessor"
        if key not in state:
            raise report.error("no ItemProcessor", *path, todo="add ItemProcessor: with StartAt and States")
        yield state[key], (*path, key)


def _callback(report: CheckReport, name: str, state: Mapping[str, Value], path: KeyPath) -> None:
    resource = state.get("Resource")
    if isinstance(resource, str) and resource.endswith(_CALLBACK) and not any(key in state for key in _TIMEOUTS):
        report.warn(
            f"state {name} waits for a task token without TimeoutSeconds or HeartbeatSeconds: "
            "a callback that never comes keeps the execution open for a year",
            *path,
        )
