"""Custom state bucket of the user, named by `state:` of a project through a resolver."""

from __future__ import annotations

from dataclasses import dataclass

from stateroom.errors import StateError
from stateroom.model.plan import BootstrapPart
from stateroom.model.problems.error_response import error_code
from stateroom.state.pointer import refuse_unversioned
from stateroom.state.stores.aws import AwsClients
from stateroom.state.stores.buckets import Buckets
from stateroom.state.stores.late import PointedStore
from stateroom.state.stores.s3 import S3Store


class MissingBucketError(StateError):
    """Bucket of a project's `state:` that does not exist."""


@dataclass(frozen=True, slots=True)
class CustomBucket:
    """Custom bucket. It is inspected, never created."""

    name: str
    region: str
    encryption: str = ""  # S3's ServerSideEncryption

    def opened(self, clients: AwsClients) -> OpenedBucket:
        """Return the bucket with its calls. Calls nothing yet."""
        return OpenedBucket(self, clients)


class OpenedBucket:
    """Custom bucket whose versioning is asked once: with that, also whether it exists."""

    def __init__(self, bucket: CustomBucket, clients: AwsClients) -> None:
        self._bucket = bucket
        self._clients = clients
        self._versioning = ""
        self._store = S3Store(
            clients,
            bucket.name,
            bucket.region,
            encryption=bucket.encryption,
            absent=lambda: _missing(bucket.name, bucket.region),
        )

    def late_store(self) -> PointedStore:
        """Return the bucket as a store; the first write checks its versioning."""
        return PointedStore(lambda: self._store, self._checked)

    def unmade(self) -> tuple[BootstrapPart, ...]:
        """Check that the bucket may be written to; nothing is ever made. Raises StateError as `late_store` does."""
        self._checked()
        return ()

    def _checked(self) -> S3Store:
        if not self._store.versioned and self._status() != "Enabled":
            refuse_unversioned(self._bucket.name, "turn on versioning for it, or take another bucket in `state:`")
        return self._store

    def _status(self) -> str:
        """Return the bucket's versioning. Raises StateError."""
        if self._versioning != "Enabled":  # what is turned off may have been turned on since
            name = self._bucket.name
            try:
                self._versioning = Buckets(self._clients, self._bucket.region).versioning(name)
            except StateError as error:
                if error.__cause__ is not None and error_code(error.__cause__) == "NoSuchBucket":
                    raise _missing(name, self._bucket.region) from error
                raise
        return self._versioning


def _missing(name: str, region: str) -> MissingBucketError:
    return MissingBucketError(
        f"the bucket {name} does not exist",
        why="`state:` of the project names it, and no bucket of a project's own is ever made",
        todo=f"make it in {region}, with versioning; or name another in `state:`; or leave `state:` out",
    )
