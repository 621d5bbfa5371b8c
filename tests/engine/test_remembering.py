"""Values from far away are asked for once for several readers, and again when somebody wants to know."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from stateroom.engine.opening.remote_cache import CachedRemoteValues
from stateroom.errors import CloudError
from stateroom.model.remote import ParameterRequest, ParameterValue, RemoteAnswer, RemoteRequest, StoredSecret
from stateroom.model.values import Secret
from tests.config.test_remote_variables import Far
from tests.engine.lab import QUEUE, Lab, one_service

ONE, TWO = ParameterRequest("eu-west-1", "/one"), ParameterRequest("eu-west-1", "/two")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_was_read_a_moment_ago_is_not_asked_for_again() -> None:
    far, clock = Far({ONE: "1", TWO: "2"}), Clock()
    values = CachedRemoteValues(far, clock)
    assert values.read([ONE]) == {ONE: "1"}
    assert values.read([TWO, ONE, TWO]) == {TWO: "2", ONE: "1"}
    assert far.asked == [[ONE], [TWO]]
    clock.now = 61
    values.read([ONE])
    assert far.asked[2:] == [[ONE]]


def test_an_explicit_wish_to_know_asks_again() -> None:
    far = Far({ONE: "1"})
    values = CachedRemoteValues(far)
    values.read([ONE])
    values.forget()
    values.read([ONE])
    assert far.asked == [[ONE], [ONE]]


@pytest.mark.parametrize("answer", [None, CloudError("Throttled")])
def test_what_failed_or_was_missing_is_asked_for_again(answer: RemoteAnswer) -> None:
    answers: dict[RemoteRequest, RemoteAnswer] = {ONE: answer}
    values = CachedRemoteValues(Far(answers))
    assert values.read([ONE]) == {ONE: answer}
    answers[ONE] = "there now"
    assert values.read([ONE]) == {ONE: "there now"}


class Slow(Far):
    """Answers only when it is let."""

    def __init__(self) -> None:
        super().__init__({ONE: ParameterValue("SecureString", "hunter2"), TWO: "2"})
        self.begun, self.let = threading.Event(), threading.Event()

    def read(self, requests: Sequence[RemoteRequest]) -> Mapping[RemoteRequest, RemoteAnswer]:
        answers = super().read(requests)
        self.begun.set()
        assert self.let.wait(10)
        return answers


def test_threads_that_want_the_same_cause_one_call() -> None:
    slow = Slow()
    values = CachedRemoteValues(slow)
    found: list[RemoteAnswer] = []
    threads = [threading.Thread(target=lambda: found.append(values.read([ONE])[ONE])) for _ in range(4)]
    threads[0].start()
    assert slow.begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    slow.let.set()
    for thread in threads:
        thread.join(10)
    assert found == [ParameterValue("SecureString", "hunter2")] * 4
    assert slow.asked == [[ONE]]


def test_what_was_on_its_way_when_all_was_forgotten_is_not_remembered() -> None:
    slow = Slow()
    values = CachedRemoteValues(slow)
    thread = threading.Thread(target=lambda: values.read([ONE]))
    thread.start()
    assert slow.begun.wait(10)
    values.forget()
    slow.let.set()
    thread.join(10)
    values.read([ONE])
    assert slow.asked == [[ONE], [ONE]]


def test_an_error_that_nobody_expected_reaches_everyone_and_is_not_remembered() -> None:
    class Broken(Far):
        def read(self, requests: Sequence[RemoteRequest]) -> Mapping[RemoteRequest, RemoteAnswer]:
            self.asked.append(list(requests))
            raise ZeroDivisionError

    broken = Broken({})
    values = CachedRemoteValues(broken)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            values.read([ONE])
    assert len(broken.asked) == 2


def test_a_reference_made_of_what_the_deploy_makes_is_looked_up_by_the_step_and_is_a_secret_of_the_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = {"Fn::DynamicReference": {"Fn::Sub": "{{resolve:secretsmanager:of-${Q}:SecretString:password}}"}}
    queues: dict[str, tuple[str, dict[str, Any]]] = {
        "Q": (QUEUE, {"QueueName": "q"}),
        "R": (QUEUE, {"QueueName": "r", "Description": late}),
    }
    lab = Lab(tmp_path, one_service(**queues))
    found: dict[RemoteRequest, RemoteAnswer] = {}
    far = Far(found)
    monkeypatch.setattr("stateroom.engine.workspace.remote_values", lambda _options: CachedRemoteValues(far))
    assert lab.plan().steps()
    assert far.asked == []
    assert not lab.run().ok, "there is no such secret"
    name = lab.cloud.by_owner("Q").physical_id
    found[StoredSecret("eu-west-1", f"of-{name}")] = Secret('{"password": "hunter2"}')
    assert lab.run().ok
    assert lab.cloud.by_owner("R").properties["Description"] == "hunter2"
    snapshot = lab.cockpit.snapshot("orders")
    assert snapshot is not None
    assert snapshot.by_id()["R"].inputs["Description"] == Secret("hunter2")
    assert lab.plan().empty
    assert "hunter2" not in "".join(path.read_text() for path in tmp_path.rglob("*.json"))
