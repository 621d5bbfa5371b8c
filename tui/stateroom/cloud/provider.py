"""Provider protocol: create, read, update, delete for CloudFormation types.

Work that has to wait is written as a generator, a `Task`: it yields `Pause` when the cloud needs time and `Identified`
as soon as it knows a physical id, and returns its result. The driver frees the thread during a pause, so a hundred
functions that become active cost no hundred sleeping threads (docs/design.md, Tasks that pause).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias, TypeVar

from stateroom.cloud.children import ChildTables
from stateroom.errors import CloudError
from stateroom.model.ownership import Existing, MarkedSearch, Ownership
from stateroom.model.package import StoredPackage
from stateroom.model.problems.problem import Problem
from stateroom.model.resource import Live
from stateroom.model.values import Properties

T = TypeVar("T")

# A deployment package by its SHA-256 (hex): its bytes, or where Lambda finds it when it is too large to be sent.
Artifacts: TypeAlias = Callable[[str], bytes | StoredPackage]


@dataclass(frozen=True, slots=True)
class Pause:
    """Request to resume in `seconds`; `reason` is shown to the user, with the seconds that the wait lasts at most."""

    seconds: float
    reason: str
    left: float = 0.0  # 0: not known


@dataclass(frozen=True, slots=True)
class Identified:
    """Physical id of a resource that may not be ready yet: to be journaled at once."""

    physical_id: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that the user should know of a step that goes on: one line for the log."""

    text: str


Progress: TypeAlias = Pause | Identified | Remark
Task: TypeAlias = Generator[Progress, None, T]


@dataclass(frozen=True, slots=True)
class Owner:
    """Who a resource belongs to. Written as tags `stateroom:service`, `:stage`, `:resource`, `:lineage` and `:home`.

    Args:
        service, stage: names that the state goes by.
        logical_id: the resource in it.
        lineage: identity of the state; "" for states that were never written by this version.
        home: where that state lives, for people who meet the resource elsewhere.
    """

    service: str
    stage: str
    logical_id: str
    lineage: str = ""
    home: str = ""


NOBODY: Final = Owner("", "", "")


@dataclass(frozen=True, slots=True)
class ResourceData:
    """Resource that a handler works on. Each verb uses what it needs.

    Args:
        id: physical id, CloudFormation's Ref; "" before a create, and where it is looked for.
        inputs: properties as the config resolves them, with Secrets; they locate children (a route needs its ApiId).
        previous: properties that the caller believes to be set, for APIs that need the old value (tags, policies).
        changed: top-level properties to write; those that `inputs` lacks are unset.
        owner: whom the tags name.
    """

    id: str = ""
    inputs: Properties = field(default_factory=dict)
    previous: Properties = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    owner: Owner = NOBODY

    def at(self, physical_id: str, changed: frozenset[str] = frozenset()) -> ResourceData:
        """Return the same resource under an id that is known by now, to be read, or written as far as `changed`."""
        return ResourceData(physical_id, self.inputs, {}, changed, self.owner)

    def whole(self, physical_id: str) -> ResourceData:
        """Return it under an id with every property of its inputs to be written."""
        return self.at(physical_id, frozenset(self.inputs))


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """Resource to read. `inputs` locate children that their own id does not (a route needs its ApiId)."""

    key: str  # given back with the answer
    type: str
    physical_id: str
    inputs: Properties = field(default_factory=dict)

    @property
    def resource(self) -> ResourceData:
        """Return what a handler's `read` takes."""
        return ResourceData(self.physical_id, self.inputs)


