"""Resolvers defined in the document: `stages.<stage>.resolvers.<name>`, used as `${name:address}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from stateroom.config.document.suggestions import suggestion
from stateroom.config.variables.expression import ExpressionError
from stateroom.config.variables.resolver import Resolver
from stateroom.config.variables.scope import Lookup, Scope
from stateroom.config.variables.sources.cloud import aws, cf, s3, ssm
from stateroom.config.variables.sources.terraform import terraform
from stateroom.model.values import Value

_KINDS: Final[Mapping[str, Callable[[Lookup], Value]]] = {"ssm": ssm, "cf": cf, "s3": s3}
_TYPES: Final = frozenset({"aws", "terraform"})
_OWN_CREDENTIALS: Final = ("accessKeyId", "secretAccessKey", "sessionToken", "dashboard")


def resolver_config(scope: Scope, resolver: Resolver, name: str) -> Mapping[str, Value] | None:
    """Return a resolver's config, the stage's before the default's. Raises ConfigError."""
    for stage in (scope.stage_of(resolver), "default"):
        value = resolver.value(("stages", stage, "resolvers", name))
        if isinstance(value, Mapping):
            return value
    return None


def custom(lookup: Lookup, config: Mapping[str, Value]) -> Value:
    """Return the value that a resolver of the document finds."""
    type_ = config.get("type")
    if type_ not in _TYPES:
        raise ExpressionError(
            f"{lookup.source}: resolvers of type {type_} are not supported", "use aws or terraform, or ${env:…}"
        )
    given = [key for key in _OWN_CREDENTIALS if key in config]
    if given:
        raise ExpressionError(
            f"{lookup.source}: {given[0]} is not supported", "name a profile of the AWS configuration"
        )
    placed = replace(lookup, region=str(config.get("region") or ""), profile=str(config.get("profile") or ""))
    return terraform(placed, config) if type_ == "terraform" else _aws(placed, config)


def _aws(lookup: Lookup, config: Mapping[str, Value]) -> Value:
    """Return `${name:accountId}`, `${name:ssm:/parameter}`, or `${name:sub:address}` of a nested resolver."""
    first, colon, rest = lookup.address.partition(":")
    below = config.get(first)
    if colon and isinstance(below, Mapping):
        kind = str(below.get("type"))
        if kind not in _KINDS:
            raise ExpressionError(f"{lookup.source}.{first}: {kind} is not a type", suggestion(kind, _KINDS))
        region = str(below.get("region") or lookup.region)
        address = f"{below['bucketName']}/{rest}" if kind == "s3" and below.get("bucketName") else rest
        return _KINDS[kind](replace(lookup, address=address, region=region))
    return aws(lookup)
