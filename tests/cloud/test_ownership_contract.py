"""Contract: whatever the handled type, what somebody else made is never taken, tagged, changed or deleted.

Somebody else is a stranger, another state, or a CloudFormation stack. No emulator finds stacks by physical id, so a
proxy in front answers that one question.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlparse

import pytest

from stateroom.cloud import tags
from stateroom.cloud.aws.provider import AwsProvider
from stateroom.cloud.provider import Owner, run
from stateroom.engine.planning.imports.lookup import look_up_object
from stateroom.engine.planning.ownership.claims import Claims
from stateroom.errors import CloudError
from stateroom.model.ownership import Claim
from stateroom.model.plan import Action, ServicePlan, Step
from stateroom.model.resource import Live, Record, Resource, Template
from tests.cloud import more_types
from tests.cloud.all_types import ALL_TYPES, handled_types
from tests.cloud.test_aws_provider import no_sleep, opened
from tests.cloud.test_every_type import resolved
from tests.support.emulators import Emulator
from tests.support.faults import Answer, Call, Fault, Proxy, Reply
from tests.support.raw_contents import raw_contents

OURS: Final = "a" * 32
THEIRS: Final = "b" * 32
STACK: Final = "theirs-dev"
STACK_TAGS: Final = {
    "aws:cloudformation:stack-name": STACK,
    "aws:cloudformation:stack-id": f"arn:aws:cloudformation:eu-west-1:123456789012:stack/{STACK}/0",
}
# Types of which a create makes another one next to what is there, with the reason.
MAKES_ANOTHER: Final = {
    "AWS::CertificateManager::Certificate": "a domain can have many",
    "AWS::CloudFront::Distribution": "it has no name",
    "AWS::Cognito::IdentityPool": "names need not be unique",
    "AWS::Cognito::UserPool": "names need not be unique",
    "AWS::KMS::Key": "keys have no names",
    "AWS::Lambda::LayerVersion": "publishing makes the next version",
    "AWS::Lambda::Permission": "the statement's id is derived from state and resource",
    "AWS::ApiGatewayV2::Api": "names need not be unique",
    "AWS::ApiGatewayV2::Integration": "nothing about it need be unique",
    "AWS::ApiGateway::RestApi": "names need not be unique",
    "AWS::ApiGateway::Account": "the same role is shared; another one is refused, see test_apigateway_account",
    "AWS::ApiGateway::ApiKey": "names need not be unique",
    "AWS::ApiGateway::ClientCertificate": "they have no names",
    "AWS::ApiGateway::VpcLink": "names need not be unique",
    "AWS::ApiGatewayV2::Deployment": "each is another picture of the API",
    "AWS::ApiGatewayV2::VpcLink": "names need not be unique",
    "AWS::ApiGateway::UsagePlan": "names need not be unique",
    "AWS::ApiGateway::Deployment": "each is another picture of the API",
    "Custom::ApiGatewayAccountRole": "one an account, shared by all of its services, never taken away",
}
# Types that a plan cannot look for; their creates refuse by themselves.
NOT_IN_A_PLAN: Final = {"AWS::Lambda::Version": "whether a function has changed is known when it is published"}
# Types of which emulators make another one next to what is there, where AWS answers a conflict.
AWS_REFUSES: Final = {
    "AWS::ApiGateway::Authorizer": "names are unique in an API",
    "AWS::ApiGateway::BasePathMapping": "paths are unique in a domain",
    "AWS::ApiGatewayV2::Authorizer": "names are unique in an API",
    "AWS::ApiGatewayV2::IntegrationResponse": "keys are unique in an integration",
    "AWS::ApiGatewayV2::Model": "names are unique in an API",
    "AWS::ApiGatewayV2::RouteResponse": "keys are unique in a route",
    "AWS::ApiGateway::RequestValidator": "a second one of that name does no harm",
    "AWS::ApiGateway::Resource": "paths are unique in an API",
    "AWS::ApiGatewayV2::Route": "keys are unique in an API",
    "AWS::Lambda::EventSourceMapping": "there is one for each source and function",
}
# Moto invokes a function as soon as a bucket is told to, for which it needs docker.
LACKING: Final[Mapping[str, set[str]]] = {
    "moto": {"Custom::S3", *more_types.LACKING["moto"]},
    "ministack": set(more_types.LACKING["ministack"]),
}
# Types that bear tags although CloudFormation lets nobody set any.
TAGGED_BY_US: Final = {"AWS::IAM::InstanceProfile", "AWS::IAM::ManagedPolicy"}
# Emulators that refuse tags which begin with `aws:`, as AWS does when anybody but its services sets them; moto loses
# those of a user pool when it is updated without them.
NO_SYSTEM_TAGS: Final[Mapping[str, set[str]]] = {
    "moto": {"AWS::CertificateManager::Certificate", "AWS::Cognito::UserPool", "AWS::S3::Bucket"},
    "ministack": {"AWS::CloudFront::Function", "AWS::CloudWatch::Alarm", "AWS::IoT::TopicRule"},
}


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody who made all of it before.

    Args:
        tags: what theirs bear; None: the tags of another state of this very service.
        stack: what CloudFormation answers, asked by physical id.
        tagged: the claim on types that bear tags.
        untagged: the claim on types that bear none.
    """

    tags: Mapping[str, str] | None
    stack: Answer | Reply
    tagged: Claim
    untagged: Claim


