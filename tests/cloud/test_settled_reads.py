"""Settled reads: what AWS shows late is waited for, whatever the type; the clock is the test's, so nothing takes long.

After a create its resource is not found for a while; after an update the old values are read; listings leave out what
is there. None of that may fail a step, be recorded, or pass for a deletion.
"""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from stateroom.cloud.aws.provider import AwsProvider
from stateroom.cloud.provider import Identified, Owner, Pause, ReadRequest, Remark, Task, run
from stateroom.cloud.session import open_aws
from stateroom.errors import CloudError, NotFoundInCloudError
from stateroom.model.resource import Live
from tests.cloud.all_types import ALL_TYPES
from tests.cloud.test_aws_provider import PACKAGE, SHA256, TRUST, function_inputs
from tests.cloud.test_every_type import missing, resolved
from tests.cloud.test_ownership_contract import LACKING
from tests.support.emulators import REGION, Emulator
from tests.support.faults import Answer, Fault, Proxy
from tests.support.lags import EmulatorsClock, LeftOut, NotFound, OldAnswers

OWNER: Final = Owner("shop", "dev", "It", "a" * 32)


def _let(action: str) -> dict[str, Any]:
    """A policy that allows one action everywhere."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": [action], "Resource": "*"}]}


# A later wish for each type that can be changed in place: property → value.
CHANGES: Final[dict[str, dict[str, Any]]] = {
    "Role": {"Policies": [{"PolicyName": "logs", "PolicyDocument": _let("logs:CreateLogStream")}]},
    "Queue": {"VisibilityTimeout": "90"},
    "Logs": {"RetentionInDays": 30},
    "Function": {"Timeout": 20},
    "Mapping": {"BatchSize": 7},
    "Topic": {"Tags": [{"Key": "team", "Value": "red"}]},
    "Subscription": {"FilterPolicy": {"kind": ["sold"]}},
    "Table": {"TimeToLiveSpecification": {"AttributeName": "ends", "Enabled": True}},
    "Rule": {"ScheduleExpression": "rate(9 minutes)"},
    "Api": {"CorsConfiguration": {"AllowOrigins": ["*"], "AllowHeaders": ["x-id"], "AllowMethods": ["GET"]}},
    "Integration": {"TimeoutInMillis": 9000},
    "Machine": {"DefinitionString": '{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}'},
    "Alias": {"Description": "the one in use"},
    "Url": {"AuthType": "AWS_IAM"},
    "InvokeConfig": {"MaximumRetryAttempts": 0},
    "Schedule": {"ScheduleExpression": "rate(2 hours)"},
    "Rest": {"Description": "orders"},
    "Key": {"Enabled": False},
    "Plan": {"Throttle": {"BurstLimit": 6, "RateLimit": 3.0}},
    "People": {"Policies": {"PasswordPolicy": {"MinimumLength": 16}}},
    "App": {"RefreshTokenValidity": 9},
    "Guests": {"AllowUnauthenticatedIdentities": False},
}

# Types of which AWS offers no read of the one thing: its listing is all there is.
ONLY_LISTED: Final = {"AWS::Logs::ResourcePolicy"}
# What an emulator does not do: moto keeps the first configuration that a function was given.
# And what it fails at: moto has no update of a usage plan.
FAILS: Final = {"moto": {"Plan"}, "ministack": set[str]()}
NEVER_SHOWN: Final = {"moto": {"InvokeConfig"}, "ministack": set[str]()}


class Deploy:
    """A provider behind a proxy, both on the test's clock; `seen` is what its tasks told while they ran."""

    def __init__(self, proxy: Proxy) -> None:
        self.clock = EmulatorsClock()
        self.proxy = proxy
        self.provider: AwsProvider = open_aws(
            region=REGION,
            profile=None,
            endpoint_url=proxy.endpoint_url,
            artifacts={SHA256: PACKAGE}.__getitem__,
            clock=self.clock,
        )
        self.seen: list[str] = []

    def finish(self, task: Task[Live]) -> Live:
        """Run a task, its pauses on the clock."""
        return run(self.watched(task), sleep=self.clock.sleep)

    def watched(self, task: Task[Live]) -> Task[Live]:
        """Note a task's reasons and remarks."""
        while True:
            try:
                progress = next(task)
            except StopIteration as stop:
                made: Live = stop.value
                return made
            if isinstance(progress, Pause):
                self.seen.append(progress.reason)
            elif isinstance(progress, Remark):
                self.seen.append(progress.text)
            yield progress

    def create(self, type_: str, inputs: dict[str, Any], owner: Owner = OWNER) -> Live:
        """Create, with time for what was made before to have settled."""
        self.clock.sleep(60)
        return self.finish(self.provider.create(type_, inputs, owner))

    def create_late(self, type_: str, inputs: dict[str, Any], seconds: float, owner: Owner = OWNER) -> Live:
        """Create something that is not found for some seconds from the moment that it has an id."""
        self.clock.sleep(60)
        return self.finish(self._hidden(self.provider.create(type_, inputs, owner), service(type_), seconds))

    def update(
        self, type_: str, live: Live, before: dict[str, Any], change: dict[str, Any], owner: Owner = OWNER
    ) -> Live:
        """Write some properties."""
        inputs = {**before, **change}
        return self.finish(self.provider.update(type_, live.physical_id, inputs, before, frozenset(change), owner))

    def _hidden(self, task: Task[Live], of: str, seconds: float) -> Task[Live]:
        while True:
            try:
                progress = next(task)
            except StopIteration as stop:
                made: Live = stop.value
                return made
            if isinstance(progress, Identified):
                last = progress.physical_id.replace("|", "/").replace(":", "/").split("/")[-1]
                self.proxy.rules.append(NotFound(self.clock, seconds, of, last))
            yield progress


