"""The cloud beside the changes of a plan: read for the reader, never for the steps, and never in the plan's way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stateroom.engine.planning.cloud_values.beside import value_at
from stateroom.engine.planning.cloud_values.look import GONE, NOT_ASKED
from stateroom.engine.requests import Control
from stateroom.errors import CloudError, ReadOnlyError
from stateroom.model.compare import same
from stateroom.model.plan import Action, Operation, Plan, Step
from stateroom.model.resource import Live
from stateroom.model.values import ABSENT, UNREAD, Secret
from tests.engine.cloud import MemoryCloud
from tests.engine.lab import API, FUNCTION, QUEUE, ROUTE, Lab, one_service

DEPLOYED = {
    "VisibilityTimeout": 10,
    "DelaySeconds": 0,
    "Env": {"A": "1", "B": "2"},
    "Rules": [{"Id": "a", "To": "x"}],
    "Key": Secret("k"),
}


def deployed(tmp_path: Path) -> Lab:
    """A queue that is deployed, and two resources that nothing happens to."""
    lab = Lab(
        tmp_path,
        one_service(
            Q=(QUEUE, {"QueueName": "q", **DEPLOYED}),
            Fn=(FUNCTION, {"FunctionName": "fn", "Timeout": 5}),
            Api=(API, {"Name": "api"}),
        ),
    )
    assert lab.run().ok
    lab.cloud.calls.clear()
    return lab


def want(lab: Lab, **changed: Any) -> None:
    """Change the queue's config."""
    type_, properties = lab.config.resources["orders"]["Q"]
    lab.config.resources["orders"]["Q"] = (type_, {**properties, **changed})


def drift(lab: Lab, **changed: Any) -> None:
    """Change the queue in the cloud, by hand."""
    lab.cloud.by_owner("Q").properties.update(changed)


def only(plan: Plan) -> Step:
    (step,) = plan.steps()
    return step


def sides(step: Step) -> list[tuple[str, Any, Any, Any]]:
    return [(".".join(map(str, item.path)), item.before, item.after, item.cloud) for item in step.changes]


def reads(lab: Lab) -> list[str]:
    return [call for call in lab.cloud.calls if call.startswith("read ")]


def test_a_deploys_plan_shows_what_the_cloud_has_and_its_steps_are_the_same(tmp_path: Path) -> None:
    """Case plan-hides-cloud-value."""
    lab = deployed(tmp_path)
    want(lab, VisibilityTimeout=11)
    blind = only(lab.plan(look=False))
    assert sides(blind) == [("VisibilityTimeout", 10, 11, UNREAD)]
    assert blind.unread == NOT_ASKED
    assert reads(lab) == []
    drift(lab, VisibilityTimeout=60)
    seen = only(lab.plan())
    assert sides(seen) == [("VisibilityTimeout", 10, 11, 60)]
    assert seen.unread == ""
    assert replace(seen, changes=blind.changes, unread=blind.unread) == blind
    assert reads(lab) == ["read q"]  # of exactly what would be updated


@pytest.mark.parametrize(
    ("cloud", "shown"),
    [(10, 10), (11, 11), (None, ABSENT)],
)
def test_what_agrees_with_a_side_or_is_unset_is_told_too(tmp_path: Path, cloud: int | None, shown: object) -> None:
    lab = deployed(tmp_path)
    want(lab, VisibilityTimeout=11)
    if cloud is None:
        del lab.cloud.by_owner("Q").properties["VisibilityTimeout"]
    else:
        drift(lab, VisibilityTimeout=cloud)
    assert same(only(lab.plan()).changes[0].cloud, shown)


class WriteOnlyKey(MemoryCloud):
    """A cloud that never gives `Key` back."""

    def _live(self, type_: str, physical_id: str) -> Live:
        live = super()._live(type_, physical_id)
        return Live(live.physical_id, {name: value for name, value in live.properties.items() if name != "Key"})


def test_what_the_reader_never_sees_is_not_claimed(tmp_path: Path) -> None:
    queue = {"QueueName": "q", "Key": Secret("k")}
    lab = Lab(tmp_path, one_service(Q=(QUEUE, queue)), WriteOnlyKey())
    assert lab.run().ok
    queue["Key"] = Secret("k2")
    assert sides(only(lab.plan())) == [("Key", Secret("k"), Secret("k2"), UNREAD)]


