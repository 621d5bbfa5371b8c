"""Bootstrap of SST's home at Cloudflare: one R2 bucket with a fixed name, passphrases included.

No pointer can be marked while a reset runs. Instead, every state is locked, which stops SST and stateroom, and an
object names the process that resets the home. The bucket itself stays and is only emptied, so that SST never finds it
missing, makes a new one and deploys everything again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from stateroom.errors import LockedError, StateConflictError
from stateroom.model.version import Holder, Lock
from stateroom.state.homes.bootstrap import ABSENT, RESETTING, Bucket, Part, Tenant, readable
from stateroom.state.homes.cloudflare import BUCKET, CloudflareNames
from stateroom.state.homes.tenants import missing_passphrases, tenants_in
from stateroom.state.locks import lock
from stateroom.state.stores import r2_buckets
from stateroom.state.stores.cloudflare_api import Cloudflare
from stateroom.state.stores.r2_buckets import R2Buckets, R2Copies, R2Objects

STATES: Final = "states"


class CloudflareParts:
    """Bootstrap of the home at Cloudflare (homes.bootstrap.Bootstrap).

    Args:
        api: Cloudflare, for the account.
        clock: now, UTC.
        holder: who we are, for locks.
    """

    name = "cloudflare"
    pointed = False
    remarks = (
        "R2 keeps no versions of objects: what is current is saved and restored, and there is nothing else",
        f"the bucket {BUCKET} is emptied and filled again under its one name; locks keep everyone out meanwhile",
        "the passphrases lie beside the states: the backup holds them too, so keep it to yourself",
    )

    def __init__(self, api: Cloudflare, clock: Callable[[], datetime], holder: Holder) -> None:
        self._api = api
        self._clock = clock
        self._holder = Holder(holder.user, holder.host, 0, lock.RESET)
        self._store = R2Objects(api, BUCKET)

    @property
    def account(self) -> str:
        """Return the Cloudflare account."""
        return self._api.account()

    def parts(self) -> tuple[Part, ...]:
        """Return the bucket and the passphrases that its states need."""
        if not R2Buckets(self._api).exists(BUCKET):
            return (Part(STATES, "bucket", BUCKET, "", exists=False, problem=ABSENT),)
        objects = list(self._store.versions())
        holds = f"{len(objects)} objects, {sum(item.size for item in objects):,} bytes"
        problem = RESETTING if self._store.get(r2_buckets.RESETTING) else ""
        bucket = Part(STATES, "bucket", BUCKET, "", exists=True, problem=problem, holds=holds)
        return bucket, *missing_passphrases(self._store, CloudflareNames, self._tenants())

    def tenants(self) -> tuple[Tenant, ...]:
        """Return the states in the bucket."""
        return tuple(readable(self.open(STATES, BUCKET, ""), lambda _: iter(self._tenants())))

    def candidates(self, role: str) -> tuple[str, ...]:
        """Return nothing: there is no other bucket."""
        return (BUCKET,) if role == STATES and R2Buckets(self._api).exists(BUCKET) else ()

    def buckets(self) -> tuple[Bucket, ...]:
        """Return the one bucket."""
        return (self.open(STATES, BUCKET, ""),)

    def close(self, who: str) -> None:
        """Lock every state and write the reset mark."""
        self._store.put(r2_buckets.RESETTING, who.encode())
        for tenant in self._tenants():
            key = CloudflareNames(tenant.service, tenant.stage).lock
            try:
                self._store.put(key, lock.body(Lock(self._holder, self._clock(), "")), if_none_match=True)
            except StateConflictError:
                held = lock.read(self._store, key)
                if held and held.holder.command != lock.RESET:
                    raise LockedError(
                        f"{tenant.service}/{tenant.stage} is locked by {held}",
                        why="nothing was removed: an operation has just begun on it",
                        todo="wait for it and run it again: it continues from here",
                    ) from None

    def fresh(self, role: str) -> Bucket:
        """Return the same bucket: SST fixes its name."""
        return self.open(role, BUCKET, "")

    def open(self, role: str, name: str, region: str) -> Bucket:
        """Return a bucket by its name."""
        store = R2Objects(self._api, name)
        return Bucket(role, name, region, store, R2Buckets(self._api), R2Copies(store))

    def make(self, bucket: Bucket) -> None:
        """Create the bucket."""
        if not bucket.buckets.exists(bucket.name):
            bucket.buckets.create(bucket.name)

    def pointers(self) -> Mapping[str, str]:
        """Return nothing: there are no parameters."""
        return {}

    def forget(self) -> tuple[str, ...]:
        """Return nothing: there are no parameters."""
        return ()

    def begin(self, buckets: Sequence[Bucket], past: Mapping[str, str]) -> tuple[Bucket, ...]:  # noqa: ARG002
        """Open the home; its bucket's name is fixed, so there is no other one."""
        self.point(buckets)
        return ()

    def point(self, buckets: Sequence[Bucket]) -> None:  # noqa: ARG002
        """Release the locks of `close` and delete the reset mark."""
        for key in list(self._store.list("lock/")):
            held = lock.read(self._store, key)
            if held and held.holder.command == lock.RESET:
                lock.take_away(self._store, key)
        self._store.delete(r2_buckets.RESETTING)

    def make_rest(self) -> tuple[str, ...]:
        """Return nothing: there are no further parts."""
        return ()

    def _tenants(self) -> tuple[Tenant, ...]:
        return tuple(tenants_in(self._store, CloudflareNames, "sst", BUCKET))
