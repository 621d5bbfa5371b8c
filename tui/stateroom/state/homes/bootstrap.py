"""Bootstrap of a home: its parts, their problems, and the states in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from stateroom.errors import StateError
from stateroom.model.version import Lock
from stateroom.state.stores import buckets, copies
from stateroom.state.stores.aws import AwsClients
from stateroom.state.stores.copies import ObjectCopier
from stateroom.state.stores.s3 import S3ObjectVersion, S3Store
from stateroom.state.stores.store import Store

LOST: Final = "gone, although buckets are there"
NEVER: Final = "not made yet"
GONE: Final = "gone"
UNREADABLE: Final = "names no bucket"
UNVERSIONED: Final = "keeps no versions"
RESETTING: Final = "a reset is under way"
UNNAMED: Final = "no parameter names it"
ABSENT: Final = "not there: deleted, or never made"


@dataclass(frozen=True, slots=True)
class Part:
    """Part of a bootstrap in its present condition.

    Args:
        role: what it is for: "states", "packages", "images".
        kind: "parameter", "bucket", "repository", "directory" or "passphrase".
        name: its name; "" when nothing says one.
        region: where it is.
        exists: whether it is there.
        problem: what is wrong with it, one of the constants above; "" when nothing is.
        points_at: for a parameter: what it says.
        holds: for a directory or an R2 bucket: how much is in it.
    """

    role: str
    kind: str
    name: str
    region: str
    exists: bool
    problem: str = ""
    points_at: str = ""
    holds: str = ""


@dataclass(frozen=True, slots=True)
class Tenant:
    """State in a home with its owner. `tool` wrote it: "stateroom", "serverless", "sst"."""

    tool: str
    service: str
    stage: str
    region: str = ""
    modified: datetime | None = None
    bucket: str = ""
    lock: Lock | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict, repr=False)
    problem: str = ""


class Versions(Store, Protocol):
    """Store that lists the versions of its objects."""

    def versions(self, prefix: str = "") -> Iterator[S3ObjectVersion]:
        """Yield every version and delete marker; current objects in a store without versions."""


class BucketAdmin(Protocol):
    """Administration of buckets. Methods raise StateError."""

    def exists(self, name: str) -> bool:
        """Tell whether a bucket exists."""

    def create(self, name: str) -> None:
        """Create a bucket."""

    def may_hold_anything(self, name: str) -> bool:
        """Tell whether a bucket is not empty, or may not be listed."""

    def delete_versions(self, name: str, versions: Sequence[S3ObjectVersion]) -> None:
        """Delete exactly these versions; missing ones are no error."""

    def delete(self, name: str) -> bool:
        """Delete an empty bucket; a missing one is a success. False: it is not empty."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Bucket of a bootstrap, with its store and administration."""

    role: str
    name: str
    region: str
    store: Versions
    buckets: BucketAdmin
    copies: ObjectCopier


class Inspected(Protocol):
    """Home that can be inspected. Inspecting changes nothing."""

    @property
    def name(self) -> str:
        """Kind of home: "serverless", "sst"."""

    @property
    def account(self) -> str:
        """Return the account that owns the home; "" for a directory. Raises StateError."""

    def parts(self) -> tuple[Part, ...]:
        """Return the parts, as pointers name them and as they exist. Raises StateError when AWS fails."""

    def tenants(self) -> tuple[Tenant, ...]:
        """Return the states in the home."""


class Bootstrap(Inspected, Protocol):
    """Bootstrap of a home: what must exist before the first deploy. Every change may be repeated."""

    @property
    def pointed(self) -> bool:
        """Whether parameters name the home's buckets; otherwise the names are fixed."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """Remarks on what a reset leaves out, or what its backup contains."""

    def candidates(self, role: str) -> tuple[str, ...]:
        """Return the buckets of a role that are not empty, pointed at or not."""

    def buckets(self) -> tuple[Bucket, ...]:
        """Return the buckets that the pointers name, existing or not."""

    def close(self, who: str) -> None:
        """Mark the home as being reset, so that other clients neither read nor write it.

        Raises:
            LockedError: an operation holds a lock in it.
        """

    def fresh(self, role: str) -> Bucket:
        """Return a new bucket name for a role; creates nothing."""

    def open(self, role: str, name: str, region: str) -> Bucket:
        """Return a bucket by its name, existing or not."""

    def make(self, bucket: Bucket) -> None:
        """Create a bucket with the home's settings; an existing one gets the missing settings."""

    def pointers(self) -> Mapping[str, str]:
        """Return the parameter values by name."""

    def forget(self) -> tuple[str, ...]:
        """Delete the parameters that mark a reset; returns the names of those that existed."""

    def begin(self, buckets: Sequence[Bucket], past: Mapping[str, str]) -> tuple[Bucket, ...]:
        """Create parameters that name these buckets, with no reset mark. Existing ones stay as they are.

        Args:
            buckets: of every role.
            past: what the parameters said, by their names, for what they say besides.

        Returns:
            The buckets that parameters of another process name instead.
        """

    def point(self, buckets: Sequence[Bucket]) -> None:
        """Set the pointers to these buckets; pointers of other roles stay as they are."""

    def make_rest(self) -> tuple[str, ...]:
        """Create missing parts that are neither pointer nor bucket; returns what was created."""


def bucket_named(clients: AwsClients, role: str, name: str, region: str) -> Bucket:
    """Return an S3 bucket by its name, existing or not."""
    return Bucket(
        role,
        name,
        region,
        S3Store(clients, name, region),
        buckets.Buckets(clients, region),
        copies.Copies(clients, name, region),
    )


def make_versioned(clients: AwsClients, bucket: Bucket) -> None:
    """Create an S3 bucket if it is missing, and turn on versioning. Raises StateError."""
    there = buckets.Buckets(clients, bucket.region)
    if not there.exists(bucket.name):
        there.create(bucket.name)
    if there.versioning(bucket.name) != "Enabled":
        there.keep_versions(bucket.name)


def is_unversioned(clients: AwsClients, bucket: Bucket) -> bool:
    """Tell whether an S3 bucket has no versioning. Raises StateError."""
    return buckets.Buckets(clients, bucket.region).versioning(bucket.name) != "Enabled"


def readable(bucket: Bucket, tenants: Callable[[Bucket], Iterator[Tenant]]) -> Iterator[Tenant]:
    """Yield the tenants of a bucket: none if it is gone, an unknown one if access is denied."""
    try:
        if bucket.buckets.exists(bucket.name):
            yield from tenants(bucket)
    except StateError as error:
        yield Tenant("unknown", "", "", bucket=bucket.name, problem=error.what)