_NO_STACK: Final = Answer("ValidationError", "Stack for physical id does not exist")
_IN_A_STACK: Final = """<DescribeStackResourcesResponse><DescribeStackResourcesResult><StackResources><member>
<StackName>{stack}</StackName><PhysicalResourceId>{id}</PhysicalResourceId><LogicalResourceId>Theirs</LogicalResourceId>
<ResourceType>AWS::Any::Type</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus>
<Timestamp>2026-01-01T00:00:00Z</Timestamp></member></StackResources></DescribeStackResourcesResult>
</DescribeStackResourcesResponse>"""
OTHERS: Final = {
    "a stranger": Other({}, _NO_STACK, Claim.NOBODY, Claim.NOBODY),
    "another lineage": Other(None, _NO_STACK, Claim.STATE, Claim.NOBODY),
    "a stack by its tags": Other(STACK_TAGS, _NO_STACK, Claim.STACK, Claim.NOBODY),
    "a stack by its resources": Other({}, Reply(b""), Claim.STACK, Claim.STACK),
    "nobody may be asked": Other({}, Answer("AccessDenied", "not allowed", 403), Claim.UNKNOWN, Claim.UNKNOWN),
}


@dataclass(frozen=True, slots=True)
class World:
    """An emulator in which everything that a template names was made by another."""

    other: Other
    emulator: Emulator
    proxy: Proxy  # between this state's provider and the emulator
    provider: AwsProvider
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)  # inputs by logical id
    made: dict[str, Live] = field(default_factory=dict)

    @property
    def untaggable(self) -> set[str]:
        """Types on which the emulator lets nobody set the other's tags."""
        return NO_SYSTEM_TAGS[self.emulator.name] if self.other.tags == STACK_TAGS else set()

    def bears_tags(self, name: str) -> bool:
        """Whether the resource bears the other's tags."""
        type_ = ALL_TYPES[name][0]
        taggable = bool(self.provider.schema(type_).tags_property) or type_ in TAGGED_BY_US
        return taggable and type_ not in self.untaggable | more_types.FORGETFUL[self.emulator.name]

    def owner(self, name: str) -> Owner:
        """This state's owner of a resource."""
        return Owner("shop", "dev", name, OURS, "bucket ours")

    def claims(self, records: Mapping[str, Record]) -> Claims:
        """Ownership questions of this state."""
        return Claims(self.provider, self.owner, records)

    def step(self, name: str, action: Action) -> Step:
        """A step on what the other made."""
        physical_id = "" if action is Action.CREATE else self.made[name].physical_id
        type_ = ALL_TYPES[name][0]
        return Step(f"shop/{name}", "shop", name, type_, action, physical_id=physical_id, inputs=self.asked[name])

    def writes(self) -> list[str]:
        """Calls that were made and change something."""
        reads = ("Get", "List", "Describe", "Lookup")
        return [
            f"{call.method} {call.path} {call}"
            for call in self.proxy.calls
            if call.method not in ("GET", "HEAD") and not call.operation.startswith(reads)
        ]


def populated(other: Other, emulator: Emulator, proxy: Proxy, patch: pytest.MonkeyPatch) -> World:
    """Make one of each type as the other does."""
    provider, world = opened(emulator.endpoint_url), World(other, emulator, proxy, opened(proxy.endpoint_url))
    for name, (type_, properties) in ALL_TYPES.items():
        if type_ in LACKING[emulator.name] | more_types.UNLISTED[emulator.name]:
            continue
        world.asked[name] = inputs = resolved(properties, world.made)
        owner = Owner("shop", "dev", name, THEIRS, "bucket theirs") if other.tags is None else Owner("its", "own", name)
        if other.tags is not None:
            bearing = {} if type_ in world.untaggable else dict(other.tags)
            patch.setattr(tags, "owner_tags", lambda _, bearing=bearing: bearing)
        world.made[name] = run(provider.create(type_, inputs, owner), sleep=no_sleep)
    return world


def telling(answer: Answer | Reply) -> Callable[[Call], Answer | Reply]:
    """CloudFormation's answer to which stack a physical id is part of; an empty reply: part of STACK."""

    def tell(call: Call) -> Answer | Reply:
        physical_id = parse_qs(call.body.decode())["PhysicalResourceId"][0]
        return answer if isinstance(answer, Answer) else Reply(_IN_A_STACK.format(stack=STACK, id=physical_id).encode())

    return tell


