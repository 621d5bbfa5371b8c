"""Validate the rules of a Choice state: comparisons in JSONPath, conditions in JSONata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stateroom.config.asl.expressions import check_path
from stateroom.config.asl.fields import JSONATA
from stateroom.config.asl.report import CheckReport
from stateroom.config.asl.transitions import rules
from stateroom.config.document.document import KeyPath
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.document.suggestions import suggestion
from stateroom.model.values import Value

_ORDERED: Final = ("Equals", "GreaterThan", "GreaterThanEquals", "LessThan", "LessThanEquals")
_COMPARISONS: Final = frozenset(
    {f"{kind}{test}{path}" for kind in ("String", "Numeric", "Timestamp") for test in _ORDERED for path in ("", "Path")}
    | {"BooleanEquals", "BooleanEqualsPath", "StringMatches"}
    | {f"Is{kind}" for kind in ("Null", "Present", "Numeric", "String", "Boolean", "Timestamp")}
)
# How a comparison's name begins → (what it compares with, as said to people).
_KINDS: Final[Mapping[str, tuple[type | tuple[type, ...], str]]] = {
    "String": (str, "a text, in quotes"),
    "Numeric": ((int, float), "a number, without quotes"),
    "Boolean": (bool, "true or false, without quotes"),
    "Timestamp": (str, "a time such as 2030-01-31T12:00:00Z"),
    "Is": (bool, "true or false, without quotes"),
}
_LOGIC: Final = frozenset({"And", "Or", "Not"})
_BESIDE: Final = frozenset({"Next", "Comment", "Assign"})
_JSONATA: Final = frozenset({"Condition", "Next", "Output", "Assign", "Comment"})


def check_choices(report: CheckReport, state: Mapping[str, Value], language: str, path: KeyPath) -> None:
    """Validate a Choice state's rules, but not their transitions. Raises ConfigError."""
    listed = rules(report, state, "Choices", path)
    if not listed:
        todo = "write Choices: with at least one rule, each beginning with -"
        raise report.error("Choices is not a list of rules", *path, "Choices", todo=todo)
    for index, rule in enumerate(listed):
        where = (*path, "Choices", index)
        if language == JSONATA:
            _condition(report, rule, where)
        else:
            _comparison(report, rule, where, beside=_BESIDE)


def _condition(report: CheckReport, rule: Mapping[str, Value], path: KeyPath) -> None:
    for field in rule:
        if field not in _JSONATA:
            todo = suggestion(field, _JSONATA)
            if field in _COMPARISONS | _LOGIC | {"Variable"}:
                todo = 'write Condition: "{% $states.input.x = 1 %}", or set QueryLanguage: JSONPath'
            raise report.error(f"{field} is no field of a JSONata rule", *path, todo=todo)
    condition = rule.get("Condition")
    if not isinstance(condition, str | bool | dict):
        raise report.error("no Condition", *path, todo='add Condition: "{% … %}"')


def _comparison(report: CheckReport, rule: Value, path: KeyPath, *, beside: frozenset[str]) -> None:
    if not isinstance(rule, Mapping):
        raise report.error("not a rule", *path, todo="write Variable: $.x and one comparison")
    if "Condition" in rule:
        todo = "write Variable: and a comparison, or set QueryLanguage: JSONata"
        raise report.error("Condition is a field of JSONata", *path, todo=todo)
    tests = [field for field in rule if field not in beside and field != "Variable"]
    unknown = [field for field in tests if field not in _COMPARISONS | _LOGIC]
    if unknown:
        inside = unknown[0] in _BESIDE
        todo = "only the rule as a whole leads somewhere" if inside else suggestion(unknown[0], _COMPARISONS | _LOGIC)
        raise report.error("not a comparison", *path, unknown[0], todo=todo)
    if len(tests) != 1:
        what = "more than one comparison" if tests else "no comparison"
        raise report.error(what, *path, todo="keep one; And: and Or: join several")
    (test,) = tests
    if test in _LOGIC:
        _logic(report, rule, test, path)
        return
    if "Variable" not in rule:
        raise report.error("no Variable", *path, todo="add Variable: $.what.is.compared")
    check_path(report, rule["Variable"], (*path, "Variable"))
    if test.endswith("Path"):
        check_path(report, rule[test], (*path, test))
    else:
        _constant(report, rule[test], test, (*path, test))


def _constant(report: CheckReport, value: Value, test: str, path: KeyPath) -> None:
    """Check that a comparison's constant has the type that the operator's name states. Raises ConfigError."""
    kind = next(kind for kind in _KINDS if test.startswith(kind))
    type_, called = _KINDS[kind]
    if intrinsic(value) or (isinstance(value, str) and value.startswith("${")):
        return
    if not isinstance(value, type_) or (kind == "Numeric" and isinstance(value, bool)):
        raise report.error(f"{test} takes {called}", *path, todo=f"write {called}, or {kind}…Path: with a path")


def _logic(report: CheckReport, rule: Mapping[str, Value], test: str, path: KeyPath) -> None:
    inner = rule[test]
    if test == "Not":
        _comparison(report, inner, (*path, test), beside=frozenset({"Comment"}))
        return
    if not isinstance(inner, list) or not inner:
        raise report.error("not a list of rules", *path, test, todo="begin each rule with -")
    for index, item in enumerate(inner):
        _comparison(report, item, (*path, test, index), beside=frozenset({"Comment"}))
