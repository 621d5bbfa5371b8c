"""Around a step: what must be at hand first, what does not run when it fails, what is left for the next operation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stateroom.engine.records.snapshot_target import snapshot_target
from stateroom.engine.requests import Control
from stateroom.errors import CloudError, StateError
from stateroom.model.events import Event, StepFailed, StepSkipped, StepStarted
from stateroom.model.values import Secret
from stateroom.state.stores.directory import DirectoryStore
from tests.engine.lab import FUNCTION, QUEUE, Lab, LabWorkspace, one_service
from tests.state import builders

PERMISSION = "AWS::Lambda::Permission"


def function(**more: Any) -> tuple[str, dict[str, Any]]:
    return FUNCTION, {"FunctionName": "f", **more}


def test_what_needs_a_failed_step_is_neither_run_nor_left_unsaid_however_far_away(tmp_path: Path) -> None:
    lab = Lab(
        tmp_path,
        one_service(
            Q=(QUEUE, {"QueueName": "q"}),
            Fn=function(Env={"Ref": "Q"}),
            Allowed=(PERMISSION, {"FunctionName": {"Ref": "Fn"}}),
            After=(QUEUE, {"QueueName": "after", "Needs": {"Ref": "Allowed"}}),
            Other=(QUEUE, {"QueueName": "other"}),
        ),
    )
    lab.cloud.fail["create Q"] = CloudError("Q was refused", code="AccessDenied", refused=True)
    outcome = lab.run()
    assert (outcome.done, outcome.failed, outcome.skipped) == (1, 1, 3)
    skipped = {event.logical_id: event.reason for event in lab.events if isinstance(event, StepSkipped)}
    assert skipped == dict.fromkeys(("Fn", "Allowed", "After"), "Q failed")
    assert {event.logical_id for event in lab.events if isinstance(event, StepStarted)} == {"Q", "Other"}
    assert [thing.physical_id for thing in lab.cloud.things.values()] == ["other"]


class WithoutPassphrase(Lab):
    """A lab whose home has no passphrase, and nobody to ask for one."""

    @property
    def workspace(self) -> LabWorkspace:
        opened = super().workspace
        opened.home = builders.home_in(self.directory, phrase=None)
        return opened


def test_a_secret_that_could_not_be_stored_is_refused_before_the_first_call(tmp_path: Path) -> None:
    secret = function(Key=Secret("hunter2"), Env={"Ref": "Q"})  # Q is made first, and has none
    lab = WithoutPassphrase(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q"}), Fn=secret))
    outcome = lab.run()
    assert not outcome.ok
    assert "passphrase" in " ".join(outcome.errors[0][1])
    assert not [call for call in lab.cloud.calls if call.startswith("create")]
    assert not lab.cloud.things
    assert lab.workspace.state("orders").untouched


def test_without_secrets_no_passphrase_is_needed(tmp_path: Path) -> None:
    assert WithoutPassphrase(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q"}))).run().ok


def test_what_a_version_took_from_another_resource_is_a_reference_again_at_every_depth() -> None:
    queue = replace(builders.queue("Jobs"), physical_id="https://sqs/jobs-of-then")
    uses = {
        "Environment": {"Variables": {"URL": queue.physical_id, "PLAIN": "text"}},
        "Targets": [{"Id": queue.physical_id}],
    }
    target = snapshot_target(builders.snapshot(queue, builders.function("Fn", "Jobs", **uses)), "orders")
    properties = target.resources["Fn"].properties
    assert properties["Environment"] == {"Variables": {"URL": {"Ref": "Jobs"}, "PLAIN": "text"}}
    assert properties["Targets"] == [{"Id": {"Ref": "Jobs"}}]


@pytest.mark.parametrize("depth", ["Flat", "Nested"])
def test_a_rollback_leads_to_the_resource_of_now_not_to_the_id_of_then(tmp_path: Path, depth: str) -> None:
    def wanted(name: str, timeout: int) -> dict[str, Any]:
        url = {"Ref": "Jobs"}
        env = url if depth == "Flat" else {"Variables": {"URL": [url]}}
        return {"Jobs": (QUEUE, {"QueueName": name}), "Fn": function(Env=env, Timeout=timeout)}

    lab = Lab(tmp_path, one_service(**wanted("jobs-of-then", 1)))
    lab.run()
    target = snapshot_target(lab.workspace.state("orders").snapshot, "orders")
    env = target.resources["Fn"].properties["Env"]
    assert env == ({"Ref": "Jobs"} if depth == "Flat" else {"Variables": {"URL": [{"Ref": "Jobs"}]}})


def test_what_is_left_of_a_journal_when_its_clearing_was_cut_off_goes_with_the_next_operation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q"}), Fn=function(Env={"Ref": "Q"})))
    journals = tmp_path / ".stateroom" / "journal"
    real = DirectoryStore.delete

    def stuck(store: DirectoryStore, key: str, *, if_match: str | None = None) -> None:
        if key.startswith("journal/") and not key.endswith("1.json"):
            raise StateError("the line went dead")
        real(store, key, if_match=if_match)

    monkeypatch.setattr(DirectoryStore, "delete", stuck)
    assert lab.run().ok  # the state is stored: nothing of it is lost
    assert list(journals.rglob("*.json"))
    monkeypatch.undo()
    assert lab.workspace.state("orders").leftover is None
    assert lab.plan().empty
    lab.config.resources["orders"]["Q"] = (QUEUE, {"QueueName": "q", "Delay": 2})
    assert lab.run().ok
    assert not list(journals.rglob("*.json"))


def test_a_refused_create_is_closed_in_the_journal_so_that_a_kill_leaves_nothing_to_ask(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(B=(QUEUE, {"QueueName": "b"}), Q=(QUEUE, {"QueueName": "q"})))
    lab.cloud.fail["create B"] = CloudError("the name b is taken", code="BucketAlreadyExists", refused=True)
    control = Control()

    def stop_at_once(event: Event) -> None:
        if isinstance(event, StepFailed):
            control.stop()
            control.stop()

    lab.run(control=control, watch=stop_at_once)
    leftover = lab.workspace.state("orders").leftover
    assert leftover is None or "B" not in [item.logical_id for item in leftover.intents]
