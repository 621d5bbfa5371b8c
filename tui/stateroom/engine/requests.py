"""What a face asks of the engine and what it gets back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from stateroom.model.diff import Path
from stateroom.model.events import Event
from stateroom.model.plan import Operation, Plan
from stateroom.model.version import History, Lock, Version, VersionName

if TYPE_CHECKING:
    from stateroom.model.resource import Snapshot

Emit: TypeAlias = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Request:
    """An operation to plan.

    `services` empty: all. `targets` empty: every resource; else addresses (`orders/OrdersQueue` or a logical id that
    is unique in the chosen services). `attributes` narrows heal and accept to single attributes of one target.
    """

    operation: Operation
    services: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    attributes: tuple[Path, ...] = ()
    refresh: bool = False  # deploy: look at the cloud first
    version: VersionName | None = None  # rollback: to which version
    state_only: bool = False  # rollback: leave the cloud alone
    adopt: tuple[str, ...] = ()  # deploy: addresses of resources that exist and are to be taken over


class Control:
    """How a running operation is stopped: once = start nothing new and save, twice = stop now."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._abort = threading.Event()

    def stop(self) -> None:
        """Ask once to finish what runs and start nothing new; ask again to stop at once."""
        (self._abort if self._stop.is_set() else self._stop).set()

    @property
    def stopping(self) -> bool:
        """Nothing new may start."""
        return self._stop.is_set()

    @property
    def aborting(self) -> bool:
        """Do not even wait for what runs."""
        return self._abort.is_set()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an operation ended."""

    done: int = 0
    failed: int = 0
    skipped: int = 0
    stopped: bool = False
    errors: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (address, lines)
    outputs: Mapping[str, Mapping[str, object]] = field(default_factory=dict)  # service → name → value

    @property
    def ok(self) -> bool:
        """Everything that was planned is done."""
        return not self.failed and not self.stopped and not self.errors


@dataclass(frozen=True, slots=True)
class Info:
    """What the title line says about an open workspace. Reading it calls no API and blocks on nothing."""

    project: str
    path: str
    stage: str  # `dev`; `dev, prod` when services have different stages
    region: str
    account: str  # from the last state or the last identity call; "" when not known yet
    home: str
    passphrase: str  # where it came from: "environment", "keyring", "prompt", "not needed", "locked"
    read_only: bool
    protected: frozenset[str]  # those of the services' stages that may not be removed
    services: tuple[str, ...]  # in dependency order
    warnings: tuple[str, ...] = ()
    app_secrets: bool = False  # the home keeps secrets of apps, as SST has them
    deployer: str = ""  # the tool that deploys what is shown, if it is not stateroom: only states can be seen then
    stages: Mapping[str, str] = field(default_factory=dict)  # of each service, as far as it can be told

    def stage_of(self, service: str) -> str:
        """The stage of one service; "" when its file does not tell."""
        return self.stages.get(service, "") if self.stages else self.stage

    def stages_of(self, services: Iterable[str]) -> tuple[str, ...]:
        """Stages of some services (none: of all), each once."""
        return tuple(dict.fromkeys(filter(None, map(self.stage_of, tuple(services) or self.services))))

    @property
    def differing(self) -> Mapping[str, str]:
        """The stage of each service when they are not all the same, else nothing."""
        return self.stages if len(set(self.stages.values())) > 1 else {}


class Cockpit(Protocol):
    """The engine as the faces see it. `Workspace` is the real one. Every method but `info` may block: use a thread."""

    def info(self) -> Info:
        """The title line."""

    def survey(
        self,
        emit: Emit,
        *,
        services: tuple[str, ...] = (),
        read_cloud: bool = True,
        cancelled: Callable[[], bool] = lambda: False,
        fresh: bool = False,
    ) -> None:
        """Compare the three columns, emitting ServiceSurveyed, ResourcesRead…, SurveyFinished. Changes nothing.

        `fresh`: values that a config takes from far away are asked for again, though they were read a moment ago.
        """

    def plan(
        self, request: Request, emit: Emit = lambda _event: None, cancelled: Callable[[], bool] = lambda: False
    ) -> Plan:
        """What the request would do. Reads the cloud where the operation needs it; changes nothing.

        Emits ServiceWorking when a config has to wait for something slow, which ends when `cancelled` says so.
        """

    def execute(
        self, plan: Plan, emit: Emit, control: Control, *, undo_on_failure: bool = False, wait_for_lock: float = 0.0
    ) -> Outcome:
        """Carry out a plan. Raises ReadOnlyError, LockedError, PlanError; step failures are in the Outcome."""

    def versions(self, service: str) -> tuple[Version, ...]:
        """Past states that were recorded, newest first."""

    def history(self, service: str, newest: int | None = None) -> History:
        """The newest past states, and how many more there are; None: all. Reads no state."""

    def version(self, service: str, name: VersionName) -> tuple[Version, Version | None]:
        """One of them, and what the state was before it, if it was. Raises StateError, naming those that exist."""

    def snapshot(self, service: str, version: VersionName | None = None) -> Snapshot | None:
        """The state at a version (the current one by default)."""

    def lock(self, service: str) -> Lock | None:
        """Who holds the lock, if anyone."""

    def unlock(self, service: str) -> Lock | None:
        """Break the lock; returns the one that was broken."""
