"""Plans before they run, and events while they do."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from stateroom.model.diff import Path, ResourceDiff, X, Y
from stateroom.model.events import (
    Event,
    Note,
    OperationFinished,
    OperationStarted,
    ResourcesRead,
    ServiceFinished,
    StateSaved,
    StepFailed,
    StepFinished,
    StepSkipped,
    StepStarted,
    StepWaiting,
)
from stateroom.model.plan import Action, BootstrapPart, Change, Operation, Plan, ServicePlan, Step
from stateroom.model.values import ABSENT, UNKNOWN, Secret
from stateroom.presentation.empty_plans import nothing
from stateroom.presentation.events import event_json, event_line, waiting_for
from stateroom.presentation.plans import bootstrap_lines, ordered, plan_json, step_line, summary
from stateroom.presentation.steps.changes import change_lines

FUNCTION, QUEUE = "AWS::Lambda::Function", "AWS::SQS::Queue"


def step(name: str, action: Action, type_: str = FUNCTION, **more: object) -> Step:
    return Step(f"orders/{name}", "orders", name, type_, action, **more)  # type: ignore[arg-type]


REPLACE = step(
    "Queue",
    Action.REPLACE,
    QUEUE,
    changes=(Change(("QueueName",), "old", "new", forces_replacement=True), Change(("Arn",), "arn:1", UNKNOWN)),
    delete_first=True,
)


def plan(*steps: Step, operation: Operation = Operation.DEPLOY) -> Plan:
    return Plan(operation, (ServicePlan("orders", steps, unchanged=12, skipped=2, stage="dev"),))


def test_a_step_says_what_is_done_to_what_and_why() -> None:
    assert step_line(step("Fn", Action.CREATE)) == "+ create   orders/Fn  Lambda Function"
    assert step_line(step("Fn", Action.CREATE), 12) == "+ create   orders/Fn     Lambda Function"
    assert (
        step_line(REPLACE)
        == "± replace  orders/Queue  SQS Queue  (the old one is deleted first; its messages will be lost)"
    )
    kept = replace(REPLACE, type="AWS::SNS::Topic")
    assert "lost" not in step_line(kept), "nothing is kept in it"
    gone = step("Route", Action.DELETE, reason="gone from config", deleted_with="orders/Api#delete")
    assert step_line(gone).endswith("(gone from config; goes with orders/Api)")


def test_changes_say_before_after_and_what_forces_a_replacement() -> None:
    update = step(
        "Fn",
        Action.UPDATE,
        changes=(
            Change(("Environment", "Variables", "KEY"), Secret("old"), Secret("new")),
            Change(("Layers", 0), ABSENT, "arn:layer"),
            Change(("Timeout",), 6, ABSENT),
        ),
    )
    assert change_lines(REPLACE) == ("QueueName: old → new  (forces replacement)", "Arn: arn:1 → (known after deploy)")
    assert change_lines(update) == (
        "Environment.Variables.KEY: *** → *** (other)",
        "Layers[0]: set to arn:layer",
        "Timeout: unset, was 6",
    )


def test_what_destroys_is_read_first() -> None:
    steps = plan(step("A", Action.CREATE), step("B", Action.UPDATE), REPLACE, step("D", Action.DELETE))
    assert [item.action for item in ordered(steps)] == [Action.DELETE, Action.REPLACE, Action.UPDATE, Action.CREATE]


def test_the_summary_counts_a_replacement_once() -> None:
    old_copy = Step("orders/Queue#delete", "orders", "Queue", QUEUE, Action.DELETE)
    creates = [step(name, Action.CREATE) for name in "ABC"]
    assert summary(plan(*creates, step("U", Action.UPDATE), REPLACE, old_copy)) == (
        "3 to create, 1 to update, 1 to replace; 12 unchanged, 2 left out by --target"
    )


def test_a_plan_that_only_changes_outputs_says_so() -> None:
    only_outputs = Plan(Operation.DEPLOY, (ServicePlan("orders", unchanged=4, outputs_change=True),))
    assert not only_outputs.empty
    assert summary(only_outputs) == "outputs of orders to record; 4 unchanged"


def test_an_empty_deploy_says_that_it_did_not_look_at_the_cloud() -> None:
    assert summary(plan()).startswith("nothing to do")
    assert "the cloud was not looked at" in nothing(plan())


@pytest.mark.parametrize(
    ("operation", "attributes", "text"),
    [
        (Operation.DEPLOY, (), "config and state agree about Q; the cloud was not looked at (diff does)"),
        (Operation.REMOVE, (), "the state does not hold Q"),
        (Operation.ROLLBACK, (), "the state is as at that version about Q; the cloud was not looked at (diff does)"),
        (Operation.HEAL, (("Delay",), ("Env", "A")), "no drift could be seen in Delay, Env.A of Q"),
    ],
)
def test_an_empty_plan_says_nothing_about_what_it_leaves_out(
    operation: Operation, attributes: tuple[Path, ...], text: str
) -> None:
    empty = Plan(operation, (ServicePlan("orders"),), targets=("Q",), attributes=attributes)
    assert nothing(empty) == f"Nothing to do: {text}."


def test_what_is_made_of_the_home_first_is_part_of_the_plan() -> None:
    parts = (
        BootstrapPart("states", "parameter", "/serverless-framework/state/s3-bucket", "us-east-1"),
        BootstrapPart("states", "bucket", "serverless-framework-state-1", "us-east-1", versioned=True),
    )
    first = replace(plan(step("Q", Action.CREATE)), bootstrap=parts)
    lines = (
        "+ make     parameter /serverless-framework/state/s3-bucket in us-east-1  (the home's states)",
        "+ make     bucket serverless-framework-state-1 in us-east-1, with versioning  (the home's states)",
    )
    assert bootstrap_lines(first) == lines
    assert plan_json(first)["bootstrap"][1] == {
        "role": "states",
        "kind": "bucket",
        "name": "serverless-framework-state-1",
        "region": "us-east-1",
        "versioned": True,
    }


def test_the_json_of_a_plan_holds_no_secret() -> None:
    changes = (Change(("Key",), ABSENT, Secret("s3cret")),)
    document = plan_json(plan(step("Fn", Action.UPDATE, changes=changes, inputs={"Key": Secret("s3cret")})))
    assert "s3cret" not in json.dumps(document)
    assert document["operation"] == "deploy"
    assert document["summary"] == {"update": 1}
    assert document["services"][0]["steps"][0]["changes"] == [
        {
            "path": ["Key"],
            "name": "Key",
            "forces_replacement": False,
            "undeclared": False,
            "danger": "",
            "cloud_read": False,
            "after": "***",
        }
    ]


EVENTS: list[tuple[Event, str | None]] = [
    (OperationStarted(Operation.DEPLOY, "dev", 7), "started   deploy of stage dev, 7 steps"),
    (StepStarted("orders", "orders/Fn", "Fn", FUNCTION, Action.CREATE), None),
    (StepWaiting("orders", "orders/Fn", "becoming active"), None),
    (
        StepFinished("orders", "orders/Fn", "Fn", FUNCTION, Action.CREATE, 1.3),
        "created   orders/Fn  Lambda Function  (1.3s)",
    ),
    (StepFinished("orders", "orders/Q", "Q", QUEUE, Action.DELETE, 0.2), "deleted   orders/Q  SQS Queue"),
    (
        StepFailed("orders", "orders/Q", "Q", QUEUE, Action.CREATE, 2.0, ("name is taken", "why"), "QueueNameExists"),
        "failed    orders/Q  SQS Queue  could not create: name is taken [QueueNameExists]  (2.0s)",
    ),
    (StepSkipped("orders", "orders/M", "M", "orders/Q failed"), "skipped   orders/M  orders/Q failed"),
    (StateSaved("orders", 42), "saved     orders  version 42"),
    (ServiceFinished("orders", 1, 0, 0, 2.0), None),
    (ServiceFinished("orders", 0, 0, 0, 2.0, ("cannot be read",)), "failed    orders  cannot be read"),
    (Note("orders", "lock\x1b[2J held"), "note      orders  lock\\x1b[2J held"),
    (OperationFinished(Operation.DEPLOY, 5, 1, 1, 3.0), "finished  deploy: 5 done, 1 failed, 1 skipped  (3.0s)"),
    (OperationFinished(Operation.DEPLOY, 5, 0, 0, 0.1, stopped=True), "stopped   deploy: 5 done"),
]


def test_events_read_as_an_aligned_log_in_the_past_tense() -> None:
    for event, line in EVENTS:
        assert event_line(event) == line


def test_a_wait_counts_down_where_its_end_is_known() -> None:
    assert waiting_for("becoming active", 0) == "becoming active"
    assert waiting_for("becoming active", 41.3) == "becoming active, at most 41s more"


def test_every_event_has_a_json_form() -> None:
    documents = [event_json(event) for event, _ in EVENTS]
    assert json.loads(json.dumps(documents)) == documents
    assert documents[3] == {
        "event": "step_finished",
        "service": "orders",
        "step": "orders/Fn",
        "logical_id": "Fn",
        "type": FUNCTION,
        "action": "create",
        "seconds": 1.3,
        "answered_by": "",
    }


def test_readings_are_given_as_diff_gives_them() -> None:
    diff = ResourceDiff("orders", "Fn", FUNCTION, X.SAME, Y.DRIFT)
    document = event_json(ResourcesRead("orders", (diff,)))
    assert document["diffs"][0]["address"] == "orders/Fn"
    assert document["diffs"][0]["state_vs_cloud"] == "drift"