def test_an_unreadable_resource_does_not_keep_the_plan_from_being_made(tmp_path: Path) -> None:
    lab = deployed(tmp_path)
    want(lab, VisibilityTimeout=11)
    lab.cloud.fail["read q"] = CloudError("could not read q", why="AccessDenied")
    step = only(lab.plan())
    assert step.action is Action.UPDATE
    assert sides(step) == [("VisibilityTimeout", 10, 11, UNREAD)]
    assert step.unread == "could not read q AccessDenied"


def test_a_cloud_that_cannot_be_asked_at_all_does_not_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = deployed(tmp_path)
    want(lab, VisibilityTimeout=11)

    def read_many(*_: object) -> None:
        raise CloudError("no endpoint answers")

    monkeypatch.setattr(type(lab.cloud), "read_many", read_many)
    assert only(lab.plan()).unread == "no endpoint answers"


def test_what_is_gone_from_the_cloud_is_said_at_its_step(tmp_path: Path) -> None:
    lab = deployed(tmp_path)
    want(lab, VisibilityTimeout=11)
    del lab.cloud.things[QUEUE, "q"]
    step = only(lab.plan())
    assert step.action is Action.UPDATE
    assert step.reason == GONE


def test_drift_in_what_is_written_along_is_a_change_and_other_drift_is_kept(tmp_path: Path) -> None:
    lab = deployed(tmp_path)
    want(lab, Env={"A": "1b", "B": "2"})
    drift(lab, Env={"A": "1", "B": "by hand"}, DelaySeconds=30)
    step = only(lab.plan())
    assert sides(step) == [("Env.A", "1", "1b", "1"), ("Env.B", "2", "2", "by hand")]
    assert [(item.path, item.before, item.after, item.cloud) for item in step.kept] == [(("DelaySeconds",), 0, 30, 30)]


def test_a_replacement_ends_all_drift(tmp_path: Path) -> None:
    lab = deployed(tmp_path)
    want(lab, QueueName="q2")
    drift(lab, DelaySeconds=30)
    step = next(item for item in lab.plan().steps() if item.action is Action.REPLACE)
    assert ("DelaySeconds", 0, 0, 30) in sides(step)
    assert step.kept == ()


def test_a_list_of_another_length_in_the_cloud_is_shown_as_a_whole(tmp_path: Path) -> None:
    lab = deployed(tmp_path)
    want(lab, Rules=[{"Id": "a", "To": "y"}])
    by_hand = [{"Id": "a", "To": "x"}, {"Id": "b", "To": "everybody"}]
    drift(lab, Rules=by_hand)
    assert sides(only(lab.plan())) == [("Rules", [{"Id": "a", "To": "x"}], [{"Id": "a", "To": "y"}], by_hand)]


def test_a_secret_in_the_cloud_stays_one(tmp_path: Path) -> None:
    lab = deployed(tmp_path)
    want(lab, Key=Secret("k2"))
    drift(lab, Key="by hand")
    assert sides(only(lab.plan())) == [("Key", Secret("k"), Secret("k2"), Secret("by hand"))]


def test_targets_and_refresh_read_each_resource_once(tmp_path: Path) -> None:
    lab = deployed(tmp_path)
    want(lab, VisibilityTimeout=11)
    lab.config.resources["orders"]["Fn"][1]["Timeout"] = 6
    drift(lab, VisibilityTimeout=60)
    lab.plan(targets=("orders/Fn",))
    assert reads(lab) == ["read fn"]
    lab.cloud.calls.clear()
    step = next(item for item in lab.plan(refresh=True).steps() if item.action is Action.UPDATE)
    assert sides(step) == [("VisibilityTimeout", 60, 11, 60)]
    assert sorted(reads(lab)) == sorted({*reads(lab)})


