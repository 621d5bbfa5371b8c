"""Events as lines of a log, and as JSON.

A line says what has happened, so in the past tense: a word in a fixed column, then what it happened to.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

from stateroom.model import events
from stateroom.model.diff import ResourceDiff
from stateroom.model.events import Event
from stateroom.model.plan import Action
from stateroom.presentation.plans import on_stage
from stateroom.presentation.survey.diffs import json_diff
from stateroom.presentation.survey.hearsay import as_answered
from stateroom.presentation.text import plain
from stateroom.presentation.values import duration, json_value, type_name

_PAST = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.DELETE: "deleted",
    Action.ADOPT: "adopted",
    Action.FORGET: "forgot",
    Action.RECORD: "recorded",
    Action.REVERT: "reverted",
}
_PRESENT = {
    Action.CREATE: "creating",
    Action.UPDATE: "updating",
    Action.REPLACE: "replacing",
    Action.DELETE: "deleting",
    Action.ADOPT: "adopting",
    Action.FORGET: "forgetting",
    Action.RECORD: "recording",
    Action.REVERT: "reverting",
}
_COLUMN = 9


def doing(action: Action) -> str:
    """Name a running step's action: `creating`, `deleting`."""
    return _PRESENT[action]


def event_line(event: Event) -> str | None:
    """One line for a log, or None for events that only move a progress display (a step's start, its waiting)."""
    match event:
        case events.StepFinished():
            who = f"  ({as_answered(event.answered_by)})" if event.answered_by else ""
            return _line(_PAST[event.action], _step(event), _seconds(event.seconds) + who)
        case events.StepFailed():
            code = f" [{event.code}]" if event.code and event.code not in "".join(event.error[:1]) else ""
            why = f"could not {event.action.value}: {' '.join(event.error[:1])}{code}"
            return _line("failed", f"{_step(event)}  {why}", _seconds(event.seconds))
        case events.StepSkipped():
            return _line("skipped", f"{event.service}/{event.logical_id}  {event.reason}")
        case events.StateSaved():
            return _line("saved", f"{event.service}  version {event.version}")
        case events.ServiceFinished(error=error) if error:
            return _line("failed", f"{event.service}  {error[0]}")
        case events.ServiceUnreadable():
            return _line("failed", f"{event.service}  {' '.join(event.error[:1])}")
        case events.ServiceWorking():
            return _line("working", f"{event.service}  {event.text}")
        case events.Note():
            return _line("note", f"{event.service}  {event.text}" if event.service else event.text)
        case events.OperationStarted():
            return _line("started", f"{event.operation.value} of {on_stage(event.stage)}, {_steps(event.total)}")
        case events.OperationFinished():
            return _line("stopped" if event.stopped else "finished", _tally(event), _seconds(event.seconds))
        case events.SurveyFinished():
            failed = f", {event.failed} could not be read" if event.failed else ""
            return _line("read", f"{event.read} resources{failed}", _seconds(event.seconds))
        case _:
            return None


def waiting_for(reason: str, seconds: float) -> str:
    """Say what a step waits for, with a countdown where one is known: `becoming active, at most 40s more`."""
    return plain(f"{reason}, at most {duration(seconds)} more" if seconds > 0 else reason)


def _line(word: str, text: str, seconds: str = "") -> str:
    return plain(f"{word:<{_COLUMN}} {text}{seconds}")


def _step(event: events.StepFinished | events.StepFailed) -> str:
    return f"{event.service}/{event.logical_id}  {type_name(event.type)}"


def _seconds(seconds: float) -> str:
    # Quick steps are the rule; only a number that says something is worth the ink.
    return f"  ({duration(seconds)})" if seconds >= 1 else ""


def _steps(count: int) -> str:
    return f"{count} step" if count == 1 else f"{count} steps"


def _tally(event: events.OperationFinished) -> str:
    numbers = [f"{event.done} done"]
    numbers += [f"{event.failed} failed"] if event.failed else []
    numbers += [f"{event.skipped} skipped"] if event.skipped else []
    return f"{event.operation.value}: {', '.join(numbers)}"


def event_json(event: Event) -> dict[str, Any]:
    """Convert an event to JSON: `event` is its name in snake_case (`step_finished`), then its fields as they are.

    Fields are those of `stateroom.model.events`; resources are as in `stateroom diff --json`; secrets are "***".
    """
    body = {name: _field(value) for name, value in event._asdict().items()}
    return {"event": _snake(type(event).__name__), **body}


def _field(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple) and value and isinstance(value[0], ResourceDiff):
        return [json_diff(item) for item in value]
    return json_value(value)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
