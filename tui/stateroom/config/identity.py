"""Who a service is: the name, stage and region that its state goes by, without compiling the rest of it."""

from __future__ import annotations

from dataclasses import dataclass

from stateroom.config.project import ServiceEntry, load_main, service_file, service_name
from stateroom.config.settings import Settings
from stateroom.config.sources.registry import resolver_for
from stateroom.config.sources.remote import Remote
from stateroom.config.sources.scope import Scope
from stateroom.config.variables import Resolver


@dataclass(frozen=True, slots=True)
class ServiceIdentity:
    """`app` is `service:` of the service's own file, `profile` its `provider.profile`, "" when it has none."""

    app: str
    stage: str
    region: str
    profile: str = ""


def identify(entry: ServiceEntry, default_stage: str, settings: Settings) -> ServiceIdentity:
    """Read just enough of a service's file to find its state, so that a broken function keeps no state from view.

    Raises:
        ConfigError: the file is missing, is no YAML, or does not say `service:`.
    """
    scope, resolver = open_service_file(entry, default_stage, settings)
    profile = scope.profile_of(resolver)
    return ServiceIdentity(service_name(resolver), scope.stage_of(resolver), scope.region_of(resolver), profile)


def open_service_file(entry: ServiceEntry, default_stage: str, settings: Settings) -> tuple[Scope, Resolver]:
    """A service's file, ready to be asked for values. Raises ConfigError when it is missing or is no map."""
    file = service_file(entry)
    scope = Scope(
        stage=settings.stage,
        region=settings.region or entry.region,
        options=settings.options,
        environment=settings.environment,
        params=settings.params,
        passed=entry.params,
        default_stage=default_stage,
        remote=Remote(settings.remote),
    )
    return scope, resolver_for(load_main(file), scope)
