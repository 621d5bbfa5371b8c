"""AWS provider: selects a type's handler, and adds errors, retries and readings to its calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from stateroom.cloud import tags
from stateroom.cloud.aws.attempt import Attempt
from stateroom.cloud.aws.calls import Clients, is_missing
from stateroom.cloud.aws.cloudcontrol import CloudControlHandler
from stateroom.cloud.aws.code_download import function_package
from stateroom.cloud.aws.creating import create, name_of
from stateroom.cloud.aws.endpoint_gaps import ADVICE
from stateroom.cloud.aws.errors import explained, signed_in_with
from stateroom.cloud.aws.handler_base import Artifacts, TaggedById
from stateroom.cloud.aws.handlers import HandlerTable
from stateroom.cloud.aws.marked.search import find_marked
from stateroom.cloud.aws.plan_checks import problems
from stateroom.cloud.aws.reading import THREADS, read_in_parallel
from stateroom.cloud.aws.settling import JustMade, change, found, read_back
from stateroom.cloud.aws.shared_parts import as_baseline, without_shared
from stateroom.cloud.aws.stacks import StackLookUp, stack_named
from stateroom.cloud.aws.undeclared.tables import AwsChildTables
from stateroom.cloud.aws.written import Written
from stateroom.cloud.children import ChildTables
from stateroom.cloud.normalise.intersection import aligned, as_declared
from stateroom.cloud.normalise.properties import canonical
from stateroom.cloud.ownership import contested, ownership
from stateroom.cloud.provider import (
    DeployedStack,
    Handler,
    Identity,
    Owner,
    Reading,
    ReadRequest,
    ResourceData,
    Task,
    TypeSchema,
)
from stateroom.cloud.schema.catalog import facts
from stateroom.cloud.schema.rules import handlers_of
from stateroom.errors import CloudError, NotFoundInCloudError
from stateroom.model.ownership import Claim, Existing, MarkedSearch, Ownership
from stateroom.model.problems.error_response import ErrorResponse, error_response
from stateroom.model.problems.problem import Problem
from stateroom.model.resource import Live
from stateroom.model.values import Properties


class AwsProvider:
    """Provider (cloud.provider.Provider) for AWS, or for emulators of its APIs.

    Args:
        clients: where the calls go.
        artifacts: a deployment package's bytes by its SHA-256 (hex).
        clock: a steady clock in seconds.
    """

    def __init__(self, clients: Clients, artifacts: Artifacts, clock: Callable[[], float] = time.monotonic) -> None:
        self._clients = clients
        self._handlers = HandlerTable(clients, artifacts)
        self._slots = threading.BoundedSemaphore(THREADS)
        self._stacks = StackLookUp(clients)
        self._just_made = JustMade(clock)
        self._written = Written()
        self._children = AwsChildTables(clients, self._slots)

    def identity(self) -> Identity:
        """Return account and region, cached. Raises CloudError without usable credentials or endpoint."""
        with explained("cannot tell which AWS account this is", profile=self._clients.profile):
            return self._clients.identity()

    def known_identity(self) -> Identity | None:
        """Return the cached result of `identity`, without a call."""
        return self._clients.known_identity

    def supports(self, type_: str) -> bool:
        """Tell whether there is a handler for the type."""
        return self._handlers.get(type_) is not None

    def schema(self, type_: str) -> TypeSchema:
        """Return the type's schema, with the version of our reader.

        Of a type that Cloud Control cannot update, every change is a replacement, as it is to CloudFormation.
        """
        return _as_handled(facts(type_).schema, self._handlers.get(type_))

    def check(self, type_: str, inputs: Properties) -> tuple[Problem, ...]:
        """Return what is wrong with a resource before anything is asked of AWS."""
        return problems(type_, inputs, self._handlers.get(type_))

    def answered_by(self, type_: str) -> str:
        """Name an emulator's Cloud Control, which may keep what it is told without making anything; "" for AWS."""
        handler = self._handlers.get(type_)
        return handler.answered_by if isinstance(handler, CloudControlHandler) else ""

    @property
    def children(self) -> ChildTables:
        """Return the tables of what may hang on resources without being declared."""
        return self._children

    def canonical(self, type_: str, properties: Properties) -> Properties:
        """Return properties in comparable form (normalise.canonical)."""
        return canonical(properties, facts(type_))

    def as_declared(self, type_: str, declared: Properties, live: Properties) -> Properties:
        """Return a reading in the shape of what was declared (normalise.intersection)."""
        known = replace(facts(type_), schema=self.schema(type_))
        return as_declared(canonical(declared, known), canonical(live, known), known)

    def aligned(self, type_: str, pattern: Properties, properties: Properties) -> Properties:
        """Return properties with their lists in the pattern's order (normalise.intersection)."""
        known = facts(type_)
        return properties if known.shape else aligned(canonical(pattern, known), properties, known)

    def stack(self, name: str) -> DeployedStack | None:
        """Return the CloudFormation stack of a name; None without one. Raises CloudError when it may not be asked."""
        with explained(f"could not look for the CloudFormation stack {name}"):
            return stack_named(self._clients, name)

    def create(self, type_: str, inputs: Properties, owner: Owner) -> Task[Live]:
        """Create, wait until usable, read back.

        An attempt that finds its own earlier work, or gets no answer, completes the existing resource instead of making
        another.
        """
        handler, attempt = self._handler(type_), Attempt()
        what = f"could not create {type_} {name_of(type_, inputs) or owner.logical_id}"
        with attempt.judged(), explained(what, inputs, endpoint=self._clients.endpoint_url):
            made = yield from attempt.watched(create(handler, inputs, owner, attempt, self._just_made))
            attempt.begun = True
            live = made if isinstance(made, Live) else (yield from self._read_back(handler, made, inputs))
            return as_baseline(type_, live, inputs)

    def read(self, type_: str, physical_id: str, inputs: Properties) -> Live | None:
        """Return one reading, or None when the resource does not exist."""
        handler = self._handler(type_)
        with explained(f"could not read {type_} {physical_id}", inputs):
            properties = handler.read(ResourceData(physical_id, inputs))
        return None if properties is None else Live(physical_id, properties)

    def read_many(self, requests: Sequence[ReadRequest], cancelled: Callable[[], bool]) -> Iterator[Reading]:
        """Yield readings as they arrive, with their errors; at most 32 calls at once."""
        reached = lambda: self._clients.reached  # noqa: E731
        readings = read_in_parallel(requests, self._handlers.get, self._slots, cancelled, reached)
        for reading in without_shared(requests, readings):
            if reading.error is not None:
                signed_in_with(reading.error, self._clients.profile)
            yield reading

    def update(
        self,
        type_: str,
        physical_id: str,
        inputs: Properties,
        previous: Properties,
        changed: frozenset[str],
        owner: Owner,
    ) -> Task[Live]:
        """Write what changed, wait, read back. Raises NotFoundInCloudError for a missing resource."""
        handler = self._handler(type_)
        with explained(f"could not update {type_} {physical_id}", inputs, endpoint=self._clients.endpoint_url):
            try:
                resource = ResourceData(physical_id, inputs, previous, changed, owner)
                read = yield from change(handler, resource, self._just_made)
            except Exception as error:
                # "Not found" may also mean a role or a queue that the resource needs; only a look tells.
                if is_missing(error) and handler.read(ResourceData(physical_id, inputs)) is None:
                    raise _missing(type_, physical_id, error) from None
                raise
            live = read or (yield from self._read_back(handler, physical_id, inputs))
            live = yield from self._written.shown(handler, resource, live)
            return as_baseline(type_, live, inputs)

    def delete(self, type_: str, physical_id: str, inputs: Properties) -> Task[None]:
        """Delete and wait until gone; a missing resource is a success."""
        handler = self._handler(type_)
        with explained(f"could not delete {type_} {physical_id}", inputs, endpoint=self._clients.endpoint_url):
            try:
                yield from handler.delete(ResourceData(physical_id, inputs))
            except Exception as error:
                if not is_missing(error):
                    raise

    def package(self, type_: str, physical_id: str) -> bytes:
        """Return the deployment package that a function runs now (PackageSource). Raises CloudError."""
        with explained(f"could not download the code of {type_} {physical_id}"):
            return function_package(self._clients, physical_id)

    def find(self, type_: str, inputs: Properties, owner: Owner) -> str | None:
        """Physical id of what a create that was begun has made, if it did."""
        return tags.ours(self._locate(type_, inputs, owner), owner)

    def ownership(self, type_: str, inputs: Properties, owner: Owner) -> Ownership | None:
        """Tell whose the resource is that a create would meet; None when it would meet none."""
        existing = self._locate(type_, inputs, owner)
        if existing is None:
            return None
        with explained(f"could not tell whose {type_} {existing.physical_id} is", inputs):
            found = ownership(existing, owner, self._stacks.of)
        return found if existing.collides or found.claim in (Claim.OURS, Claim.STATE, Claim.UNMARKED) else None

    def contested(self, type_: str, physical_id: str, inputs: Properties, owner: Owner) -> Ownership | None:
        """Tell who else claims a resource of a state by its tags; None when nobody does, or when it is gone."""
        existing = self._with_id(type_, physical_id, inputs, owner)
        return None if existing is None else contested(existing, owner)

    def whose(self, type_: str, physical_id: str, inputs: Properties, owner: Owner) -> Ownership:
        """Tell whose the resource with this id is, by its tags, else by the stack that has it."""
        existing = self._with_id(type_, physical_id, inputs, owner) or Existing(physical_id)
        with explained(f"could not tell whose {type_} {physical_id} is", inputs):
            return ownership(existing, owner, self._stacks.of)

    def marked(self) -> MarkedSearch:
        """Find what bears stateroom's tags in this account and region, of whichever state."""
        return find_marked(self._clients, self._handlers.get)

    def _with_id(self, type_: str, physical_id: str, inputs: Properties, owner: Owner) -> Existing | None:
        """Look at the tags of a resource with this id; None when it is gone, or what is found is another one."""
        handler = self._handler(type_)
        if isinstance(handler, TaggedById):
            with explained(f"could not look for {type_} {physical_id}", inputs):
                bearing = handler.tags_by_id(ResourceData(physical_id, inputs))
            return None if bearing is None else Existing(physical_id, bearing)
        existing = self._locate(type_, inputs, owner)
        return existing if existing is not None and existing.physical_id == physical_id else None

    def _locate(self, type_: str, inputs: Properties, owner: Owner) -> Existing | None:
        handler = self._handler(type_)
        with explained(f"could not look for {type_} {name_of(type_, inputs) or owner.logical_id}", inputs):
            return handler.locate(ResourceData(inputs=inputs, owner=owner))

    def _handler(self, type_: str) -> Handler:
        handler = self._handlers.get(type_)
        if handler is None:
            raise CloudError(
                f"stateroom cannot manage {type_} yet",
                why="there is no handler for this resource type",
                todo="leave the resource out of the config, and make it by other means",
                refused=True,
            )
        return handler

    def _read_back(self, handler: Handler, physical_id: str, inputs: Properties) -> Task[Live]:
        resource, who = ResourceData(physical_id, inputs), self.answered_by(handler.type)
        properties = found(handler, resource) if who else (yield from read_back(handler, resource))
        if properties is None:
            raise _not_shown(handler.type, physical_id, who)
        return Live(physical_id, properties)