def owned(name: str) -> Owner:
    """The owner of one of several resources."""
    return Owner("shop", "dev", name, "a" * 32)


def service(type_: str) -> str:
    """boto3's name of a type's service, as the proxy knows it."""
    name = type_.split("::")[1].lower()
    if name == "cognito":
        return "cognito-identity" if "IdentityPool" in type_ else "cognito-idp"
    return name


@pytest.fixture
def deploy(faulty: Proxy) -> Deploy:
    """A deploy through a proxy, on each emulator."""
    return Deploy(faulty)


def test_every_type_is_made_changed_and_found_although_all_shows_late(deploy: Deploy, emulator: Emulator) -> None:
    made: dict[str, Live] = {}
    asked: dict[str, dict[str, Any]] = {}
    for name, (type_, properties) in ALL_TYPES.items():
        if type_ in LACKING[emulator.name]:
            continue
        asked[name] = resolved(properties, made)
        made[name] = deploy.create_late(type_, asked[name], 2, owned(name))
        deploy.proxy.clear()
    acted = sum("does not show it everywhere yet" in line for line in deploy.seen)
    assert acted > 20

    deploy.proxy.rules.append(OldAnswers(deploy.clock, 3))
    for name, change in CHANGES.items():
        if name in FAILS[emulator.name]:
            continue
        deploy.clock.sleep(60)
        deploy.provider.read(ALL_TYPES[name][0], made[name].physical_id, asked[name])  # the answer that gets old
        type_ = ALL_TYPES[name][0]
        made[name] = deploy.update(type_, made[name], asked[name], change, owned(name))
        asked[name] |= change
        deploy.clock.sleep(60)
        # Together with the policies that are on the role and not the role's own.
        together = {name, *(it for it in made if ALL_TYPES[it][0].startswith("AWS::IAM::"))}
        asking = [ReadRequest(it, ALL_TYPES[it][0], made[it].physical_id, asked[it]) for it in sorted(together)]
        later = {reading.key: reading.live for reading in deploy.provider.read_many(asking, lambda: False)}[name]
        assert later is not None
        recorded, shown = (deploy.provider.canonical(type_, live.properties) for live in (made[name], later))
        if name in NEVER_SHOWN[emulator.name]:
            assert deploy.seen[-1].endswith("the state has the new")
            continue
        assert {key: recorded.get(key) for key in change} == {key: shown.get(key) for key in change}, name
        declared = deploy.provider.canonical(type_, asked[name])
        assert not [line for line in missing(declared, recorded) if line.split(".")[1] in change], name
    assert sum("does not show the new" in line for line in deploy.seen) > 12

    names = tuple(live.physical_id.split("/")[-1].split(":")[-1].split("|")[-1] for live in made.values())
    deploy.proxy.clear()
    left_out = LeftOut(tuple(name for name in names if len(name) > 3))
    deploy.proxy.rules.append(left_out)
    requests = [ReadRequest(name, ALL_TYPES[name][0], live.physical_id, asked[name]) for name, live in made.items()]
    gone = [reading.key for reading in deploy.provider.read_many(requests, lambda: False) if reading.live is None]
    assert left_out.times
    assert [name for name in gone if ALL_TYPES[name][0] not in ONLY_LISTED] == []


