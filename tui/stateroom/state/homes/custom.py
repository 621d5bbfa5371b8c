"""A bucket of the user's own for states, as `state:` of a project names it through a resolver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from stateroom.errors import StateError
from stateroom.state.homes.pointed import refuse_unversioned
from stateroom.state.stores.aws import AwsClients
from stateroom.state.stores.buckets import Buckets
from stateroom.state.stores.late import LateStore
from stateroom.state.stores.s3 import S3Store

_KEYS: Final = frozenset({"type", "bucketName", "region", "serverSideEncryption"})


@dataclass(frozen=True, slots=True)
class CustomBucket:
    """It is never made here, only looked at."""

    name: str
    region: str
    encryption: str = ""  # S3's ServerSideEncryption

    def late_store(self, clients: AwsClients) -> LateStore:
        """The bucket as a store; the first write looks whether it keeps versions."""
        return LateStore(lambda: self._store(clients), lambda: self._checked(clients))

    def _store(self, clients: AwsClients) -> S3Store:
        return S3Store(clients, self.name, self.region, encryption=self.encryption)

    def _checked(self, clients: AwsClients) -> S3Store:
        if Buckets(clients, self.region).versioning(self.name) != "Enabled":
            refuse_unversioned(self.name, "turn on versioning for it, or take another bucket in `state:`")
        return self._store(clients)


def custom_bucket(resolver: Mapping[str, Any]) -> CustomBucket:
    """The bucket that a resolver's settings describe: `{type: s3, bucketName, region, serverSideEncryption}`.

    Raises:
        StateError: it is another kind of resolver, or a setting is missing or unknown.
    """
    kind = resolver.get("type")
    if kind != "s3":
        raise StateError(
            f"unsupported state resolver type: {kind}",
            why="states can be kept in a bucket that a resolver of type s3 names",
            todo="name such a resolver in `state:`, or leave `state:` out",
        )
    if unknown := sorted(set(resolver) - _KEYS):
        raise StateError(
            f"the state resolver has no setting {unknown[0]!r}", why=f"it takes {', '.join(sorted(_KEYS))}"
        )
    name, region = resolver.get("bucketName"), resolver.get("region")
    if not isinstance(name, str) or not name:
        raise StateError("the state resolver names no bucket", todo="add `bucketName`")
    if not isinstance(region, str) or not region:
        raise StateError(f"the state resolver does not say where {name} is", todo="add `region`")
    return CustomBucket(name, region, str(resolver.get("serverSideEncryption") or ""))
