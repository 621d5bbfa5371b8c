"""Bucket named by an SSM parameter, as the Serverless Framework keeps its buckets.

The framework silently creates a missing bucket, and a new one when the parameter is gone: either way the states seem
never to have existed. Here both are errors, and only a bootstrap that was just interrupted is completed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from stateroom.errors import StateConflictError, StateError
from stateroom.model.plan import BootstrapPart
from stateroom.model.problems.error_response import error_code
from stateroom.state.pointer import (
    REPAIR,
    Pointer,
    PointerTarget,
    is_resetting,
    pointer_text,
    read_target,
    refuse_during_reset,
    refuse_unversioned,
)
from stateroom.state.stores.aws import AwsClients
from stateroom.state.stores.buckets import Buckets
from stateroom.state.stores.parameters import Parameters
from stateroom.state.stores.s3 import S3Store


class PointedBucket:
    """Bucket that a pointer names.

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
        self._planned = ""  # name for a bucket that is not there yet
        self._checked = ""  # bucket that exists and keeps versions
        self.found: PointerTarget | None = None  # what was read last, for labels
        self._store: S3Store | None = None
        self._reading = threading.Lock()

    def target(self) -> PointerTarget | None:
        """Return the parameter's content; None without one. Raises StateError, also without a bucket name."""
        found = read_target(self._parameters, self.pointer, self._clock())
        self.found = found or self.found
        return found

    def find(self) -> S3Store | None:
        """Return the bucket as a store, or None before the first bootstrap. Creates nothing.

        Whether the bucket is there is told by the first call to it, unless it may not be made yet.

        Raises:
            StateError: the parameter is gone and buckets with states are not; or the home is being reset.
        """
        target = self._first_target()
        if target is None:
            return None
        refuse_during_reset(target.reset)
        if target.fresh and not _is_there(self.buckets(target), target, self.pointer):
            return None
        self._store = self.store(target)  # a bucket that is gone tells so when it is read
        return self._store

    def unmade(self) -> tuple[BootstrapPart, ...]:
        """Return what `make` will create, with the names that it will use; none when all is there. Creates nothing.

        Raises:
            StateError: as `make`.
        """
        target = self._first_target()
        role, region = self.pointer.role, self.pointer.region
        if target is None:
            parameter = BootstrapPart(role, "parameter", self.pointer.parameter, region)
            return parameter, BootstrapPart(role, "bucket", self._fresh_name(), region, versioned=True)
        refuse_during_reset(target.reset)
        status = _versioning(self.buckets(target), target, self.pointer)
        if status == "Enabled":
            self._checked = target.bucket
            return ()
        if not target.fresh:
            refuse_unversioned(target.bucket, "`stateroom reset --only missing` turns them on")
        return (BootstrapPart(role, "bucket", target.bucket, target.region, versioned=True),)

    def make(self) -> S3Store:
        """Return the bucket as a writable store; missing parameter, bucket and versioning are created.

        Raises:
            StateError: as `find`; or the bucket is gone, or keeps no versions.
        """
        if self._store is not None and self._store.versioned:
            return self._store  # it was read from, and gave versions' names
        target = self.target() or self._hidden_target() or self._point()
        refuse_during_reset(target.reset)
        buckets = self.buckets(target)
        if target.bucket != self._checked:
            if not _is_there(self.buckets(target), target, self.pointer):
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
        """Set the parameter to a bucket, with the process that resets it. Raises StateError."""
        self._parameters.replace(self.pointer.parameter, pointer_text(bucket, region, reset))
        if not reset:
            self.confirm(bucket, region)

    def confirm(self, bucket: str, region: str) -> None:
        """Write the parameter again once its bucket exists, to confirm it.

        From then on, a missing bucket means that it was deleted. Readers of the parameter see the same value. Raises
        StateError.
        """
        parameter, value = self._parameters.get(self.pointer.parameter), pointer_text(bucket, region)
        written_once = parameter is not None and (parameter.version, parameter.value) == (1, value)
        if written_once and self.buckets(PointerTarget(bucket, region)).exists(bucket):
            self._parameters.replace(self.pointer.parameter, value)

    def text(self) -> str:
        """Return the parameter's raw text; "" without a parameter. Raises StateError."""
        parameter = self._parameters.get(self.pointer.parameter)
        return parameter.value if parameter else ""

    def forget(self) -> bool:
        """Delete the parameter if it marks a reset; returns whether it did. Raises StateError."""
        if not is_resetting(self.text()):
            return False
        self._parameters.delete(self.pointer.parameter)
        return True

    def begin(self, bucket: str, region: str) -> PointerTarget | None:
        """Create a parameter that names a bucket; returns the content of one that names another.

        Raises:
            StateError: also when there is one that names nothing.
        """
        try:
            self._parameters.create(self.pointer.parameter, pointer_text(bucket, region))
        except StateConflictError:
            target = self.target()
            if target is None:
                raise
            if target.reset or target.bucket != bucket:
                return target
        self.confirm(bucket, region)
        return None

    def orphans(self) -> tuple[str, ...]:
        """Return the buckets of this kind that are not empty, pointed at or not. Raises StateError."""
        buckets = Buckets(self._clients, self.pointer.region)
        return tuple(name for name in buckets.named(self.pointer.prefix) if buckets.may_hold_anything(name))

    def buckets(self, target: PointerTarget) -> Buckets:
        """Return the buckets in the region of this one."""
        return Buckets(self._clients, target.region)

    def store(self, target: PointerTarget) -> S3Store:
        """Return the bucket as a store, unchecked."""
        return S3Store(self._clients, target.bucket, target.region)

    def _point(self) -> PointerTarget:
        """Create parameter and bucket in the framework's order.

        The parameter comes first, so that one of two concurrent first runs wins.
        """
        name = self._fresh_name()
        try:
            self._parameters.create(self.pointer.parameter, pointer_text(name, self.pointer.region))
        except StateConflictError:
            target = self.target()
            if target is None:
                raise
            return target
        self.found = PointerTarget(name, self.pointer.region, fresh=True)
        return self.found

    def _first_target(self) -> PointerTarget | None:
        """Return what was just read, by a plan's check or a first look, or read it; threads wait for one another."""
        with self._reading:
            known = self.found
            settled = known is not None and not known.fresh and not known.reset
            return known if settled else self.target() or self._hidden_target()

    def _fresh_name(self) -> str:
        """Return the name for a bucket that is not there yet: the same for a plan and for its run."""
        self._planned = self._planned or self.pointer.fresh_name()
        return self._planned

    def _hidden_target(self) -> PointerTarget | None:
        """Check without a parameter that no bucket with states exists."""
        orphans = self.orphans()
        # Whoever boots for the first time right now has written the parameter before making the bucket.
        target = self.target() if orphans else None
        if orphans and target is None:
            raise StateError(
                f"the parameter {self.pointer.parameter} is gone, but the bucket {orphans[0]} is not",
                why=f"it holds {self.pointer.role} that a new bucket would hide"
                + (f"; so may {', '.join(orphans[1:])}" if orphans[1:] else ""),
                todo=REPAIR,
            )
        return target


def _is_there(buckets: Buckets, target: PointerTarget, pointer: Pointer) -> bool:
    """Tell whether the bucket exists; one that is missing and should not be raises StateError."""
    if buckets.exists(target.bucket):
        return True
    if not target.fresh:
        raise _gone(target.bucket, pointer.parameter)
    return False


def _versioning(buckets: Buckets, target: PointerTarget, pointer: Pointer) -> str:
    """Return the bucket's versioning, "" for one that is not made yet; one call tells both. Raises StateError."""
    try:
        return buckets.versioning(target.bucket)
    except StateError as error:
        if error.__cause__ is None or error_code(error.__cause__) != "NoSuchBucket":
            raise
        if not target.fresh:
            raise _gone(target.bucket, pointer.parameter) from error.__cause__
        return ""


def _gone(bucket: str, parameter: str) -> StateError:
    return StateError(
        f"the bucket {bucket} does not exist",
        why=f"the parameter {parameter} names it: it was deleted, or it is another account's",
        todo=REPAIR,
    )
