"""What somebody changes by hand: each change is seen and named, left alone by deploy, and undone or kept as asked.

One service is deployed once on each emulator, and all changes are made at once, twice: first they are healed, then
accepted. Left out are those of types that stateroom has no reader of its own for: user pools, alarms, keys, secrets and
parameters (rows 26 and 27), and a machine's logging (row 25: both emulators drop it).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from stateroom.demo.operate import Operator
from stateroom.engine.cockpit import ProjectCockpit, open_project_cockpit
from stateroom.engine.options import WorkspaceOptions
from stateroom.model.diff import ALL_UNDECLARED, Mark, ResourceDiff, Y, path_name
from stateroom.model.plan import Action, Operation, Plan
from stateroom.presentation.steps.changes import change_line
from stateroom.presentation.survey.agreement import agreement
from stateroom.presentation.survey.diffs import danger_lines
from tests.e2e.hand_changes import CHANGES
from tests.e2e.hand_service import CONFIG, HANDLER, Change, Hand
from tests.support.emulators import CREDENTIALS, REGION, Emulator
from tests.support.faults import Answer, Fault, Proxy

pytestmark = pytest.mark.emulator  # by way of a fixture that is asked for by name

Diffs = dict[str, ResourceDiff]


@dataclass
class Story:
    """What was seen and planned, in this order."""

    emulator: Emulator
    fresh: Diffs = field(default_factory=dict)  # after the deploy
    unmade: dict[str, str] = field(default_factory=dict)  # changes that the emulator refused, and how
    seen: Diffs = field(default_factory=dict)  # the changes made
    deploy: Plan | None = None
    refresh: Plan | None = None
    heal: Plan | None = None  # of everything, without a path
    healed: Diffs = field(default_factory=dict)
    revert: Plan | None = None  # of ^
    reverted: Diffs = field(default_factory=dict)
    accept: Plan | None = None  # of ^, the changes made once more
    accepted: Diffs = field(default_factory=dict)
    deployed: Diffs = field(default_factory=dict)  # after a refresh and a deploy
    quick_calls: Counter[str] = field(default_factory=Counter)  # of a survey without the second round
    calls: Counter[str] = field(default_factory=Counter)  # of a whole one
    refused: Diffs = field(default_factory=dict)  # seen by somebody who may not call GetPolicy

    def make(self) -> None:
        """Make all changes."""
        hand = Hand(self.emulator)
        for change in CHANGES:
            if change.make is not None and self.emulator.name not in change.not_on:
                change.make(hand)

    def count(self, open_at: Callable[[str], ProjectCockpit]) -> None:
        """Count the calls of both rounds, and look once more without the right to read the policies of functions."""
        with Proxy(self.emulator.endpoint_url).running() as proxy:
            for counted, quick in ((self.quick_calls, True), (self.calls, False)):
                open_at(proxy.endpoint_url).survey(lambda _event: None, quick=quick)
                counted.update(proxy.operations())
                proxy.clear()
            proxy.rules.append(Fault("GetPolicy", Answer("AccessDeniedException", "not authorized", 403)))
            self.refused = Operator(lambda: open_at(proxy.endpoint_url)).survey()

    def tell(self, operator: Operator) -> None:
        """Live through it."""
        operator.succeed(Operation.DEPLOY)
        self.fresh = operator.survey()
        self.make()
        self.seen = operator.survey()
        self.deploy, self.refresh = operator.plan(Operation.DEPLOY), operator.plan(Operation.REFRESH)
        self.heal = operator.succeed(Operation.HEAL)
        self.healed = operator.survey()
        self.revert = operator.succeed(Operation.HEAL, attributes=(ALL_UNDECLARED,))
        self.reverted = operator.survey()
        self.make()
        self.accept = operator.succeed(Operation.ACCEPT, attributes=(ALL_UNDECLARED,))
        self.accepted = operator.survey()
        operator.succeed(Operation.REFRESH)
        operator.succeed(Operation.DEPLOY)
        self.deployed = operator.survey()


@pytest.fixture(scope="module", params=["ministack", "moto"])
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The whole story on each emulator, told once."""
    emulator: Emulator = request.getfixturevalue(f"{request.param}_server")
    emulator.reset()
    directory: Path = tmp_path_factory.mktemp("hand")
    (directory / "serverless.yml").write_text(CONFIG)
    (directory / "app.py").write_text(HANDLER)
    environment = {**CREDENTIALS, "HOME": str(directory), "STATEROOM_HOME": "local", "AWS_DEFAULT_REGION": REGION}

    def open_at(endpoint_url: str) -> ProjectCockpit:
        return open_project_cockpit(directory, WorkspaceOptions(endpoint_url=endpoint_url, environment=environment))

    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        found = Story(emulator)
        found.tell(Operator(lambda: open_at(emulator.endpoint_url)))
        found.count(open_at)
    yield found
    emulator.reset()


def marks(diffs: Diffs, change: Change) -> list[Mark]:
    """Return the marks of the differences at a change's attribute."""
    diff = diffs.get(f"hand/{change.resource}")
    return [item.mark for item in diff.attributes if item.name.startswith(change.attribute)] if diff else []


def left(diffs: Diffs, change: Change) -> list[Any]:
    """Return what the cloud has at a change's attribute."""
    return [
        item.cloud for item in diffs[f"hand/{change.resource}"].attributes if item.name.startswith(change.attribute)
    ]


