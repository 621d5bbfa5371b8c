"""All that an operation shows and leaves behind, as text: plan, events, outcome, calls, state and history.

What differs from run to run is replaced by its kind: moments, seconds, keys and numbers of processes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final

from stateroom.engine.requests import Control
from stateroom.errors import StateroomError
from stateroom.model.events import Event, ResourcesRead, ServiceSurveyed
from stateroom.model.plan import Operation
from stateroom.model.values import Secret
from tests.engine.lab import Lab

_UNTOLD: Final = frozenset({"seconds", "etag", "started", "completed", "modified", "since", "target"})
_REPLACED: Final = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"), "MOMENT"),
    (re.compile(r"v1:[A-Za-z0-9+/=:]+"), "CIPHERTEXT"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"\b[0-9a-f]{12,}\b"), "HEX"),
    (re.compile(r"\b[0-9]{8}T?[0-9]{6,}Z?[-_0-9a-z]*"), "UPDATE"),
)


class Chronicle:
    """Writes down what a lab does. `lines` is the text so far."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.lines: list[str] = []
        self._seen: frozenset[str] = frozenset()

    def operate(self, title: str, operation: Operation = Operation.DEPLOY, **request: Any) -> None:
        """Plan and execute, and tell of everything that can be seen of it."""
        self._begin(title)
        options = {name: request.pop(name) for name in ("undo", "control", "watch") if name in request}
        self._tell("plan", *lines(self.lab.plan(operation, **request)))
        self._tell("asked", *sorted(self.lab.cloud.calls))
        self.lab.cloud.calls.clear()
        events = len(self.lab.events)
        try:
            self._tell("outcome", *lines(self.lab.run(operation, **options, **request)))
        except StateroomError as error:
            self._tell("refused", type(error).__name__, *error.lines())
        self._tell("events", *ordered(self.lab.events[events:]))
        self._tell("called", *sorted(self.lab.cloud.calls))
        self.look()

    def look(self) -> None:
        """Tell what is there now and was not: things, states, histories, standings and files."""
        cockpit = self.lab.cockpit
        seen = [f"cloud {line}" for thing in self.lab.cloud.things.values() for line in lines(thing)]
        for service in self.lab.config.resources:
            told = (cockpit.snapshot(service), cockpit.history(service), cockpit.standing(service))
            seen += [f"{service} {line}" for value in told for line in lines(value)]
        seen += files(self.lab.directory / ".stateroom")
        now = sorted({neutral(line) for line in seen})
        self._tell("gone since then", *(line[:60] for line in sorted(self._seen.difference(now))))
        self._tell("new since then", *(line for line in now if line not in self._seen))
        self._seen = frozenset(now)

    def survey(self, title: str, **options: Any) -> None:
        """Compare the three columns, and tell of every event."""
        self._begin(title)
        events: list[Event] = []
        self.lab.cockpit.survey(events.append, **options)
        self._tell("events", *ordered(events))
        self._tell("asked", *sorted(self.lab.cloud.calls))

    def tell(self, title: str, value: Any) -> None:
        """Tell of any value."""
        self._tell(title, *lines(value))

    def _begin(self, title: str) -> None:
        self.lines += ["", f"# {title}"]
        self.lab.cloud.calls.clear()

    def _tell(self, title: str, *told: str) -> None:
        self.lines += [f"## {title}", *map(neutral, told)] if told else []


def stopped_at(name: str, control: Control) -> Any:
    """Return a watcher that asks to stop at the first event of a kind."""
    return lambda event: control.stop() if type(event).__name__ == name else None


def ordered(events: Iterable[Event]) -> list[str]:
    """Tell of events in the order of their names, resource by resource: what ends first is chance."""
    told: list[str] = []
    for event in events:
        if isinstance(event, ServiceSurveyed | ResourcesRead):
            told += ["\n".join((type(event).__name__, *lines(diff))) for diff in event.diffs]
            event = event._replace(diffs=())
        told.append("\n".join(lines(event)))
    return sorted(told)


def files(root: Path) -> Iterator[str]:
    """Tell of every object of a home that is JSON, and name the others."""
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.suffix == ".json":
            yield f"{name} {json.dumps(json.loads(path.read_text('utf-8')), sort_keys=True)}"
        elif path.is_file():
            yield name


def neutral(text: str) -> str:
    """Replace what is another in each run."""
    for pattern, kind in _REPLACED:
        text = pattern.sub(kind, text)
    return text


def lines(value: Any) -> list[str]:
    """Write a value: one line, and one for each object of a list in it."""
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return [line for item in value for line in lines(item)]
    if not _parted(value):
        return [_text(value)]
    plain: list[str] = []
    inner: list[str] = []
    for name, item in _parts(value):
        if isinstance(item, list | tuple) and item and _parted(item[0]):
            inner += [f"  {name}: {line}" for each in item for line in lines(each)]
        else:
            plain.append(f"{name}={_text(item)}")
    return [f"{type(value).__name__}({', '.join(plain)})", *inner]


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    names = getattr(value, "_fields", None) or [item.name for item in fields(value)]
    told = [(name, getattr(value, name)) for name in names if name not in _UNTOLD and not name.startswith("_")]
    return ((name, item) for name, item in told if item not in (None, "", (), 0) and item != {})


def _parted(value: Any) -> bool:
    return is_dataclass(value) or hasattr(value, "_fields")


def _text(value: Any) -> str:
    if isinstance(value, Secret):
        return "SECRET"
    if isinstance(value, datetime):
        return "MOMENT"
    if isinstance(value, Enum):
        return value.name
    if _parted(value):
        parts = ", ".join(f"{name}={_text(item)}" for name, item in _parts(value))
        return f"{type(value).__name__}({parts})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key)}: {_text(item)}" for key, item in sorted(value.items(), key=str)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_text, value)) + "]"
    return "{" + ", ".join(sorted(map(_text, value))) + "}" if isinstance(value, frozenset | set) else repr(value)
