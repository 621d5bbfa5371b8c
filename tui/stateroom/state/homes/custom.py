"""Custom state bucket of the user, named by `state:` of a project through a resolver."""

from __future__ import annotations

from dataclasses import dataclass

from stateroom.state.homes.pointed import refuse_unversioned
from stateroom.state.stores.aws import AwsClients
from stateroom.state.stores.buckets import Buckets
from stateroom.state.stores.late import PointedStore
from stateroom.state.stores.s3 import S3Store


@dataclass(frozen=True, slots=True)
class CustomBucket:
    """Custom bucket. It is inspected, never created."""

    name: str
    region: str
    encryption: str = ""  # S3's ServerSideEncryption

    def late_store(self, clients: AwsClients) -> PointedStore:
        """Return the bucket as a store; the first write checks its versioning."""
        store = self._store(clients)
        return PointedStore(lambda: store, lambda: store if store.versioned else self._checked(clients))

    def _store(self, clients: AwsClients) -> S3Store:
        return S3Store(clients, self.name, self.region, encryption=self.encryption)

    def _checked(self, clients: AwsClients) -> S3Store:
        if Buckets(clients, self.region).versioning(self.name) != "Enabled":
            refuse_unversioned(self.name, "turn on versioning for it, or take another bucket in `state:`")
        return self._store(clients)
