"""Scope of variable resolution: stage, options, environment, parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from stateroom.config.siblings import Siblings
from stateroom.config.variables.expression import ExpressionError
from stateroom.config.variables.remote import Remote
from stateroom.config.variables.resolver import Resolver, Source
from stateroom.errors import ConfigError
from stateroom.model.values import Value
from stateroom.programs.access import NO_PROGRAMS, ProgramAccess

DEFAULT_STAGE = "dev"
DEFAULT_REGION = "us-east-1"
_OF_STAGE: Final = ("env", "file", "git", "opt", "param", "self", "sls", "strToBool")


@dataclass(slots=True)
class Scope:
    """Values outside the document that a variable may need.

    `stage` and `region` are the caller's; None for the document's.
    """

    stage: str | None = None
    region: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)  # --param
    passed: Mapping[str, Value] = field(default_factory=dict)  # from Compose, resolved
    dotenv: dict[str, str] | None = None  # cache of the .env files
    remote: Remote = field(default_factory=Remote)
    siblings: Siblings = field(default_factory=Siblings)
    programs: ProgramAccess = NO_PROGRAMS
    finding_stage: bool = False
    _found: str | None = None

    def stage_of(self, resolver: Resolver) -> str:
        """Return the stage: the caller's, else `--stage`, else `provider.stage`, else the default."""
        known = self.stage or self.options.get("stage") or self._found
        if known:
            return known
        if self.finding_stage:  # provider.stage itself asks for something that depends on the stage
            return DEFAULT_STAGE
        self.finding_stage = True
        try:
            # Apart from all else: what is found here, with a stage that is only assumed, must not be found again.
            found = _provider_text(resolver.afresh(_OF_STAGE, _not_for_a_stage), "stage") or DEFAULT_STAGE
        finally:
            self.finding_stage, self.dotenv = False, None
        self._found = found
        return found

    def region_of(self, resolver: Resolver) -> str:
        """Return the region.

        The caller's, else `--region`, else `provider.region`, else AWS_REGION, else us-east-1.
        """
        return (
            self.region
            or self.options.get("region")
            or _provider_text(resolver, "region")
            or self.environment.get("AWS_REGION")
            or self.environment.get("AWS_DEFAULT_REGION")
            or DEFAULT_REGION
        )

    def profile_of(self, resolver: Resolver) -> str:
        """Return the named AWS profile of the service, or ""."""
        return _provider_text(resolver, "profile") or ""

    def stack_of(self, resolver: Resolver) -> str:
        """Return the service's `provider.stackName`, or ""."""
        name = resolver.value(("provider", "stackName"))
        return name if isinstance(name, str) else ""


def _not_for_a_stage(_resolver: Resolver, name: str) -> Source:
    raise ExpressionError(
        f"the stage cannot come from ${{{name}:…}}: it must be known before anything is asked elsewhere",
        f"use {', '.join(_OF_STAGE)}, or give it with --stage",
    )


def _provider_text(resolver: Resolver, key: str) -> str | None:
    value = resolver.value(("provider", key))
    if value is None or (isinstance(value, str) and value):
        return value
    raise ConfigError(
        f"provider.{key}: not a name",
        why="it must be known before anything else is read",
        todo=f"write a text, such as {DEFAULT_STAGE if key == 'stage' else DEFAULT_REGION}",
        where=resolver.where(("provider", key)),
    )


@dataclass(frozen=True, slots=True)
class Lookup:
    """Lookup of one `${source(params):address}`; parts not written are "".

    `region` and `profile` are those of a resolver of the document's own, "" without one.
    """

    scope: Scope
    resolver: Resolver
    address: str
    params: str
    source: str = ""
    region: str = ""
    profile: str = ""
