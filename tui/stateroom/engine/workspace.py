"""Workspace of an open project: its config, state and cloud."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from stateroom.cloud.provider import Identity, Provider
from stateroom.config.compile_options import CompileOptions, Watch
from stateroom.config.identity import ServiceIdentity, identify
from stateroom.config.project import Project
from stateroom.engine.execution import executor
from stateroom.engine.opening.factory import open_home, open_provider
from stateroom.engine.opening.guards import check_region
from stateroom.engine.opening.project_loading import read_project, remote_values, settings_of, with_profile
from stateroom.engine.opening.regions import Regions
from stateroom.engine.opening.remote_cache import look_up_with
from stateroom.engine.opening.state_loading import StateColumn, load_state
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.planning import plan
from stateroom.engine.planning.record_references import LookUp
from stateroom.engine.requests import Control, Emit, Info, Outcome, Request
from stateroom.engine.survey import survey
from stateroom.engine.survey.outputs import elsewhere
from stateroom.engine.tools.app_secrets import keeps_secrets
from stateroom.engine.tools.pending_lookup import pending_lookup
from stateroom.engine.tools.state_tools import StateTools
from stateroom.errors import UsageError
from stateroom.model.plan import Plan
from stateroom.model.resource import Snapshot, Template
from stateroom.model.version import History, Lock, Version, VersionName
from stateroom.state.home import Home

ProviderFactory = Callable[[str, WorkspaceOptions, Callable[[str], bytes]], Provider]
"""Region, options and a way to an artifact's bytes → a provider."""


