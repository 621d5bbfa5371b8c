"""Open a project: the services of a directory, in the order of their dependencies."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

from stateroom.config.compose.own_settings import agreed, deployer_setting, home_setting
from stateroom.config.compose.services import ServiceEntry, service_entries
from stateroom.config.compose.state_bucket import StateBucket, state_bucket
from stateroom.config.compose.unknown_keys import unknown_keys
from stateroom.config.document.document import Document, load
from stateroom.config.document.suggestions import suggestion
from stateroom.config.project_files import COMPOSE_FILES, SERVICE_FILES, around, first_file, no_config
from stateroom.config.variables.registry import resolver_for
from stateroom.config.variables.remote import Remote
from stateroom.config.variables.resolver import Resolver
from stateroom.config.variables.scope import Scope
from stateroom.errors import ConfigError
from stateroom.model.graph import CycleError, topological_order
from stateroom.model.remote import RemoteValues
from stateroom.programs.access import NO_PROGRAMS, ProgramAccess

_PROTECTED: Final = frozenset({"prod", "production"})


@dataclass(frozen=True, slots=True)
class Project:
    """Opened project. `services` are in dependency order.

    `stages` has the stage of each service: the one that was chosen for all, else the service's own. A service without a
    resolvable stage is left out; reading that service raises the error.
    """

    name: str
    root: Path
    services: Mapping[str, ServiceEntry]
    compose: bool
    protected_stages: frozenset[str]
    stages: Mapping[str, str]
    warnings: tuple[str, ...] = ()
    home: str = ""  # `custom.stateroom.home`: a kind of home, or a directory (absolute)
    state: StateBucket | None = None  # the bucket that `state:` names
    deployer: str = ""  # `custom.stateroom.deployer` of the main file
    within: str = ""  # the service in whose directory a Compose project was opened

    @property
    def meant(self) -> tuple[str, ...]:
        """Return the services that are meant when none are named: that of the working directory, else all."""
        return (self.within,) if self.within else tuple(self.services)

    @property
    def title(self) -> str:
        """Return the name for people; in a service's own directory also the Compose file that counts."""
        if not self.within:
            return self.name
        file = first_file(self.root, COMPOSE_FILES) or self.root
        return f"{self.within} of {self.name} ({os.path.relpath(file, self.services[self.within].path)})"


RemoteFor: TypeAlias = Callable[[Callable[[], str]], RemoteValues | None]
_Opener: TypeAlias = Callable[..., tuple[Scope, Resolver]]


def _nobody(_profile: Callable[[], str]) -> None:
    """Return no remote values: there is no cloud connection."""


def open_project(
    path: Path,
    *,
    options: Mapping[str, str],
    environment: Mapping[str, str],
    params: Mapping[str, str] | None = None,
    remote: RemoteFor = _nobody,
    programs: ProgramAccess = NO_PROGRAMS,
) -> Project:
    """Find the project in a directory, or around a file in it.

    serverless-compose.yml is preferred to serverless.yml. A service's own directory opens the Compose project above
    that lists it: its params and its state's home are the same from both places.

    Args:
        path: the directory or the file.
        options: what `${opt:…}` answers.
        environment: what `${env:…}` answers.
        params: what was given with --param.
        remote: what reads the values that variables of a file ask of AWS, given a way to that file's
            `provider.profile` ("" for none). Nothing is read that no variable asks for.
        programs: which programs variables may start.

    Raises:
        ConfigError: there is none, its main file cannot be read, or its services depend on each other in a circle.
    """
    root, above = around(path)

    def opened(file: Path, entry: ServiceEntry | None = None) -> tuple[Scope, Resolver]:
        scope = Scope(options=options, environment=environment, params=params or {}, programs=programs)
        if entry is not None:
            scope.passed, scope.region = entry.params, options.get("region") or entry.region
        resolver = resolver_for(load_main(file), scope)
        scope.remote = Remote(remote(lambda: scope.profile_of(resolver)))
        return scope, resolver

    file = first_file(root, COMPOSE_FILES)
    if file is not None:
        return _compose_project(file, opened)
    file = first_file(root, SERVICE_FILES)
    if file is not None:
        if above is not None:
            return replace(_compose_project(above[0], opened), within=above[1])
        return _single_project(*opened(file))
    raise no_config(root, f"{COMPOSE_FILES[0]} or {SERVICE_FILES[0]}")


def load_main(file: Path) -> Document:
    """Load a project file, which must be a map. Raises ConfigError."""
    document = load(file)
    if not isinstance(document.value, dict):
        raise ConfigError(
            f"{file.name} is not a map of keys", todo="start it with: service: my-service", where=document.where(())
        )
    return document


