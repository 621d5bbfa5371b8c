"""What each handler asks of its service and makes of the answers, call by call, as it was last read and agreed to.

`__snapshots__/exchanges` holds a file a type. After a handler was meant to change:

    .venv/bin/pytest tests/cloud/test_exchanges.py --snapshot-update

and read the difference: a line that appears there is a call that users will make.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stateroom.cloud.provider import ReadRequest, ResourceData
from stateroom.cloud.schema.catalog import facts
from tests.cloud.exchanges import OWNER, Service, error_codes, exchange, plain, shortened
from tests.cloud.test_settable_contract import FACTORIES, claimed

AGREED = Path(__file__).with_name("__snapshots__") / "exchanges"
TYPES = [type_ for type_ in FACTORIES if "ApiGateway" not in type_]
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
    given = claimed(type_)
    schema = facts(type_).schema
    needed = {*schema.required, schema.name_property, *NEEDED.get(type_, ())}
    few = {name: value for name, value in given.items() if name in needed}
    id_ = ID.get(type_, "thing")
    made_of = type_ == "AWS::Lambda::Version"  # there has to be a function
    yield "given " + plain(given)
    for what, inputs in (("all", given), ("little", few)):
        yield from _told(f"create, {what}", type_, "create", ResourceData(inputs=inputs, owner=OWNER), there=made_of)
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
    requests = [ReadRequest(f"{number}", type_, f"{id_}{number or ''}", given) for number in range(3)]
    if type_ != "AWS::Lambda::Function":  # which asks for tags beside, and may be done before that is heard of
        yield from _told("read_many", type_, "read_many", requests, there=True)


def _changes(type_: str, id_: str, name: str, given: Mapping[str, Any], needed: set[str]) -> Iterator[str]:
    without = given if name in needed else {key: value for key, value in given.items() if key != name}
    for what, inputs, previous in (("add", given, without), ("take away", without, given)):
        resource = ResourceData(id_, inputs, previous, frozenset({name}), OWNER)
        yield from _told(f"update, {what} {name}", type_, "update", resource, there=True)


def _told(title: str, type_: str, method: str, asked: Any, **world: Any) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    lines = list(_exchanged(Service(**world), type_, method, asked))
    yield from sorted(lines) if method == "read_many" else lines  # some of its calls are made at once


def _exchanged(service: Service, type_: str, method: str, asked: Any) -> Iterator[str]:
    handler: Any = FACTORIES[type_](service, lambda _: b"PK")  # type: ignore[arg-type]
    return exchange(service, lambda: getattr(handler, method)(asked))


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
