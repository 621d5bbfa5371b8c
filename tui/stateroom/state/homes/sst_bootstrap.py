"""The SST home's bootstrap in parts: one parameter that names two buckets, and a repository for images."""

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
from stateroom.state.homes.pointed import RESET_KEY, is_resetting
from stateroom.state.homes.sst import ASSET_PREFIX, POINTER, REPOSITORY, STATE_PREFIX, SstBootstrap, SstPointer
from stateroom.state.homes.tenants import tenants_in
from stateroom.state.object_names import ObjectNames
from stateroom.state.stores.aws import AwsClients

STATES: Final = "states"
PACKAGES: Final = "packages"
_FIELDS: Final = {STATES: "state", PACKAGES: "asset"}
_PREFIXES: Final = {STATES: STATE_PREFIX, PACKAGES: ASSET_PREFIX}
_ALPHABET: Final = "abcdefhkmnorstuvwxz"


class SstParts:
    """What the SST home needs (homes.bootstrap.Bootstrap), in the region of the clients.

    Images are not moved by a reset: their repository has one name for everyone, and it stays where it is.
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
        """The account that all of it belongs to."""
        return self._clients.account

    def parts(self) -> tuple[Part, ...]:
        """The parameter, the buckets that it names, state buckets that it does not name, the repository."""
        return tuple(self._parts())

    def tenants(self) -> tuple[Tenant, ...]:
        """Every app and stage that has a state, in buckets that the parameter does not name as well."""
        found = {bucket.name: bucket for bucket in self.buckets() if bucket.role == STATES}
        for name in self.candidates(STATES):
            found.setdefault(name, self.open(STATES, name, self._sst.region))
        return tuple(tenant for bucket in found.values() for tenant in readable(bucket, _tenants_in))

    def candidates(self, role: str) -> tuple[str, ...]:
        """Buckets of a role that hold something."""
        if role == STATES:
            return self._sst.orphans()
        return tuple(
            name for name in self._sst.buckets.named(ASSET_PREFIX) if self._sst.buckets.may_hold_anything(name)
        )

    def buckets(self) -> tuple[Bucket, ...]:
        """The buckets that the parameter names, whether they are there or not."""
        pointer = self._readable()
        named = {STATES: pointer.state, PACKAGES: pointer.asset} if pointer else {}
        return tuple(self.open(role, name, self._sst.region) for role, name in named.items() if name)

    def close(self, who: str) -> None:
        """Write into the parameter that the home is being reset."""
        pointer = self._readable()
        if pointer:
            self._write(pointer.body | {RESET_KEY: who})

    def fresh(self, role: str) -> Bucket:
        """A name for a new bucket: both get the same ending, as SST gives it."""
        return self.open(role, f"{_PREFIXES[role]}{self._ending}", self._sst.region)

    def open(self, role: str, name: str, region: str) -> Bucket:
        """A bucket by its name."""
        return bucket_named(self._clients, role, name, region)

    def make(self, bucket: Bucket) -> None:
        """Make a bucket; the one for states keeps versions. `make_rest` adds the policy that SST gives it."""
        if bucket.role == STATES:
            make_versioned(self._clients, bucket)
        elif not bucket.buckets.exists(bucket.name):
            bucket.buckets.create(bucket.name)

    def pointers(self) -> Mapping[str, str]:
        """What the parameter says."""
        parameter = self._sst.parameters.get(POINTER)
        return {POINTER: parameter.value} if parameter else {}

    def forget(self) -> tuple[str, ...]:
        """Delete the parameter if it says that a reset is under way."""
        if not is_resetting(self.pointers().get(POINTER, "")):
            return ()
        self._sst.parameters.delete(POINTER)
        return (POINTER,)

    def begin(self, buckets: Sequence[Bucket], past: Mapping[str, str]) -> tuple[Bucket, ...]:
        """Make the parameter anew, with what it said of other things than buckets."""
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
        """Let the parameter name these buckets; without a parameter the rest of what it says is made, too."""
        names = {bucket.role: bucket.name for bucket in buckets}
        pointer = self._readable()
        if pointer is None and STATES in names and PACKAGES not in names:
            self._sst.point(names[STATES])
        elif names:
            body = dict(pointer.body) if pointer else self._sst.body("", "")
            body.pop(RESET_KEY, None)
            self._write(body | {_FIELDS[role]: name for role, name in names.items()})

    def make_rest(self) -> tuple[str, ...]:
        """The repository, and the policies of the buckets."""
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
