"""Validate a state machine definition: its top-level fields and its scopes of states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stateroom.config.asl.fields import JSONPATH, LANGUAGES, TERMINAL
from stateroom.config.asl.report import CheckReport
from stateroom.config.asl.states import check_state, inner_scopes
from stateroom.config.asl.transitions import check_reachable, state_named, targets
from stateroom.config.document.document import KeyPath
from stateroom.config.document.suggestions import suggestion
from stateroom.config.service import Service
from stateroom.model.values import Value

_MACHINE: Final = frozenset({"Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage"})
_BRANCH: Final = frozenset({"Comment", "StartAt", "States", "QueryLanguage"})
_PROCESSOR: Final = _BRANCH | {"ProcessorConfig"}
_NAME_LIMIT: Final = 80


def check_definition(service: Service, definition: Mapping[str, Value], path: KeyPath) -> tuple[str, ...]:
    """Return the warnings about a definition. Raises ConfigError with state and field when it cannot work."""
    language = definition.get("QueryLanguage", JSONPATH)
    if language not in LANGUAGES:
        todo = suggestion(str(language), LANGUAGES)
        raise service.error(f"{language} is not a query language", *path, "QueryLanguage", todo=todo)
    report = CheckReport(service, language)
    _scope(report, definition, path, _MACHINE)
    return tuple(report.warnings)


def _scope(report: CheckReport, scope: Value, path: KeyPath, known: frozenset[str]) -> None:
    states = _states(report, scope, path, known)
    start = scope.get("StartAt")
    if not isinstance(start, str):
        raise report.error("no StartAt", *path, todo=f"add StartAt: {next(iter(states))}")
    state_named(report, states, start, *path, "StartAt")
    arrows: dict[str, list[str]] = {}
    ends = False
    for name, state in states.items():
        where = (*path, "States", name)
        _remember(report, name, where)
        check_state(report, name, state, where)
        arrows[name] = [state_named(report, states, target, *place) for target, place in targets(report, state, where)]
        ends = ends or state.get("End") is True or state["Type"] in TERMINAL
        for inner, place in inner_scopes(report, state, where):
            _scope(report, inner, place, _PROCESSOR if state["Type"] == "Map" else _BRANCH)
    if not ends:
        raise report.error("no state ends", *path, "States", todo="add End: true to the last state")
    check_reachable(report, start, arrows, (*path, "States"))


def _states(report: CheckReport, scope: Value, path: KeyPath, known: frozenset[str]) -> Mapping[str, Value]:
    if not isinstance(scope, Mapping):
        raise report.error("not a map with StartAt and States", *path, todo="write StartAt: and States:")
    for key in scope:
        if key not in known:
            raise report.error("unknown field", *path, key, todo=suggestion(key, known))
    states = scope.get("States")
    if not isinstance(states, Mapping) or not states:
        raise report.error("no States", *path, todo="add States: with at least one state")
    return states


def _remember(report: CheckReport, name: str, path: KeyPath) -> None:
    if len(name) > _NAME_LIMIT:
        raise report.error(f"a name of {len(name)} characters", *path, todo=f"shorten it to {_NAME_LIMIT}")
    if name in report.names:
        first = report.service.where(*report.names[name])
        raise report.error("a second state of this name", *path, why=f"the first is at {first}", todo="rename one")
    report.names[name] = path
