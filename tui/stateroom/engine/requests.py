"""Requests to the engine and their results, and the Cockpit protocol."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from stateroom.model.diff import Path
from stateroom.model.events import Event
from stateroom.model.plan import Operation, Plan
from stateroom.model.values import Unresolved
from stateroom.model.version import History, Lock, Version, VersionName

if TYPE_CHECKING:
    from stateroom.engine.orphan_report import Orphan, OrphanReport
    from stateroom.engine.outputs import CallAddress, ServiceOutputs
    from stateroom.model.resource import Snapshot
    from stateroom.model.standing import Standing
    from stateroom.programs.access import ProgramUse

Emit: TypeAlias = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class ImportTarget:
    """Object in the cloud to take into a state.

    Args:
        what: its resource type, or the address of the resource that it becomes.
        physical_id: its id; a name or an ARN where these lead to it.
        orphan: it bears the mark of a state, and was found to be in none.
    """

    what: str
    physical_id: str
    orphan: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """Operation to plan.

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
    deployer: str = ""  # deploy and rollback: "direct" by choice, whatever stack there is
    adopt: tuple[str, ...] = ()  # deploy: addresses of resources that exist and are to be taken over
    keep_history: bool = False  # remove: leave versions, records and packages in the home
    imports: tuple[ImportTarget, ...] = ()  # import: what, and as what
    look: bool = True  # read what the cloud has of that which would be overwritten, to show it in the plan
    dry_run: bool = False  # deploy: the plan is only read, so nothing is built for it


class Control:
    """Stop control of a running operation: once = start nothing new and save, twice = stop now."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._abort = threading.Event()

    def stop(self) -> None:
        """Request a stop: finish running steps and start no others; a second call aborts."""
        (self._abort if self._stop.is_set() else self._stop).set()

    @property
    def stopping(self) -> bool:
        """Whether no new step may start."""
        return self._stop.is_set()

    @property
    def aborting(self) -> bool:
        """Whether running steps are abandoned, too."""
        return self._abort.is_set()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of an operation."""

    done: int = 0
    failed: int = 0
    skipped: int = 0
    stopped: bool = False
    errors: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (address, lines)
    outputs: Mapping[str, Mapping[str, object]] = field(default_factory=dict)  # service → name → value
    endpoints: Mapping[str, tuple[CallAddress, ...]] = field(default_factory=dict)  # by service, of those that ran
    held: int = 0  # of the skipped: left alone, because something about them could not be asked
    lasting: int = 0  # of the errors: those that running again does not mend

    @property
    def ok(self) -> bool:
        """Whether every planned step succeeded."""
        return not self.failed and not self.stopped and not self.errors

    @property
    def left_alone(self) -> bool:
        """Whether nothing failed: what is not done was left alone, or is an output that is not resolved."""
        values = [value for outputs in self.outputs.values() for value in outputs.values()]
        told = self.held + sum(isinstance(value, Unresolved) for value in values)
        return bool(self.held) and not self.failed and not self.stopped and len(self.errors) == told


@dataclass(frozen=True, slots=True)
class Info:
    """Title line data of an open workspace. Reading it calls no API and blocks on nothing."""

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
        """Return the stage of one service; "" when its file does not tell."""
        return self.stages.get(service, "") if self.stages else self.stage

    def stages_of(self, services: Iterable[str]) -> tuple[str, ...]:
        """Return the distinct stages of some services (none given: of all)."""
        return tuple(dict.fromkeys(filter(None, map(self.stage_of, tuple(services) or self.services))))

    @property
    def differing(self) -> Mapping[str, str]:
        """Return the stage of each service if they differ, else nothing."""
        return self.stages if len(set(self.stages.values())) > 1 else {}


