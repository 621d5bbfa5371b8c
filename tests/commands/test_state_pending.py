"""`state pending`: what is not known is listed, asked again, dropped by name, and agrees with `state repair`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stateroom.errors import CloudError
from stateroom.model.plan import Operation
from tests.commands.fake import Process, Run
from tests.commands.sst_home import Machine
from tests.engine.lab import QUEUE, Lab, one_service
from tests.state.sst_states import document, ledger, urn

HALF = {
    "type": "creating",
    "resource": {"urn": urn("aws:sqs/queue:Queue", "Half"), "custom": True, "type": "aws:sqs/queue:Queue"},
}


class Stage:
    """A service with `Q`, which is well, and `Bad`, which was made and says nothing; commands run on it."""

    def __init__(self, directory: Path) -> None:
        self.lab = Lab(directory, one_service(Q=(QUEUE, {"QueueName": "q"}), Bad=(QUEUE, {"QueueName": "bad"})))

        def lose() -> None:
            raise CloudError("the answer was lost")

        self.lab.cloud.after["create Bad"] = lose
        self.lab.cloud.fail["find Bad"] = CloudError("Bad may not be looked for", why="AccessDenied: no")
        assert not self.lab.run().ok

    def __call__(self, *arguments: str, answers: str = "", terminal: bool = False) -> Run:
        return Process(self.lab.cockpit, answers, terminal)(*arguments)  # type: ignore[arg-type]

    def speak(self) -> None:
        self.lab.cloud.fail.clear()
        self.lab.cloud.after.clear()

    @property
    def pending(self) -> list[str]:
        return [item.logical_id for item in self.lab.workspace.state("orders").snapshot.pending]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def operations(run: Run) -> list[Any]:
    return [item for service in run.document["services"] for item in service["operations"]]


def test_the_list_says_address_action_since_and_why(stage: Stage) -> None:
    run = stage("state", "pending")
    assert run.code == 0, run.err
    first, why, _ = run.out.splitlines()
    assert first.startswith("? orders/Bad  SQS Queue  create  since 20")
    assert why.strip() == "Bad may not be looked for: AccessDenied: no"
    (item,) = operations(stage("state", "pending", "orders", "--json"))
    assert {name: item[name] for name in ("address", "type", "action", "physical_id", "why")} == {
        "address": "orders/Bad",
        "type": QUEUE,
        "action": "create",
        "physical_id": "",
        "why": "Bad may not be looked for: AccessDenied: no",
    }
    assert stage("state", "pending", "ordres").code == 64


def test_asked_again_it_is_taken_in_as_the_next_operation_would(stage: Stage) -> None:
    stage.speak()
    run = stage("state", "pending", "--ask", "--yes")
    assert run.code == 0, run.err
    assert "+ Bad: was being created and exists as bad; taken into state" in run.out
    assert stage.pending == []
    record = stage.lab.workspace.state("orders").snapshot.by_id()["Bad"]
    assert (record.physical_id, record.observed["QueueName"], bool(record.lineage)) == ("bad", "bad", True)
    assert stage.lab.plan().empty
    assert "Nothing is pending." in stage("state", "pending", "--ask", "--yes").out


@pytest.mark.parametrize("command", [("pending", "--ask"), ("repair",)])
def test_what_cannot_be_asked_stays_and_neither_command_says_that_nothing_is_wrong(
    stage: Stage, command: tuple[str, ...]
) -> None:
    run = stage("state", *command, "--yes")
    assert run.code == 1
    assert "? Bad: its create is pending: Bad may not be looked for: AccessDenied: no" in run.out
    assert "Nothing to change" not in run.out
    assert stage.pending == ["Bad"]


def test_repair_settles_what_it_can(stage: Stage) -> None:
    stage.speak()
    stage.lab.cloud.things.pop((QUEUE, "bad"))
    run = stage("state", "repair", "--yes")
    assert run.code == 0, run.err
    assert "~ Bad: was being created and does not exist" in run.out
    assert stage.pending == []


def test_it_is_dropped_by_its_address_after_that_was_typed(stage: Stage) -> None:
    assert stage("state", "pending", "--drop", "orders/Bad").code == 1  # nobody can be asked
    assert stage("state", "pending", "--drop", "orders/Bad", answers="yes\n", terminal=True).code == 1
    assert stage.pending == ["Bad"]
    run = stage("state", "pending", "--drop", "orders/Bad", answers="orders/Bad\n", terminal=True)
    assert run.code == 0, run.err
    assert "Bad: no longer pending; what it may have made stays in the cloud, and in no state" in run.out
    assert stage.pending == []
    assert stage.lab.run(Operation.REMOVE).ok


def test_a_name_of_nothing_pending_is_refused_with_those_that_are(stage: Stage) -> None:
    run = stage("state", "pending", "--drop", "orders/Q", "--yes")
    assert run.code == 64
    assert "pending are: Bad" in run.err
    assert stage("state", "pending", "--drop", "Bad", "--ask").code == 64
    assert stage("state", "list", "--ask").code == 64


def test_read_only_and_a_dry_run_write_nothing(stage: Stage) -> None:
    stage.speak()
    assert stage("state", "pending", "--read-only").code == 0
    for change in (("--ask",), ("--drop", "orders/Bad")):
        assert stage("state", "pending", *change, "--yes", "--read-only").code == 1
        assert stage("state", "pending", *change, "--dry-run").code == 0
    assert stage.pending == ["Bad"]


def test_what_another_tool_left_is_listed_kept_and_dropped(tmp_path: Path) -> None:
    """SST wrote it, and nobody else may have asked (case `silent-pending`)."""
    machine = Machine(tmp_path)
    file = machine.put("app", document(*ledger().resources, pending=[HALF]).dump())
    run = machine("state", "pending")
    assert run.out.splitlines()[0].split()[:4] == ["?", "ledger/qa/Half", "aws:sqs:Queue", "create"]
    assert machine("state", "pending", "--drop", "ledger/qa/Half", "--yes").code == 0
    assert json.loads(file.read_bytes())["checkpoint"]["latest"]["pending_operations"] == []
