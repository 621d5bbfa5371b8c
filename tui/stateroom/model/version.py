"""Past states, locks and who did what when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Holder:
    """Who runs an operation, from where."""

    user: str
    host: str
    pid: int
    command: str


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock on one service and stage."""

    holder: Holder
    since: datetime
    update_id: str

    def __str__(self) -> str:
        who = f"{self.holder.user}@{self.holder.host}"
        return f"{who} (pid {self.holder.pid}, {self.holder.command}) since {self.since:%Y-%m-%d %H:%M:%S} UTC"


@dataclass(frozen=True, slots=True)
class Version:
    """One past state of a service on a stage, and the operation that wrote it."""

    number: int  # counts from 1, never reused
    update_id: str
    command: str
    user: str
    started: datetime
    completed: datetime | None  # None: interrupted
    created: int = 0
    updated: int = 0
    deleted: int = 0
    errors: tuple[str, ...] = ()
    current: bool = False


@dataclass(frozen=True, slots=True)
class UpdateSummary:
    """What an operation did, kept with the version it wrote."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    errors: tuple[tuple[str, str], ...] = ()  # (logical id, message)


@dataclass(frozen=True, slots=True)
class Intent:
    """A journal entry without a result: a step that began and of which nobody knows how it ended."""

    step: str
    logical_id: str
    type: str
    action: str
    physical_id: str  # empty when a create had not got that far
    inputs: Mapping[str, Any] = field(default_factory=dict)  # may hold Secrets; journals encrypt them
    dependencies: tuple[str, ...] = ()