class Cockpit(Protocol):
    """What is open, as the faces see it: the part that every home offers. Every method but `info` may block."""

    def info(self) -> Info:
        """Return the title line's data."""

    def survey(
        self,
        emit: Emit,
        *,
        services: tuple[str, ...] = (),
        read_cloud: bool = True,
        cancelled: Callable[[], bool] = lambda: False,
        fresh: bool = False,
        quick: bool = False,
    ) -> None:
        """Compare the three columns, emitting ServiceSurveyed, ResourcesRead…, SurveyFinished.

        Changes nothing. `fresh`: remote values of a config are requested again, even if they were read a moment ago.
        `quick`: children that nobody declared (policies, URLs, routes, …) are not looked for.
        """

    def versions(self, service: str) -> tuple[Version, ...]:
        """Return the recorded versions, newest first."""

    def history(self, service: str, newest: int | None = None) -> History:
        """Return the newest versions and the number of older ones; None: all. Reads no state."""

    def version(self, service: str, name: VersionName) -> tuple[Version, Version | None]:
        """Return a version and the previous state, if any. Raises StateError with the existing versions."""

    def snapshot(self, service: str, version: VersionName | None = None) -> Snapshot | None:
        """Return the state at a version (the current one by default)."""

    def lock(self, service: str) -> Lock | None:
        """Return the held lock, if any."""

    def standing(self, service: str) -> Standing:
        """Tell what runs or was cut off, who holds the lock, and what the state needs. Needs no passphrase."""

    def unlock(self, service: str, shown: Lock) -> Lock | None:
        """Break the lock that was shown, and return it; None when it is no longer held."""


@runtime_checkable
class OperatingCockpit(Cockpit, Protocol):
    """A project that stateroom deploys: all operations."""

    def plan(
        self, request: Request, emit: Emit = lambda _event: None, cancelled: Callable[[], bool] = lambda: False
    ) -> Plan:
        """Plan a request. Reads the cloud where the operation needs it; changes nothing.

        Emits ServiceWorking when a config has to wait for something slow, which ends when `cancelled` says so.
        """

    def execute(
        self, plan: Plan, emit: Emit, control: Control, *, undo_on_failure: bool = False, wait_for_lock: float = 0.0
    ) -> Outcome:
        """Carry out a plan. Raises ReadOnlyError, LockedError, PlanError; step failures are in the Outcome."""


@runtime_checkable
class StateRollbackCockpit(Cockpit, Protocol):
    """A home of another tool's states: of all operations only to set a state back to a version."""

    def plan_state_rollback(self, service: str, version: VersionName) -> Plan:
        """Plan to put a version in the place of the current state; the cloud is left alone."""

    def execute_state_rollback(self, plan: Plan, emit: Emit) -> Outcome:
        """Carry out such a plan. Raises ReadOnlyError, LockedError, StateError: nothing was written."""


@runtime_checkable
class TrustCockpit(Cockpit, Protocol):
    """A project that may want programs started: pip for its requirements, git for its variables."""

    def untrusted_programs(self) -> tuple[ProgramUse, ...]:
        """Return what the project wants started and the user has not allowed. Starts nothing."""

    def trust_programs(self, uses: Sequence[ProgramUse]) -> None:
        """Remember that the project's directory may start these. Raises StateroomError when it cannot be written."""


@runtime_checkable
class FrameworkCockpit(Cockpit, Protocol):
    """A project of the Serverless Framework, which may have deployed the same services and stored their outputs."""

    def outputs(self, service: str) -> ServiceOutputs:
        """Return a service's outputs beside those that the framework stored. Raises StateError, PassphraseError."""

    def framework_deploy_notes(self, services: Sequence[str], *, ask_cloud: bool = False) -> dict[str, str]:
        """Note for each service that the framework has deployed it; by service."""


@runtime_checkable
class OrphanCockpit(Cockpit, Protocol):
    """A project whose account can be searched for what bears our mark and is in no state."""

    def orphans(self) -> OrphanReport:
        """Search the account. Only reads. Raises StateError, CloudError."""

    def orphan_imports(self, orphans: Sequence[Orphan]) -> tuple[ImportTarget, ...]:
        """Return the imports that take orphans into the states that their tags name. Raises PlanError."""

    def delete_orphans(self, orphans: Sequence[Orphan], emit: Emit, control: Control) -> Outcome:
        """Delete orphans; no state changes. Raises ReadOnlyError."""