def _as_handled(schema: TypeSchema, handler: Handler | None) -> TypeSchema:
    """Return a schema with what depends on the handler: its reader's version, and whether it can update."""
    if handler is None:
        return schema
    if handler.settable is None and "u" not in (handlers_of(schema.type) or "u"):
        schema = replace(schema, create_only=schema.create_only | {"*"})
    same_version = handler.reader_version == schema.reader_version
    return schema if same_version else replace(schema, reader_version=handler.reader_version)


def _missing(type_: str, physical_id: str, error: BaseException) -> NotFoundInCloudError:
    """Return the error for an update of what neither the call nor a look finds."""
    response = error_response(error) or ErrorResponse()
    return NotFoundInCloudError(
        f"{type_} {physical_id} does not exist",
        why="the state has it, and the cloud does not find it",
        todo="run stateroom refresh to take that into state; the next deploy makes it anew",
        code=response.code,
        operation=response.operation,
    )


def _not_shown(type_: str, physical_id: str, who: str = "") -> NotFoundInCloudError:
    """Return the error for what was written a moment ago and cannot be read back; `who` answers for its service."""
    if who:
        why = f"{who} took it and does not find it: that endpoint only pretends to have the type"
        return NotFoundInCloudError(f"{type_} {physical_id} cannot be read back", why=why, todo=ADVICE)
    return NotFoundInCloudError(
        f"{type_} {physical_id} cannot be read back",
        why="this run wrote it, and the cloud does not find it, or not yet",
        todo="run the same command again: it looks for it first",
        passes=True,
    )
