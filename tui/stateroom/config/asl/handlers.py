"""Validate Retry and Catch: error names, their order, intervals and counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stateroom.config.asl.expressions import check_result_path, check_template
from stateroom.config.asl.fields import JSONATA
from stateroom.config.asl.report import CheckReport
from stateroom.config.asl.transitions import rules
from stateroom.config.document.document import KeyPath
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.document.suggestions import suggestion
from stateroom.model.values import Value

_ALL: Final = "States.ALL"
_RETRIER: Final = frozenset(
    {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment"}
)
_CATCHER: Final = frozenset({"ErrorEquals", "Next", "Assign", "Comment"})
_OWN: Final = {JSONATA: frozenset({"Output"})}
_JITTERS: Final = ("FULL", "NONE")
# Field → (smallest value, whether it must be whole).
_LIMITS: Final = {
    "IntervalSeconds": (1, True),
    "MaxAttempts": (0, True),
    "BackoffRate": (1, False),
    "MaxDelaySeconds": (1, True),
}


def check_retriers(report: CheckReport, state: Mapping[str, Value], path: KeyPath) -> None:
    """Validate a state's Retry. Raises ConfigError."""
    listed = rules(report, state, "Retry", path)
    for index, retrier in enumerate(listed):
        where = (*path, "Retry", index)
        _known(report, retrier, _RETRIER, where)
        _errors(report, retrier, index == len(listed) - 1, where)
        for field, (least, whole) in _LIMITS.items():
            value = retrier.get(field)
            if value is None or intrinsic(value) or (isinstance(value, str) and value.startswith("${")):
                continue
            if not isinstance(value, int | float) or isinstance(value, bool) or value < least or (whole and value % 1):
                kind = "a whole number" if whole else "a number"
                raise report.error(f"not {kind} of at least {least}", *where, field, todo="correct it")
        jitter = retrier.get("JitterStrategy")
        if jitter is not None and jitter not in _JITTERS:
            raise report.error(f"{jitter} is not known", *where, "JitterStrategy", todo="write FULL or NONE")


def check_catchers(report: CheckReport, state: Mapping[str, Value], language: str, path: KeyPath) -> None:
    """Validate a state's Catch, but not its transitions. Raises ConfigError."""
    listed = rules(report, state, "Catch", path)
    for index, catcher in enumerate(listed):
        where = (*path, "Catch", index)
        _known(report, catcher, _CATCHER | _OWN.get(language, frozenset({"ResultPath"})), where)
        _errors(report, catcher, index == len(listed) - 1, where)
        if language != JSONATA:
            check_result_path(report, catcher, where)
            check_template(report, catcher.get("Assign"), (*where, "Assign"))


def _known(report: CheckReport, rule: Mapping[str, Value], known: frozenset[str], path: KeyPath) -> None:
    for field in rule:
        if field not in known:
            raise report.error("unknown field", *path, field, todo=suggestion(field, known))


def _errors(report: CheckReport, rule: Mapping[str, Value], last: bool, path: KeyPath) -> None:
    errors = rule.get("ErrorEquals")
    if not isinstance(errors, list) or not errors or not all(isinstance(name, str) for name in errors):
        todo = f"write ErrorEquals: [{_ALL}], or the names of errors"
        raise report.error("no list of errors", *path, "ErrorEquals", todo=todo)
    if _ALL not in errors:
        return
    if len(errors) > 1:
        raise report.error(f"{_ALL} stands alone", *path, "ErrorEquals", todo="remove the other names: it has them all")
    if not last:
        todo = "move it to the end: what comes after it is never reached"
        raise report.error(f"{_ALL} comes last", *path, "ErrorEquals", todo=todo)
