"""Saved plans: written and read back, and refused when anything is not as it was."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stateroom.engine.requests import Info, Request
from stateroom.errors import PlanError
from stateroom.model.plan import Action, BootstrapPart, Change, Operation, Plan, ServicePlan, Step
from stateroom.model.resource import Artifact, Resource, Template
from stateroom.model.values import ABSENT, UNKNOWN, Secret
from stateroom.presentation.saved_plans import fingerprints
from stateroom.presentation.saved_plans.comparison import moved, refuse_moved
from stateroom.presentation.saved_plans.document import (
    SavedPlan,
    dumps,
    executed,
    loads,
    saved_plan,
    stands_on,
    steps_of,
)

QUEUE = "AWS::SQS::Queue"
INFO = Info("shop", "/shop", "dev", "eu-west-1", "1", "local", "", False, frozenset(), ("orders",))
SALT = b"0123456789abcdef"
TEMPLATE = Template(
    "orders",
    "shop-orders",
    "dev",
    "eu-west-1",
    {"Q": Resource("Q", QUEUE, {"Key": Secret("s3cret"), "Timeout": 11})},
    artifacts={"ab": Artifact("ab", Path("code.zip"), 1)},
)
UPDATE = Step(
    "orders/Q",
    "orders",
    "Q",
    QUEUE,
    Action.UPDATE,
    changes=(Change(("Timeout",), 10, 11, cloud=60), Change(("Key",), Secret("old"), Secret("s3cret"))),
    physical_id="q",
    inputs={"Key": Secret("s3cret"), "Timeout": 11, "Arn": UNKNOWN},
    previous={"Key": Secret("old"), "Timeout": 10},
)
SERVICE = ServicePlan(
    "orders",
    (UPDATE,),
    base="etag-1",
    target=TEMPLATE,
    stage="dev",
    account="1",
    region="eu-west-1",
    lineage="born-1",
)
PLAN = Plan(Operation.DEPLOY, (SERVICE,))
REQUEST = Request(Operation.DEPLOY)


@pytest.fixture(scope="module", autouse=True)
def quick_digests() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fingerprints, "_ROUNDS", 1)
        yield


def saved(plan: Plan = PLAN, request: Request = REQUEST, info: Info = INFO) -> SavedPlan:
    return saved_plan(plan, request, info, salt=SALT, created="2026-03-01T12:00:00+00:00", stateroom="1.0")


def with_step(**changed: Any) -> Plan:
    return with_service(steps=(replace(UPDATE, **changed),))


def with_service(**changed: Any) -> Plan:
    return replace(PLAN, services=(replace(SERVICE, **changed),))


def with_queue(properties: dict[str, Any]) -> Template:
    return replace(TEMPLATE, resources={"Q": Resource("Q", QUEUE, properties)})


names = st.text(max_size=12)
paths = st.lists(names | st.integers(0, 9), min_size=1, max_size=3).map(tuple)
requests = st.builds(
    Request,
    st.sampled_from(Operation),
    st.lists(names, max_size=2).map(tuple),
    st.lists(names, max_size=2).map(tuple),
    st.lists(paths, max_size=2).map(tuple),
    refresh=st.booleans(),
    version=st.none() | st.integers(0) | names,
    state_only=st.booleans(),
    deployer=names,
    adopt=st.lists(names, max_size=2).map(tuple),
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | names
values = st.recursive(
    scalars | st.just(UNKNOWN) | names.map(Secret),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
properties = st.dictionaries(names, values, max_size=4)
changes = st.builds(Change, paths, values, values | st.just(ABSENT), st.booleans(), values)
steps = st.builds(
    Step,
    names,
    names,
    names,
    names,
    st.sampled_from(Action),
    changes=st.lists(changes, max_size=2).map(tuple),
    inputs=properties,
    previous=properties,
)


@given(requests, st.lists(steps, max_size=3, unique_by=lambda step: step.id))
def test_a_saved_plan_is_read_back_as_it_was_and_agrees_with_itself(request: Request, found: list[Step]) -> None:
    plan = with_service(steps=tuple(found))
    kept = saved(plan, request)
    read = loads(dumps(kept), "f")
    assert read == kept
    assert list(moved(read, plan, INFO)) == []


def test_a_saved_plan_holds_no_secret_and_knows_when_one_is_another() -> None:
    text = dumps(saved())
    assert "s3cret" not in text
    assert '"***"' in text
    other = with_queue({"Key": Secret("other"), "Timeout": 11})
    assert list(moved(loads(text, "f"), with_service(target=other), INFO)) == ["a secret value: it is another one"]
    assert saved(Plan(Operation.DEPLOY, ())).secrets == ""


with pytest.MonkeyPatch.context() as _patch:
    _patch.setattr(fingerprints, "_ROUNDS", 1)
    TEXT = dumps(saved())
    EXECUTED = dumps(executed(saved(), "2026-03-02T00:00:00+00:00"))


@pytest.mark.parametrize("cut", [0, 1, 200, len(TEXT) // 2, len(TEXT) - 3])
def test_a_plan_that_was_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(PlanError, match="not a whole saved plan"):
        loads(TEXT[:cut], "f")


def tampered(*keys: str, value: Any) -> str:
    document = json.loads(TEXT)
    inner = document
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "is not a saved plan"),
        ('{"format": "other"}', "is not a saved plan"),
        (tampered("version", value=0), "saved in format 0 by stateroom 1.0"),
        (tampered("version", value=2), "saved in format 2 by stateroom 1.0"),
        (tampered("request", "operation", value="remove"), "was changed since it was saved"),
        (tampered("request", value=None), "was changed since it was saved"),
        (tampered("stands_on", "services", "orders", "state", value="etag-2"), "was changed since it was saved"),
        (tampered("stands_on", "services", "orders", "account", value="2"), "was changed since it was saved"),
        (tampered("steps", "services", value=[]), "was changed since it was saved"),
        (tampered("executed", value="2026"), "was changed since it was saved"),
        (tampered("checksum", value=""), "was changed since it was saved"),
        (tampered("extra", value=1), "was changed since it was saved"),
        (EXECUTED, "has been executed already"),
    ],
)
def test_a_plan_that_was_changed_or_is_of_another_format_or_has_run_is_refused(text: str, says: str) -> None:
    with pytest.raises(PlanError, match=says) as refused:
        loads(text, "f")
    assert "plan again" in refused.value.todo


@pytest.mark.parametrize(
    ("plan", "info", "says"),
    [
        (PLAN, replace(INFO, project="other"), "the project: it was shop, and is other"),
        (PLAN, replace(INFO, home="serverless"), "the home: it was local, and is serverless"),
        (
            replace(PLAN, services=(SERVICE, replace(SERVICE, service="billing"))),
            INFO,
            "the services: they were orders, and are orders, billing",
        ),
        (with_service(stage="prod"), INFO, "the stage of orders: it was dev, and is prod"),
        (with_service(account="2"), INFO, "the account of orders: it was 1, and is 2"),
        (with_service(region="us-east-1"), INFO, "the region of orders: it was eu-west-1, and is us-east-1"),
        (with_service(lineage="born-2"), INFO, "the state of orders: it is another one (lineage born-1, now born-2)"),
        (with_service(base="etag-2"), INFO, "the state of orders: an operation wrote it since"),
        (with_service(target=replace(TEMPLATE, artifacts={})), INFO, "the packages of orders: their files changed"),
        (
            with_service(target=with_queue({"Key": Secret("s3cret"), "Timeout": 12})),
            INFO,
            "the config of orders: it says something else",
        ),
        (with_service(steps=()), INFO, "the steps: orders/Q is not needed any more"),
        (with_service(steps=(UPDATE, replace(UPDATE, id="orders/R"))), INFO, "the steps: orders/R is needed now"),
        (with_step(action=Action.REPLACE), INFO, "the step of orders/Q: it would do something else"),
        (with_step(physical_id="q2"), INFO, "the step of orders/Q: it would do something else"),
        (
            replace(PLAN, bootstrap=(BootstrapPart("states", "bucket", "b", "us-east-1"),)),
            INFO,
            "the home: other parts of it have to be made first",
        ),
        (
            with_step(changes=(replace(UPDATE.changes[0], cloud=61), UPDATE.changes[1])),
            INFO,
            "the cloud: orders/Q Timeout was 60, and is 61",
        ),
        (
            with_step(changes=(*UPDATE.changes, Change(("Delay",), 5, 5, cloud=6))),
            INFO,
            "the cloud: orders/Q Delay was 5, and is 6",
        ),
    ],
)
def test_a_plan_is_refused_when_the_world_has_moved_and_says_what_moved(plan: Plan, info: Info, says: str) -> None:
    assert list(moved(saved(), plan, info)) == [says]
    with pytest.raises(PlanError, match="was not run") as refused:
        refuse_moved(saved(), plan, info, "f.plan")
    assert says in refused.value.why
    assert "plan again" in refused.value.todo


@pytest.mark.parametrize(
    "plan",
    [
        with_step(reason="said otherwise"),
        with_step(unread="AccessDenied", changes=tuple(replace(item, cloud=ABSENT) for item in UPDATE.changes)),
        with_step(kept=(Change(("Delay",), 5, 6, cloud=6),)),
        replace(PLAN, warnings=("orders: locked",)),
    ],
)
def test_what_only_words_readings_or_kept_drift_say_does_not_stop_a_plan(plan: Plan) -> None:
    assert list(moved(saved(), plan, INFO)) == []


def test_the_random_end_of_a_new_buckets_name_is_not_compared() -> None:
    first, again = (
        replace(PLAN, bootstrap=(BootstrapPart("states", "bucket", f"state-{end}", "us-east-1"),))
        for end in ("e48625df-40c1-4951-a979-599767c38d21", "bafe5377-ecff-4ec1-8977-f40e035491bc")
    )
    assert list(moved(saved(first), again, INFO)) == []


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of everything in a JSON document."""
    if path:
        yield path
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value[key], (*path, key))


