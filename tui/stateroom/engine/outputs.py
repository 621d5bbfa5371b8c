"""Outputs of a service: those of its state beside those that the Serverless Framework stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from stateroom.model.compare import same
from stateroom.model.values import ABSENT, Value


@dataclass(frozen=True, slots=True)
class CallAddress:
    """Address at which a service is called.

    `kind` is as the events are called: `http`, `httpApi`, `websocket`, `url`. `method` is in capitals, `ANY` for every
    one and "" where there is none (websocket). `logical_id` is of the route: a method, a route, an API or a URL.
    """

    kind: str
    method: str
    url: str
    logical_id: str

    def line(self) -> str:
        """Return it as the Serverless Framework prints it: `POST - https://…/dev/orders`."""
        return f"{self.method} - {self.url}" if self.method else self.url


@dataclass(frozen=True, slots=True)
class OutputRow:
    """Output. `sign`: " " both agree, "~" they differ, "+" only in ours, "-" only in the framework's."""

    sign: str
    name: str
    ours: Value
    theirs: Value


@dataclass(frozen=True, slots=True)
class ServiceOutputs:
    """Outputs of one service. `deployed`: stateroom has a state of it; the framework's may be empty."""

    service: str
    deployed: bool
    ours: Mapping[str, Value] = field(default_factory=dict)
    stack: str = ""  # ARN of the framework's stack, unless it was removed
    theirs: Mapping[str, Value] = field(default_factory=dict)
    key: str = ""
    modified: datetime | None = None
    problem: str = ""  # why the framework's could not be read, in one line
    unresolved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # declared outputs: lines of the reason
    undeployed: tuple[str, ...] = ()  # declared since the last deploy
    endpoints: tuple[CallAddress, ...] = ()  # of the state
    config_problem: str = ""  # why the config could not be read, in one line

    def rows(self) -> tuple[OutputRow, ...]:
        """Return every output of either; only ours, when the framework has none to compare with."""
        if not self.stack:
            return tuple(OutputRow(" ", name, value, ABSENT) for name, value in self.ours.items())
        return tuple(_row(name, self.ours, self.theirs) for name in {**self.ours, **self.theirs})


def _row(name: str, ours: Mapping[str, Value], theirs: Mapping[str, Value]) -> OutputRow:
    mine, other = ours.get(name, ABSENT), theirs.get(name, ABSENT)
    sign = "-" if mine is ABSENT else "+" if other is ABSENT else " " if same(mine, other) else "~"
    return OutputRow(sign, name, mine, other)