def test_a_heal_shows_the_cloud_and_the_drift_that_it_leaves(tmp_path: Path) -> None:
    lab = deployed(tmp_path)
    drift(lab, VisibilityTimeout=60, DelaySeconds=30)
    assert sorted(sides(only(lab.plan(Operation.HEAL)))) == [
        ("DelaySeconds", 30, 0, 30),
        ("VisibilityTimeout", 60, 10, 60),
    ]
    one = only(lab.plan(Operation.HEAL, targets=("orders/Q",), attributes=(("VisibilityTimeout",),)))
    assert sides(one) == [("VisibilityTimeout", 60, 10, 60)]
    assert [item.path for item in one.kept] == [("DelaySeconds",)]


def test_a_refresh_records_what_the_cloud_has(tmp_path: Path) -> None:
    lab = deployed(tmp_path)
    drift(lab, VisibilityTimeout=60)
    assert sides(only(lab.plan(Operation.REFRESH))) == [("VisibilityTimeout", 10, 60, 60)]


def test_a_rollback_shows_what_it_would_overwrite(tmp_path: Path) -> None:
    lab = deployed(tmp_path)
    want(lab, VisibilityTimeout=11)
    assert lab.run().ok
    drift(lab, VisibilityTimeout=60)
    back = lab.plan(Operation.ROLLBACK, version=1)
    assert sides(only(back)) == [("VisibilityTimeout", 11, 10, 60)]
    assert (back.version, back.project_services) == (1, 1)
    lab.cloud.calls.clear()
    assert lab.plan(Operation.ROLLBACK, version=1, state_only=True).steps()
    assert reads(lab) == []  # nothing of the cloud is overwritten


def test_a_first_deploy_and_a_removal_read_nothing_more(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q"}), R=(ROUTE, {"ApiId": {"Ref": "Api"}}), Api=(API, {})))
    plan = lab.plan()
    assert {step.unread for step in plan.steps()} == {""}
    assert reads(lab) == []
    assert lab.run().ok
    lab.cloud.calls.clear()
    lab.plan(Operation.REMOVE)
    assert reads(lab) == []


def test_an_adoption_shows_the_cloud_beside_the_config(tmp_path: Path) -> None:
    first = Lab(tmp_path / "first", one_service(Q=(QUEUE, {"QueueName": "q", "VisibilityTimeout": 60})))
    assert first.run().ok
    second = Lab(tmp_path / "second", one_service(Q=(QUEUE, {"QueueName": "q", "VisibilityTimeout": 10})), first.cloud)
    adopt, update = second.plan(adopt=("orders/Q",)).steps()
    assert adopt.action is Action.ADOPT
    assert sides(adopt) == [("VisibilityTimeout", 60, 10, 60)]
    assert update.action is Action.UPDATE
    assert sides(update) == [("VisibilityTimeout", 60, 10, 60)]


def test_a_plan_says_which_account_region_and_state_it_is_for(tmp_path: Path) -> None:
    lab = deployed(tmp_path)
    (service,) = lab.plan(Operation.REMOVE, targets=("orders/Q",)).services
    lineage = lab.workspace.state("orders").snapshot.lineage
    assert (service.account, service.region, service.lineage) == ("000000000000", "eu-west-1", lineage)
    assert lineage


@pytest.mark.parametrize("operation", [Operation.DEPLOY, Operation.REFRESH, Operation.HEAL, Operation.REMOVE])
def test_read_only_plans_and_does_not_execute(tmp_path: Path, operation: Operation) -> None:
    """Case screen-read-only-heal, in the engine."""
    lab = deployed(tmp_path)
    want(lab, DelaySeconds=1)
    drift(lab, VisibilityTimeout=60)
    lab.options = replace(lab.options, read_only=True)
    cockpit = lab.cockpit
    plan = lab.plan(operation)
    assert not plan.empty
    lab.cloud.calls.clear()
    with pytest.raises(ReadOnlyError):
        cockpit.execute(plan, lambda _event: None, Control())
    assert lab.cloud.calls == []


def test_values_are_found_by_path() -> None:
    assert value_at({"A": [{"B": 1}]}, ("A", 0, "B")) == 1
    assert value_at({"A": [{"B": 1}]}, ("A", 1, "B")) is ABSENT
    assert value_at({"A": "text"}, ("A", 0)) is ABSENT
    assert value_at({"A": 1}, ()) == {"A": 1}
