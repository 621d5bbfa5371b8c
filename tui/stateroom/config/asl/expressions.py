"""Validate the syntax of JSONPath and JSONata in the fields of a state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from stateroom.config.asl.fields import JSONATA
from stateroom.config.asl.report import CheckReport
from stateroom.config.document.document import KeyPath
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.document.suggestions import suggestion
from stateroom.model.values import Value

_PATHS: Final = (
    *("InputPath", "OutputPath", "ResultPath", "ItemsPath", "SecondsPath", "TimestampPath", "ErrorPath", "CausePath"),
    *("TimeoutSecondsPath", "HeartbeatSecondsPath", "MaxConcurrencyPath"),
    *("ToleratedFailurePercentagePath", "ToleratedFailureCountPath"),
)
_NULLABLE: Final = frozenset({"InputPath", "OutputPath", "ResultPath"})
_CALLABLE: Final = frozenset({"ErrorPath", "CausePath"})  # also take intrinsic functions
_TEMPLATES: Final = ("Parameters", "ResultSelector", "ItemSelector", "Assign", "Credentials")
_CALL: Final = re.compile(r"States\.[A-Za-z0-9]+\(.*\)\s*", re.DOTALL)
_CALLED: Final = re.compile(r"States\.([A-Za-z0-9]+)\s*\(")
_QUOTED: Final = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)
_FUNCTION_NAMES = """Format StringToJson JsonToString Array ArrayPartition ArrayContains ArrayRange ArrayGetItem
    ArrayLength ArrayUnique Base64Encode Base64Decode Hash JsonMerge MathRandom MathAdd StringSplit UUID"""
_FUNCTIONS: Final = frozenset(_FUNCTION_NAMES.split())
_RESULT_PATH: Final = re.compile(r"\$(?:[.\[].*)?", re.DOTALL)
_OPENING: Final = {"(": ")", "[": "]", "{": "}"}
_JSONATA_FREE: Final = frozenset({"Comment", "States", "Branches", "ItemProcessor", "Iterator", "Resource", "Next"})


def check_expressions(report: CheckReport, state: Mapping[str, Value], language: str, path: KeyPath) -> None:
    """Check the syntax of every path or expression of a state. Raises ConfigError."""
    if language == JSONATA:
        for field, value in state.items():
            if field not in _JSONATA_FREE:
                _jsonata(report, value, (*path, field))
        return
    for field in _PATHS:
        if field in state and not (state[field] is None and field in _NULLABLE):
            check_path(report, state[field], (*path, field), calls=field in _CALLABLE)
    check_result_path(report, state, path)
    for field in _TEMPLATES:
        check_template(report, state.get(field), (*path, field))


def check_path(report: CheckReport, value: Value, path: KeyPath, *, calls: bool = False) -> None:
    """Check that a value is a path or, with `calls`, an intrinsic function. Raises ConfigError."""
    if intrinsic(value) or (isinstance(value, str) and value.startswith("${")):
        return
    if isinstance(value, str) and _is_path(value):
        return
    if calls and isinstance(value, str) and _is_call(value):
        for name in _CALLED.findall(_QUOTED.sub("", value)):
            if name not in _FUNCTIONS:
                raise report.error(f"States.{name} is not a function", *path, todo=suggestion(name, _FUNCTIONS))
        return
    what = f"{value} is not a path" if isinstance(value, str | int) else "not a path"
    raise report.error(what, *path, todo="begin it with $, and close its brackets and quotes")


def check_result_path(report: CheckReport, holder: Mapping[str, Value], path: KeyPath) -> None:
    """Check that the ResultPath of a state or catcher is a reference path. Raises ConfigError."""
    value = holder.get("ResultPath")
    if isinstance(value, str) and not value.startswith("${") and not _RESULT_PATH.fullmatch(value):
        todo = "write $.name; Assign: sets variables"
        raise report.error(f"{value} is not a place in the input", *path, "ResultPath", todo=todo)


def _is_path(text: str) -> bool:
    return text.startswith("$") and _is_balanced(text)


def _is_call(text: str) -> bool:
    return _CALL.fullmatch(text) is not None and _is_balanced(text)


def check_template(report: CheckReport, value: Value, path: KeyPath) -> None:
    """Check the payload template fields named `*.$`: each holds a path or an intrinsic call. Raises ConfigError."""
    if intrinsic(value):
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            check_template(report, item, (*path, index))
    if not isinstance(value, Mapping):
        return
    for key, item in value.items():
        if not key.endswith(".$"):
            check_template(report, item, (*path, key))
            continue
        if key[:-2] in value:
            raise report.error(f"both {key[:-2]} and {key}", *path, todo="keep one of them")
        check_path(report, item, (*path, key), calls=True)


def _jsonata(report: CheckReport, value: Value, path: KeyPath) -> None:
    if isinstance(value, list):
        for index, item in enumerate(value):
            _jsonata(report, item, (*path, index))
    elif isinstance(value, Mapping) and not intrinsic(value):
        for key, item in value.items():
            _jsonata(report, item, (*path, key))
    elif isinstance(value, str):
        text = value.strip()
        if text.startswith("{%") != text.endswith("%}"):
            raise report.error("an expression that is not closed", *path, todo="write it so: {% … %}")
        # A slash may begin a regular expression, in which brackets and quotes mean something else.
        if text.startswith("{%") and "/" not in text and not _is_balanced(text[2:-2]):
            raise report.error("a JSONata expression with an open bracket or quote", *path, todo="close it")


def _is_balanced(text: str) -> bool:
    """Tell whether brackets and quotes are balanced; text in quotes does not count."""
    stack: list[str] = []
    index = 0
    while index < len(text):
        char = text[index]
        if char in "'\"`":
            index = _end_of_quote(text, index)
            if index < 0:
                return False
        elif char in _OPENING:
            stack.append(_OPENING[char])
        elif char in ")]}" and (not stack or stack.pop() != char):
            return False
        index += 1
    return not stack


def _end_of_quote(text: str, start: int) -> int:
    index = start + 1
    while index < len(text):
        if text[index] == "\\":
            index += 1
        elif text[index] == text[start]:
            return index
        index += 1
    return -1
