"""What each handler asks of its service and makes of the answers, call by call, as it was last read and agreed to.

`__snapshots__/exchanges` holds a file a type. After a handler was meant to change:

    .venv/bin/pytest tests/cloud/test_exchanges.py --snapshot-update

and read the difference: a line that appears there is a call that users will make.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from stateroom.cloud.aws import iam, lambda_function, s3
from stateroom.cloud.aws.cloudcontrol import CloudControlHandler
from stateroom.cloud.aws.custom import AccountRoleHandler, BucketNotificationsHandler
from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.provider import ReadRequest, ResourceData
from stateroom.cloud.schema.catalog import facts
from tests.cloud.exchanges import OWNER, Service, error_codes, exchange, plain, shortened
from tests.cloud.test_settable_contract import FACTORIES, PROVIDER, claimed

AGREED = Path(__file__).with_name("__snapshots__") / "exchanges"
ROLE = "arn:aws:iam::123456789012:role/thing"
OTHERWISE = "AWS::Athena::WorkGroup"  # one that only Cloud Control knows
# Those without rules of AWS's, with what they are given.
UNRULED: dict[str, tuple[HandlerFactory, dict[str, Any]]] = {
    "Custom::S3": (
        BucketNotificationsHandler,
        {
            "FunctionName": "shop-pay",
            "BucketName": "uploads",
            "BucketConfigs": [
                {"Event": "s3:ObjectCreated:*", "Rules": [{"Prefix": "in/"}, {"Suffix": ".png"}]},
                {"Event": "s3:ObjectRemoved:*"},
            ],
        },
    ),
    "Custom::ApiGatewayAccountRole": (AccountRoleHandler, {"RoleArn": ROLE}),
    OTHERWISE: (
        lambda clients, _: CloudControlHandler(clients, OTHERWISE),
        {"Name": "thing", "Description": "text", "Tags": [{"Key": "team", "Value": "shop"}]},
    ),
}
TYPES = [*(type_ for type_ in FACTORIES if "ApiGateway" not in type_), *UNRULED]
ID = {
    "AWS::Lambda::LayerVersion": "arn:aws:lambda:eu-west-1:123456789012:layer:shop:7",
    "AWS::Lambda::LayerVersionPermission": "arn:aws:lambda:eu-west-1:123456789012:layer:shop:7#statement",
}
# Never left out, because AWS refuses a resource without it though its schema does not say so.
NEEDED = {
    "AWS::IAM::Policy": {"Roles", "PolicyDocument"},
    "AWS::IAM::RolePolicy": {"PolicyDocument"},
    "AWS::IAM::Role": {"AssumeRolePolicyDocument"},
    "AWS::IoT::TopicRule": {"TopicRulePayload"},
    "AWS::Lambda::Alias": {"FunctionVersion"},
    "AWS::Lambda::Function": {"Code"},
    "AWS::Lambda::LayerVersion": {"LayerName"},
    "AWS::S3::BucketPolicy": {"PolicyDocument"},
    "AWS::SNS::Subscription": {"Endpoint"},
    "AWS::SNS::TopicPolicy": {"Topics", "PolicyDocument"},
    "AWS::SQS::QueuePolicy": {"Queues", "PolicyDocument"},
    "AWS::StepFunctions::StateMachine": {"DefinitionString"},
    "AWS::StepFunctions::StateMachineAlias": {"RoutingConfiguration"},
}


@pytest.fixture(autouse=True)
def _one_call_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """What handlers ask at the same time they ask in turn here: the order would be chance."""
    for module in (iam, lambda_function):
        monkeypatch.setattr(module, "in_background", lambda call: call)
    monkeypatch.setattr(s3, "ThreadPoolExecutor", lambda _: ThreadPoolExecutor(1))


@pytest.mark.parametrize("type_", TYPES)
def test_what_is_exchanged(type_: str, request: pytest.FixtureRequest) -> None:
    path = AGREED / f"{type_.removeprefix('AWS::').replace('::', '.')}.txt"
    told = "\n".join(shortened(_story(type_))) + "\n"
    if request.config.getoption("--snapshot-update"):
        path.write_text(told, "utf-8")
    assert told == path.read_text("utf-8")


def test_no_type_is_told_of_that_is_gone() -> None:
    assert len(list(AGREED.glob("*.txt"))) == len(TYPES)


def _story(type_: str) -> Iterator[str]:
    given = UNRULED[type_][1] if type_ in UNRULED else claimed(type_)
    schema = facts(type_).schema
    needed = {*schema.required, schema.name_property, *NEEDED.get(type_, ())}
    few = {name: value for name, value in given.items() if name in needed}
    id_ = ID.get(type_, "thing")
    made_of = type_ in ("AWS::Lambda::Version", "Custom::ApiGatewayAccountRole", "Custom::S3")  # of what is there
    yield "given " + plain(given)
    for what, inputs in (("all", given), ("little", few)):
        yield from _told(f"create, {what}", type_, "create", ResourceData(inputs=inputs, owner=OWNER), there=made_of)
    off = ResourceData(inputs=_switched_off(given), owner=OWNER)
    yield from _told("create, all switched off", type_, "create", off, there=made_of)
    for name in sorted(given.keys() - few.keys()):
        one_more = ResourceData(inputs={**few, name: given[name]}, owner=OWNER)
        yield from _told(f"create, little and {name}", type_, "create", one_more, there=made_of)
    given_all = ResourceData(inputs=given, owner=OWNER)
    yield from _told("create, when it is there", type_, "create", given_all, there=True)
    yield from _told("create, when another's is there", type_, "create", given_all, there=True, full=False)
    for there, full in ((True, True), (True, False), (False, False)):
        world = "nothing" if not there else "something" if full else "something empty"
        for what, inputs in (("all", given), ("little", few)):
            resource = ResourceData(id_, inputs, owner=OWNER)
            for method in ("read", "locate", "delete"):
                yield from _told(f"{method}, {what}, {world} is there", type_, method, resource, there=there, full=full)
    for name in sorted(given.keys() - {path.split(".")[0] for path in schema.create_only}):
        yield from _changes(type_, id_, name, given, needed)
    fixed = {path.split(".")[0] for path in schema.create_only}
    changed = frozenset(given.keys() - fixed)
    yield from _failures(type_, "create", ResourceData(inputs=given, owner=OWNER), there=made_of)
    yield from _failures(type_, "update", ResourceData(id_, given, {}, changed, OWNER), there=True)
    for method in ("read", "locate", "delete"):
        yield from _failures(type_, method, ResourceData(id_, given, owner=OWNER), there=True)
    yield from _forms(type_, id_, given)
    requests = [ReadRequest(f"{number}", type_, f"{id_}{number or ''}", given) for number in range(3)]
    yield from _told("read_many", type_, "read_many", requests, there=True)
    plainly = [ReadRequest(f"{number}", type_, f"{id_}{number or ''}", few) for number in range(3)]
    yield from _told("read_many, little", type_, "read_many", plainly, there=True)
    yield from _told("read_many, little, something empty is there", type_, "read_many", plainly, there=True, full=False)


def _switched_off(value: Any) -> Any:
    """Return a value with every True in it turned to False."""
    if isinstance(value, Mapping):
        return {key: _switched_off(item) for key, item in value.items()}
    return [_switched_off(item) for item in value] if isinstance(value, list) else value is not True and value


def _changes(type_: str, id_: str, name: str, given: Mapping[str, Any], needed: set[str]) -> Iterator[str]:
    without = given if name in needed else {key: value for key, value in given.items() if key != name}
    for what, inputs, previous in (("add", given, without), ("take away", without, given)):
        resource = ResourceData(id_, inputs, previous, frozenset({name}), OWNER)
        yield from _told(f"update, {what} {name}", type_, "update", resource, there=True)


def _told(title: str, type_: str, method: str, asked: Any, **world: Any) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield from _exchanged(Service(**world), type_, method, asked)


def _exchanged(service: Service, type_: str, method: str, asked: Any) -> Iterator[str]:
    handler = _handler(type_, service)
    return exchange(service, lambda: getattr(handler, method)(asked))


def _handler(type_: str, service: Service) -> Any:
    factory = UNRULED[type_][0] if type_ in UNRULED else FACTORIES[type_]
    return factory(service, lambda _: b"PK")  # type: ignore[arg-type]


def _forms(type_: str, id_: str, given: Mapping[str, Any]) -> Iterator[str]:
    """Tell of a plan's problems with the resource, and of the forms in which it and its reading are compared."""
    yield ""
    yield "## forms"
    handler = _handler(type_, Service(there=True))
    for inputs in (given, {}):
        yield f"problems {plain([str(problem) for problem in handler.problems(inputs)])}"
        yield f"check {plain([str(problem) for problem in PROVIDER.check(type_, inputs)])}"
    readonly = dict.fromkeys(sorted(facts(type_).schema.read_only), "text")
    yield f"check of what AWS sets {plain([str(problem) for problem in PROVIDER.check(type_, readonly)])}"
    with suppress(Exception):  # what cannot be read is told of above
        live = handler.read(ResourceData(id_, given, owner=OWNER))
        canonical = PROVIDER.canonical(type_, given)
        seen = PROVIDER.canonical(type_, live)
        yield f"canonical {_unless(given, canonical)}"
        yield f"canonical reading {_unless(live, seen)}"
        yield f"as declared {_unless(seen, PROVIDER.as_declared(type_, given, live))}"
        yield f"aligned {_unless(live, PROVIDER.aligned(type_, given, live))}"


def _unless(before: Any, after: Any) -> str:
    """Write a form, unless it is the one before."""
    return "as it was" if plain(before) == plain(after) else plain(after)


def _failures(type_: str, method: str, asked: Any, *, there: bool) -> Iterator[str]:
    """Let each call of a task fail in each way that its model has; told is what follows, and after which errors."""
    plainly = Service(there=there)
    list(_exchanged(plainly, type_, method, asked))
    yield ""
    yield f"## {method}, when calls fail"
    for number, (operation, _) in enumerate(plainly.calls[:12]):
        outcomes: dict[str, list[str]] = {}
        for code in error_codes(operation):
            service = Service(there=there, refusing=(number, code))
            *_, last = _exchanged(service, type_, method, asked)
            after = [each.name for each, _ in service.calls[number + 1 :]]
            outcomes.setdefault(f"{' '.join(after)} {last.replace(code, 'CODE')}", []).append(code)
        for outcome, codes in outcomes.items():
            yield f"{number} {operation.name} fails ({', '.join(codes)}): {outcome}"