@dataclass(frozen=True, slots=True)
class Reading:
    """Result of a ReadRequest: a Live, None when the resource is gone, or the error of the read."""

    key: str
    live: Live | None = None
    error: CloudError | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Account and region of the calls."""

    account: str
    region: str
    partition: str = "aws"


@dataclass(frozen=True, slots=True)
class TypeSchema:
    """Type facts of the vendored CloudFormation schema and its overrides. Paths are dotted, lists as `*`."""

    type: str
    name_property: str = ""  # the property that names the resource, if it has one: "FunctionName"
    name_limit: int = 64
    create_only: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()
    write_only: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    properties: frozenset[str] = frozenset()  # top-level, for spelling suggestions
    tags_property: str = ""  # the property that holds tags, if the type bears any: "Tags"
    reader_version: int = 1
    children_of: str = ""  # property naming the parent with which the cloud deletes it: "ApiId"
    worldwide_name: bool = False  # the name is one of a kind in the world, in small letters: a bucket's
    name_style: str = ""  # "lower": no capitals; "underscores": no hyphens
    outlives: bool = False  # a deletion leaves it: it is the account's
    secret_with: Mapping[str, str] = field(default_factory=dict)  # path → value with which AWS answers a secret
    deletion_days: tuple[str, int] | None = None  # the property for how long a deleted one is kept, and its default


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """CloudFormation stack. `tool` is the one that says it made it; "" when none does."""

    name: str
    id: str  # its ARN
    status: str
    tool: str = ""


class Provider(Protocol):
    """Cloud provider. Methods are thread-safe.

    Inputs may hold `Secret`s; they are revealed only inside the call. Every error is a CloudError with code and
    operation; NotFoundInCloudError when update finds nothing to update.
    """

    def identity(self) -> Identity:
        """Return account and region of the calls. Raises CloudError without usable credentials."""

    def known_identity(self) -> Identity | None:
        """Return the cached result of `identity`, without a call."""

    def supports(self, type_: str) -> bool:
        """Tell whether this provider can manage the type."""

    def schema(self, type_: str) -> TypeSchema:
        """Return facts about a type; a bare TypeSchema for types without a schema."""

    def check(self, type_: str, inputs: Properties) -> tuple[Problem, ...]:
        """Return what is wrong with a resource, told without a call; inputs may hold UNKNOWN."""

    def answered_by(self, type_: str) -> str:
        """Name who answers for a type in the place of its service: an emulator's Cloud Control; "" for AWS."""

    def create(self, type_: str, inputs: Properties, owner: Owner) -> Task[Live]:
        """Create, wait until usable, read back. Idempotent: finds and completes what the owner has."""

    def read(self, type_: str, physical_id: str, inputs: Properties) -> Live | None:
        """Return one reading, or None when the resource does not exist."""

    def read_many(self, requests: Sequence[ReadRequest], cancelled: Callable[[], bool]) -> Iterator[Reading]:
        """Yield readings in any order, one for each request; list pages instead of single reads."""

    def update(
        self,
        type_: str,
        physical_id: str,
        inputs: Properties,
        previous: Properties,
        changed: frozenset[str],
        owner: Owner,
    ) -> Task[Live]:
        """Write the `changed` top-level properties of `inputs` (absent: unset), wait, read back (see ResourceData)."""

    def delete(self, type_: str, physical_id: str, inputs: Properties) -> Task[None]:
        """Delete and wait until gone. A missing resource is a success."""

    def find(self, type_: str, inputs: Properties, owner: Owner) -> str | None:
        """Physical id of what a create that was begun made for the owner; a type without tags cannot tell its owner."""

    def ownership(self, type_: str, inputs: Properties, owner: Owner) -> Ownership | None:
        """Tell whose the resource is that a create with these inputs would meet; None when it would meet none."""

    def contested(self, type_: str, physical_id: str, inputs: Properties, owner: Owner) -> Ownership | None:
        """Tell who else claims a resource of a state by its tags; None when nobody does, or when it is gone."""

    def whose(self, type_: str, physical_id: str, inputs: Properties, owner: Owner) -> Ownership:
        """Tell whose the resource with this id is, by its tags, else by the stack that has it."""

    def marked(self) -> MarkedSearch:
        """Find what bears stateroom's tags in this account and region, of whichever state. Slow: lists every type."""

    def stack(self, name: str) -> DeployedStack | None:
        """Return the CloudFormation stack of a name; None without one. Raises CloudError when it may not be asked."""

    @property
    def children(self) -> ChildTables:
        """Return the tables of what may hang on resources without being declared."""

    def canonical(self, type_: str, properties: Properties) -> Properties:
        """Return properties in comparable form (see cloud.normalise.properties)."""

    def as_declared(self, type_: str, declared: Properties, live: Properties) -> Properties:
        """Return a reading in the shape of what was declared, in canonical form (see cloud.normalise.intersection)."""

    def aligned(self, type_: str, pattern: Properties, properties: Properties) -> Properties:
        """Return canonical properties with their lists in the pattern's order, where order is not known to matter."""


def run(task: Task[T], *, sleep: Callable[[float], None] = time.sleep) -> T:
    """Run a task in this thread, sleeping through its pauses; for single calls and tests."""
    while True:
        try:
            progress = next(task)
        except StopIteration as stop:
            result: T = stop.value
            return result
        if isinstance(progress, Pause):
            sleep(progress.seconds)


class Handler(Protocol):
    """Calls of one resource type. Handlers translate; retries, waits and normalising are their caller's.

    `overwrites` marks a type whose API takes over on create what exists already: the provider looks first.
    """

    type: str
    reader_version: int  # incremented when the reader's answers change
    batch_from: int  # smallest group for which `read_many` is faster than single reads; 0: never
    overwrites: bool

    @property
    def settable(self) -> Set[str] | None:
        """Top-level properties that the calls send; None: whatever the type has. A plan refuses the others."""

    @property
    def unsettable(self) -> frozenset[str]:
        """Dotted paths below them that the calls do not send; `*` stands for list items."""

    def problems(self, inputs: Properties) -> Iterator[Problem]:
        """Yield what a plan must refuse beyond schema, `settable` and `unsettable`; told without a call."""

    def create(self, resource: ResourceData) -> Task[str | Live]:
        """Create and wait until usable; yield Identified early; return the physical id, or a reading just taken."""

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the full model, read-only attributes included, or None."""

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Yield readings from list pages; requests left out are read one by one."""

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Write the changed property groups and wait; returns a later reading, if it has one."""

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete and wait until gone."""

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the resource that `create` would meet, whoever it belongs to; by name, else by the owner's tags."""
