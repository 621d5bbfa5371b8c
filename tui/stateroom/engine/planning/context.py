"""Open the context of planning one service: state, cloud, targets; the same for every operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from stateroom.cloud.provider import Identity, Owner, Provider
from stateroom.config.compile_options import Watch
from stateroom.engine.framework_outputs import framework_deploy_notes
from stateroom.engine.opening.guards import check_account, check_region
from stateroom.engine.opening.state_loading import StateColumn
from stateroom.engine.planning.checks.attributes import check_attributes
from stateroom.engine.planning.cloud_values.look import OverwrittenValues
from stateroom.engine.planning.first_deploy import check_no_stack
from stateroom.engine.planning.ownership.claims import Claims
from stateroom.engine.planning.planner import Surroundings
from stateroom.engine.planning.readings import Readings, read_records
from stateroom.engine.planning.targets import adopted_targets, targets_of
from stateroom.engine.records.output_values import stored_outputs, unresolved_outputs
from stateroom.engine.records.record_map import by_address
from stateroom.engine.records.recovery import Recovered
from stateroom.engine.records.undeclared.changes import child_changes
from stateroom.engine.requests import Request
from stateroom.engine.workspace import Workspace
from stateroom.model.compare import same
from stateroom.model.diff import Path
from stateroom.model.plan import Operation, ServicePlan
from stateroom.model.resource import Record, Snapshot, Template
from stateroom.model.values import Value


@dataclass(frozen=True, slots=True)
class PlanningContext:
    """Inputs of planning one service. `warnings` collects the plan's warnings."""

    workspace: Workspace
    request: Request
    service: str
    column: StateColumn
    snapshot: Snapshot  # an interrupted operation and what was pending taken in
    provider: Provider
    identity: Identity
    wanted: frozenset[str] | None  # logical ids that --target leaves; None: all
    outputs: Mapping[str, Mapping[str, Value]]  # of the services planned before
    warnings: list[str]
    watch: Watch
    settles: bool = False  # what became of interrupted or pending steps has to be stored

    @property
    def records(self) -> tuple[Record, ...]:
        """Return all records, old copies included."""
        return self.snapshot.records

    @property
    def surroundings(self) -> Surroundings:
        """Return the planner's inputs besides target and records."""
        stages = self.workspace.project.stages
        look_up = self.workspace.look_up(self.service)
        declared = self.workspace.declared_outputs
        return Surroundings(self.provider, self.identity, self.outputs, stages, look_up, declared)

    @property
    def stage(self) -> str:
        """Stage of the service."""
        return self.workspace.stage_of(self.service)

    def owner(self, logical_id: str) -> Owner:
        """Return the owner of one resource of this state."""
        snapshot = self.snapshot
        return Owner(snapshot.service, snapshot.stage, logical_id, snapshot.lineage, self.workspace.home.mark)

    def claims(self, records: Mapping[str, Record] | None = None) -> Claims:
        """Return ownership questions about the service, with `records` by address in place of the state's own."""
        known = by_address(self.records) if records is None else records
        live = {record.logical_id: record for record in known.values() if not record.condemned}
        adopt = adopted_targets(self.request.adopt, self.service)
        held = self.snapshot.records or self.snapshot.pending
        lost = not held and self.column.leftover is None  # what it made may still be there
        return Claims(self.provider, self.owner, live, adopt, lost, self.workspace.home.mark, self._warn)

    def _warn(self, text: str) -> None:
        self.warnings.append(f"{self.service}: {text}")

    def empty_target(self) -> Template:
        """Return a target without resources."""
        workspace = self.workspace
        return Template(self.service, workspace.app(self.service), self.stage, workspace.region(self.service), {})

    def mark_outputs(self, plan: ServicePlan) -> ServicePlan:
        """Return the plan, marked when the state's outputs have to be written, with those that are not resolved."""
        outputs, target = plan.outputs or {}, plan.target
        before = dict(self.snapshot.outputs)
        unresolved = tuple(unresolved_outputs(target, outputs)) if target is not None else ()
        return replace(
            plan,
            outputs_change=not same(stored_outputs(outputs, before), before),
            unresolved=tuple((f"{self.service}.{name}", error.lines()) for name, error in unresolved),
        )

    def cloud_values(self, known: Readings | None = None) -> OverwrittenValues:
        """Return the cloud's values of what a plan would overwrite; `known` are readings that were taken already."""
        return OverwrittenValues(self.provider, self.snapshot.by_id(), known, asked=self.request.look)

    def read(self) -> Readings:
        """Read the wanted records from the cloud; an unreadable one becomes a warning."""
        records = [record for record in self.records if self.wanted is None or record.logical_id in self.wanted]
        readings = read_records(records, self.provider)
        self.warnings.extend(f"{self.service}/{name}: not read: {why}" for name, why in readings.unread.items())
        return readings

    def check_attributes(self, readings: Readings) -> None:
        """Refuse attributes of the request that the wanted resources do not have, with a suggestion."""
        if self.request.attributes and self.wanted:
            known = self.snapshot.by_id()
            beside = {name: tuple(self._undeclared(known[name], readings)) for name in self.wanted & known.keys()}
            drifts, missing = readings.drifts, readings.missing
            check_attributes(self.request.attributes, known, self.wanted, drifts, missing, self.provider, beside)

    def _undeclared(self, record: Record, readings: Readings) -> Iterator[Path]:
        drift = readings.drifts.get(record.logical_id)
        yield from (item.path for item in drift.unmanaged) if drift else ()
        children = readings.children.get(record.logical_id, {})
        yield from (item.path for item in child_changes(record, children, self.provider.children))


def open_context(
    workspace: Workspace,
    request: Request,
    service: str,
    outputs: Mapping[str, Mapping[str, Value]],
    watch: Watch,
) -> PlanningContext:
    """Open a service's state and cloud for planning.

    Raises:
        PlanError: the state's resources are in another region, or in another account than the credentials'.
        StateroomError: the state cannot be read, or the cloud cannot be asked who we are.
    """
    warnings: list[str] = []
    replaces_state = request.operation is Operation.ROLLBACK and request.state_only
    column = workspace.state(service, even_damaged=replaces_state)
    check_region(service, column.region, workspace.region(service))  # before recovery looks for anything there
    provider = workspace.provider(service)
    identity = provider.identity()
    check_account(service, column.account, identity.account)
    lock = column.lock
    if lock is not None and not workspace.home.is_abandoned(lock):
        recovered = Recovered(column.snapshot)
        warnings.append(f"{service}: locked by {lock}")
    else:
        recovered = column.recovered(provider)
        warnings.extend(f"{service}: {note}" for note in recovered.notes)
    snapshot = recovered.snapshot
    if column.untouched and (request.operation is Operation.DEPLOY or _makes_again(request)):
        check_no_stack(workspace, service, request.deployer)
    if request.operation is Operation.DEPLOY and not column.exists:
        warnings.extend(f"{service}: {text}" for text in framework_deploy_notes(workspace, (service,)).values())
    wanted = targets_of(workspace, request, service, snapshot)
    return PlanningContext(
        workspace,
        request,
        service,
        column,
        snapshot,
        provider,
        identity,
        wanted,
        dict(outputs),
        warnings,
        watch,
        recovered.news,
    )


def _makes_again(request: Request) -> bool:
    """Whether a request makes resources anew from a past version."""
    return request.operation is Operation.ROLLBACK and not request.state_only
