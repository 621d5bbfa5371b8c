"""A cloud in memory: the Provider protocol over a dict, with failures on demand. For engine tests only."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from stateroom.cloud.children import ChildReading, Exposure, Recorded
from stateroom.cloud.normalise.intersection import aligned, as_declared
from stateroom.cloud.ownership import owner_tags
from stateroom.cloud.provider import (
    DeployedStack,
    Identified,
    Identity,
    Owner,
    Pause,
    Reading,
    ReadRequest,
    Task,
    TypeSchema,
)
from stateroom.cloud.schema.facts import Facts
from stateroom.errors import CloudError, NotFoundInCloudError
from stateroom.model.diff import Path
from stateroom.model.ownership import Claim, MarkedResource, MarkedSearch, Ownership
from stateroom.model.problems.problem import Problem
from stateroom.model.resource import Live
from stateroom.model.values import ABSENT, Properties, contains_unknown, reveal

SCHEMAS = {
    "AWS::SQS::Queue": TypeSchema(
        "AWS::SQS::Queue",
        "QueueName",
        80,
        frozenset({"QueueName", "FifoQueue"}),
        frozenset({"Arn"}),
        tags_property="Tags",
    ),
    "AWS::Lambda::Function": TypeSchema(
        "AWS::Lambda::Function",
        "FunctionName",
        64,
        frozenset({"FunctionName", "PackageType"}),
        frozenset({"Arn"}),
        tags_property="Tags",
    ),
    "AWS::ApiGatewayV2::Api": TypeSchema(
        "AWS::ApiGatewayV2::Api", create_only=frozenset({"ProtocolType"}), read_only=frozenset({"Arn"})
    ),
    "AWS::ApiGatewayV2::Route": TypeSchema(
        "AWS::ApiGatewayV2::Route", create_only=frozenset({"ApiId"}), children_of="ApiId"
    ),
    "AWS::Lambda::Permission": TypeSchema(
        "AWS::Lambda::Permission", create_only=frozenset({"FunctionName"}), children_of="FunctionName"
    ),
}


@dataclass
class Thing:
    """One object in the cloud."""

    type: str
    physical_id: str
    properties: dict[str, Any]
    owner: Owner


@dataclass
class MemoryChildren:
    """What hangs on the things of a MemoryCloud and is none of them.

    `there` holds values by (physical id, kind) and identity, `refused` why a kind may not be looked at. A text is
    harmless; a mapping with a Principal is dangerous, and open to all with the Principal `*`.
    """

    of_type: dict[str, tuple[str, ...]] = field(default_factory=dict)
    there: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    dangerous: dict[str, frozenset[str]] = field(default_factory=dict)  # properties by type
    asked: list[tuple[str, str]] = field(default_factory=list)

    def kinds(self, type_: str) -> tuple[str, ...]:
        return self.of_type.get(type_, ())

    def read(
        self, resources: Sequence[Recorded], cancelled: Callable[[], bool], parents: Set[str] | None = None
    ) -> Iterator[ChildReading]:
        for parent in (item for item in resources if parents is None or item.key in parents):
            for kind in self.kinds(parent.type):
                self.asked.append((parent.physical_id, kind))
                if kind in self.refused:
                    yield ChildReading(parent.key, kind, unread=self.refused[kind])
                else:
                    yield ChildReading(parent.key, kind, dict(self.there.get((parent.physical_id, kind), {})))

    def danger(self, type_: str, path: Path, value: Any) -> Exposure | None:
        if isinstance(value, dict) and "Principal" in value:
            return Exposure(f"{value['Principal']} may come in", value["Principal"] == "*")
        return Exposure(f"{path[0]} set by hand") if path[0] in self.guarded(type_) and value is not ABSENT else None

    def guarded(self, type_: str) -> frozenset[str]:
        return self.dangerous.get(type_, frozenset())

    def restorable(self, type_: str, kind: str) -> bool:
        return kind != "Statements"

    def undo(self, parent: Recorded, path: Path, wanted: Any) -> None:
        items = self.there.setdefault((parent.physical_id, str(path[0])), {})
        items.pop(str(path[1]), None)
        if wanted is not ABSENT:
            items[str(path[1])] = wanted


@dataclass
class MemoryCloud:
    """Objects by type and physical id. `calls` lists what was asked, `fail` maps a call to the error it meets."""

    things: dict[tuple[str, str], Thing] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    fail: dict[str, Exception] = field(default_factory=dict)
    after: dict[str, Callable[[], None]] = field(default_factory=dict)  # runs when the call has taken effect
    stacks: dict[str, DeployedStack] = field(default_factory=dict)
    problems: dict[str, tuple[Problem, ...]] = field(default_factory=dict)  # by type, what a plan is told of it
    unasked: dict[str, str] = field(default_factory=dict)  # types that `marked` may not ask for
    hearsay: str = ""  # who answers for types without a schema here
    account: str = "000000000000"
    region: str = "eu-west-1"
    children: MemoryChildren = field(default_factory=MemoryChildren)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def identity(self) -> Identity:
        return Identity(self.account, self.region)

    def known_identity(self) -> Identity | None:
        return self.identity()

    def stack(self, name: str) -> DeployedStack | None:
        self._call(f"stack {name}")
        return self.stacks.get(name)

    def supports(self, type_: str) -> bool:
        return type_ in SCHEMAS

    def schema(self, type_: str) -> TypeSchema:
        return SCHEMAS.get(type_, TypeSchema(type_))

    def check(self, type_: str, inputs: Properties) -> tuple[Problem, ...]:
        return self.problems.get(type_, ())

    def answered_by(self, type_: str) -> str:
        return self.hearsay if type_ not in SCHEMAS else ""

    def canonical(self, type_: str, properties: Properties) -> Properties:
        read_only = self.schema(type_).read_only
        return {key: value for key, value in properties.items() if key not in read_only}

    def as_declared(self, type_: str, declared: Properties, live: Properties) -> Properties:
        canonical = self.canonical(type_, declared), self.canonical(type_, live)
        return as_declared(*canonical, Facts(self.schema(type_)))

    def aligned(self, type_: str, pattern: Properties, properties: Properties) -> Properties:
        return aligned(self.canonical(type_, pattern), properties, Facts(self.schema(type_)))

    def create(self, type_: str, inputs: Properties, owner: Owner) -> Task[Live]:
        assert not contains_unknown(inputs), f"{owner.logical_id} would be created with unknown values"
        self._call(f"create {owner.logical_id}")
        name = self.schema(type_).name_property
        physical_id = str(inputs[name]) if name else f"id-{next(self._ids):04d}"
        if (type_, physical_id) in self.things and not _same(self.things[type_, physical_id].owner, owner):
            raise CloudError(f"{physical_id} exists", code="AlreadyExists")
        self.things[type_, physical_id] = Thing(type_, physical_id, dict(reveal(inputs)), owner)
        self._took_effect(f"create {owner.logical_id}")
        yield Identified(physical_id)
        yield Pause(0.0, "settling")
        return self._live(type_, physical_id)

    def read(self, type_: str, physical_id: str, inputs: Properties) -> Live | None:
        self._call(f"read {physical_id}")
        return self._live(type_, physical_id) if (type_, physical_id) in self.things else None

    def read_many(self, requests: Sequence[ReadRequest], cancelled: Callable[[], bool]) -> Iterator[Reading]:
        for request in requests:
            try:
                yield Reading(request.key, self.read(request.type, request.physical_id, request.inputs))
            except CloudError as error:
                yield Reading(request.key, error=error)

    def update(
        self,
        type_: str,
        physical_id: str,
        inputs: Properties,
        previous: Properties,
        changed: frozenset[str],
        owner: Owner,
    ) -> Task[Live]:
        self._call(f"update {owner.logical_id} {','.join(sorted(changed))}")
        if (type_, physical_id) not in self.things:
            raise NotFoundInCloudError(f"{owner.logical_id} does not exist", todo="stateroom refresh", code="NotFound")
        properties = self.things[type_, physical_id].properties
        if self.schema(type_).tags_property in changed:
            self.things[type_, physical_id].owner = owner
        for key in changed - {self.schema(type_).tags_property}:
            properties.pop(key, None)
            if key in inputs:
                properties[key] = reveal(inputs[key])
        self._took_effect(f"update {owner.logical_id}")
        yield Pause(0.0, "settling")
        return self._live(type_, physical_id)

    def delete(self, type_: str, physical_id: str, inputs: Properties) -> Task[None]:
        self._call(f"delete {physical_id}")
        self.things.pop((type_, physical_id), None)
        if type_ == "AWS::ApiGatewayV2::Api":
            for key in [k for k, thing in self.things.items() if thing.properties.get("ApiId") == physical_id]:
                del self.things[key]
        self._took_effect(f"delete {physical_id}")
        yield Pause(0.0, "settling")

    def find(self, type_: str, inputs: Properties, owner: Owner) -> str | None:
        self._call(f"find {owner.logical_id}")
        wanted = inputs.get(self.schema(type_).name_property)
        for thing in reversed(self.things.values()):
            if thing.type == type_ and _same(thing.owner, owner) and wanted in (None, thing.physical_id):
                return thing.physical_id
        return None

    def ownership(self, type_: str, inputs: Properties, owner: Owner) -> Ownership | None:
        """Whose the thing of that name is; a name that is none of its type's is never taken."""
        self._call(f"whose {owner.logical_id}")
        name = self.schema(type_).name_property
        mine = (owner.service, owner.stage, owner.logical_id)
        for thing in reversed(self.things.values()):
            named = (thing.owner.service, thing.owner.stage, thing.owner.logical_id)
            meets = inputs.get(name) == thing.physical_id if name else named == mine
            if thing.type == type_ and meets:
                ours = bool(owner.lineage) and thing.owner.lineage == owner.lineage
                claim = (Claim.OURS if named == mine else Claim.RENAMED) if ours else Claim.STATE
                return Ownership(thing.physical_id, claim, thing.owner.home, "/".join(named[:2]), named[2])
        return None

    def contested(self, type_: str, physical_id: str, inputs: Properties, owner: Owner) -> Ownership | None:
        thing = self.things.get((type_, physical_id))
        if thing is None or not thing.owner.lineage or thing.owner.lineage == owner.lineage:
            return None
        return self.ownership(type_, inputs, owner)

    def whose(self, type_: str, physical_id: str, inputs: Properties, owner: Owner) -> Ownership:
        """As the thing's tags say; without a lineage it is nobody's."""
        thing = self.things[type_, physical_id]
        if not thing.owner.service:
            return Ownership(physical_id, Claim.NOBODY)
        same = thing.owner.lineage == owner.lineage and thing.owner.service == owner.service
        claim = Claim.OURS if same and thing.owner.logical_id == owner.logical_id else Claim.STATE
        claim = Claim.RENAMED if same and claim is Claim.STATE else claim
        service = f"{thing.owner.service}/{thing.owner.stage}"
        return Ownership(physical_id, claim, thing.owner.home, service, thing.owner.logical_id)

    def marked(self) -> MarkedSearch:
        """Everything with an owner."""
        owned = [thing for thing in self.things.values() if thing.owner.service]
        return MarkedSearch(
            tuple(MarkedResource(item.type, item.physical_id, owner_tags(item.owner)) for item in owned), self.unasked
        )

    def _live(self, type_: str, physical_id: str) -> Live:
        thing = self.things[type_, physical_id]
        return Live(physical_id, {**thing.properties, "Arn": f"arn:aws:x:{self.region}:{self.account}:{physical_id}"})

    def _call(self, call: str) -> None:
        self.calls.append(call)
        for name, error in self.fail.items():
            if call.startswith(name):
                raise error

    def _took_effect(self, call: str) -> None:
        for name, action in self.after.items():
            if call.startswith(name):
                action()

    def by_owner(self, logical_id: str) -> Thing:
        """The one object that belongs to the resource."""
        (found,) = [thing for thing in self.things.values() if thing.owner.logical_id == logical_id]
        return found


def _same(one: Owner, other: Owner) -> bool:
    """Whether tags would say the same; the home is for people only."""
    return replace(one, home="") == replace(other, home="")
