"""What planning one service begins with, whatever the operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stateroom.cloud.provider import Identity, Provider
from stateroom.config.compile_options import Watch
from stateroom.engine.opening.guards import check_account, check_region
from stateroom.engine.opening.state_loading import StateColumn
from stateroom.engine.planning.planner import Surroundings
from stateroom.engine.planning.refresh_steps import Readings, read_records
from stateroom.engine.planning.targets import targets_of
from stateroom.engine.requests import Request
from stateroom.engine.survey.outputs import elsewhere
from stateroom.model.plan import Operation
from stateroom.model.resource import Record, Snapshot, Template
from stateroom.model.values import Value

if TYPE_CHECKING:
    from stateroom.engine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class PlanningContext:
    """One service at the moment of planning. `warnings` collects what the plan should say besides its steps."""

    workspace: Workspace
    request: Request
    service: str
    column: StateColumn
    snapshot: Snapshot  # an interrupted operation taken in
    provider: Provider
    identity: Identity
    wanted: frozenset[str] | None  # logical ids that --target leaves; None: all
    outputs: Mapping[str, Mapping[str, Value]]  # of the services planned before
    warnings: list[str]
    watch: Watch

    @property
    def records(self) -> tuple[Record, ...]:
        """Records, old copies included."""
        return self.snapshot.records

    @property
    def surroundings(self) -> Surroundings:
        """What the planner needs besides a target and records."""
        stages = self.workspace.project.stages
        look_up = self.workspace.look_up(self.service)
        return Surroundings(self.provider, self.identity, self.outputs, stages, look_up)

    @property
    def stage(self) -> str:
        """The service's stage."""
        return self.workspace.stage_of(self.service)

    def nothing(self) -> Template:
        """The target that has no resources."""
        workspace = self.workspace
        return Template(self.service, workspace.app(self.service), self.stage, workspace.region(self.service), {})

    def read(self) -> Readings:
        """Read the cloud for the wanted records; what cannot be read becomes a warning."""
        records = [record for record in self.records if self.wanted is None or record.logical_id in self.wanted]
        readings = read_records(records, self.provider)
        self.warnings.extend(f"{self.service}/{name}: not read: {why}" for name, why in readings.unread.items())
        return readings


def open_context(
    workspace: Workspace,
    request: Request,
    service: str,
    outputs: Mapping[str, Mapping[str, Value]],
    warnings: list[str],
    watch: Watch,
) -> PlanningContext:
    """Open the service's state and its cloud.

    Raises:
        PlanError: the state's resources are in another region, or in another account than the credentials'.
        StateroomError: the state cannot be read, or the cloud cannot be asked who we are.
    """
    replaces_state = request.operation is Operation.ROLLBACK and request.state_only
    column = workspace.state(service, even_damaged=replaces_state)
    check_region(service, column.region, workspace.region(service))  # before recovery looks for anything there
    provider = workspace.provider(service)
    identity = provider.identity()
    check_account(service, column.account, identity.account)
    lock = column.lock
    if lock is not None and not workspace.home.is_abandoned(lock):
        snapshot = column.snapshot
        warnings.append(f"{service}: locked by {lock}")
    else:
        snapshot, notes = column.recovered(provider)
        warnings.extend(f"{service}: {note}" for note in notes)
    if request.operation is Operation.DEPLOY and not column.exists:
        warnings.extend(f"{service}: {text}" for text in elsewhere(workspace, (service,)).values())
    wanted = targets_of(workspace, request, service, snapshot)
    return PlanningContext(
        workspace, request, service, column, snapshot, provider, identity, wanted, dict(outputs), warnings, watch
    )