GROUP: Final[dict[str, Any]] = {"LogGroupName": "/aws/lambda/shop-pay", "RetentionInDays": 14}
ROLE: Final[dict[str, Any]] = {"RoleName": "shop-role", "AssumeRolePolicyDocument": TRUST, "Policies": []}
QUEUE: Final[dict[str, Any]] = {"QueueName": "shop-queue", "VisibilityTimeout": 90}
MACHINE: Final[dict[str, Any]] = {
    "StateMachineName": "shop-machine",
    "RoleArn": "arn:aws:iam::123456789012:role/shop-role",
}


def defined(result: int) -> dict[str, Any]:
    """A machine that passes a result on."""
    states = {"A": {"Type": "Pass", "Result": result, "End": True}}
    return {"DefinitionString": json.dumps({"StartAt": "A", "States": states})}


def inputs_of(case: str, emulator: Emulator) -> tuple[str, dict[str, Any]]:
    """Type and properties of a case's resource."""
    if case == "lambda":
        return "AWS::Lambda::Function", function_inputs(emulator.client)
    return {
        "iam": (
            "AWS::IAM::Role",
            {**ROLE, "Policies": [{"PolicyName": "send", "PolicyDocument": _let("sqs:SendMessage")}]},
        ),
        "logs": ("AWS::Logs::LogGroup", GROUP),
        "sqs": ("AWS::SQS::Queue", QUEUE),
        "stepfunctions": ("AWS::StepFunctions::StateMachine", {**MACHINE, **defined(11)}),
    }[case]


@pytest.mark.parametrize("case", ["iam", "lambda", "logs", "sqs"])
def test_not_found_right_after_our_own_create_is_a_pause(deploy: Deploy, emulator: Emulator, case: str) -> None:
    """(cases `late-iam`, `late-lambda`, `late-logs`, `late-sqs`)"""
    type_, inputs = inputs_of(case, emulator)
    began = deploy.clock()
    live = deploy.create_late(type_, inputs, 3)

    assert {line for line in deploy.seen if "was just made; AWS does not show it everywhere yet" in line}
    if case != "lambda":  # a function is polled until it is active
        assert 3 <= deploy.clock() - began - 60 < 6
    assert not list(
        missing(deploy.provider.canonical(type_, inputs), deploy.provider.canonical(type_, live.properties))
    )


@pytest.mark.parametrize(
    ("case", "change"),
    [
        ("iam", {"Policies": [{"PolicyName": "send", "PolicyDocument": _let("sqs:ReceiveMessage")}]}),
        ("logs", {"RetentionInDays": 30}),
        ("sqs", {"VisibilityTimeout": 120}),
        ("stepfunctions", defined(22)),
    ],
)
def test_an_old_answer_after_an_update_is_not_recorded(
    deploy: Deploy, emulator: Emulator, case: str, change: dict[str, Any]
) -> None:
    """(cases `stale-iam`, `stale-logs`, `stale-sqs`, `stale-stepfunctions`)"""
    if case == "stepfunctions":
        deploy.create("AWS::IAM::Role", ROLE)
    type_, inputs = inputs_of(case, emulator)
    live = deploy.create(type_, inputs)
    deploy.proxy.rules.append(OldAnswers(deploy.clock, 3))
    deploy.clock.sleep(60)
    assert deploy.provider.read(type_, live.physical_id, inputs) == live
    began = deploy.clock()
    updated = deploy.update(type_, live, inputs, change)

    assert deploy.seen[-1] == f"AWS does not show the new {next(iter(change))} yet"
    assert 3 <= deploy.clock() - began < 6
    deploy.clock.sleep(60)
    assert updated == deploy.provider.read(type_, live.physical_id, {**inputs, **change})


