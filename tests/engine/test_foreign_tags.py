"""Tags that neither config nor state has: a change of tags says that they stay, and heal says that they go."""

from __future__ import annotations

from pathlib import Path

import pytest

from stateroom.model.plan import Action, Operation
from stateroom.model.values import ABSENT
from stateroom.presentation.steps.changes import kept_lines
from tests.engine.lab import QUEUE, Lab, one_service


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A deployed queue with a tag, to which a cost tool has added one."""
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q", "Tags": {"team": "shop"}})))
    assert lab.run().ok
    lab.cloud.things[QUEUE, "q"].properties["Tags"] = {"team": "shop", "cost": "42"}
    return lab


def test_a_change_of_tags_says_which_tags_of_others_it_leaves(lab: Lab) -> None:
    lab.config.resources["orders"]["Q"] = (QUEUE, {"QueueName": "q", "Tags": {"team": "store"}})

    (step,) = lab.plan().steps()
    assert [(item.path, item.after) for item in step.changes] == [(("Tags", "team"), "store")]
    assert [(item.path, item.before, item.cloud) for item in step.kept] == [(("Tags", "cost"), ABSENT, "42")]
    assert kept_lines(step) == ("Tags.cost: stays 42 in the cloud, the state has none",)


def test_a_replacement_says_that_they_are_lost(lab: Lab) -> None:
    lab.config.resources["orders"]["Q"] = (QUEUE, {"QueueName": "p", "Tags": {"team": "store"}})

    step = next(step for step in lab.plan().steps() if step.action is Action.REPLACE)
    assert ("Tags", "cost") in [item.path for item in step.changes]
    assert step.kept == ()


def test_other_changes_do_not_speak_of_tags(lab: Lab) -> None:
    lab.cloud.things[QUEUE, "q"].properties["Tags"] = {"team": "shop"}
    lab.config.resources["orders"]["Q"] = (QUEUE, {"QueueName": "q", "Delay": 1, "Tags": {"team": "shop"}})

    (step,) = lab.plan().steps()
    assert step.kept == ()


def test_they_are_drift_before_and_after_and_heal_takes_them_away(lab: Lab) -> None:
    (step,) = lab.plan(Operation.HEAL).steps()
    assert [(item.path, item.cloud, item.after) for item in step.changes] == [(("Tags", "cost"), "42", ABSENT)]
    assert step.previous == {"QueueName": "q", "Tags": {"team": "shop", "cost": "42"}}, "so it is known to go"

    lab.config.resources["orders"]["Q"] = (QUEUE, {"QueueName": "q", "Tags": {"team": "store"}})
    assert lab.run().ok
    lab.cloud.things[QUEUE, "q"].properties["Tags"] = {"team": "store", "cost": "42"}
    (step,) = lab.plan(Operation.HEAL).steps()
    assert [item.path for item in step.changes] == [("Tags", "cost")]
