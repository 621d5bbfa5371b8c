"""Undeclared changes: what is compared with what, who names them, who takes them away, and who leaves them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stateroom.model.diff import ALL_UNDECLARED, Mark, ResourceDiff
from stateroom.model.plan import Action, Operation, Plan
from stateroom.model.resource import Record
from stateroom.presentation.empty_plans import nothing
from stateroom.presentation.survey.agreement import agreement
from tests.engine.cloud import MemoryChildren
from tests.engine.lab import QUEUE, Lab, one_service

SOMEBODY = {"Principal": "123456789012"}
EVERYBODY = {"Principal": "*"}
HERE = ("q", "Policy")


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A deployed queue that may have a policy and notes."""
    lab = Lab(tmp_path, one_service(Inbox=(QUEUE, {"QueueName": "q", "DelaySeconds": 1})))
    lab.cloud.children = MemoryChildren({QUEUE: ("Policy", "Statements")}, dangerous={QUEUE: frozenset({"Limit"})})
    lab.run()
    return lab


def inbox(lab: Lab) -> ResourceDiff:
    return lab.survey()["orders/Inbox"]


def record(lab: Lab) -> Record:
    snapshot = lab.cockpit.snapshot("orders")
    assert snapshot is not None
    return snapshot.by_id()["Inbox"]


def forget(lab: Lab) -> None:
    """Make the state as an older stateroom has written it."""
    (file,) = lab.directory.glob(".stateroom/app/*/dev.json")
    document = json.loads(file.read_text())
    for resource in document["checkpoint"]["latest"]["resources"]:
        resource.get("outputs", {}).get("__stateroom", {}).pop("children", None)
    file.write_text(json.dumps(document))


def found(plan: Plan) -> list[tuple[Action, str]]:
    return [(step.action, ".".join(map(str, item.path))) for step in plan.steps() for item in step.changes]


def test_what_was_made_a_moment_ago_has_nothing_undeclared(lab: Lab) -> None:
    assert lab.cloud.children.asked == []  # a deploy asks nobody
    assert record(lab).children == {"Policy": {}, "Statements": {}}
    assert inbox(lab).in_step
    assert (inbox(lab).unlooked, inbox(lab).unbased) == ((), ())


@pytest.mark.parametrize(("value", "status"), [(SOMEBODY, "^ "), (EVERYBODY, "^ "), ("a note", "  ")])
def test_only_what_is_dangerous_is_out_of_step_and_both_are_counted(lab: Lab, value: Any, status: str) -> None:
    lab.cloud.children.there[HERE] = {"s": value}
    diff = inbox(lab)
    assert (diff.status, diff.outside, diff.in_step) == (status, 1, status == "  ")
    assert agreement([diff]).outside == 1


def test_a_survey_shows_every_resource_before_it_asks_for_children(lab: Lab) -> None:
    told: list[Any] = []
    lab.cockpit.survey(lambda event: told.append((type(event).__name__, len(lab.cloud.children.asked))))
    assert ("ResourcesRead", 0) in told
    assert told[-2:] == [("ResourcesRead", 2), ("SurveyFinished", 2)]
    lab.cockpit.survey(lambda event: None, quick=True)
    assert len(lab.cloud.children.asked) == 2


def test_a_look_that_is_refused_hides_nothing_and_is_no_agreement(lab: Lab) -> None:
    lab.cloud.children.refused["Policy"] = "sqs:GetQueueAttributes is not allowed"
    lab.cloud.children.there["q", "Statements"] = {"s": SOMEBODY}
    diff = inbox(lab)
    assert diff.denied == ("Policy: sqs:GetQueueAttributes is not allowed",)
    assert diff.outside == 1
    assert "agree" not in agreement([diff]).line()
    plan = lab.plan(Operation.REFRESH)
    assert found(plan) == [(Action.RECORD, "Statements.s")]
    assert plan.warnings == ("orders: not looked at: Inbox Policy: sqs:GetQueueAttributes is not allowed",)
    lab.run(Operation.REFRESH)
    assert record(lab).children == {"Policy": {}, "Statements": {"s": SOMEBODY}}


def test_a_first_look_records_nothing_and_shows_what_is_dangerous_in_itself(lab: Lab) -> None:
    forget(lab)
    lab.cloud.children.there[HERE] = {"s": SOMEBODY, "note": "a note"}
    diff = inbox(lab)
    assert (diff.outside, diff.unbased) == (0, ("Policy", "Statements"))
    assert record(lab).children is None
    lab.cloud.children.there[HERE]["open"] = EVERYBODY
    assert [item.name for item in inbox(lab).attributes] == ["Policy.open"]
    plan = lab.plan(Operation.REFRESH)
    assert sorted(found(plan)) == [(Action.RECORD, f"Policy.{name}") for name in ("note", "open", "s")]
    lab.run(Operation.REFRESH)
    assert inbox(lab).in_step
    assert inbox(lab).unbased == ()


