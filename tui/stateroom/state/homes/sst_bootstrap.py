"""Bootstrap parts of the SST home: one parameter, two buckets, and an image repository."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from stateroom.errors import StateConflictError, StateError
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
    is_unversioned,
    make_versioned,
    readable,
)
from stateroom.state.homes.sst import ASSET_PREFIX, POINTER, REPOSITORY, STATE_PREFIX, SstBootstrap, SstPointer
from stateroom.state.homes.tenants import tenants_in
from stateroom.state.object_names import ObjectNames
from stateroom.state.pointer import RESET_KEY, is_resetting
from stateroom.state.stores.aws import AwsClients

STATES: Final = "states"
PACKAGES: Final = "packages"
_FIELDS: Final = {STATES: "state", PACKAGES: "asset"}
_PREFIXES: Final = {STATES: STATE_PREFIX, PACKAGES: ASSET_PREFIX}
_ALPHABET: Final = "abcdefhkmnorstuvwxz"


class SstParts:
    """Bootstrap of the SST home (homes.bootstrap.Bootstrap), in the region of the clients.

    A reset does not move images: their repository has one fixed name and stays where it is.
    """

    name = "sst"
    pointed = True
    remarks = (
        "passphrases stay where they are, in SSM",
        f"images stay where they are, in the repository {REPOSITORY}",
    )

    def __init__(self, clients: AwsClients) -> None:
        self._clients = clients
        self._sst = SstBootstrap(clients, lambda: clients.region)

    @property
    def account(self) -> str:
        """Return the account that owns the home."""
        return self._clients.account

    def parts(self) -> tuple[Part, ...]:
        """Return the parameter, its buckets, state buckets not pointed at, and the repository."""
        return tuple(self._parts())

    def tenants(self) -> tuple[Tenant, ...]:
        """Return every app and stage with a state, also in buckets not pointed at."""
        found = {bucket.name: bucket for bucket in self.buckets() if bucket.role == STATES}
        for name in self.candidates(STATES):
            found.setdefault(name, self.open(STATES, name, self._sst.region))
        return tuple(tenant for bucket in found.values() for tenant in readable(bucket, _tenants_in))

    def candidates(self, role: str) -> tuple[str, ...]:
        """Return the buckets of a role that are not empty."""
        if role == STATES:
            return self._sst.orphans()
        return tuple(
            name for name in self._sst.buckets.named(ASSET_PREFIX) if self._sst.buckets.may_hold_anything(name)
        )

    def buckets(self) -> tuple[Bucket, ...]:
        """Return the buckets that the parameter names, existing or not."""
        pointer = self._readable()
        named = {STATES: pointer.state, PACKAGES: pointer.asset} if pointer else {}
        return tuple(self.open(role, name, self._sst.region) for role, name in named.items() if name)

    def close(self, who: str) -> None:
        """Write the reset mark into the parameter."""
        pointer = self._readable()
        if pointer:
            self._write(pointer.body | {RESET_KEY: who})

    def fresh(self, role: str) -> Bucket:
        """Return a new bucket name: both buckets get the same suffix, as in SST."""
        return self.open(role, f"{_PREFIXES[role]}{self._ending}", self._sst.region)

    def open(self, role: str, name: str, region: str) -> Bucket:
        """Return a bucket by its name."""
        return bucket_named(self._clients, role, name, region)

    def make(self, bucket: Bucket) -> None:
        """Create a bucket; the state bucket with versioning. `make_rest` adds SST's policy."""
        if bucket.role == STATES:
            make_versioned(self._clients, bucket)
        elif not bucket.buckets.exists(bucket.name):
            bucket.buckets.create(bucket.name)

    def pointers(self) -> Mapping[str, str]:
        """Return the parameter's content."""
        parameter = self._sst.parameters.get(POINTER)
        return {POINTER: parameter.value} if parameter else {}

    def forget(self) -> tuple[str, ...]:
        """Delete the parameter if it marks a reset."""
        if not is_resetting(self.pointers().get(POINTER, "")):
            return ()
        self._sst.parameters.delete(POINTER)
        return (POINTER,)

    def begin(self, buckets: Sequence[Bucket], past: Mapping[str, str]) -> tuple[Bucket, ...]:
        """Create the parameter again, keeping its values other than buckets."""
        names = {bucket.role: bucket.name for bucket in buckets}
        body = json.loads(past[POINTER]) if POINTER in past else self._sst.body("", "")
        body = {key: value for key, value in body.items() if key != RESET_KEY}
        body |= {_FIELDS[role]: name for role, name in names.items()}
        try:
            self._sst.parameters.create(POINTER, json.dumps(body, separators=(",", ":")))
        except StateConflictError:
            if self._readable() is None:
                raise
        return tuple(bucket for bucket in self.buckets() if bucket.name != names.get(bucket.role))

    def point(self, buckets: Sequence[Bucket]) -> None:
        """Set the parameter to these buckets; without a parameter its other values are created, too."""
        names = {bucket.role: bucket.name for bucket in buckets}
        pointer = self._readable()
        if pointer is None and STATES in names and PACKAGES not in names:
            self._sst.point(names[STATES])
        elif names:
            body = dict(pointer.body) if pointer else self._sst.body("", "")
            body.pop(RESET_KEY, None)
            self._write(body | {_FIELDS[role]: name for role, name in names.items()})

    def make_rest(self) -> tuple[str, ...]:
        """Create the image repository and the bucket policies."""
        pointer = self._readable()
        if pointer is None:
            return ()
        made = () if self._sst.has_repository() else (f"repository {REPOSITORY}",)
        body = self._sst.body(pointer.state, pointer.asset)
        current = {key: pointer.body.get(key) for key in body}
        if made or any(not current[key] for key in ("assetEcrRegistryId", "assetEcrUrl")):
            self._write(body | pointer.body | {key: body[key] for key in ("assetEcrRegistryId", "assetEcrUrl")})
        for bucket in self.buckets():
            if bucket.buckets.exists(bucket.name):
                self._sst.only_encrypted_transport(bucket.name)
        return made

    @cached_property
    def _ending(self) -> str:
        return "".join(secrets.choice(_ALPHABET) for _ in range(12))

    def _parts(self) -> Iterator[Part]:
        pointer, problem, region = None, "", self._sst.region
        try:
            pointer = self._sst.pointer()
        except StateError as error:
            if UNNAMING not in error.what:
                raise
            problem = UNREADABLE
        exists = pointer is not None or bool(problem)
        others = [name for name in self.candidates(STATES) if pointer is None or name != pointer.state]
        if not exists:
            problem = LOST if others else NEVER
        elif pointer and pointer.body.get(RESET_KEY):
            problem = RESETTING
        yield Part(STATES, "parameter", POINTER, region, exists, problem, pointer.state if pointer else "")
        for bucket in self.buckets():
            yield _bucket_part(self._clients, bucket)
        for name in others:
            yield Part(STATES, "bucket", name, region, True, UNNAMED)
        has_repository = self._sst.has_repository()
        missing = (GONE if pointer else NEVER) if not has_repository else ""
        yield Part("images", "repository", REPOSITORY, region, has_repository, missing)

    def _readable(self) -> SstPointer | None:
        try:
            return self._sst.pointer()
        except StateError as error:
            if UNNAMING not in error.what:
                raise
            return None

    def _write(self, body: dict[str, Any]) -> None:
        self._sst.parameters.replace(POINTER, json.dumps(body, separators=(",", ":")))


UNNAMING: Final = "names no state bucket"


def _tenants_in(bucket: Bucket) -> Iterator[Tenant]:
    return tenants_in(bucket.store, ObjectNames, "sst", bucket.name)


def _bucket_part(clients: AwsClients, bucket: Bucket) -> Part:
    exists = bucket.buckets.exists(bucket.name)
    problem = "" if exists else GONE
    if exists and bucket.role == STATES and is_unversioned(clients, bucket):
        problem = UNVERSIONED
    return Part(bucket.role, "bucket", bucket.name, bucket.region, exists, problem)
