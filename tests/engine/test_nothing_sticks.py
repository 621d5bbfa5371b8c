"""One resource that cannot be asked about keeps nobody: every error of a cloud × every operation, the rest goes on.

`Bad` is made, its answer is lost, and from then on every question about it meets the same error (cases
`brick-bucket-name-taken`, `no-read-queue-policy`).
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import stateroom.cloud.aws
from stateroom.errors import CloudError
from stateroom.model.events import StepSkipped
from stateroom.model.pending import PendingOperation
from stateroom.model.plan import Action, Operation
from stateroom.model.values import Secret
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from tests.engine.cloud import MemoryCloud
from tests.engine.homes import home_at
from tests.engine.lab import FUNCTION, QUEUE, Config, Lab, LabWorkspace, one_service
from tests.support.emulators import Emulator

for _module in pkgutil.iter_modules(stateroom.cloud.aws.__path__, "stateroom.cloud.aws."):
    importlib.import_module(_module.name)  # so that every subclass of CloudError is defined


def errors_of_a_cloud(base: type[CloudError] = CloudError) -> Iterator[type[Exception]]:
    yield base
    for kind in base.__subclasses__():
        yield from errors_of_a_cloud(kind)


ERRORS = [*dict.fromkeys(errors_of_a_cloud()), KeyError, ValueError]
every_error = pytest.mark.parametrize("error", ERRORS, ids=lambda kind: kind.__name__)


def function(timeout: int = 10, **more: Any) -> tuple[str, dict[str, Any]]:
    return FUNCTION, {"FunctionName": "f", "Timeout": timeout, **more}


BAD = (QUEUE, {"QueueName": "bad", "Key": "hunter2"})


class Stuck:
    """A service with a pending create of `Bad`, beside `Q` and `Fn`, which are well."""

    def __init__(self, lab: Lab, error: type[Exception]) -> None:
        self.lab = lab
        lab.config.resources["orders"] = {"Q": (QUEUE, {"QueueName": "q"}), "Fn": function()}
        assert lab.run().ok
        lab.config.resources["orders"]["Bad"] = BAD
        self.mute(error)
        assert not lab.run().ok

    def mute(self, error: type[Exception]) -> None:
        def lose() -> None:
            raise CloudError("the answer was lost")

        self.lab.cloud.after["create Bad"] = lose
        self.lab.cloud.fail.update({call: error("Bad says nothing") for call in ("find Bad", "read bad")})
        self.lab.cloud.fail["whose Bad"] = CloudError("Bad says nothing")

    def speak(self) -> None:
        self.lab.cloud.after.clear()
        self.lab.cloud.fail.clear()

    @property
    def pending(self) -> tuple[PendingOperation, ...]:
        return self.lab.workspace.state("orders").snapshot.pending

    @property
    def recorded(self) -> set[str]:
        return {record.logical_id for record in self.lab.workspace.state("orders").snapshot.records}

    @property
    def made(self) -> set[str]:
        return {thing.physical_id for thing in self.lab.cloud.things.values()}


@pytest.fixture
def stuck(tmp_path: Path) -> Callable[[type[Exception]], Stuck]:
    return lambda error: Stuck(Lab(tmp_path, one_service()), error)


def test_the_errors_of_a_cloud_are_many() -> None:
    assert {"CloudError", "NotFoundInCloudError", "HiddenBucketError"} <= {kind.__name__ for kind in ERRORS}


@every_error
def test_what_cannot_be_asked_about_is_pending_in_a_stored_state_and_the_journal_is_gone(
    stuck: Callable[[type[Exception]], Stuck], error: type[Exception]
) -> None:
    found = stuck(error)
    (item,) = found.pending
    assert (item.logical_id, item.type, item.action, item.inputs) == ("Bad", QUEUE, "create", BAD[1])
    assert item.why
    assert item.since
    column = found.lab.workspace.state("orders")
    assert (column.leftover, column.spent) == (None, ())
    assert found.recorded == {"Q", "Fn"}


@every_error
def test_deploy_of_the_rest_goes_on_and_says_by_name_what_was_left_alone(
    stuck: Callable[[type[Exception]], Stuck], error: type[Exception]
) -> None:
    found = stuck(error)
    lab = found.lab
    lab.config.resources["orders"]["Fn"] = function(30)
    lab.cloud.calls.clear()
    plan = lab.plan()
    assert {step.logical_id: step.action for step in plan.steps()} == {"Fn": Action.UPDATE, "Bad": Action.PENDING}
    outcome = lab.run()
    assert (outcome.ok, outcome.done, outcome.failed, outcome.skipped) == (False, 1, 0, 1)
    assert [address for address, _ in outcome.errors] == ["orders/Bad"]
    assert "`stateroom state pending` asks again or drops it" in outcome.errors[0][1][1]
    assert lab.cloud.by_owner("Fn").properties["Timeout"] == 30
    assert not any(call.startswith(("create Bad", "delete bad", "update Bad")) for call in lab.cloud.calls)
    assert found.pending


@every_error
def test_deploy_without_it_in_the_config_has_nothing_that_could_not_be_done(
    stuck: Callable[[type[Exception]], Stuck], error: type[Exception]
) -> None:
    found = stuck(error)
    found.lab.config.resources["orders"] = {"Q": (QUEUE, {"QueueName": "q"}), "Fn": function(30)}
    assert found.lab.run().ok
    assert found.lab.cloud.by_owner("Fn").properties["Timeout"] == 30
    plan = found.lab.plan()
    assert plan.empty
    assert any("Bad: the outcome of its create is not known" in text for text in plan.warnings)
    assert found.pending


@every_error
@pytest.mark.parametrize("operation", [Operation.REFRESH, Operation.ACCEPT])
def test_refresh_and_accept_of_the_rest(
    stuck: Callable[[type[Exception]], Stuck], error: type[Exception], operation: Operation
) -> None:
    found = stuck(error)
    found.lab.cloud.by_owner("Fn").properties["Timeout"] = 99
    assert found.lab.run(operation).ok
    assert found.lab.workspace.state("orders").snapshot.by_id()["Fn"].inputs["Timeout"] == 99
    assert found.pending


@every_error
def test_heal_of_the_rest(stuck: Callable[[type[Exception]], Stuck], error: type[Exception]) -> None:
    found = stuck(error)
    found.lab.cloud.by_owner("Fn").properties["Timeout"] = 99
    assert found.lab.run(Operation.HEAL).ok
    assert found.lab.cloud.by_owner("Fn").properties["Timeout"] == 10
    assert found.pending


@every_error
@pytest.mark.parametrize("state_only", [True, False])
def test_rollback_of_the_rest(
    stuck: Callable[[type[Exception]], Stuck], error: type[Exception], state_only: bool
) -> None:
    found = stuck(error)
    found.lab.config.resources["orders"]["Fn"] = function(30)
    found.lab.run()
    assert found.lab.run(Operation.ROLLBACK, services=("orders",), version=1, state_only=state_only).ok
    assert found.lab.workspace.state("orders").snapshot.by_id()["Fn"].inputs["Timeout"] == 10
    assert found.lab.cloud.by_owner("Fn").properties["Timeout"] == (30 if state_only else 10)
    assert found.pending


@every_error
def test_remove_of_the_rest_keeps_the_state_with_what_is_pending(
    stuck: Callable[[type[Exception]], Stuck], error: type[Exception]
) -> None:
    found = stuck(error)
    for _ in range(2):
        outcome = found.lab.run(Operation.REMOVE)
        assert [address for address, _ in outcome.errors] == ["orders/Bad"]
        assert (found.made, found.recorded) == ({"bad"}, set())
        assert [item.logical_id for item in found.pending] == ["Bad"]
    found.speak()
    assert found.lab.run(Operation.REMOVE).ok  # it exists, is taken in, and goes like the rest
    assert found.made == set()
    assert not found.lab.workspace.state("orders").exists


def test_remove_of_one_resource_says_nothing_of_another_that_is_pending(
    stuck: Callable[[type[Exception]], Stuck],
) -> None:
    found = stuck(CloudError)
    other = min(found.recorded)
    named = {step.logical_id: step.action for step in found.lab.plan(Operation.REMOVE, targets=(other,)).steps()}
    assert named[other] is Action.DELETE
    assert "Bad" not in named
    assert {step.logical_id for step in found.lab.plan(Operation.REMOVE).steps()} > {"Bad", other}


@every_error
def test_once_it_can_be_asked_the_next_operation_takes_it_in(
    stuck: Callable[[type[Exception]], Stuck], error: type[Exception]
) -> None:
    found = stuck(error)
    found.speak()
    plan = found.lab.plan()
    assert [item.settles for item in plan.services] == [True]
    assert found.lab.run().ok
    assert (found.pending, found.recorded) == ((), {"Q", "Fn", "Bad"})
    assert found.lab.statuses() == {}
    assert len(found.made) == 3


@every_error
def test_a_first_deploy_that_failed_half_way_stores_what_it_made(tmp_path: Path, error: type[Exception]) -> None:
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q"}), Bad=BAD, Fn=function(Env={"Ref": "Bad"})))
    found = Stuck.__new__(Stuck)
    found.lab = lab
    found.mute(error)
    outcome = lab.run()
    assert (outcome.done, outcome.failed, outcome.skipped) == (1, 1, 1)
    column = lab.workspace.state("orders")
    assert column.exists
    assert (found.recorded, [item.logical_id for item in found.pending]) == ({"Q"}, ["Bad"])
    assert column.snapshot.lineage == lab.cloud.by_owner("Bad").owner.lineage


@every_error
def test_one_that_waits_for_it_is_left_alone_too(tmp_path: Path, error: type[Exception]) -> None:
    lab = Lab(tmp_path, one_service())
    found = Stuck(lab, error)
    lab.config.resources["orders"]["Fn"] = function(30, Env={"Ref": "Bad"})
    lab.config.resources["orders"]["P"] = (QUEUE, {"QueueName": "p"})
    outcome = lab.run()
    assert sorted(address for address, _ in outcome.errors) == ["orders/Bad", "orders/Fn"]
    assert (outcome.done, outcome.failed, outcome.skipped) == (1, 0, 2)
    assert lab.cloud.by_owner("Fn").properties["Timeout"] == 10
    assert {event.step for event in lab.events if isinstance(event, StepSkipped)} >= {"orders/Bad", "orders/Fn"}
    assert found.made == {"q", "f", "bad", "p"}


class Mute(MemoryCloud):
    """A cloud that is not allowed to say anything about `Q`, whatever it is asked; its calls that change it work."""

    error: Exception | None = None

    def _call(self, call: str) -> None:
        super()._call(call)
        if self.error is not None and call in ("read q", "whose Q", "find Q"):
            raise self.error

    def contested(self, type_: str, physical_id: str, inputs: Any, owner: Any) -> Any:
        if self.error is not None and physical_id == "q":
            raise self.error
        return super().contested(type_, physical_id, inputs, owner)


@pytest.mark.parametrize("error", [kind for kind in ERRORS if issubclass(kind, CloudError)])
@pytest.mark.parametrize("operation", [item for item in Operation if item is not Operation.RECOVER])
def test_a_recorded_resource_that_may_not_be_read_keeps_no_operation_from_the_rest(
    tmp_path: Path, error: type[CloudError], operation: Operation
) -> None:
    cloud = Mute()
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q", "Delay": 1}), Fn=function()), cloud)
    assert lab.run().ok
    lab.config.resources["orders"] = {"Q": (QUEUE, {"QueueName": "q", "Delay": 2}), "Fn": function(30)}
    if operation is Operation.ROLLBACK:
        assert lab.run().ok
    if operation in (Operation.REFRESH, Operation.ACCEPT, Operation.HEAL):
        cloud.by_owner("Fn").properties["Timeout"] = 99
    cloud.error = error("not allowed", code="AccessDenied")
    request: dict[str, Any] = {"version": 1, "services": ("orders",)} if operation is Operation.ROLLBACK else {}
    outcome = lab.run(operation, **request)
    cloud.error = None
    state = lab.workspace.state("orders").snapshot.by_id()
    left = {thing.physical_id: thing.properties for thing in cloud.things.values()}
    assert outcome.failed == 0
    assert left["q"]["Delay"] == (2 if operation is Operation.ROLLBACK else 1)  # whose it is was not told: left alone
    if operation is Operation.REMOVE:
        assert (set(left), set(state)) == ({"q"}, {"Q"})
    else:
        timeout = {Operation.DEPLOY: 30, Operation.REFRESH: 99, Operation.ACCEPT: 99}.get(operation, 10)
        assert (left["f"]["Timeout"], state["Fn"].inputs["Timeout"]) == (timeout, timeout)
    touches_q = operation in (Operation.DEPLOY, Operation.REMOVE, Operation.ROLLBACK)
    assert [address for address, _ in outcome.errors] == (["orders/Q"] if touches_q else [])


def test_a_create_whose_name_could_not_be_looked_for_is_tried_and_says_itself_what_it_meets(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q"}), B=(QUEUE, {"QueueName": "b"})))
    lab.cloud.fail["whose B"] = CloudError("b may not be looked at", code="AccessDenied")
    assert any("B: whether it exists could not be asked" in text for text in lab.plan().warnings)
    assert lab.run().ok


def test_a_create_that_was_refused_for_good_leaves_nothing_to_ask_about(tmp_path: Path) -> None:
    """The service goes on as if it had never been tried (case `brick-bucket-name-taken`)."""
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q"}), B=(QUEUE, {"QueueName": "b"})))
    taken = CloudError("the name b is taken by another account", code="BucketAlreadyExists", refused=True)
    lab.cloud.fail.update({"create B": taken, "find B": CloudError("no"), "read b": CloudError("no")})
    assert not lab.run().ok
    snapshot = lab.workspace.state("orders").snapshot
    assert (snapshot.pending, [record.logical_id for record in snapshot.records]) == ((), ["Q"])
    assert "find B" not in lab.cloud.calls
    assert lab.run(Operation.REMOVE).ok
    assert not lab.cloud.things


def test_a_delete_whose_outcome_is_not_known_is_simply_tried_again(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q"})))
    lab.run()
    lab.cloud.fail.update({"delete q": CloudError("throttled"), "read q": CloudError("throttled")})
    assert not lab.run(Operation.REMOVE).ok
    (item,) = lab.workspace.state("orders").snapshot.pending
    assert (item.action, item.physical_id) == ("delete", "q")
    del lab.cloud.fail["delete q"]
    assert lab.run(Operation.REMOVE).ok
    assert not lab.workspace.state("orders").exists


def test_an_update_whose_outcome_is_not_known_is_not_written_over_blindly(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q", "Delay": 1})))
    lab.run()
    lab.config.resources["orders"]["Q"] = (QUEUE, {"QueueName": "q", "Delay": 2})

    def lose() -> None:
        raise CloudError("the answer was lost")

    lab.cloud.after["update Q"] = lose
    lab.cloud.fail["read q"] = CloudError("may not be read")
    assert not lab.run().ok
    lab.cloud.after.clear()
    assert [step.action for step in lab.plan().steps()] == [Action.PENDING]
    lab.cloud.fail.clear()
    assert lab.run().ok
    record = lab.workspace.state("orders").snapshot.by_id()["Q"]
    assert record.inputs["Delay"] == 2
    assert lab.statuses() == {}


def test_the_newest_reason_is_kept_and_the_moment_of_the_first(stuck: Callable[[type[Exception]], Stuck]) -> None:
    found = stuck(CloudError)
    (before,) = found.pending
    found.lab.cloud.fail["find Bad"] = CloudError("another trouble", why="NewCode: more")
    found.lab.config.resources["orders"]["Fn"] = function(30)
    found.lab.run()
    (after,) = found.pending
    assert (after.since, after.why) == (before.since, "another trouble: NewCode: more")


def test_a_cloud_that_never_answers_holds_nobody_up(
    stuck: Callable[[type[Exception]], Stuck], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, released = stuck(CloudError), threading.Event()
    monkeypatch.setattr("stateroom.engine.records.recovery._PATIENCE", 0.05)
    monkeypatch.setattr(found.lab.cloud, "find", lambda *_: released.wait(60))
    found.lab.config.resources["orders"] = {"Fn": function(30)}
    assert found.lab.run().ok
    assert found.lab.cloud.by_owner("Fn").properties["Timeout"] == 30
    assert found.pending[0].why == "the cloud did not answer within 0 s"
    released.set()


def test_another_services_removal_does_not_wait_for_what_is_left_alone(tmp_path: Path) -> None:
    config = Config({"base": {"P": (QUEUE, {"QueueName": "p"})}, "orders": {}}, {}, {"orders": ("base",)})
    lab = Lab(tmp_path, config)
    found = Stuck(lab, CloudError)
    assert [address for address, _ in lab.run(Operation.REMOVE).errors] == ["orders/Bad"]
    assert found.made == {"bad"}


def test_a_secret_of_a_pending_create_is_encrypted(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service())
    lab.config.resources["orders"] = {}
    bad = (QUEUE, {"QueueName": "bad", "Key": Secret("hunter2")})
    lab.config.resources["orders"]["Bad"] = bad
    found = Stuck.__new__(Stuck)
    found.lab = lab
    found.mute(CloudError)
    lab.run()
    assert found.pending[0].inputs["Key"] == Secret("hunter2")
    file = tmp_path / ".stateroom" / "app" / "shop-orders" / "dev.json"
    assert b"hunter2" not in file.read_bytes()
    assert CheckpointDocument.parse(file.read_bytes()).problems() == ()
    assert json.loads(file.read_bytes())["checkpoint"]["latest"]["pending_operations"][0]["type"] == "creating"


def test_the_same_in_a_bucket(tmp_path: Path, moto: Emulator) -> None:
    class InABucket(Lab):
        @property
        def workspace(self) -> LabWorkspace:
            opened = super().workspace
            opened.home = home_at(moto.endpoint_url)
            return opened

    found = Stuck(InABucket(tmp_path, one_service()), CloudError)
    assert found.lab.run(Operation.REMOVE).errors
    assert (found.made, [item.logical_id for item in found.pending]) == ({"bad"}, ["Bad"])
    found.speak()
    assert found.lab.run(Operation.REMOVE).ok
    assert (found.made, found.lab.workspace.state("orders").exists) == (set(), False)