def names(plan: Plan | None, change: Change, *actions: Action) -> list[str]:
    """Return the names of what steps of a plan do at a change's attribute."""
    assert plan is not None
    return [
        path_name(item.path)
        for step in plan.steps()
        if step.logical_id == change.resource and step.action in actions
        for item in step.changes
        if path_name(item.path).startswith(change.attribute)
    ]


def gone(diffs: Diffs, change: Change) -> bool:
    return diffs[f"hand/{change.resource}"].y is Y.MISSING


def test_nothing_is_undeclared_after_a_deploy(story: Story) -> None:
    """What AWS gives a new resource, and what other resources of the service stand for, is nobody's change."""
    assert {address: diff.attributes for address, diff in story.fresh.items() if not diff.in_step} == {}
    counts = agreement(story.fresh.values())
    assert (counts.outside, counts.refused, counts.unbased, counts.quick) == (0, (), 0, False)
    assert "agree" in counts.line()


def test_the_second_round_is_one_list_call_for_each_parent_and_kind(story: Story) -> None:
    """4 functions, 4 queues (the policy of one is declared), a topic, 2 buckets, 5 log groups, and an API of each kind.

    Pages beyond the first cost one more each; the listing of a topic's policy is its attributes, as in the first round.
    """
    second = story.calls - story.quick_calls
    assert second == {
        "GetPolicy": 4,
        "ListFunctionUrlConfigs": 4,
        "ListFunctionEventInvokeConfigs": 4,
        "GetQueueAttributes": 3,
        "GetTopicAttributes": 1,
        "ListSubscriptionsByTopic": 1,
        "GetBucketPolicy": 2,
        "DescribeSubscriptionFilters": second["DescribeSubscriptionFilters"],
        "GetRoutes": 1,
        "GetResources": 1,
    }
    assert second["DescribeSubscriptionFilters"] in (4, 5)
    print(f"{story.emulator.name}: {story.quick_calls.total()} calls, then {second.total()}")


def test_what_may_not_be_looked_at_is_said_and_hides_nothing(story: Story) -> None:
    counts = agreement(story.refused.values())
    assert counts.refused[0].endswith("lambda:GetPolicy is not allowed")
    assert "agree" not in counts.line()
    assert not any(diff.error for diff in story.refused.values() if diff.type == "AWS::Lambda::Function")


def test_nothing_agrees_while_something_is_undeclared(story: Story) -> None:
    """(cases `unmanaged-admin-policy`, `unmanaged-queue-policy`)"""
    for diffs in (story.seen, story.healed):
        assert agreement(diffs.values()).outside
        assert "agree" not in agreement(diffs.values()).line()


@pytest.mark.parametrize("change", [item for item in CHANGES if item.kind[0] == "D"], ids=lambda item: item.name)
def test_a_declared_attribute_is_drift_until_it_is_healed(story: Story, change: Change) -> None:
    if story.emulator.name in change.not_on:
        return
    assert story.deploy is not None
    assert story.deploy.empty
    if not change.attribute:
        assert gone(story.seen, change)
        assert not gone(story.healed, change)
        assert not gone(story.deployed, change)
        return
    assert Mark.DRIFT in marks(story.seen, change)
    assert names(story.refresh, change, Action.RECORD)
    assert names(story.heal, change, Action.UPDATE)
    assert marks(story.healed, change) == []
    assert Mark.DRIFT in marks(story.accepted, change)  # `accept ^` leaves it
    assert marks(story.deployed, change) == []  # refresh takes it, and deploy undoes it


@pytest.mark.parametrize("change", [item for item in CHANGES if item.kind[0] == "U"], ids=lambda item: item.name)
def test_an_undeclared_change_is_named_and_undone_or_kept_as_asked(story: Story, change: Change) -> None:
    if story.emulator.name in change.not_on:
        return
    assert story.deploy is not None
    assert story.deploy.empty
    assert set(marks(story.seen, change)) == {Mark.UNDECLARED}
    assert names(story.refresh, change, Action.RECORD)
    assert names(story.heal, change, Action.UPDATE, Action.REVERT) == []  # without a path it stays,
    assert marks(story.healed, change) == marks(story.seen, change)
    assert names(story.revert, change, Action.REVERT)  # with ^ it is taken away
    assert left(story.reverted, change) == ([change.leaves] if change.leaves else [])
    assert names(story.accept, change, Action.RECORD)
    assert marks(story.accepted, change) == []
    assert marks(story.deployed, change) == []


@pytest.mark.parametrize("change", [item for item in CHANGES if item.kind == "U!"], ids=lambda item: item.name)
def test_what_lets_people_in_or_data_out_is_shown_in_full(story: Story, change: Change) -> None:
    if story.emulator.name in change.not_on:
        return
    diff = story.seen[f"hand/{change.resource}"]
    assert diff.dangers
    assert "^" in diff.status
    assert any(line.startswith(f"^ {change.attribute}") for line in danger_lines(diff))
    assert story.revert is not None
    assert story.revert.destroys
    (step,) = [step for step in story.revert.steps() if step.logical_id == change.resource]
    lines = [change_line(item, 80) for item in step.changes]
    assert any(line.startswith(f"^ {change.attribute}") and "taken away" in line for line in lines)


@pytest.mark.parametrize("change", [item for item in CHANGES if item.kind == "U"], ids=lambda item: item.name)
def test_what_is_not_dangerous_is_only_counted(story: Story, change: Change) -> None:
    if story.emulator.name in change.not_on:
        return
    found = [
        item for item in story.seen[f"hand/{change.resource}"].attributes if item.name.startswith(change.attribute)
    ]
    assert not any(item.shown for item in found)
