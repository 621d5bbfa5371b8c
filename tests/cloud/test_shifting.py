"""An alias of a state machine goes to another version as its preference says, and back when an alarm goes off."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from stateroom.cloud.aws.stepfunctions_shifting import Routes, Shift
from stateroom.cloud.aws.stepfunctions_versions import MachineAliasHandler
from stateroom.cloud.provider import Pause, ResourceData, Task
from stateroom.errors import CloudError
from tests.cloud.bench import Bench
from tests.cloud.sent import Recorder
from tests.cloud.test_every_type import TRUST

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:shop"
OLD, NEW = f"{MACHINE}:1", f"{MACHINE}:2"


class Alias:
    """What an alias routes to, and for how many minutes it has; alarms go off at a minute."""

    def __init__(self, alarm_at: float | None = None, **there: int) -> None:
        self.now = {version: there[name] for name, version in {"old": OLD, "new": NEW}.items() if name in there}
        self.history: list[tuple[float, int]] = []
        self.minute = 0.0
        self.alarm_at = alarm_at

    def route(self, routes: Routes) -> Task[None]:
        assert sum(routes.values()) == 100
        self.now = dict(routes)
        self.history.append((self.minute, routes.get(NEW, 0)))
        yield from ()

    def alarming(self, names: Sequence[str]) -> list[str]:
        return list(names) if self.alarm_at is not None and self.minute >= self.alarm_at else []

    def shift(self, until: Callable[[Alias], bool] = lambda _: False, **preference: Any) -> None:
        wanted = {"StateMachineVersionArn": NEW, **preference}
        for progress in Shift("live", wanted, self.route, self.alarming).run(dict(self.now)):
            assert isinstance(progress, Pause)
            self.minute += progress.seconds / 60
            if until(self):
                return


@pytest.mark.parametrize(
    ("preference", "history"),
    [
        ({"Type": "ALL_AT_ONCE"}, [(0, 100)]),
        ({"Type": "CANARY", "Percentage": 10, "Interval": 5}, [(0, 10), (5, 100)]),
        ({"Type": "LINEAR", "Percentage": 40, "Interval": 2}, [(0, 40), (2, 80), (4, 100)]),
        ({"Type": "LINEAR", "Percentage": 50, "Interval": "1"}, [(0, 50), (1, 100)]),
    ],
    ids=["at once", "canary", "linear", "linear in halves"],
)
def test_an_alias_goes_to_the_new_version_as_its_preference_says(
    preference: dict[str, Any], history: list[tuple[float, int]]
) -> None:
    alias = Alias(old=100)
    alias.shift(**preference)

    assert alias.history == history
    assert alias.now == {NEW: 100}


def test_an_alarm_takes_it_back() -> None:
    alias = Alias(old=100, alarm_at=3)
    with pytest.raises(CloudError, match="live stays on version 1") as caught:
        alias.shift(Type="CANARY", Percentage=10, Interval=5, Alarms=["errors"])

    assert "errors" in caught.value.why
    assert alias.history == [(0, 10), (3, 0)]
    assert alias.now == {OLD: 100}


def test_an_alarm_that_is_on_already_keeps_it_where_it_is() -> None:
    alias = Alias(old=100, alarm_at=0)
    with pytest.raises(CloudError, match="stays on version 1"):
        alias.shift(Type="ALL_AT_ONCE", Alarms=["errors"])
    assert alias.history == []


def test_a_shift_that_was_cut_off_goes_on_from_where_it_was() -> None:
    alias = Alias(old=100)
    alias.shift(until=lambda it: it.minute >= 3, Type="LINEAR", Percentage=25, Interval=2)
    assert alias.now == {OLD: 50, NEW: 50}

    alias.shift(Type="LINEAR", Percentage=25, Interval=2)
    assert [share for _, share in alias.history] == [25, 50, 50, 75, 100]


def test_what_is_there_already_is_not_shifted() -> None:
    alias = Alias(new=100)
    alias.shift(Type="CANARY", Percentage=10, Interval=5)
    assert alias.history == []


def test_alarms_are_asked_for_by_name_in_a_call_that_the_api_takes() -> None:
    recorder = Recorder(there=True)
    inputs = {
        "Name": "live",
        "DeploymentPreference": {"Type": "ALL_AT_ONCE", "StateMachineVersionArn": NEW, "Alarms": ["errors"]},
    }
    handler = MachineAliasHandler(recorder)  # type: ignore[arg-type]
    list(handler.update(ResourceData(f"{MACHINE}:live", inputs, {}, frozenset({"DeploymentPreference"}))))

    assert recorder.invalid == []
    calls = dict(recorder.calls)
    assert calls["DescribeAlarms"]["AlarmNames"] == ["errors"]
    assert calls["UpdateStateMachineAlias"]["routingConfiguration"] == [{"stateMachineVersionArn": NEW, "weight": 100}]


@pytest.mark.parametrize("given", [{}, {"RoutingConfiguration": [], "DeploymentPreference": {}}], ids=["none", "both"])
def test_an_alias_that_routes_nowhere_or_in_two_ways_is_refused_in_the_plan(given: dict[str, Any]) -> None:
    (problem,) = MachineAliasHandler(Recorder(there=True)).problems(given)  # type: ignore[arg-type]
    assert problem.fatal


def test_an_alias_with_a_preference_lives_on_an_emulator(ministack: Any) -> None:
    """Not on moto, which has no versions."""
    role = ministack.client("iam").create_role(RoleName="shop", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    machines, versions = ministack.client("stepfunctions"), []
    text = '{"StartAt": "A", "States": {"A": {"Type": "%s"}}}'
    arn = machines.create_state_machine(name="shop", definition=text % "Succeed", roleArn=role["Arn"])[
        "stateMachineArn"
    ]
    for kind in ("Succeed", "Fail"):
        machines.update_state_machine(stateMachineArn=arn, definition=text % kind)
        versions.append(machines.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"])
    preference = {"Type": "CANARY", "Percentage": 20, "Interval": 0, "StateMachineVersionArn": versions[0]}
    alias = Bench(
        MachineAliasHandler, ministack.endpoint_url, {"Name": "live", "DeploymentPreference": dict(preference)}
    )

    assert alias.create()["DeploymentPreference"] == preference
    moved = alias.change(DeploymentPreference={**preference, "StateMachineVersionArn": versions[1]})
    assert moved["DeploymentPreference"]["StateMachineVersionArn"] == versions[1]
    there = machines.describe_state_machine_alias(stateMachineAliasArn=alias.id)["routingConfiguration"]
    assert there == [{"stateMachineVersionArn": versions[1], "weight": 100}]
    machines.update_state_machine_alias(
        stateMachineAliasArn=alias.id, routingConfiguration=[{"stateMachineVersionArn": versions[0], "weight": 100}]
    )
    assert alias.read()["DeploymentPreference"]["StateMachineVersionArn"] == versions[0]
