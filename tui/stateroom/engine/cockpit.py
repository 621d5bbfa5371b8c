"""Cockpits: what the faces open in a directory. A project of ours, or a home full of other tools' states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from stateroom.engine.deployers.direct import DirectDeployer
from stateroom.engine.foreign_cockpit import ForeignCockpit
from stateroom.engine.framework_outputs import compare_outputs, framework_deploy_notes
from stateroom.engine.opening.factory import open_home
from stateroom.engine.opening.guards import refuse_read_only
from stateroom.engine.opening.home_choice import project_home
from stateroom.engine.opening.project_loading import read_project, with_profile
from stateroom.engine.opening.project_trust import record_trust
from stateroom.engine.opening.sst_app import find_sst_app, open_sst_home
from stateroom.engine.operations.execute import execute_operation
from stateroom.engine.operations.plan import plan_operation
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.orphan_report import Orphan, OrphanReport
from stateroom.engine.orphans.acting import delete_orphans, imports_of
from stateroom.engine.orphans.search import find_orphans
from stateroom.engine.outputs import ServiceOutputs
from stateroom.engine.requests import Control, Emit, ImportTarget, Info, Outcome, Request
from stateroom.engine.service_cockpit import ServiceCockpit
from stateroom.engine.survey.declared_outputs import add_declared
from stateroom.engine.survey.survey import survey_project
from stateroom.engine.tools.app_secrets import keeps_secrets
from stateroom.engine.workspace import Workspace
from stateroom.model.plan import Plan
from stateroom.programs.access import ProgramUse


class ProjectCockpit(ServiceCockpit):
    """One project (engine.requests.OperatingCockpit, TrustCockpit and FrameworkCockpit).

    It has a workspace, and asks the deployers of its services.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def deployer(self, service: str) -> DirectDeployer:
        """Return the deployer of a service."""
        return DirectDeployer(self.workspace, service)

    def info(self) -> Info:
        """Return the title line's data."""
        workspace, project, options = self.workspace, self.workspace.project, self.workspace.options
        known = workspace.regions.known_identity
        stages = {name: options.stage or project.stages.get(name, "") for name in workspace.services}
        stages = {name: stage for name, stage in stages.items() if stage}
        return Info(
            project=project.title,
            path=str(project.root),
            stage=", ".join(dict.fromkeys(stages.values())),
            region=", ".join(workspace.regions.names) or options.region or "",
            account=known.account if known else workspace.account,
            home=workspace.home.label,
            passphrase=workspace.home.passphrase_source,
            read_only=options.read_only,
            protected=project.protected_stages.intersection(stages.values()),
            services=workspace.services,
            warnings=project.warnings,
            stages=stages,
            app_secrets=keeps_secrets(workspace.home),
        )

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
        """Compare the three columns, as events."""
        if fresh:
            self.workspace.forget_remote_values()
        survey_project(
            self.workspace,
            lambda service: self.deployer(service).state(),
            emit,
            services=services or self.workspace.services,
            read_cloud=read_cloud,
            cancelled=cancelled,
            quick=quick,
        )

    def plan(
        self, request: Request, emit: Emit = lambda _event: None, cancelled: Callable[[], bool] = lambda: False
    ) -> Plan:
        """Plan a request. Remote values are read again."""
        self.workspace.forget_remote_values()
        return plan_operation(self.workspace, self.deployer, request, emit, cancelled)

    def execute(
        self, plan: Plan, emit: Emit, control: Control, *, undo_on_failure: bool = False, wait_for_lock: float = 0.0
    ) -> Outcome:
        """Carry out a plan."""
        return execute_operation(
            self.workspace,
            self.deployer,
            plan,
            emit,
            control,
            undo_on_failure=undo_on_failure,
            wait_for_lock=wait_for_lock,
        )

    def outputs(self, service: str) -> ServiceOutputs:
        """Return a service's outputs beside those that the Serverless Framework stored, and those only declared.

        Raises:
            StateError, PassphraseError: the state cannot be read.
        """
        column = self.deployer(service).state()
        found = compare_outputs(self.workspace, service, column)
        return add_declared(found, self.workspace, lambda name: self.deployer(name).state(), column)

    def orphans(self) -> OrphanReport:
        """Search the account for what bears our mark and is in no state of the home. Only reads."""
        return find_orphans(self.workspace)

    def orphan_imports(self, orphans: Sequence[Orphan]) -> tuple[ImportTarget, ...]:
        """Return the imports that take orphans into the states that their tags name. Raises PlanError."""
        return imports_of(self.workspace, orphans)

    def delete_orphans(self, orphans: Sequence[Orphan], emit: Emit, control: Control) -> Outcome:
        """Delete orphans; no state changes. Raises ReadOnlyError."""
        refuse_read_only(read_only=self.workspace.options.read_only)
        regions = {self.workspace.region(name): name for name in self.workspace.services}
        providers = {region: self.workspace.provider(name) for region, name in regions.items()}
        return delete_orphans(providers, orphans, emit, control)

    def untrusted_programs(self) -> tuple[ProgramUse, ...]:
        """Return what the project wants started and the user has not allowed."""
        return self.workspace.wanted_programs()

    def trust_programs(self, uses: Sequence[ProgramUse]) -> None:
        """Remember that the project's directory may start these."""
        record_trust(self.workspace.project.root, self.workspace.options, uses)

    def framework_deploy_notes(self, services: Sequence[str], *, ask_cloud: bool = False) -> dict[str, str]:
        """Note for each service that somebody else has deployed it; by service."""
        return framework_deploy_notes(self.workspace, services, ask_cloud=ask_cloud)


def open_cockpit(path: Path, options: WorkspaceOptions) -> ProjectCockpit | ForeignCockpit:
    """Open the project at `path`, or the SST home of the options or an sst.config.ts.

    Raises:
        ConfigError: there is no project, or its files cannot be read.
        UsageError: a service is named that does not exist.
        StateError: an SST home cannot be found or listed.
    """
    root = (path.parent if path.is_file() else path).resolve()
    found = find_sst_app(root, options)
    if found is None:
        return open_project_cockpit(path, options)
    home = open_sst_home(found.kind, found.options)
    return ForeignCockpit(home, found.options, project=found.app or "SST", path=str(root), app=found.app, own=found.own)


def open_project_cockpit(path: Path, options: WorkspaceOptions) -> ProjectCockpit:
    """Open the project at `path` (a directory or a file in it).

    Raises:
        ConfigError: there is no project, its files cannot be read, or its services name different AWS profiles.
        UsageError: a service is named that the project does not have.
    """
    project = read_project(path, options)
    options = with_profile(project, options)
    if warning := project_home(project, options).warning:
        project = replace(project, warnings=(*project.warnings, warning))
    return ProjectCockpit(Workspace(project, options, open_home(project, options)))
