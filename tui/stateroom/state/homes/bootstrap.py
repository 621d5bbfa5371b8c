"""What every bootstrap has in common: its parts, what is wrong with them, and whose states they hold."""

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
    """One thing that a bootstrap consists of, as it is now.

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
    """Somebody's state in a home. `tool` wrote it: "stateroom", "serverless", "sst"."""

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
    """A store that says which versions of its objects there are."""

    def versions(self, prefix: str = "") -> Iterator[S3ObjectVersion]:
        """Every version and every marker of a deletion; where nothing keeps versions, what is current."""


class BucketAdmin(Protocol):
    """Buckets themselves. Methods raise StateError."""

    def exists(self, name: str) -> bool:
        """Whether there is such a bucket."""

    def create(self, name: str) -> None:
        """Make a bucket."""

    def may_hold_anything(self, name: str) -> bool:
        """Whether a bucket holds anything, or may not be looked into."""

    def delete_versions(self, name: str, versions: Sequence[S3ObjectVersion]) -> None:
        """Delete exactly these versions; those that are gone already are no error."""

    def delete(self, name: str) -> bool:
        """Delete an empty bucket; gone already is a success. False: it is not empty."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of a bootstrap, as it is worked with."""

    role: str
    name: str
    region: str
    store: Versions
    buckets: BucketAdmin
    copies: ObjectCopier


class Inspected(Protocol):
    """A home that can be looked at. Looking changes nothing."""

    @property
    def name(self) -> str:
        """The kind of home: "serverless", "sst"."""

    @property
    def account(self) -> str:
        """The account that all of it belongs to; "" for a directory. Raises StateError."""

    def parts(self) -> tuple[Part, ...]:
        """What the pointers name and what is really there. Raises StateError when the cloud cannot be asked."""

    def tenants(self) -> tuple[Tenant, ...]:
        """Whose states are in it."""


class Bootstrap(Inspected, Protocol):
    """What a home needs before the first deploy. Every change may be repeated."""

    @property
    def pointed(self) -> bool:
        """Whether parameters say where its buckets are. Else they have one name for ever."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reset of it does not do, or what its backup holds."""

    def candidates(self, role: str) -> tuple[str, ...]:
        """Buckets of a role that hold something, whether or not a pointer names them."""

    def buckets(self) -> tuple[Bucket, ...]:
        """The buckets that the pointers name, whether they are there or not."""

    def close(self, who: str) -> None:
        """Say in the home that somebody is resetting it: nobody else reads or writes it until then.

        Raises:
            LockedError: somebody works in it.
        """

    def fresh(self, role: str) -> Bucket:
        """A name for a new bucket of a role; makes nothing."""

    def open(self, role: str, name: str, region: str) -> Bucket:
        """A bucket by its name, whether it is there or not."""

    def make(self, bucket: Bucket) -> None:
        """Make a bucket as the home wants it; one that is there already is given what it lacks."""

    def pointers(self) -> Mapping[str, str]:
        """What the parameters say, by their names."""

    def forget(self) -> tuple[str, ...]:
        """Delete the parameters that say that a reset is under way; returns the names of those that were there."""

    def begin(self, buckets: Sequence[Bucket], past: Mapping[str, str]) -> tuple[Bucket, ...]:
        """Let new parameters name these buckets, open to everyone. One that is there already is left as it is.

        Args:
            buckets: of every role.
            past: what the parameters said, by their names, for what they say besides.

        Returns:
            The buckets that parameters of somebody else's name instead.
        """

    def point(self, buckets: Sequence[Bucket]) -> None:
        """Let the pointers name these buckets, whatever they said; pointers to other roles stay as they are."""

    def make_rest(self) -> tuple[str, ...]:
        """Make what is neither pointer nor bucket, where it is missing; says what was made."""


def bucket_named(clients: AwsClients, role: str, name: str, region: str) -> Bucket:
    """A bucket of S3 by its name, whether it is there or not."""
    return Bucket(
        role,
        name,
        region,
        S3Store(clients, name, region),
        buckets.Buckets(clients, region),
        copies.Copies(clients, name, region),
    )


def make_versioned(clients: AwsClients, bucket: Bucket) -> None:
    """Make a bucket of S3 if there is none, and let it keep versions. Raises StateError."""
    there = buckets.Buckets(clients, bucket.region)
    if not there.exists(bucket.name):
        there.create(bucket.name)
    if there.versioning(bucket.name) != "Enabled":
        there.keep_versions(bucket.name)


def is_unversioned(clients: AwsClients, bucket: Bucket) -> bool:
    """Whether a bucket of S3 keeps no versions. Raises StateError."""
    return buckets.Buckets(clients, bucket.region).versioning(bucket.name) != "Enabled"


def readable(bucket: Bucket, tenants: Callable[[Bucket], Iterator[Tenant]]) -> Iterator[Tenant]:
    """The tenants of a bucket; of one that is gone none, and of one that may not be read that there may be some."""
    try:
        if bucket.buckets.exists(bucket.name):
            yield from tenants(bucket)
    except StateError as error:
        yield Tenant("unknown", "", "", bucket=bucket.name, problem=error.what)