@pytest.fixture(params=OTHERS)
def world(request: pytest.FixtureRequest, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Everything, made by each of the others in turn."""
    other = OTHERS[request.param]
    with Proxy(emulator.endpoint_url).running() as proxy:
        with monkeypatch.context() as patch:
            world = populated(other, emulator, proxy, patch)
        proxy.rules.append(Fault("DescribeStackResources", telling(other.stack)))
        yield world


def test_every_handled_type_is_covered() -> None:
    covered = {type_ for type_, _ in ALL_TYPES.values()}

    assert set(handled_types()) - covered == set()
    assert covered >= MAKES_ANOTHER.keys()


def test_what_others_made_is_never_taken_tagged_changed_or_deleted(world: World) -> None:
    before = raw_contents(world.emulator)
    assert not [line for line in before.values() if world.other.tags is not None and "stateroom:service" in line]

    a_plan_refuses_it(world)
    a_plan_leaves_alone_what_others_claim_by_now(world)
    an_import_knows_whose_it_is(world)
    assert world.writes() == []
    assert raw_contents(world.emulator) == before

    a_create_refuses_it(world)


def a_plan_refuses_it(world: World) -> None:
    resources = {name: Resource(name, ALL_TYPES[name][0], inputs) for name, inputs in world.asked.items()}
    target = Template("shop", "shop", "dev", "eu-west-1", resources)
    adoptions, refusals = world.claims({}).settle(target, [world.step(name, Action.CREATE) for name in world.asked])

    assert adoptions == ()
    refused = {step.logical_id: step for step in refusals}
    unmet = {ALL_TYPES[name][0] for name in world.asked.keys() - refused.keys()}
    assert unmet - MAKES_ANOTHER.keys() - NOT_IN_A_PLAN.keys() == set()
    for name, step in refused.items():
        expected = world.other.tagged if world.bears_tags(name) else world.other.untagged
        assert step.owner is not None
        assert (name, step.action, step.owner.claim) == (name, Action.REFUSE, expected)


def a_plan_leaves_alone_what_others_claim_by_now(world: World) -> None:
    """Of what stands in this state, too: a second adopter's tags, or a stack's that imported it."""
    records = {
        name: Record(name, ALL_TYPES[name][0], live.physical_id, world.asked[name], live.properties, lineage=OURS)
        for name, live in world.made.items()
    }
    claimed = world.other.tags != {}
    for action in (Action.UPDATE, Action.DELETE):
        steps = tuple(world.step(name, action) for name in world.made)
        plan = world.claims(records).contested(ServicePlan("shop", steps))
        expected = {name: Action.REFUSE if claimed and world.bears_tags(name) else action for name in world.made}
        assert {step.logical_id: step.action for step in plan.steps} == expected


def an_import_knows_whose_it_is(world: World) -> None:
    """By the id alone, with what the config says of it; and finds the object by that id and by its ARN."""
    for name, live in world.made.items():
        type_, inputs = ALL_TYPES[name][0], world.asked[name]
        found = world.provider.whose(type_, live.physical_id, inputs, world.owner(name))
        expected = world.other.tagged if world.bears_tags(name) else world.other.untagged
        assert (name, found.claim) == (name, expected)
        resource, arn = Resource(name, type_, inputs), live.properties.get("Arn")
        for text in (live.physical_id, arn if isinstance(arn, str) and arn.startswith("arn:") else live.physical_id):
            seen = look_up_object(world.provider, resource, text, inputs, world.owner(name))
            assert seen is not None, f"{name} is not found by {text}"
            assert (name, _path(seen.physical_id)) == (name, _path(live.physical_id))


def _path(physical_id: str) -> str:
    """A queue's URL without its host: moto's is the one that was called."""
    return urlparse(physical_id).path if physical_id.startswith("http") else physical_id


def a_create_refuses_it(world: World) -> None:
    """Also one that nobody planned, because the other came in between."""
    before, refused, made = raw_contents(world.emulator), dict[str, str](), set[str]()
    for name, inputs in world.asked.items():
        type_ = ALL_TYPES[name][0]
        try:
            run(world.provider.create(type_, inputs, world.owner(name)), sleep=no_sleep)
        except CloudError as error:
            refused[name] = str(error)
        else:
            made.add(name)
    assert {ALL_TYPES[name][0] for name in refused} & MAKES_ANOTHER.keys() == set()
    assert {ALL_TYPES[name][0] for name in made} - MAKES_ANOTHER.keys() - AWS_REFUSES.keys() == set()
    assert [reason for reason in refused.values() if "already" not in reason] == []
    after = raw_contents(world.emulator)
    changed = {address for address in before if after.get(address) != before[address]}
    assert {address for address in changed if not _is_turned(before[address], after.get(address))} == set()


def _is_turned(before: str, after: str | None) -> bool:
    """Whether a stage only serves another deployment: whoever deploys to an API by its id asks for that."""
    served = {"deploymentId": "", "lastUpdatedDate": ""}
    return bool(after) and json.loads(before) | served == json.loads(after or "") | served
