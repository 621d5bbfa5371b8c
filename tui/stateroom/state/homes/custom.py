"""A bucket of the user's own for states, as `state:` of a project names it through a resolver."""

from __future__ import annotations

from dataclasses import dataclass

from stateroom.state.homes.pointed import refuse_unversioned
from stateroom.state.stores.aws import AwsClients
from stateroom.state.stores.buckets import Buckets
from stateroom.state.stores.late import LateStore
from stateroom.state.stores.s3 import S3Store


@dataclass(frozen=True, slots=True)
class CustomBucket:
    """It is never made here, only looked at."""

    name: str
    region: str
    encryption: str = ""  # S3's ServerSideEncryption

    def late_store(self, clients: AwsClients) -> LateStore:
        """The bucket as a store; the first write looks whether it keeps versions."""
        store = self._store(clients)
        return LateStore(lambda: store, lambda: store if store.versioned else self._checked(clients))

    def _store(self, clients: AwsClients) -> S3Store:
        return S3Store(clients, self.name, self.region, encryption=self.encryption)

    def _checked(self, clients: AwsClients) -> S3Store:
        if Buckets(clients, self.region).versioning(self.name) != "Enabled":
            refuse_unversioned(self.name, "turn on versioning for it, or take another bucket in `state:`")
        return self._store(clients)
