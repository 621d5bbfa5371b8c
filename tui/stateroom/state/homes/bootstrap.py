"""What every bootstrap has in common: its parts, what is wrong with them, and whose states they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from stateroom.errors import StateError
from stateroom.model.version import Lock
from stateroom.state.stores.aws import AwsClients
from stateroom.state.stores.buckets import Buckets
from stateroom.state.stores.copies import Copies
from stateroom.state.stores.s3 import S3Store

LOST: Final = "gone, although buckets are there"
NEVER: Final = "not made yet"
GONE: Final = "gone"
UNREADABLE: Final = "names no bucket"
UNVERSIONED: Final = "keeps no versions"
RESETTING: Final = "a reset is under way"
UNNAMED: Final = "no parameter names it"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a bootstrap consists of, as it is now.

    Args:
        role: what it is for: "states", "packages", "images".
        kind: "parameter", "bucket" or "repository".
        name: its name; "" when nothing says one.
        region: where it is.
        exists: whether it is there.
        problem: what is wrong with it, one of the constants above; "" when nothing is.
        points_at: for a parameter: what it says.
    """

    role: str
    kind: str
    name: str
    region: str
    exists: bool
    problem: str = ""
    points_at: str = ""


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


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of a bootstrap, as it is worked with."""

    role: str
    store: S3Store
    buckets: Buckets
    copies: Copies

    @property
    def name(self) -> str:
        """Its name."""
        return self.store.bucket


class Bootstrap(Protocol):
    """What a home needs before the first deploy. Looking changes nothing; every change may be repeated."""

    name: str  # "serverless", "sst"

    @property
    def account(self) -> str:
        """The account that all of it belongs to. Raises StateError."""

    def parts(self) -> tuple[Part, ...]:
        """What the pointers name and what is really there. Raises StateError when AWS cannot be asked."""

    def tenants(self) -> tuple[Tenant, ...]:
        """Whose states are in it."""

    def candidates(self, role: str) -> tuple[str, ...]:
        """Buckets of a role that hold something, whether or not a pointer names them."""

    def buckets(self) -> tuple[Bucket, ...]:
        """The buckets that the pointers name, whether they are there or not."""

    def close(self, who: str) -> None:
        """Write beside the pointers that somebody is resetting the home: nobody else reads or writes it until then."""

    def fresh(self, role: str) -> Bucket:
        """A name for a new bucket of a role; makes nothing."""

    def open(self, role: str, name: str, region: str) -> Bucket:
        """A bucket by its name, whether it is there or not."""

    def make(self, bucket: Bucket) -> None:
        """Make a bucket as the home wants it; one that is there already is given what it lacks."""

    def point(self, buckets: Sequence[Bucket]) -> None:
        """Let the pointers name these buckets, open to everyone; pointers to other roles stay as they are."""

    def make_rest(self) -> tuple[str, ...]:
        """Make what is neither pointer nor bucket, where it is missing; says what was made."""


def bucket_named(clients: AwsClients, role: str, name: str, region: str) -> Bucket:
    """A bucket by its name, whether it is there or not."""
    return Bucket(role, S3Store(clients, name, region), Buckets(clients, region), Copies(clients, name, region))


def make_versioned(bucket: Bucket) -> None:
    """Make a bucket if there is none, and let it keep versions. Raises StateError."""
    if not bucket.buckets.exists(bucket.name):
        bucket.buckets.create(bucket.name)
    if bucket.buckets.versioning(bucket.name) != "Enabled":
        bucket.buckets.keep_versions(bucket.name)


def readable(bucket: Bucket, tenants: Callable[[Bucket], Iterator[Tenant]]) -> Iterator[Tenant]:
    """The tenants of a bucket; of one that is gone none, and of one that may not be read that there may be some."""
    try:
        if bucket.buckets.exists(bucket.name):
            yield from tenants(bucket)
    except StateError as error:
        yield Tenant("unknown", "", "", bucket=bucket.name, problem=error.what)
