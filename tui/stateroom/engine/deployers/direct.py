"""Direct deployer: stateroom itself, with API calls; the state is a checkpoint in the project's home."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from stateroom.cloud.provider import Provider
from stateroom.config.compile_options import Watch
from stateroom.engine.deployers.deployer import PlannedOperation
from stateroom.engine.deployers.home_service import HomeService
from stateroom.engine.deployers.record_cloud import open_record_provider
from stateroom.engine.execution.run_options import RunOptions, ServiceResult
from stateroom.engine.execution.service import run_service
from stateroom.engine.framework_outputs import framework_deploy_notes
from stateroom.engine.opening.guards import check_region
from stateroom.engine.opening.state_loading import StateColumn
from stateroom.engine.planning.accept import plan_accept
from stateroom.engine.planning.checks.steps import deletion_windows
from stateroom.engine.planning.context import PlanningContext, open_context
from stateroom.engine.planning.deploy import plan_deploy
from stateroom.engine.planning.heal import plan_heal
from stateroom.engine.planning.imports.plan import plan_import
from stateroom.engine.planning.planner import Surroundings
from stateroom.engine.planning.refresh import plan_refresh
from stateroom.engine.planning.remove import plan_remove
from stateroom.engine.planning.rollback import plan_rollback
from stateroom.engine.records.kept_packages import missing_packages, refuse_missing_packages
from stateroom.engine.records.pending_steps import WAY_OUT
from stateroom.engine.records.recovery import pending_note
from stateroom.engine.requests import Request
from stateroom.engine.tools.pending_lookup import lookup_within
from stateroom.engine.tools.record_providers import RecordProvider
from stateroom.engine.workspace import Workspace
from stateroom.errors import StateError
from stateroom.model.plan import Action, Operation, ServicePlan
from stateroom.model.resource import Snapshot
from stateroom.model.values import Value
from stateroom.model.version import History, VersionName

_PLANNERS: Mapping[Operation, Callable[[PlanningContext], ServicePlan]] = {
    Operation.DEPLOY: plan_deploy,
    Operation.REFRESH: plan_refresh,
    Operation.ACCEPT: plan_accept,
    Operation.HEAL: plan_heal,
    Operation.REMOVE: plan_remove,
    Operation.ROLLBACK: plan_rollback,
    Operation.IMPORT: plan_import,
}


class DirectDeployer(HomeService):
    """One service that stateroom deploys (engine.deployers.deployer.Deployer).

    Raises:
        UsageError: the project has no such service.
    """

    name = "direct"

    def __init__(self, workspace: Workspace, service: str) -> None:
        self._workspace = workspace
        self._service = service
        app, stage = workspace.place(service)
        ask, read_only = lookup_within(self._cloud_of_record), workspace.options.read_only
        cloud = self._cloud_of_state
        super().__init__(workspace.home, app, stage, ask=ask, provider=cloud, read_only=read_only)

    def state(self) -> StateColumn:
        """Return the state as the home holds it."""
        return self._workspace.state(self._service)

    def snapshot(self, version: VersionName | None = None) -> Snapshot | None:
        """Return the state at a version, or now."""
        if version is not None:
            return self._home.load_version(self._app, self._stage, version)
        column = self.state()
        return column.snapshot if column.exists else None

    def history(self, newest: int | None = None) -> History:
        """Return past states; where there are none, and no state, who else has deployed the service."""
        found = super().history(newest)
        if found.versions or found.held:
            return found
        notes = framework_deploy_notes(self._workspace, (self._service,), ask_cloud=True)
        return replace(found, elsewhere=notes.get(self._service, ""))

    def plan(self, request: Request, outputs: Mapping[str, Mapping[str, Value]], watch: Watch) -> PlannedOperation:
        """Plan towards the config, a version, the state itself or nothing, by the request's operation."""
        context = open_context(self._workspace, request, self._service, outputs, watch)
        plan = _PLANNERS[request.operation](context)
        self._check_packages(request, plan, context)
        if request.operation is not Operation.DEPLOY:  # whose checks have told it
            told_windows = deletion_windows(plan.steps, context.provider)
            context.warnings.extend(f"{self._service}: {text}" for text in told_windows)
        plan = replace(
            plan,
            settles=context.settles,
            stage=context.stage,
            base=context.column.token,
            account=context.identity.account,
            region=self._workspace.region(self._service),
            lineage=context.column.snapshot.lineage,
            targeted=context.wanted or frozenset(),
        )
        told = {step.logical_id for step in plan.steps if step.action is Action.PENDING}
        silent = (item for item in context.snapshot.pending if item.logical_id not in told)
        warnings = [*context.warnings, *(f"{self._service}: {pending_note(item)}; {WAY_OUT}" for item in silent)]
        return PlannedOperation(plan, tuple(warnings))

    def _check_packages(self, request: Request, plan: ServicePlan, context: PlanningContext) -> None:
        """Refuse a rollback whose packages are not there any more; of what heals, warn: the rest can be healed."""
        records, home = context.snapshot.by_id(), self._workspace.home
        if request.operation is Operation.ROLLBACK and not request.state_only:
            refuse_missing_packages(plan, records, home, request.version)
        elif request.operation is Operation.HEAL:
            missing = missing_packages(plan, records, home)
            context.warnings.extend(f"{self._service}/{name} cannot be healed: {why}" for name, why in missing.items())

    def run(self, plan: ServicePlan, outputs: Mapping[str, Mapping[str, Value]], run: RunOptions) -> ServiceResult:
        """Run the steps with API calls."""
        workspace, service = self._workspace, self._service
        surroundings = Surroundings(
            workspace.provider(service),
            workspace.identity(service),
            outputs,
            workspace.project.stages,
            workspace.look_up(service),
        )
        return run_service(plan, workspace.home, surroundings, run)

    def _cloud_of_record(self, place: RecordProvider) -> Provider:
        """Return the provider where a resource of the state is: one of ours, or of another tool in the same file."""
        if not place.region and not place.profile:
            return self._cloud_of_state()
        return open_record_provider(place, self._workspace.options)

    def _cloud_of_state(self) -> Provider:
        """Return the provider of a state's resources. Raises PlanError for another account or region."""
        workspace, service = self._workspace, self._service
        column = workspace.state(service, even_damaged=True)
        check_region(service, column.region, workspace.region(service))
        provider = workspace.provider(service)
        if column.account and (account := provider.identity().account) != column.account:
            raise StateError(f"the state is of account {column.account}, and these credentials are of {account}")
        return provider
