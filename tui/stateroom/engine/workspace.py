"""Registry of one project: for each of its services the template, state, names, region and provider."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from stateroom.cloud.provider import Artifacts, Identity, Provider
from stateroom.config.compile_options import CompileOptions, Watch
from stateroom.config.identity import ServiceIdentity, identify
from stateroom.config.project import Project
from stateroom.config.siblings import OutputValue, symbolic
from stateroom.engine.opening.factory import open_provider
from stateroom.engine.opening.known_outputs import compile_for_names
from stateroom.engine.opening.project_loading import remote_values, settings_of
from stateroom.engine.opening.project_trust import program_access, wanted_programs
from stateroom.engine.opening.regions import Regions
from stateroom.engine.opening.remote_cache import look_up_with
from stateroom.engine.opening.state_loading import StateColumn, load_state
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.records.record_references import LookUp
from stateroom.errors import ConfigError, UsageError
from stateroom.model.problems.suggestions import did_you_mean
from stateroom.model.resource import Template
from stateroom.programs.access import ProgramUse
from stateroom.state.home import Home

ProviderFactory = Callable[[str, WorkspaceOptions, Artifacts], Provider]
"""Region, options and a way to a package → a provider."""


class Workspace:
    """One project, all of it on the stage that was chosen, else each service on its own.

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
        self.account = ""  # as the last state that was read says
        packages = home.packages.package
        self.regions = Regions(lambda region: provider_factory(region, options, lambda sha: packages(sha, region)))
        self._undeployed: dict[str, bool] = {}  # of the services whose state was read
        self._identified: dict[str, ServiceIdentity] = {}
        self._identified_lock = threading.Lock()
        self._remote = remote_values(options)
        self.services = self._selected_services()

    # ---- config

    def template(
        self,
        service: str,
        watch: Watch | None = None,
        *,
        install: bool = True,
        sources: bool = False,
        output: OutputValue = symbolic,
    ) -> Template:
        """Compile the service's config. Unless `sources`, what a deploy builds, packages may lack their hashes.

        Args:
            service: its name in the project.
            watch: told of what is slow.
            install: whether requirements that are not there are installed, from wheels.
            sources: whether what has no wheel is built.
            output: the value of another service's output.

        Raises:
            TrustError: with `sources`, a program is wanted that may not run.
            ConfigError: the files say something that cannot be compiled.
        """
        from stateroom.config.compiler import compile_service  # the compiler is not needed to show a state

        settings = replace(self._settings(), watch=watch or Watch(), install=install, sources=sources)
        settings = replace(settings, siblings=replace(settings.siblings, output=output))
        return compile_service(self.project, service, settings)

    def declared_outputs(self, service: str) -> frozenset[str] | None:
        """Return the names of the outputs that a service's config declares; None when it cannot be compiled."""
        try:
            template = compile_for_names(lambda output: self.template(service, install=False, output=output))
        except ConfigError:
            return None
        return frozenset(template.outputs)

    def wanted_programs(self) -> tuple[ProgramUse, ...]:
        """Return the uses of programs that the services want and that are not allowed. Starts none."""
        access = program_access(self.project.root, self.options)
        wanted_programs(self.project, self._settings(), self.services, access)
        return access.refused

    def look_up(self, service: str) -> LookUp:
        """Return the lookup of a service's dynamic references while its steps run."""
        return look_up_with(self._remote, self.region(service))

    def forget_remote_values(self) -> None:
        """Ask again for what configs take from far away, though it was read a moment ago."""
        self._remote.forget()

    def dependencies(self, service: str) -> tuple[str, ...]:
        """Return the services that must be deployed before."""
        return self.project.services[service].depends_on

    def _settings(self) -> CompileOptions:
        return settings_of(self.project, self.options, self._remote)

    # ---- state

    def state(self, service: str, *, even_damaged: bool = False) -> StateColumn:
        """Return the service's state. Raises StateError, unless `even_damaged`, when it is damaged."""
        column = load_state(self.home, self.app(service), self.stage_of(service), even_damaged=even_damaged)
        self.account = column.snapshot.account or self.account
        self._undeployed[service] = column.untouched
        return column

    def is_undeployed(self, service: str) -> bool:
        """Tell whether there is neither a state nor an interrupted first operation. Raises StateError."""
        if service not in self._undeployed:
            self.state(service, even_damaged=True)
        return self._undeployed[service]

    def place(self, service: str) -> tuple[str, str]:
        """(app, stage): the names that a service's state goes by. Raises UsageError."""
        self.check_service(service)
        return self.app(service), self.stage_of(service)

    # ---- cloud

    def provider(self, service: str) -> Provider:
        """Return the provider of a service; one for each region."""
        return self.regions.provider(self.region(service))

    def identity(self, service: str) -> Identity:
        """Return account and region of the service's calls, cached."""
        return self.provider(service).identity()

    # ---- names

    def app(self, service: str) -> str:
        """Return the app name of a service's state."""
        return self._identify(service).app

    def stage_of(self, service: str) -> str:
        """Return the service's stage: the chosen one, else its own. Raises ConfigError as `app` does."""
        return self.options.stage or self.project.stages.get(service) or self._identify(service).stage

    def region(self, service: str) -> str:
        """Return the region of a service's resources."""
        return self._identify(service).region

    def stack(self, service: str) -> tuple[str, str]:
        """Return (name, region) of the Serverless Framework's stack for a service."""
        identity = self._identify(service)
        return identity.stack or f"{identity.app}-{self.stage_of(service)}", identity.region

    def deployer(self, service: str) -> str:
        """Return the deployer that the files choose for a service; "" when they choose none."""
        return self._identify(service).deployer or self.project.deployer

    def check_service(self, service: str) -> None:
        """Raise UsageError when the project has no such service."""
        if service not in self.project.services:
            raise UsageError(
                f"there is no service {service!r}",
                why=f"the project has: {', '.join(self.project.services)}",
                todo=did_you_mean(service, self.project.services) or "name one of those",
            )

    def _identify(self, service: str) -> ServiceIdentity:
        with self._identified_lock:  # several threads ask at once, and each answer costs reading a file
            if service not in self._identified:
                entry = self.project.services[service]
                self._identified[service] = identify(entry, self._settings())
            return self._identified[service]

    def _selected_services(self) -> tuple[str, ...]:
        for name in self.options.services:
            self.check_service(name)
        wanted = self.options.services or self.project.meant
        return tuple(name for name in self.project.services if name in wanted)
