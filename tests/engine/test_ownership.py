"""Whose is it: a second state, a stranger and a stack keep what is theirs; taking over is named and shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stateroom.cloud.provider import Owner
from stateroom.errors import PlanError
from stateroom.model.plan import Action, Operation
from tests.engine.cloud import MemoryCloud, Thing
from tests.engine.lab import FUNCTION, QUEUE, Lab, one_service

CONFIG = {"Q": (QUEUE, {"QueueName": "q", "Delay": 5}), "Fn": (FUNCTION, {"FunctionName": "f", "Timeout": 10})}


@pytest.fixture
def first(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path / "first", one_service(**CONFIG))
    assert lab.run().ok
    return lab


@pytest.fixture
def second(tmp_path: Path, first: Lab) -> Lab:
    """A colleague's checkout: the same project and cloud, another home, and an edit."""
    changed = {**CONFIG, "Fn": (FUNCTION, {"FunctionName": "f", "Timeout": 30})}
    return Lab(tmp_path / "second", one_service(**changed), first.cloud)


def actions(lab: Lab, operation: Operation = Operation.DEPLOY, **request: object) -> dict[str, Action]:
    return {step.logical_id: step.action for step in lab.plan(operation, **request).steps()}


def test_a_state_is_born_with_a_lineage_and_keeps_it(first: Lab) -> None:
    born = first.workspace.state("orders").snapshot.lineage
    assert born
    first.config.resources["orders"]["Q"] = (QUEUE, {"QueueName": "q", "Delay": 6})
    assert first.run().ok

    after = first.workspace.state("orders").snapshot
    assert after.lineage == born
    assert {record.lineage for record in after.records} == {born}
    assert {thing.owner.lineage for thing in first.cloud.things.values()} == {born}


def test_a_second_checkout_is_refused_what_the_first_deployed(first: Lab, second: Lab) -> None:
    """Case two-homes-copy."""
    plan = second.plan()
    refused = {step.logical_id: step for step in plan.refused}
    assert set(refused) == {"Q", "Fn"}
    assert "deployed as shop-orders/dev from another state in" in refused["Fn"].reason
    assert str(first.directory) in refused["Fn"].reason
    assert [(change.path, change.before, change.after) for change in refused["Fn"].changes] == [(("Timeout",), 10, 30)]

    with pytest.raises(PlanError, match="orders/Q, orders/Fn are not this state's") as caught:
        second.run()
    assert "--home" in caught.value.todo
    assert first.cloud.by_owner("Fn").properties["Timeout"] == 10
    assert first.statuses() == {}


def test_removing_from_a_second_checkout_removes_nothing_of_the_first(first: Lab, second: Lab) -> None:
    """Case two-homes-copy."""
    assert second.run(Operation.REMOVE).ok
    assert {thing.physical_id for thing in first.cloud.things.values()} == {"q", "f"}


def test_what_is_named_is_taken_over_and_its_first_owner_leaves_it_alone(first: Lab, second: Lab) -> None:
    assert second.run(adopt=("orders/Q", "Fn")).ok
    assert second.statuses() == {}
    assert first.cloud.by_owner("Fn").properties["Timeout"] == 30

    with pytest.raises(PlanError, match="not this state's"):
        first.run(Operation.REMOVE)
    assert {thing.physical_id for thing in first.cloud.things.values()} == {"q", "f"}


def test_a_removal_says_what_was_adopted(first: Lab, second: Lab) -> None:
    assert second.run(adopt=("orders/Q", "orders/Fn")).ok
    steps = {step.logical_id: step.reason for step in second.plan(Operation.REMOVE).steps()}
    assert all("adopted on " in reason and "not made by stateroom" in reason for reason in steps.values())


def strangers_queue(cloud: MemoryCloud) -> None:
    cloud.things[QUEUE, "q"] = Thing(QUEUE, "q", {"QueueName": "q"}, Owner("", "", "?"))


def test_a_strangers_resource_keeps_the_whole_plan_from_running(tmp_path: Path) -> None:
    """Case stranger-log-group: refused before anything is made."""
    lab = Lab(tmp_path, one_service(**CONFIG))
    strangers_queue(lab.cloud)

    with pytest.raises(PlanError, match="orders/Q is not this state's"):
        lab.run()
    assert {thing.physical_id for thing in lab.cloud.things.values()} == {"q"}


def test_a_lost_state_is_found_again_by_the_tags_of_its_own_home(first: Lab) -> None:
    for path in (first.directory / ".stateroom").rglob("*.json"):
        path.unlink()

    assert actions(first) == {"Q": Action.ADOPT, "Fn": Action.ADOPT}
    assert first.run().ok
    assert first.statuses() == {}


def test_a_resource_tagged_before_there_were_lineages_stays_ours_and_is_marked_by_its_next_step(first: Lab) -> None:
    for thing in first.cloud.things.values():
        thing.owner = replace(thing.owner, lineage="", home="")

    first.config.resources["orders"]["Q"] = (QUEUE, {"QueueName": "q", "Delay": 7})
    assert first.run().ok
    assert first.run(Operation.REMOVE).ok
    assert not first.cloud.things


def test_what_another_state_claims_by_now_is_neither_changed_nor_deleted(first: Lab) -> None:
    first.cloud.by_owner("Q").owner = replace(first.cloud.by_owner("Q").owner, lineage="somebody else's")
    first.config.resources["orders"]["Q"] = (QUEUE, {"QueueName": "q", "Delay": 9})

    assert actions(first) == {"Q": Action.REFUSE}
    assert actions(first, Operation.REMOVE)["Q"] is Action.REFUSE
    assert actions(first, Operation.REMOVE)["Fn"] is Action.DELETE


def test_a_resource_under_a_new_logical_id_is_refused_and_says_where_its_name_is(first: Lab) -> None:
    first.config.resources["orders"]["Renamed"] = first.config.resources["orders"].pop("Q")

    plan = first.plan()
    assert {step.logical_id: step.reason for step in plan.refused} == {
        "Renamed": "exists: this state has it as Q, and two cannot have one name"
    }
    with pytest.raises(PlanError, match="orders/Renamed") as caught:
        first.run()
    assert "deploy once without" in caught.value.todo
    assert "--adopt" not in caught.value.todo
