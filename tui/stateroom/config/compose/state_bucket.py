"""Read `state:` of serverless.yml or serverless-compose.yml: the S3 bucket for state, named by a resolver."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from stateroom.config.document.document import KeyPath
from stateroom.config.document.source_locations import dotted
from stateroom.config.document.suggestions import suggestion
from stateroom.config.variables.resolver import Resolver
from stateroom.config.variables.scope import Scope
from stateroom.errors import ConfigError
from stateroom.model.values import Value

_EXAMPLE: Final = "my-account: {type: aws, my-states: {type: s3, bucketName: my-bucket}}, and state: my-states"


@dataclass(frozen=True, slots=True)
class StateBucket:
    """S3 bucket for state that the project names.

    `encryption` is S3's ServerSideEncryption, "" for the bucket's own; `profile` is the AWS profile of its calls, ""
    for those of everything else.
    """

    bucket: str
    region: str
    encryption: str = ""
    profile: str = ""


@dataclass(frozen=True, slots=True)
class _Bucket:
    name: str
    account: Mapping[str, Value]  # the resolver of type aws around it
    own: Mapping[str, Value]
    path: KeyPath


def state_bucket(resolver: Resolver, scope: Scope) -> StateBucket | None:
    """Return the bucket that `state:` names; None without `state:`.

    Raises:
        ConfigError: it names no resolver of type s3 below one of type aws.
    """
    value = resolver.value(("state",))
    if value is None:
        return None
    name = value.get("resolver") if isinstance(value, Mapping) else value
    if not isinstance(name, str) or not name:
        raise _error(resolver, ("state",), "no resolver", "write state: <name of a resolver of type s3>")
    found = {one.name: one for one in _buckets(resolver, scope)}
    if name not in found:
        todo = (
            suggestion(name, found) or f"add it below a resolver of type aws, in stages.default.resolvers: {_EXAMPLE}"
        )
        raise _error(resolver, ("state",), f"there is no resolver {name} of type s3", todo)
    account, own = found[name].account, found[name].own
    bucket = own.get("bucketName")
    if not isinstance(bucket, str) or not bucket:
        raise _error(resolver, found[name].path, "no bucketName", "add bucketName: with the bucket's name")
    region = own.get("region") or account.get("region") or scope.region_of(resolver)
    encryption = own.get("serverSideEncryption") or ""
    return StateBucket(bucket, str(region), str(encryption), str(account.get("profile") or ""))


def _buckets(resolver: Resolver, scope: Scope) -> Iterator[_Bucket]:
    """Yield each resolver of type s3; the stage's own come last."""
    for stage in ("default", scope.stage_of(resolver)):
        base: KeyPath = ("stages", stage, "resolvers")
        resolvers = resolver.value(base)
        for outer, account in resolvers.items() if isinstance(resolvers, Mapping) else ():
            if not isinstance(account, Mapping) or account.get("type") != "aws":
                continue
            for name, own in account.items():
                if isinstance(own, Mapping) and own.get("type") == "s3":
                    yield _Bucket(name, account, own, (*base, outer, name))


def _error(resolver: Resolver, path: KeyPath, what: str, todo: str) -> ConfigError:
    return ConfigError(f"{dotted(path)}: {what}", todo=todo, where=resolver.where(path))