def _single_project(scope: Scope, resolver: Resolver) -> Project:
    stage = scope.stage_of(resolver)
    name = service_name(resolver)
    root = resolver.directory
    return Project(
        name=name,
        root=root,
        services={name: ServiceEntry(name, root, {}, ())},
        compose=False,
        protected_stages=_protected(resolver) or _PROTECTED,
        stages={name: stage},
        home=home_setting(resolver),
        state=state_bucket(resolver, scope),
        deployer=deployer_setting(resolver),
    )


def service_name(resolver: Resolver) -> str:
    """Return `service:` or `service.name`. Raises ConfigError when there is none."""
    value = resolver.value(("service",))
    name = value.get("name") if isinstance(value, dict) else value
    if isinstance(name, str) and name:
        return name
    raise ConfigError(
        "service: the service has no name" if value is None else "service: not a name",
        todo="add a line such as service: my-service",
        where=resolver.where(("service",)),
    )


def _compose_project(file: Path, opened: _Opener) -> Project:
    scope, resolver = opened(file)
    entries = service_entries(resolver, scope.stage_of(resolver))  # services have stages of their own
    try:
        order = topological_order({name: entry.depends_on for name, entry in entries.items()})
    except CycleError as error:
        raise ConfigError(
            "services depend on each other in a circle",
            why=" → ".join(error.path),
            todo="remove one of the references or dependsOn",
            where=resolver.document.where(("services", error.path[0])),
        ) from None
    glimpses = {name: _summarise(entries[name], opened, scope.options.get("stage", "")) for name in order}
    homes = {name: glimpse.home for name, glimpse in glimpses.items() if glimpse.readable}
    states = {name: glimpse.state for name, glimpse in glimpses.items() if glimpse.readable}
    protected = _protected(resolver) or frozenset().union(*(glimpse.protected for glimpse in glimpses.values()))
    return Project(
        name=str(resolver.value(("app",)) or resolver.directory.name),
        root=resolver.directory,
        services={name: entries[name] for name in order},
        compose=True,
        protected_stages=protected or _PROTECTED,
        stages={name: glimpse.stage for name, glimpse in glimpses.items() if glimpse.stage},
        home=home_setting(resolver) or agreed("custom.stateroom.home", homes) or "",
        state=state_bucket(resolver, scope) or agreed("state", states),
        deployer=deployer_setting(resolver),
        warnings=tuple(unknown_keys(resolver)),
    )


def _protected(resolver: Resolver) -> frozenset[str]:
    value = resolver.value(("custom", "stateroom", "protect"))
    names = [value] if isinstance(value, str) else value or []
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return frozenset(names)
    raise ConfigError(
        "custom.stateroom.protect: not a list of stages",
        todo="write it so: protect: [prod]",
        where=resolver.where(("custom", "stateroom", "protect")),
    )


@dataclass(frozen=True, slots=True)
class _ServiceSummary:
    """Stage, protected stages and home of one service, read when the project is opened."""

    stage: str = ""
    protected: frozenset[str] = frozenset()
    readable: bool = False
    home: str = ""
    state: StateBucket | None = None


def _summarise(entry: ServiceEntry, opened: _Opener, stage: str) -> _ServiceSummary:
    """Read what the service's file allows; its errors are reported when the service is read.

    Raises:
        ConfigError: its `state:` or home cannot be understood: without them nobody knows where its state is.
    """
    found = _ServiceSummary(stage, _PROTECTED)  # what it protects may be hidden by what is wrong
    try:
        scope, resolver = opened(service_file(entry), entry)
        found = replace(found, stage=scope.stage_of(resolver))
    except ConfigError:
        return found
    found = replace(found, readable=True, home=home_setting(resolver), state=state_bucket(resolver, scope))
    try:
        return replace(found, protected=_protected(resolver))
    except ConfigError:
        return found


def service_file(entry: ServiceEntry) -> Path:
    """Return the service's config file. Raises ConfigError when it does not exist."""
    names = (entry.file,) if entry.file else SERVICE_FILES
    file = first_file(entry.path, names)
    if file is None:
        raise no_config(entry.path, names[0])
    return file


def entry_of(project: Project, name: str) -> ServiceEntry:
    """Return a service by name. Raises ConfigError with a suggestion."""
    entry = project.services.get(name)
    if entry is None:
        raise ConfigError(f"the project has no service {name}", todo=suggestion(name, project.services))
    return entry


__all__ = ["Project", "ServiceEntry", "open_project"]
