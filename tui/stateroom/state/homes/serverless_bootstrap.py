"""Bootstrap of the Serverless home: two parameters, each naming a bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from stateroom.errors import StateError
from stateroom.state.homes.bootstrap import (
    GONE,
    LOST,
    NEVER,
    RESETTING,
    UNNAMED,
    UNREADABLE,
    UNVERSIONED,
    Bucket,
    Part,
    Tenant,
    bucket_named,
    make_versioned,
    readable,
)
from stateroom.state.homes.pointed import PointedBucket
from stateroom.state.homes.serverless import STATE_POINTER, ServerlessNames, packages_pointer
from stateroom.state.locks import lock
from stateroom.state.pointer import PointerTarget
from stateroom.state.repository.framework_stacks import framework_states
from stateroom.state.stores.aws import AwsClients
from stateroom.state.stores.buckets import Buckets
from stateroom.state.stores.store import Store

STATES: Final = "states"
PACKAGES: Final = "packages"


class ServerlessBootstrap:
    """Bootstrap of the Serverless home (homes.bootstrap.Bootstrap).

    Args:
        clients: AWS.
        packages_region: the region of the deploy and of the deployment bucket.
        clock: now, UTC.
    """

    name = "serverless"
    pointed = True
    remarks = ("passphrases stay where they are, in SSM",)

    def __init__(self, clients: AwsClients, packages_region: str, clock: Callable[[], datetime]) -> None:
        self._clients = clients
        self._pointed = {
            STATES: PointedBucket(clients, STATE_POINTER, clock),
            PACKAGES: PointedBucket(clients, packages_pointer(packages_region), clock),
        }

    @property
    def account(self) -> str:
        """Return the account that owns the home."""
        return self._clients.account

    def parts(self) -> tuple[Part, ...]:
        """Return each parameter, the bucket that it names, and other buckets of its kind."""
        return tuple(part for role, pointed in self._pointed.items() for part in self._parts_of(role, pointed))

    def tenants(self) -> tuple[Tenant, ...]:
        """Return states of stateroom and of the framework, also in buckets not pointed at."""
        found = {bucket.name: bucket for bucket in self.buckets() if bucket.role == STATES}
        for name in self.candidates(STATES):
            found.setdefault(name, self.open(STATES, name, STATE_POINTER.region))
        return tuple(tenant for bucket in found.values() for tenant in readable(bucket, tenants_in))

    def candidates(self, role: str) -> tuple[str, ...]:
        """Return the buckets of a role that are not empty."""
        return self._pointed[role].orphans()

    def buckets(self) -> tuple[Bucket, ...]:
        """Return the buckets that the parameters name, existing or not."""
        return tuple(
            self.open(role, target.bucket, target.region)
            for role, pointed in self._pointed.items()
            if (target := _readable(pointed))
        )

    def close(self, who: str) -> None:
        """Write the reset mark into the parameters."""
        for pointed in self._pointed.values():
            if target := _readable(pointed):
                pointed.point(target.bucket, target.region, reset=who)

    def fresh(self, role: str) -> Bucket:
        """Return a new bucket name, as the framework would choose it."""
        pointer = self._pointed[role].pointer
        return self.open(role, pointer.fresh_name(), pointer.region)

    def open(self, role: str, name: str, region: str) -> Bucket:
        """Return a bucket by its name."""
        return bucket_named(self._clients, role, name, region)

    def make(self, bucket: Bucket) -> None:
        """Create a versioned bucket."""
        make_versioned(self._clients, bucket)
        self._pointed[bucket.role].confirm(bucket.name, bucket.region)

    def pointers(self) -> Mapping[str, str]:
        """Return the content of both parameters."""
        return {pointed.pointer.parameter: text for pointed in self._pointed.values() if (text := pointed.text())}

    def forget(self) -> tuple[str, ...]:
        """Delete the parameters that mark a reset."""
        return tuple(pointed.pointer.parameter for pointed in self._pointed.values() if pointed.forget())

    def begin(self, buckets: Sequence[Bucket], past: Mapping[str, str]) -> tuple[Bucket, ...]:  # noqa: ARG002
        """Create the parameters with nothing but a bucket's name."""
        others = ((bucket.role, self._pointed[bucket.role].begin(bucket.name, bucket.region)) for bucket in buckets)
        return tuple(self.open(role, target.bucket, target.region) for role, target in others if target)

    def point(self, buckets: Sequence[Bucket]) -> None:
        """Set the parameters to these buckets."""
        for bucket in buckets:
            self._pointed[bucket.role].point(bucket.name, bucket.region)

    def make_rest(self) -> tuple[str, ...]:
        """Return nothing: there are no further parts."""
        return ()

    def _parts_of(self, role: str, pointed: PointedBucket) -> Iterator[Part]:
        pointer, problem, target = pointed.pointer, "", None
        try:
            target = pointed.target()
        except StateError as error:
            if UNREADABLE not in error.what:
                raise
            problem = UNREADABLE
        others = [name for name in pointed.orphans() if target is None or name != target.bucket]
        exists = target is not None or bool(problem)
        if not exists:
            problem = LOST if others else NEVER
        if target and target.reset:
            problem = RESETTING
        says = target.bucket if target else ""
        yield Part(role, "parameter", pointer.parameter, pointer.region, exists, problem, says)
        if target:
            yield _bucket_part(role, pointed, target)
        for name in others:
            region = Buckets(self._clients, pointer.region).region_of(name)
            yield Part(role, "bucket", name, region, True, UNNAMED)


def tenants_in(bucket: Bucket) -> Iterator[Tenant]:
    """Yield the states in a Serverless state bucket. Raises StateError."""
    store = bucket.store
    keys = [(owner, key) for key in store.list(ServerlessNames.STATES) if (owner := ServerlessNames.owner(key))]
    for (app, stage), key in keys:
        yield _tenant(store, bucket.name, app, stage, key)
    for state in framework_states(store):
        if not state.removed:
            problem = "its object is damaged" if state.damaged else ""
            yield Tenant(
                "serverless",
                state.stack,
                "",
                state.region,
                state.modified,
                bucket.name,
                outputs=state.outputs,
                problem=problem,
            )


def _tenant(store: Store, bucket: str, app: str, stage: str, key: str) -> Tenant:
    blob = store.get(key)
    held = lock.read(store, ServerlessNames(app, stage).lock)
    modified = blob.modified if blob else None
    return Tenant("stateroom", app, stage, modified=modified, bucket=bucket, lock=held)


def _bucket_part(role: str, pointed: PointedBucket, target: PointerTarget) -> Part:
    buckets, problem = pointed.buckets(target), ""
    exists = buckets.exists(target.bucket)
    if not exists:
        problem = NEVER if target.fresh else GONE
    elif buckets.versioning(target.bucket) != "Enabled":
        problem = UNVERSIONED
    return Part(role, "bucket", target.bucket, target.region, exists, problem)


def _readable(pointed: PointedBucket) -> PointerTarget | None:
    try:
        return pointed.target()
    except StateError as error:
        if UNREADABLE not in error.what:
            raise
        return None