def test_a_plan_that_somebody_wrote_is_refused_in_every_field_and_never_a_crash() -> None:
    """Its checksum fits, so that only what it says tells."""
    written = json.loads(dumps(saved()))
    del written["checksum"]
    for *around, last in places(written):
        for value in (None, "x", 1, [], {}, [None], {"a": 1}):
            document = json.loads(json.dumps(written))
            place = document
            for key in around:
                place = place[key]
            unchanged = place[last] == value
            place[last] = value
            text = json.dumps({**document, "checksum": fingerprints.digest(document)})
            with contextlib.suppress(PlanError):
                refuse_moved(loads(text, "f"), PLAN, INFO, "f")
                assert "stands_on" not in around or unchanged, "what it stands on is compared"


@pytest.mark.parametrize("key", ["project", "home", "services"])
def test_what_a_plan_stands_on_cannot_be_left_out(key: str) -> None:
    kept = saved()
    less = {name: value for name, value in kept.stands_on.items() if name != key}
    with pytest.raises(PlanError):
        refuse_moved(replace(kept, stands_on=less), PLAN, INFO, "f")


def test_a_plan_names_no_more_than_six_things_that_moved() -> None:
    many = with_service(steps=tuple(replace(UPDATE, id=f"orders/{number}") for number in range(9)))
    with pytest.raises(PlanError) as refused:
        refuse_moved(saved(), many, INFO, "f")
    assert refused.value.why.count(";") == 6
    assert refused.value.why.endswith("and 4 more")


def test_what_a_plan_stands_on_and_its_steps_are_plain_json() -> None:
    assert json.loads(json.dumps(stands_on(PLAN, INFO))) == stands_on(PLAN, INFO)
    assert json.loads(json.dumps(steps_of(PLAN))) == steps_of(PLAN)