def test_heal_leaves_undeclared_changes_and_says_how_to_undo_them(lab: Lab) -> None:
    lab.cloud.children.there[HERE] = {"s": EVERYBODY, "t": SOMEBODY}
    lab.cloud.things[QUEUE, "q"].properties["DelaySeconds"] = 9
    plan = lab.plan(Operation.HEAL)
    assert found(plan) == [(Action.UPDATE, "DelaySeconds")]
    assert plan.warnings == ("orders/Inbox: 2 undeclared changes stay: `stateroom heal orders/Inbox ^` undoes them",)
    lab.run(Operation.HEAL)
    assert set(lab.cloud.children.there[HERE]) == {"s", "t"}
    assert "1 with changes outside the config" in nothing(lab.plan(Operation.HEAL))


def test_heal_takes_away_one_by_its_path_and_all_by_the_sign(lab: Lab) -> None:
    lab.cloud.children.there[HERE] = {"s": EVERYBODY, "t": SOMEBODY}
    lab.cloud.things[QUEUE, "q"].properties["Limit"] = 1
    plan = lab.plan(Operation.HEAL, targets=("Inbox",), attributes=(("Policy", "s"),))
    assert found(plan) == [(Action.REVERT, "Policy.s")]
    assert plan.destroys
    lab.run(Operation.HEAL, targets=("Inbox",), attributes=(("Policy", "s"),))
    assert lab.cloud.children.there[HERE] == {"t": SOMEBODY}
    lab.run(Operation.HEAL, targets=("Inbox",), attributes=(ALL_UNDECLARED,))
    assert lab.cloud.children.there[HERE] == {}
    assert "Limit" not in lab.cloud.things[QUEUE, "q"].properties
    assert inbox(lab).in_step
    assert inbox(lab).outside == 0


def test_what_was_accepted_comes_back_by_a_heal_if_it_can(lab: Lab) -> None:
    lab.cloud.children.there[HERE] = {"s": SOMEBODY}
    lab.cloud.children.there["q", "Statements"] = {"x": SOMEBODY}
    lab.run(Operation.ACCEPT, targets=("Inbox",), attributes=(ALL_UNDECLARED,))
    assert inbox(lab).in_step
    lab.cloud.children.there.clear()
    assert [(item.name, item.danger, item.mark) for item in inbox(lab).attributes] == [
        ("Policy.s", "", Mark.UNDECLARED),
        ("Statements.x", "", Mark.UNDECLARED),
    ]
    plan = lab.plan(Operation.HEAL, attributes=(ALL_UNDECLARED,))
    assert found(plan) == [(Action.REVERT, "Policy.s")]
    assert plan.warnings == ("orders/Inbox: Statements.x cannot be put back by stateroom",)
    lab.run(Operation.HEAL, attributes=(ALL_UNDECLARED,))
    assert lab.cloud.children.there[HERE] == {"s": SOMEBODY}


def test_accept_of_one_takes_no_other(lab: Lab) -> None:
    lab.cloud.children.there[HERE] = {"s": SOMEBODY, "t": EVERYBODY}
    lab.cloud.things[QUEUE, "q"].properties.update({"Limit": 1, "DelaySeconds": 9})
    lab.run(Operation.ACCEPT, targets=("Inbox",), attributes=(("Policy", "s"),))
    assert {item.name for item in inbox(lab).attributes} == {"Policy.t", "Limit", "DelaySeconds"}
    lab.run(Operation.ACCEPT, targets=("Inbox",), attributes=(("Limit",),))
    assert {item.name for item in inbox(lab).attributes} == {"Policy.t", "DelaySeconds"}


def test_a_deploy_makes_nothing_known_that_somebody_added(lab: Lab) -> None:
    lab.cloud.children.there[HERE] = {"s": SOMEBODY}
    lab.cloud.things[QUEUE, "q"].properties["Limit"] = 1
    lab.config.resources["orders"]["Inbox"] = (QUEUE, {"QueueName": "q", "DelaySeconds": 2})
    assert lab.run().ok
    assert {item.name for item in inbox(lab).attributes} == {"Policy.s", "Limit"}
    plan = lab.plan(refresh=True)
    assert {name for _, name in found(plan)} == {"Policy.s", "Limit"}  # its refresh names them
