"""What each operation does to config, state and cloud: SST's three stories and ours, on a cloud in memory."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from stateroom.errors import CloudError, PlanError, ReadOnlyError, UsageError
from stateroom.model.events import Event, Note, ServiceFinished, ServiceStarted
from stateroom.model.plan import Action, Operation
from stateroom.model.values import Secret
from tests.engine.cloud import MemoryCloud
from tests.engine.lab import API, FUNCTION, QUEUE, ROUTE, Config, Lab, one_service


def function(timeout: int = 10, **more: Any) -> tuple[str, dict[str, Any]]:
    return FUNCTION, {"FunctionName": "f", "Timeout": timeout, **more}


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    made = Lab(tmp_path, one_service(Fn=function()))
    assert made.run().ok
    return made


def test_change_the_resource_then_deploy_finds_nothing_to_do_and_the_cloud_stays_out_of_sync(lab: Lab) -> None:
    lab.cloud.by_owner("Fn").properties["Timeout"] = 20
    assert lab.plan().empty
    assert lab.statuses() == {"orders/Fn": " !"}
    assert lab.cloud.by_owner("Fn").properties["Timeout"] == 20


def test_change_the_config_then_deploy_brings_all_three_back_in_sync(lab: Lab) -> None:
    lab.cloud.by_owner("Fn").properties["Timeout"] = 20
    lab.config.resources["orders"]["Fn"] = function(30)
    assert lab.statuses() == {"orders/Fn": "~!"}
    assert lab.run().ok
    assert lab.cloud.by_owner("Fn").properties["Timeout"] == 30
    assert lab.statuses() == {}


def test_remove_the_resource_then_deploy_fails_refresh_drops_it_and_deploy_creates_it(lab: Lab) -> None:
    lab.cloud.things.clear()
    lab.config.resources["orders"]["Fn"] = function(60)
    outcome = lab.run()
    assert not outcome.ok
    assert "Fn does not exist" in lab.failures()[0].error[0]
    refresh = lab.plan(Operation.REFRESH)
    assert [step.action for step in refresh.steps()] == [Action.FORGET]
    assert lab.run(Operation.REFRESH).ok
    assert lab.statuses() == {"orders/Fn": "+."}
    assert lab.run().ok
    assert lab.cloud.by_owner("Fn").properties["Timeout"] == 60


def test_refresh_takes_the_clouds_value_into_state_and_the_config_is_then_pending(lab: Lab) -> None:
    lab.cloud.by_owner("Fn").properties["Timeout"] = 20
    (step,) = lab.plan(Operation.REFRESH).steps()
    assert [(change.before, change.after) for change in step.changes] == [(10, 20)]
    assert lab.run(Operation.REFRESH).ok
    assert lab.statuses() == {"orders/Fn": "~ "}


def test_planning_a_refresh_writes_nothing(lab: Lab) -> None:
    before = {path: path.read_bytes() for path in lab.directory.rglob("*") if path.is_file()}
    lab.cloud.by_owner("Fn").properties["Timeout"] = 20
    lab.plan(Operation.REFRESH)
    lab.survey()
    assert {path: path.read_bytes() for path in lab.directory.rglob("*") if path.is_file()} == before


def test_heal_pushes_the_state_over_the_drift(lab: Lab) -> None:
    lab.cloud.by_owner("Fn").properties.update(Timeout=20, Memory=1)
    assert lab.run(Operation.HEAL).ok
    assert lab.cloud.by_owner("Fn").properties["Timeout"] == 10
    assert lab.statuses() == {}


def test_heal_makes_again_what_was_deleted_by_hand(lab: Lab) -> None:
    lab.cloud.things.clear()
    assert lab.statuses() == {"orders/Fn": " x"}
    assert lab.run(Operation.HEAL).ok
    assert lab.cloud.by_owner("Fn").properties["Timeout"] == 10
    assert lab.statuses() == {}


def test_heal_of_one_attribute_leaves_the_other_drift(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Fn=function(Memory=128)))
    lab.run()
    lab.cloud.by_owner("Fn").properties.update(Timeout=20, Memory=256)
    assert lab.run(Operation.HEAL, targets=("orders/Fn",), attributes=(("Timeout",),)).ok
    assert lab.cloud.by_owner("Fn").properties["Timeout"] == 10
    assert lab.cloud.by_owner("Fn").properties["Memory"] == 256


def test_accept_of_one_attribute_leaves_the_other_as_drift(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Fn=function(Memory=128)))
    lab.run()
    lab.cloud.by_owner("Fn").properties.update(Timeout=20, Memory=256)
    assert lab.run(Operation.ACCEPT, targets=("Fn",), attributes=(("Timeout",),)).ok
    (diff,) = lab.survey().values()
    assert {item.name: item.mark.meaning for item in diff.attributes} == {"Timeout": "pending", "Memory": "drift"}


def test_deploy_with_refresh_looks_at_the_cloud_first(lab: Lab) -> None:
    lab.cloud.by_owner("Fn").properties["Timeout"] = 20
    assert lab.run(refresh=True).ok
    assert lab.cloud.by_owner("Fn").properties["Timeout"] == 10
    assert lab.statuses() == {}


def test_deploy_with_refresh_adopts_what_a_lost_state_left_behind(tmp_path: Path) -> None:
    config = one_service(Api=(API, {"ProtocolType": "HTTP"}), Route=(ROUTE, {"ApiId": {"Ref": "Api"}, "Key": "GET /"}))
    lab = Lab(tmp_path / "one", config)
    lab.run()
    stranger = Lab(tmp_path / "two", config, lab.cloud)
    assert {step.action for step in stranger.plan(refresh=True).steps()} == {Action.REFUSE, Action.CREATE}

    for path in (lab.directory / ".stateroom").rglob("*.json"):
        path.unlink()
    plan = lab.plan(refresh=True)
    assert [step.action for step in plan.steps()] == [Action.ADOPT, Action.ADOPT]
    assert lab.run(refresh=True).ok
    assert len(lab.cloud.things) == 2
    assert lab.statuses() == {}


def test_rollback_brings_the_cloud_back_to_a_version(lab: Lab) -> None:
    lab.config.resources["orders"] = {"Fn": function(30), "Q": (QUEUE, {"QueueName": "q"})}
    lab.run()
    deletes = [step for step in lab.plan(Operation.ROLLBACK, version=1).steps() if step.action is Action.DELETE]
    assert [(step.logical_id, step.reason) for step in deletes] == [("Q", "not in version 1")]  # the config has it
    assert lab.run(Operation.ROLLBACK, version=1).ok
    assert [thing.physical_id for thing in lab.cloud.things.values()] == ["f"]
    assert lab.cloud.by_owner("Fn").properties["Timeout"] == 10
    assert [version.command for version in lab.cockpit.versions("orders")] == ["rollback", "deploy", "deploy"]


def test_a_rollback_is_undone_by_a_rollback(lab: Lab) -> None:
    lab.config.resources["orders"]["Fn"] = function(30)
    lab.run()
    lab.run(Operation.ROLLBACK, version=1)
    lab.run(Operation.ROLLBACK, version=2)
    assert lab.cloud.by_owner("Fn").properties["Timeout"] == 30


def test_rollback_of_the_state_only_leaves_the_cloud_alone(lab: Lab) -> None:
    lab.config.resources["orders"]["Fn"] = function(30)
    lab.run()
    calls = len(lab.cloud.calls)
    assert lab.run(Operation.ROLLBACK, version=1, state_only=True).ok
    assert [call for call in lab.cloud.calls[calls:] if not call.startswith("read")] == []
    assert lab.statuses() == {"orders/Fn": "~!"}


def test_rollback_does_not_bring_back_the_id_of_an_api_that_has_since_been_replaced(tmp_path: Path) -> None:
    config = one_service(
        Api=(API, {"ProtocolType": "HTTP"}), Route=(ROUTE, {"ApiId": {"Ref": "Api"}, "Target": "v1", "Key": "GET /"})
    )
    lab = Lab(tmp_path, config)
    lab.run()
    lab.config.resources["orders"]["Api"] = (API, {"ProtocolType": "WEBSOCKET"})
    lab.run()
    lab.config.resources["orders"]["Route"] = (ROUTE, {"ApiId": {"Ref": "Api"}, "Target": "v2", "Key": "GET /"})
    lab.run()
    assert lab.run(Operation.ROLLBACK, version=2).ok
    assert lab.cloud.by_owner("Route").properties["ApiId"] == lab.cloud.by_owner("Api").physical_id
    assert lab.cloud.by_owner("Route").properties["Target"] == "v1"


def test_rollback_past_a_removal_brings_back_no_id_inside_a_longer_text(tmp_path: Path) -> None:
    """As in `integrations/abc123` of a route, and `…:abc123/*` of a permission."""

    def route(key: str) -> tuple[str, dict[str, Any]]:
        target = {"Fn::Join": ["", ["integrations/", {"Ref": "Api"}]]}
        return ROUTE, {"ApiId": {"Ref": "Api"}, "Target": target, "Key": key}

    lab = Lab(tmp_path, one_service(Api=(API, {"ProtocolType": "HTTP"}), Route=route("GET /")))
    lab.run()
    before = lab.cloud.by_owner("Api").physical_id
    lab.run(Operation.REMOVE)
    lab.run()
    now = lab.cloud.by_owner("Api").physical_id
    assert now != before
    assert lab.run(Operation.ROLLBACK, version=1).ok
    assert lab.cloud.by_owner("Route").properties["Target"] == f"integrations/{now}"


def test_a_replacement_leaves_exactly_one_copy(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "old"}), Fn=function(Env={"Ref": "Q"})))
    lab.run()
    lab.config.resources["orders"]["Q"] = (QUEUE, {"QueueName": "new"})
    assert lab.run().ok
    assert sorted(thing.physical_id for thing in lab.cloud.things.values()) == ["f", "new"]
    assert lab.cloud.by_owner("Fn").properties["Env"] == "new"
    assert lab.plan().empty


def test_a_replacement_that_comes_back_as_the_same_object_is_not_deleted_as_its_own_old_copy(tmp_path: Path) -> None:
    """Publishing an unchanged function answers the version that exists already."""
    lab = Lab(tmp_path, one_service(Api=(API, {"ProtocolType": "HTTP"})))
    lab.run()
    lab.cloud._ids = iter([1])  # the cloud gives the same id again
    lab.config.resources["orders"]["Api"] = (API, {"ProtocolType": "WEBSOCKET"})
    assert lab.run().ok
    assert [thing.physical_id for thing in lab.cloud.things.values()] == ["id-0001"]
    assert lab.plan().empty


def test_remove_leaves_neither_cloud_objects_nor_state(lab: Lab) -> None:
    assert lab.run(Operation.REMOVE).ok
    assert not lab.cloud.things
    assert lab.cockpit.snapshot("orders") is None
    assert lab.plan(Operation.REMOVE).empty


def test_a_removed_service_with_its_history_can_be_rolled_back_into_being(lab: Lab) -> None:
    lab.run(Operation.REMOVE, keep_history=True)
    assert lab.run(Operation.ROLLBACK, version=1).ok
    assert lab.cloud.by_owner("Fn").properties["Timeout"] == 10


def test_remove_of_a_target_takes_what_depends_on_it_along(tmp_path: Path) -> None:
    lab = Lab(
        tmp_path,
        Config(
            {
                "orders": {
                    "Q": (QUEUE, {"QueueName": "queue-one"}),
                    "P": (QUEUE, {"QueueName": "queue-two"}),
                    "Fn": function(Env={"Ref": "Q"}),
                }
            },
            {"orders": {"one": {"Ref": "Q"}, "two": {"Ref": "P"}}},
        ),
    )
    lab.run()
    assert lab.run(Operation.REMOVE, targets=("orders/Q",)).ok
    assert [thing.physical_id for thing in lab.cloud.things.values()] == ["queue-two"]
    snapshot = lab.cockpit.snapshot("orders")
    assert snapshot is not None
    assert dict(snapshot.outputs) == {"two": "queue-two"}


def test_a_protected_stage_is_not_removed(lab: Lab) -> None:
    lab.options = type(lab.options)(stage="prod")
    lab.run()
    with pytest.raises(PlanError, match="prod is protected"):
        lab.plan(Operation.REMOVE)


def test_read_only_refuses_to_execute_and_still_plans(lab: Lab) -> None:
    lab.options = type(lab.options)(stage="dev", read_only=True)
    lab.config.resources["orders"]["Fn"] = function(30)
    assert not lab.plan().empty
    with pytest.raises(ReadOnlyError):
        lab.run()
    assert lab.cloud.by_owner("Fn").properties["Timeout"] == 10


def test_a_failed_step_stops_only_what_depends_on_it(tmp_path: Path) -> None:
    lab = Lab(
        tmp_path,
        one_service(Q=(QUEUE, {"QueueName": "q"}), P=(QUEUE, {"QueueName": "p"}), Fn=function(Env={"Ref": "Q"})),
    )
    lab.cloud.fail["create Q"] = CloudError("Q was refused", why="AccessDenied", code="AccessDenied")
    outcome = lab.run()
    assert (outcome.done, outcome.failed, outcome.skipped) == (1, 1, 1)
    assert [thing.physical_id for thing in lab.cloud.things.values()] == ["p"]
    lab.cloud.fail.clear()
    assert lab.run().ok
    assert lab.statuses() == {}


def test_on_failure_undo_runs_the_saga_backwards(lab: Lab) -> None:
    lab.config.resources["orders"] = {
        "Fn": function(30),
        "Q": (QUEUE, {"QueueName": "q"}),
        "Bad": (QUEUE, {"QueueName": "bad", "After": [{"Ref": "Q"}, {"Ref": "Fn"}]}),
    }
    lab.cloud.fail["create Bad"] = CloudError("Bad was refused", code="AccessDenied")
    assert not lab.run(undo=True).ok
    assert lab.cloud.by_owner("Fn").properties["Timeout"] == 10
    assert [thing.physical_id for thing in lab.cloud.things.values()] == ["f"]
    lab.config.resources["orders"] = {"Fn": function(10)}
    assert lab.plan().empty


def test_undo_brings_back_the_old_copy_of_a_replacement(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "old"})))
    lab.run()
    lab.config.resources["orders"] = {
        "Q": (QUEUE, {"QueueName": "new"}),
        "Bad": (QUEUE, {"QueueName": "bad", "After": {"Ref": "Q"}}),
    }
    lab.cloud.fail["create Bad"] = CloudError("Bad was refused", code="AccessDenied")
    assert not lab.run(undo=True).ok
    assert [thing.physical_id for thing in lab.cloud.things.values()] == ["old"]


def test_a_create_whose_answer_was_lost_is_not_orphaned(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Api=(API, {"ProtocolType": "HTTP"})))

    def lose_the_answer() -> None:
        raise CloudError("the connection broke")

    lab.cloud.after["create Api"] = lose_the_answer
    assert not lab.run().ok
    lab.cloud.after.clear()
    assert any("exists as id-0001; taken into state" in event.text for event in lab.events if isinstance(event, Note))
    assert lab.plan().empty
    assert len(lab.cloud.things) == 1


def test_credentials_for_another_account_are_refused_before_anything_is_made_twice(lab: Lab) -> None:
    lab.cloud.account = "999999999999"
    with pytest.raises(PlanError, match="belongs to account 000000000000"):
        lab.plan()


def test_a_plan_made_from_an_older_state_is_not_carried_out(lab: Lab) -> None:
    lab.config.resources["orders"]["Fn"] = function(30)
    cockpit = lab.cockpit
    from stateroom.engine.requests import Control, Request

    stale = cockpit.plan(Request(Operation.DEPLOY))
    lab.config.resources["orders"]["Fn"] = function(40)
    lab.run()
    outcome = cockpit.execute(stale, lambda event: None, Control())
    assert not outcome.ok
    assert "changed since the plan was made" in outcome.errors[0][1][0]
    assert lab.cloud.by_owner("Fn").properties["Timeout"] == 40


def test_what_one_service_puts_out_reaches_the_next_in_one_deploy(tmp_path: Path) -> None:
    config = Config(
        {
            "orders": {"Q": (QUEUE, {"QueueName": "q1"})},
            "billing": {"Fn": function(Env={"Fn::ServiceOutput": ["orders", "queue"]})},
        },
        {"orders": {"queue": {"Fn::GetAtt": ["Q", "Arn"]}}},
        {"billing": ("orders",)},
    )
    lab = Lab(tmp_path, config)
    assert lab.run().ok
    assert lab.cloud.by_owner("Fn").properties["Env"].endswith(":q1")
    assert lab.plan().empty
    config.resources["orders"]["Q"] = (QUEUE, {"QueueName": "q2"})
    assert lab.run().ok
    assert lab.cloud.by_owner("Fn").properties["Env"].endswith(":q2")
    assert lab.plan().empty


def test_a_service_is_removed_before_what_it_depends_on(tmp_path: Path) -> None:
    config = Config(
        {"orders": {"Q": (QUEUE, {"QueueName": "q"})}, "billing": {"Fn": function()}}, {}, {"billing": ("orders",)}
    )
    lab = Lab(tmp_path, config)
    lab.run()
    lab.run(Operation.REMOVE)
    assert [call for call in lab.cloud.calls if call.startswith("delete")] == ["delete f", "delete q"]


def test_one_services_failure_skips_only_its_dependents(tmp_path: Path) -> None:
    config = Config(
        {
            "orders": {"Q": (QUEUE, {"QueueName": "q"})},
            "billing": {"Fn": function()},
            "other": {"P": (QUEUE, {"QueueName": "p"})},
        },
        {},
        {"billing": ("orders",)},
    )
    lab = Lab(tmp_path, config)
    lab.cloud.fail["create Q"] = CloudError("no", code="AccessDenied")
    outcome = lab.run()
    assert (outcome.done, outcome.failed, outcome.skipped) == (1, 1, 1)
    assert [thing.physical_id for thing in lab.cloud.things.values()] == ["p"]


def four_services(directory: Path, **options: Any) -> Lab:
    return Lab(directory, Config({name: {name: (QUEUE, {"QueueName": name})} for name in "abcd"}), **options)


def test_services_that_need_nothing_of_each_other_run_at_once(tmp_path: Path) -> None:
    pairs = threading.Barrier(2, timeout=20)

    def meet(event: Event) -> None:
        if isinstance(event, ServiceStarted):
            pairs.wait()  # breaks unless another one has started too

    assert four_services(tmp_path).run(watch=meet).ok


def test_max_concurrency_bounds_how_many_services_run_at_once(tmp_path: Path) -> None:
    running: set[str] = set()
    seen: list[int] = []

    def count(event: Event) -> None:
        if isinstance(event, ServiceStarted):
            running.add(event.service)
            seen.append(len(running))
        if isinstance(event, ServiceFinished):
            running.discard(event.service)

    assert four_services(tmp_path, max_concurrency=1).run(watch=count).ok
    assert seen == [1, 1, 1, 1]


@pytest.mark.parametrize("operation", [item for item in Operation if item is not Operation.RECOVER])
def test_a_target_that_nothing_has_is_refused_and_not_found_to_be_in_order(lab: Lab, operation: Operation) -> None:
    version = 1 if operation is Operation.ROLLBACK else None
    for target in ("Nope", "orders/Nope"):
        with pytest.raises(UsageError, match=r"there is no resource '?Nope"):
            lab.plan(operation, targets=(target,), version=version)


def test_rollback_wants_exactly_one_service(tmp_path: Path) -> None:
    lab = Lab(tmp_path, Config({"orders": {}, "billing": {}}))
    with pytest.raises(UsageError, match="one service at a time"):
        lab.plan(Operation.ROLLBACK, version=1)


def test_a_secret_is_compared_and_shown_nowhere(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Fn=function(Env={"KEY": Secret("hunter2-first")})))
    lab.run()
    assert lab.plan().empty
    lab.cloud.by_owner("Fn").properties["Env"] = {"KEY": "hunter2-changed"}
    (diff,) = lab.survey().values()
    assert [item.name for item in diff.attributes] == ["Env.KEY"]
    lab.config.resources["orders"]["Fn"] = function(Env={"KEY": Secret("hunter2-second")})
    plan = lab.plan()
    lab.run()
    assert lab.cloud.by_owner("Fn").properties["Env"] == {"KEY": "hunter2-second"}
    for shown in (repr(diff), repr(plan), repr(lab.events), *map(str, lab.directory.rglob("*"))):
        assert "hunter2" not in shown
    assert not [path for path in lab.directory.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]


def test_targets_that_do_not_exist_are_named(lab: Lab) -> None:
    with pytest.raises(UsageError, match="no resource Nope in orders"):
        lab.plan(targets=("orders/Nope",))
    with pytest.raises(UsageError, match="no service 'nope'"):
        lab.plan(targets=("nope/Fn",))


def test_a_cloud_that_cannot_be_read_is_a_question_mark_with_a_reason(lab: Lab) -> None:
    lab.cloud.fail["read f"] = CloudError("f was not read", why="AccessDenied: not allowed", code="AccessDenied")
    (diff,) = lab.survey().values()
    assert diff.status == " ?"
    assert "not allowed" in diff.error
    assert isinstance(lab.cloud, MemoryCloud)
