"""Past states, locks and who did what when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

VersionName: TypeAlias = int | str
"""How a version is asked for: its number, or the address (`@2026-11-21T10:02:33`) of a state that has none."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who runs an operation, from where.

    What comes after `command` tells one process from all others, on this machine or elsewhere; empty: not known.
    """

    user: str
    host: str
    pid: int
    command: str
    machine: str = ""  # stays the same for ever
    boot: str = ""  # another one after each boot
    namespace: str = ""  # of pids: containers of one machine have numbers of their own
    started: str = ""  # when the process began: numbers are given out again


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
    """One past state of a service on a stage, and what is known of whoever wrote it.

    What a bucket kept of the state without anybody having recorded it is one, too: it has an address for a number. So
    are a deletion and an operation that failed before it stored anything, of which there is no state (`stored`).
    """

    number: int  # counts from 1, never reused; 0: nobody recorded it
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
    counted: bool = True  # whether created, updated and deleted are known
    address: str = ""  # of what has no number
    stored: bool = True  # False: there is no state to show or to go back to
    partial: bool = False  # written on the way of an operation that wrote more afterwards
    same_as: int = 0  # the number of a version with the same bytes
    object_version: str = ""  # the bucket's name for the state as it was then

    @property
    def name(self) -> VersionName:
        """What it is asked for by."""
        return self.number or self.address


@dataclass(frozen=True, slots=True)
class Past:
    """What a home keeps of a service and stage besides its state; a remove clears it.

    Args:
        versions: past states.
        records: of operations.
        kept: whether the bucket keeps what is deleted as versions of its own; None: that may not be asked.
        secrets: whether the state has values that a passphrase opens.
    """

    versions: int
    records: int
    kept: bool | None = False
    secrets: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """Versions of a service, newest first, as far back as was asked for.

    `older` counts those that were not read. `problem`: why what the bucket kept by itself is not among them.
    `elsewhere`: who else deployed the service, when there is no version of it. `held`: how many resources a state
    without any version holds, last written at `modified`.
    """

    versions: tuple[Version, ...] = ()
    older: int = 0
    problem: tuple[str, ...] = ()
    elsewhere: str = ""
    held: int = 0
    modified: datetime | None = None


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
    adopted: str = ""  # RFC 3339, UTC: adopt of what stateroom did not make