class Workspace:
    """Project (engine.requests.Cockpit) on the chosen stage, else each service on its own.

    Opening reads the project's files, and what their variables ask for; nothing else.
    """

    def __init__(
        self,
        project: Project,
        options: WorkspaceOptions,
        home: Home,
        provider_factory: ProviderFactory = open_provider,
    ) -> None:
        self.project = project
        self.options = options
        self.home = home
        self._regions = Regions(lambda region: provider_factory(region, options, home.artifact))
        self._identified: dict[str, ServiceIdentity] = {}
        self._identified_lock = threading.Lock()
        self._remote = remote_values(options)
        self._account = ""  # as the last state read says
        self.services = self._chosen_services()

    # ---- what the engine's rooms need

    def template(self, service: str, watch: Watch | None = None, *, install: bool = True) -> Template:
        """Compile the service's config. Without `install`, packages may lack their hashes.

        Raises:
            ConfigError: the files say something that cannot be compiled.
        """
        from stateroom.config.compiler import compile_service  # the compiler is not needed to show a state

        settings = replace(self._settings(), watch=watch or Watch(), install=install)
        return compile_service(self.project, service, settings)

    def _settings(self) -> CompileOptions:
        return settings_of(self.project, self.options, self._remote)

    def look_up(self, service: str) -> LookUp:
        """Return the lookup of a service's dynamic references while its steps run."""
        return look_up_with(self._remote, self.region(service))

    def state(self, service: str, *, even_damaged: bool = False) -> StateColumn:
        """Return the service's state. Raises StateError, unless `even_damaged`, when it is damaged."""
        column = load_state(self.home, self.app(service), self.stage_of(service), even_damaged=even_damaged)
        self._account = column.snapshot.account or self._account
        return column

    def app(self, service: str) -> str:
        """Return the app name of a service's state."""
        return self._identify(service).app

    def place(self, service: str) -> tuple[str, str]:
        """Return (app, stage) of a service's state."""
        self.check_service(service)
        return self.app(service), self.stage_of(service)

    def stage_of(self, service: str) -> str:
        """Return the service's stage: the chosen one, else its own. Raises ConfigError as `app` does."""
        return self.options.stage or self.project.stages.get(service) or self._identify(service).stage

    def tools(self, service: str) -> StateTools:
        """Return the state tools for a service."""
        ask = pending_lookup(lambda: self._cloud_of_state(service))
        return StateTools(self.home, *self.place(service), read_only=self.options.read_only, ask=ask)

    def _cloud_of_state(self, service: str) -> Provider:
        """Return the provider of a state's resources. Raises PlanError for another account or region."""
        check_region(service, self.state(service, even_damaged=True).region, self.region(service))
        return self.provider(service)

    def region(self, service: str) -> str:
        """Return the region of a service's resources."""
        return self._identify(service).region

    def _identify(self, service: str) -> ServiceIdentity:
        with self._identified_lock:  # several threads ask at once, and each answer costs reading a file
            return self._identify_once(service)

    def _identify_once(self, service: str) -> ServiceIdentity:
        if service not in self._identified:
            entry = self.project.services[service]
            self._identified[service] = identify(entry, self._settings())
        return self._identified[service]

    def stack(self, service: str) -> tuple[str, str]:
        """Return (name, region) of the Serverless Framework's stack for a service."""
        identity = self._identify(service)
        return identity.stack or f"{identity.app}-{self.stage_of(service)}", identity.region

    def provider(self, service: str) -> Provider:
        """Return the provider of a service; one for each region."""
        return self._regions.provider(self.region(service))

    def identity(self, service: str) -> Identity:
        """Return account and region of the service's calls, cached."""
        return self.provider(service).identity()

    def dependencies(self, service: str) -> tuple[str, ...]:
        """Return the services that must be deployed before."""
        return self.project.services[service].depends_on

    def check_service(self, service: str) -> None:
        """Check that the project has a service. Raises UsageError."""
        if service not in self.project.services:
            raise UsageError(
                f"there is no service {service!r}",
                why=f"the project has: {', '.join(self.project.services)}",
                todo="name one of those",
            )

    def _chosen_services(self) -> tuple[str, ...]:
        for name in self.options.services:
            self.check_service(name)
        wanted = self.options.services or tuple(self.project.services)
        return tuple(name for name in self.project.services if name in wanted)

    # ---- what the faces ask

    def info(self) -> Info:
        """Return the title line's data."""
        known = self._regions.known_identity
        stages = {name: self.options.stage or self.project.stages.get(name, "") for name in self.services}
        stages = {name: stage for name, stage in stages.items() if stage}
        return Info(
            project=self.project.name,
            path=str(self.project.root),
            stage=", ".join(dict.fromkeys(stages.values())),
            region=", ".join(self._regions.names) or self.options.region or "",
            account=known.account if known else self._account,
            home=self.home.label,
            passphrase=self.home.passphrase_source,
            read_only=self.options.read_only,
            protected=self.project.protected_stages.intersection(stages.values()),
            services=self.services,
            warnings=self.project.warnings,
            stages=stages,
            app_secrets=keeps_secrets(self.home),
        )

    def survey(
        self,
        emit: Emit,
        *,
        services: tuple[str, ...] = (),
        read_cloud: bool = True,
        cancelled: Callable[[], bool] = lambda: False,
        fresh: bool = False,
    ) -> None:
        """Compare the three columns, as events."""
        if fresh:
            self._remote.forget()
        survey.survey(self, emit, services=services or self.services, read_cloud=read_cloud, cancelled=cancelled)

    def plan(
        self, request: Request, emit: Emit = lambda _event: None, cancelled: Callable[[], bool] = lambda: False
    ) -> Plan:
        """Plan a request. Remote values are read again."""
        self._remote.forget()
        return plan.plan(self, request, emit, cancelled)

    def execute(
        self, plan: Plan, emit: Emit, control: Control, *, undo_on_failure: bool = False, wait_for_lock: float = 0.0
    ) -> Outcome:
        """Carry out a plan."""
        return executor.execute(self, plan, emit, control, undo_on_failure=undo_on_failure, wait_for_lock=wait_for_lock)

    def versions(self, service: str) -> tuple[Version, ...]:
        """Return the recorded versions, newest first."""
        return self.home.versions(*self.place(service))

    def history(self, service: str, newest: int | None = None) -> History:
        """Return the newest versions with their changes."""
        found = self.home.histories.history(*self.place(service), newest)
        return found if found.versions else replace(found, elsewhere=elsewhere(self, (service,)).get(service, ""))

    def version(self, service: str, name: VersionName) -> tuple[Version, Version | None]:
        """Return a version, and the one before it."""
        return self.home.histories.find(*self.place(service), name)

    def snapshot(self, service: str, version: VersionName | None = None) -> Snapshot | None:
        """Return the state at a version, or now."""
        self.check_service(service)
        if version is not None:
            return self.home.load_version(*self.place(service), version)
        column = self.state(service)
        return column.snapshot if column.exists else None

    def lock(self, service: str) -> Lock | None:
        """Return the held lock, if any."""
        return self.home.read_lock(*self.place(service))

    def unlock(self, service: str) -> Lock | None:
        """Break the lock."""
        executor.refuse_read_only(self)
        return self.home.break_lock(*self.place(service))


def open_workspace(path: Path, options: WorkspaceOptions) -> Workspace:
    """Open the project at `path` (a directory or a file in it).

    Raises:
        ConfigError: there is no project, its files cannot be read, or its services name different AWS profiles.
        UsageError: a service is named that the project does not have.
    """
    project = read_project(path, options)
    options = with_profile(project, options)
    return Workspace(project, options, open_home(project, options))


__all__ = ["Workspace", "WorkspaceOptions", "open_workspace"]