@pytest.mark.parametrize(
    ("case", "change", "longest"), [("logs", {"RetentionInDays": 30}, 25), ("sqs", {"VisibilityTimeout": 120}, 60)]
)
def test_what_never_shows_is_recorded_as_written_and_said(
    deploy: Deploy, emulator: Emulator, case: str, change: dict[str, Any], longest: float
) -> None:
    type_, inputs = inputs_of(case, emulator)
    live = deploy.create(type_, inputs)
    deploy.proxy.rules.append(OldAnswers(deploy.clock, 10_000))
    deploy.provider.read(type_, live.physical_id, inputs)
    began = deploy.clock()
    updated = deploy.update(type_, live, inputs, change)
    name = next(iter(change))

    assert longest <= deploy.clock() - began < longest + 7
    assert deploy.seen[-1] == f"AWS still shows the old {name} of {live.physical_id}; the state has the new"
    assert updated.properties[name] == change[name]
    began = deploy.clock()
    deploy.update(type_, live, {**inputs, **change}, inputs)
    assert deploy.clock() == began, "what has never shown is not waited for again"


def test_a_role_that_a_listing_leaves_out_is_not_gone(deploy: Deploy) -> None:
    """(case `absent-role`)"""
    roles = [{**ROLE, "RoleName": f"shop-role-{number}"} for number in range(4)]
    for role in roles:
        deploy.create("AWS::IAM::Role", role)
    deploy.proxy.clear()
    left_out = LeftOut(("shop-role-1",))
    deploy.proxy.rules.append(left_out)
    asking = [ReadRequest(role["RoleName"], "AWS::IAM::Role", role["RoleName"], role) for role in roles]
    asking.append(ReadRequest("none", "AWS::IAM::Role", "never-was", ROLE))
    found = {reading.key: reading.live for reading in deploy.provider.read_many(asking, lambda: False)}

    assert left_out.times
    assert [key for key, live in found.items() if live is None] == ["none"]
    assert deploy.proxy.count("GetRole") == 2, "the one that is left out, and the one that is gone"


def test_a_call_on_what_was_just_made_waits_until_it_is_known(deploy: Deploy) -> None:
    topic = deploy.create("AWS::SNS::Topic", {"TopicName": "shop-topic"})
    deploy.proxy.rules.append(Fault("Subscribe", Answer("NotFound", "Topic does not exist", 404), calls=(1, 2)))
    subscription = {
        "TopicArn": topic.physical_id,
        "Protocol": "sqs",
        "Endpoint": "arn:aws:sqs:eu-west-1:123456789012:q",
    }
    deploy.finish(deploy.provider.create("AWS::SNS::Subscription", subscription, OWNER))

    assert deploy.seen == ["shop-topic was just made; AWS does not show it everywhere yet"] * 2
    deploy.clock.sleep(60)
    deploy.proxy.clear()
    deploy.proxy.rules.append(Fault("Subscribe", Answer("NotFound", "Topic does not exist", 404)))
    other = {**subscription, "Endpoint": "arn:aws:sqs:eu-west-1:123456789012:other"}
    with pytest.raises(NotFoundInCloudError):
        deploy.finish(deploy.provider.create("AWS::SNS::Subscription", other, Owner("shop", "dev", "Other")))
    assert deploy.proxy.count("Subscribe") == 1, "what was made a minute ago is known by now"


def test_something_that_is_really_missing_is_said_soon(deploy: Deploy) -> None:
    deploy.proxy.rules.append(Fault("AttachRolePolicy", Answer("NoSuchEntity", "Policy x does not exist", 404)))
    began = deploy.clock()
    with pytest.raises(CloudError, match="AWS::IAM::Role shop-role") as caught:
        deploy.create("AWS::IAM::Role", {**ROLE, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/x"]})

    assert "Policy x does not exist" in caught.value.why
    assert deploy.clock() - began - 60 < 10


def test_what_was_deleted_right_after_its_create_is_gone(deploy: Deploy, emulator: Emulator) -> None:
    live = deploy.create("AWS::Logs::LogGroup", GROUP)
    emulator.client("logs").delete_log_group(logGroupName=live.physical_id)

    with pytest.raises(NotFoundInCloudError, match="does not exist"):
        deploy.update("AWS::Logs::LogGroup", live, GROUP, {"RetentionInDays": 30})
    assert deploy.provider.read("AWS::Logs::LogGroup", live.physical_id, GROUP) is None
