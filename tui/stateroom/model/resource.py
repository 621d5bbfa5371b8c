"""One resource as each of the three columns knows it, and one service's worth of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Final, TypeAlias

from stateroom.errors import SourceLocation
from stateroom.model.diff import Path
from stateroom.model.pending import PendingOperation
from stateroom.model.values import Properties, Value

# Logical id and path of a property → where it is written.
Locate: TypeAlias = Callable[[str, Path], SourceLocation | None]

# What hangs on a resource and is no resource of the state: kind ("Policy") → identity (a statement's Sid) → value.
Children: TypeAlias = Mapping[str, Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class Resource:
    """Config: what should be. Properties keep their intrinsics (`{"Ref": …}`, `{"Fn::GetAtt": […]}`) in place."""

    logical_id: str
    type: str
    properties: Properties
    depends_on: tuple[str, ...] = ()
    retain: bool = False  # DeletionPolicy: Retain
    source: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class Artifact:
    """A deployment package. `Code: {"ArtifactSha256": sha256}` in a function's properties points at it."""

    sha256: str  # hex
    path: FilePath  # the zip on local disk
    size: int  # bytes


NOT_BUILT: Final = "not-built"
"""In place of a package's SHA-256 that is not known, because nothing may be installed."""


@dataclass(frozen=True, slots=True)
class Output:
    """A named value that a service shows its users and hands to other services."""

    value: Value  # with intrinsics
    description: str = ""
    source: SourceLocation | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """One service compiled for one stage: every resource it wants, and its outputs.

    `service` is its name in the project (the Compose key; shown, and used in addresses); `app` is `service:` of its
    serverless.yml, which names its state and its physical resources.
    """

    service: str
    app: str
    stage: str
    region: str
    resources: Mapping[str, Resource]
    outputs: Mapping[str, Output] = field(default_factory=dict)
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)  # by sha256
    warnings: tuple[str, ...] = ()
    not_built: str = ""  # why packages have no hash, and NOT_BUILT in its place; "" when all are built
    placeholders: Mapping[str, str] = field(
        default_factory=dict
    )  # logical ids that such a hash is a part of → the rest
    locate: Locate | None = field(default=None, compare=False, repr=False)  # of properties in the config's files

    def where(self, logical_id: str, path: Path) -> SourceLocation | None:
        """Return file and line of a resource's property, as far as they are known."""
        if self.locate is not None:
            return self.locate(logical_id, path)
        return self.resources[logical_id].source if logical_id in self.resources else None


@dataclass(frozen=True, slots=True)
class Record:
    """State: what the last operation believed it made.

    `inputs` are the resolved properties as the deploy asked for them; `observed` is what our reader answered right
    after the apply had settled, read-only attributes (`Arn`, `QueueUrl`) included.
    Why both: docs/design.md, What the state keeps.
    """

    logical_id: str
    type: str
    physical_id: str  # what CloudFormation's Ref answers for the type
    inputs: Properties
    observed: Properties
    dependencies: tuple[str, ...] = ()  # logical ids in the same service
    reader_version: int = 1
    retain: bool = False
    condemned: bool = False  # the old copy of a replaced resource, still to be deleted
    created: str = ""  # RFC 3339, UTC
    modified: str = ""
    lineage: str = ""  # of the state that its tags name; "" when it was tagged before there were lineages
    adopted: str = ""  # RFC 3339, UTC: when it was taken over; "" for what stateroom made
    parent: str = ""  # logical id of the component that it is a part of, in states of other tools
    children: Children | None = None  # undeclared ones that are known of; None: nobody has looked yet


@dataclass(frozen=True, slots=True)
class Live:
    """Cloud: what is, as our reader gives it. Properties include read-only attributes."""

    physical_id: str
    properties: Properties


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of one service on one stage at one version. `service` is the Template's `app`.

    `records` are in dependency order (a record comes after what it depends on). `pending` are steps with an unknown
    outcome. `carried` is whatever the state file holds that stateroom does not know; it goes back out as it came in.
    """

    service: str
    stage: str
    records: tuple[Record, ...] = ()
    outputs: Mapping[str, Value] = field(default_factory=dict)
    account: str = ""  # the cloud account and region that the records live in; empty before the first deploy
    region: str = ""
    lineage: str = ""  # identity of this state, made at its birth; "" until the first operation
    pending: tuple[PendingOperation, ...] = ()
    carried: Value = None

    def by_id(self) -> dict[str, Record]:
        """Live records by logical id; condemned copies left out."""
        return {record.logical_id: record for record in self.records if not record.condemned}
