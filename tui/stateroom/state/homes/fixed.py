"""Homes without pointers: a directory or a custom bucket. They are inspected, never reset."""

from __future__ import annotations

from dataclasses import dataclass

from stateroom.state.homes.bootstrap import (
    GONE,
    NEVER,
    UNVERSIONED,
    Part,
    Tenant,
    bucket_named,
    is_unversioned,
    readable,
)
from stateroom.state.homes.custom import CustomBucket
from stateroom.state.homes.serverless_bootstrap import tenants_in as serverless_tenants
from stateroom.state.homes.tenants import missing_passphrases, tenants_in
from stateroom.state.object_names import ObjectNames
from stateroom.state.stores.aws import AwsClients
from stateroom.state.stores.directory import DirectoryStore


@dataclass(frozen=True, slots=True)
class DirectoryParts:
    """Directory with states (homes.bootstrap.Inspected). `name` is "local" or "sst-local"."""

    name: str
    store: DirectoryStore
    account: str = ""

    @property
    def why_fixed(self) -> tuple[str, str]:
        """Reason why it cannot be reset, and the alternative."""
        return (
            "nothing points at a directory, and the next write makes it when it is missing",
            f"to begin anew move {self.store.root} away; to keep a copy, copy it while nothing runs",
        )

    def parts(self) -> tuple[Part, ...]:
        """Return the directory, and the passphrases of SST that are missing from it."""
        root = self.store.root
        if not root.is_dir():
            return (Part("states", "directory", str(root), "", exists=False, problem=NEVER),)
        objects = list(self.store.list(""))
        size = sum(root.joinpath(key).stat().st_size for key in objects if root.joinpath(key).is_file())
        directory = Part("states", "directory", str(root), "", True, holds=f"{len(objects)} objects, {size:,} bytes")
        if self.name == "local":
            return (directory,)
        return directory, *missing_passphrases(self.store, ObjectNames, self.tenants())

    def tenants(self) -> tuple[Tenant, ...]:
        """Return the states in it."""
        tool = "stateroom" if self.name == "local" else "sst"
        return tuple(tenants_in(self.store, ObjectNames, tool, str(self.store.root)))


@dataclass(frozen=True, slots=True)
class OwnBucketParts:
    """Bucket that a project's `state:` names (homes.bootstrap.Inspected). It is never created."""

    clients: AwsClients
    custom: CustomBucket
    name: str = "serverless"
    why_fixed: tuple[str, str] = (
        "the bucket is your own: `state:` of the project names it, and no parameter does",
        "`stateroom bootstrap status` shows what is in it",
    )

    @property
    def account(self) -> str:
        """Return the account of the credentials."""
        return self.clients.account

    def parts(self) -> tuple[Part, ...]:
        """Return the bucket."""
        bucket = bucket_named(self.clients, "states", self.custom.name, self.custom.region)
        exists = bucket.buckets.exists(bucket.name)
        problem = (UNVERSIONED if is_unversioned(self.clients, bucket) else "") if exists else GONE
        return (Part("states", "bucket", bucket.name, bucket.region, exists, problem),)

    def tenants(self) -> tuple[Tenant, ...]:
        """Return the states in it."""
        bucket = bucket_named(self.clients, "states", self.custom.name, self.custom.region)
        return tuple(readable(bucket, serverless_tenants))
