"""A bucket that a parameter points at, as the Serverless Framework keeps its buckets.

The framework makes a missing bucket anew without a word, and a new one when the parameter is gone: either way the
states look as if they had never been. Here both are told, and only a bootstrap that was just interrupted is finished.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NoReturn

from stateroom.errors import StateConflictError, StateError
from stateroom.state.stores.aws import AwsClients
from stateroom.state.stores.buckets import Buckets
from stateroom.state.stores.parameters import Parameters
from stateroom.state.stores.s3 import S3Store

RESET_KEY: Final = "stateroomReset"  # beside the bucket's name while a reset runs; other tools do not look at it
_FRESH: Final = timedelta(minutes=15)
_REPAIR: Final = "`stateroom bootstrap status` shows what is there; `stateroom reset --only missing` repairs it"


@dataclass(frozen=True, slots=True)
class Pointer:
    """How one bucket is found, and what it is called when it has to be made.

    `region` is the parameter's and a new bucket's; `prefix` begins the name of every bucket of this kind.
    """

    role: str  # "state" or "packages", for people
    parameter: str
    region: str
    prefix: str
    fresh_name: Callable[[], str]


@dataclass(frozen=True, slots=True)
class PointerTarget:
    """What the parameter says.

    `fresh`: it was written once and minutes ago, so the bucket may not be made yet; a second writing tells that it is.
    `reset`: who is moving what is in the bucket.
    """

    bucket: str
    region: str
    fresh: bool = False
    reset: str = ""


class PointedBucket:
    """The bucket behind a pointer.

    Args:
        clients: AWS.
        pointer: where the bucket's name is kept.
        clock: now, UTC.
    """

    def __init__(self, clients: AwsClients, pointer: Pointer, clock: Callable[[], datetime]) -> None:
        self.pointer = pointer
        self._clients = clients
        self._clock = clock
        self._parameters = Parameters(clients, pointer.region)
        self.found: PointerTarget | None = None  # what was read last, for labels
        self._store: S3Store | None = None

    def target(self) -> PointerTarget | None:
        """What the parameter says; None when there is none. Raises StateError, also when it names no bucket."""
        parameter = self._parameters.get(self.pointer.parameter)
        if parameter is None:
            return None
        try:
            body = json.loads(parameter.value)
            bucket, region = str(body["bucketName"] or ""), str(body["bucketRegion"] or "")
            reset = str(body.get(RESET_KEY) or "")
        except (ValueError, KeyError, TypeError):
            bucket = region = reset = ""
        if not bucket or not region:
            raise StateError(
                f"the parameter {self.pointer.parameter} in {self.pointer.region} names no bucket",
                why='it should hold {"bucketName": …, "bucketRegion": …}',
                todo=_REPAIR,
            )
        age = self._clock() - parameter.modified
        self.found = PointerTarget(bucket, region, fresh=parameter.version == 1 and age < _FRESH, reset=reset)
        return self.found

    def find(self) -> S3Store | None:
        """The bucket as a store, or None before the first bootstrap. Creates nothing.

        Whether the bucket is there is told by the first call to it, unless it may not be made yet.

        Raises:
            StateError: the parameter is gone and buckets with states are not; or the home is being reset.
        """
        target = self.target() or self._hidden_target()
        if target is None:
            return None
        refuse_during_reset(target.reset)
        if target.fresh and not self.buckets(target).exists(target.bucket):
            return None
        self._store = self.store(target)
        return self._store

    def make(self) -> S3Store:
        """The bucket as a store that can be written to: parameter, bucket and versions are made where nothing is.

        Raises:
            StateError: as `find`; or the bucket is gone, or keeps no versions.
        """
        if self._store is not None and self._store.versioned:
            return self._store  # it was read from, and gave versions' names
        target = self.target() or self._hidden_target() or self._point()
        refuse_during_reset(target.reset)
        buckets = self.buckets(target)
        if not buckets.exists(target.bucket):
            if not target.fresh:
                self._gone(target)
            buckets.create(target.bucket)
        if buckets.versioning(target.bucket) != "Enabled":
            if not target.fresh:
                refuse_unversioned(target.bucket, "`stateroom reset --only missing` turns them on")
            buckets.keep_versions(target.bucket)
        if target.fresh:
            self.confirm(target.bucket, target.region)
        self._store = self.store(target)
        return self._store

    def recheck(self) -> None:
        """Raise StateError when the parameter names another bucket now, or says that a reset is under way."""
        if self._store is None:
            return
        target = self.target()
        refuse_during_reset(target.reset if target else "")
        if target is None or target.bucket != self._store.bucket:
            raise StateError(
                f"the parameter {self.pointer.parameter} no longer names the bucket {self._store.bucket}",
                why=f"it names {target.bucket}: the home was reset meanwhile" if target else "it was deleted meanwhile",
                todo="run the command again; `stateroom bootstrap status` shows what is there",
            )

    def point(self, bucket: str, region: str, *, reset: str = "") -> None:
        """Make the parameter name a bucket, whatever it said before, and who is resetting it. Raises StateError."""
        self._parameters.replace(self.pointer.parameter, _value(bucket, region, reset))
        if not reset:
            self.confirm(bucket, region)

    def confirm(self, bucket: str, region: str) -> None:
        """Write the parameter again when its bucket is there: if that is gone from then on, somebody has deleted it.

        Whoever reads the parameter sees the same. Raises StateError.
        """
        parameter, value = self._parameters.get(self.pointer.parameter), _value(bucket, region)
        written_once = parameter is not None and (parameter.version, parameter.value) == (1, value)
        if written_once and self.buckets(PointerTarget(bucket, region)).exists(bucket):
            self._parameters.replace(self.pointer.parameter, value)

    def text(self) -> str:
        """What the parameter holds, whatever that is; "" when there is none. Raises StateError."""
        parameter = self._parameters.get(self.pointer.parameter)
        return parameter.value if parameter else ""

    def forget(self) -> bool:
        """Delete the parameter if it says that a reset is under way; returns whether it did. Raises StateError."""
        if not is_resetting(self.text()):
            return False
        self._parameters.delete(self.pointer.parameter)
        return True

    def begin(self, bucket: str, region: str) -> PointerTarget | None:
        """Make a new parameter that names a bucket; returns what an existing one says that names another.

        Raises:
            StateError: also when there is one that names nothing.
        """
        try:
            self._parameters.create(self.pointer.parameter, _value(bucket, region))
        except StateConflictError:
            target = self.target()
            if target is None:
                raise
            if target.reset or target.bucket != bucket:
                return target
        self.confirm(bucket, region)
        return None

    def orphans(self) -> tuple[str, ...]:
        """Buckets of this kind that hold something, whether or not the parameter names them. Raises StateError."""
        buckets = Buckets(self._clients, self.pointer.region)
        return tuple(name for name in buckets.named(self.pointer.prefix) if buckets.may_hold_anything(name))

    def buckets(self, target: PointerTarget) -> Buckets:
        """Buckets in the region of this one."""
        return Buckets(self._clients, target.region)

    def store(self, target: PointerTarget) -> S3Store:
        """The bucket as a store, without a look at it."""
        return S3Store(self._clients, target.bucket, target.region)

    def _point(self) -> PointerTarget:
        """The framework's order: the parameter first, so that of two first runs one wins."""
        name = self.pointer.fresh_name()
        try:
            self._parameters.create(self.pointer.parameter, _value(name, self.pointer.region))
        except StateConflictError:
            target = self.target()
            if target is None:
                raise
            return target
        self.found = PointerTarget(name, self.pointer.region, fresh=True)
        return self.found

    def _hidden_target(self) -> PointerTarget | None:
        """Without a parameter: make sure that nothing is hidden by its absence."""
        orphans = self.orphans()
        # Whoever boots for the first time right now has written the parameter before making the bucket.
        target = self.target() if orphans else None
        if orphans and target is None:
            raise StateError(
                f"the parameter {self.pointer.parameter} is gone, but the bucket {orphans[0]} is not",
                why=f"it holds {self.pointer.role} that a new bucket would hide"
                + (f"; so may {', '.join(orphans[1:])}" if orphans[1:] else ""),
                todo=_REPAIR,
            )
        return target

    def _gone(self, target: PointerTarget) -> NoReturn:
        raise StateError(
            f"the bucket {target.bucket} does not exist",
            why=f"the parameter {self.pointer.parameter} names it: it was deleted, or it is another account's",
            todo=_REPAIR,
        )


def is_resetting(text: str) -> bool:
    """Whether what a parameter holds says that a reset is under way."""
    try:
        body = json.loads(text or "{}")
    except ValueError:
        return False
    return isinstance(body, dict) and bool(body.get(RESET_KEY))


def refuse_unversioned(bucket: str, todo: str) -> NoReturn:
    """Raise StateError: a bucket without versions cannot keep states that one can return to."""
    raise StateError(
        f"the bucket {bucket} keeps no versions",
        why="the Serverless Framework, too, takes only versioned buckets for states",
        todo=todo,
    )


def refuse_during_reset(reset: str) -> None:
    """Raise StateError when somebody is moving what is in a home: what is left there is not what it holds."""
    if reset:
        raise StateError(
            "the home is being reset",
            why=f"begun by {reset}; everything that was in it is in the backup there",
            todo="`stateroom reset`, run by them, continues and ends it",
        )


def _value(bucket: str, region: str, reset: str = "") -> str:
    body = {"bucketName": bucket, "bucketRegion": region}
    return json.dumps(body | ({RESET_KEY: reset} if reset else {}), separators=(",", ":"))
