"""Compile `events:` of a state machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.document.suggestions import did_you_mean
from stateroom.config.function import Function
from stateroom.config.stepfunctions.events.event_bridge import compile_rules
from stateroom.config.stepfunctions.events.http import compile_http
from stateroom.config.stepfunctions.events.schedules import compile_schedules
from stateroom.config.stepfunctions.machine import Machine

_KINDS: Final = ("http", "schedule", "eventBridge", "cloudwatchEvent")


def compile_machine_events(build: Compilation, machines: Sequence[Machine], functions: Mapping[str, Function]) -> None:
    """Compile every machine's events. Raises ConfigError."""
    http: list[tuple[Machine, KeyPath]] = []
    for machine in machines:
        events = _events(build, machine)
        compile_schedules(build, machine, [path for kind, path in events if kind == "schedule"])
        compile_rules(build, machine, [path for kind, path in events if kind in ("eventBridge", "cloudwatchEvent")])
        http += [(machine, path) for kind, path in events if kind == "http"]
    compile_http(build, http, functions)


def _events(build: Compilation, machine: Machine) -> list[tuple[str, KeyPath]]:
    """Return (kind, path) of each event; an unsupported kind gets a warning. Raises ConfigError."""
    service = build.service
    found: list[tuple[str, KeyPath]] = []
    for index, item in enumerate(machine.config.get("events") or ()):
        path = (*machine.path, "events", index)
        if not isinstance(item, dict) or len(item) != 1:
            todo = "each - begins one event with one kind; indent its keys below it"
            raise service.error("not one event", *path, todo=todo)
        (kind,) = item
        if kind in _KINDS:
            found.append((kind, (*path, kind)))
            continue
        todo = did_you_mean(kind, _KINDS) or f"there are {', '.join(_KINDS)}"
        build.warn(f"{service.where(*path)}: the event {kind} starts nothing on a state machine: {todo}")
    return found
