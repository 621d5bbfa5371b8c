"""Service identity: name, stage and region of its state, read without compiling the service."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from stateroom.config.compile_options import CompileOptions
from stateroom.config.compose.own_settings import deployer_setting
from stateroom.config.project import ServiceEntry, load_main, service_file, service_name
from stateroom.config.siblings import with_outputs
from stateroom.config.variables.registry import resolver_for
from stateroom.config.variables.remote import Remote
from stateroom.config.variables.resolver import Resolver
from stateroom.config.variables.scope import Scope
from stateroom.errors import ConfigError

_STAGE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class ServiceIdentity:
    """Identity of a service. `app` is `service:` of its own file.

    `stack`: its `provider.stackName`, "" when it has none; what the Serverless Framework would call its stack.
    `deployer`: its `custom.stateroom.deployer`, "" when it has none.
    """

    app: str
    stage: str
    region: str
    stack: str = ""
    deployer: str = ""


def identify(entry: ServiceEntry, settings: CompileOptions) -> ServiceIdentity:
    """Read a service's identity only, so that a broken function does not hide its state.

    Raises:
        ConfigError: the file is missing, is no YAML, or does not say `service:`.
    """
    scope, resolver = open_service_file(entry, settings)
    return ServiceIdentity(
        service_name(resolver),
        scope.stage_of(resolver),
        scope.region_of(resolver),
        scope.stack_of(resolver),
        deployer_setting(resolver),
    )


def profile_of(entry: ServiceEntry, settings: CompileOptions) -> str:
    """Return the service's `provider.profile`, "" without one. Raises ConfigError."""
    scope, resolver = open_service_file(entry, settings)
    return scope.profile_of(resolver)


def open_service_file(entry: ServiceEntry, settings: CompileOptions) -> tuple[Scope, Resolver]:
    """Open a service's file for variable lookups; its stage is resolved first.

    Raises:
        ConfigError: it is missing, is no map, or its stage cannot be told.
    """
    file = service_file(entry)
    scope = Scope(
        stage=settings.stage,
        region=settings.region or entry.region,
        options=settings.options,
        environment=settings.environment,
        params=settings.params,
        passed=with_outputs(entry.params, settings.siblings.output),
        siblings=settings.siblings,
        remote=Remote(settings.remote),
        programs=settings.programs,
    )
    resolver = resolver_for(load_main(file), scope)
    stage = scope.stage_of(resolver)
    if not _STAGE.fullmatch(stage):
        raise ConfigError(f"{stage!r} is not a stage name", todo="use letters, digits, - . and _")
    return scope, resolver
