"""Orphans: what bears our mark and is in no state of the home is named, and touched only when it is named back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stateroom.cloud.provider import Owner
from stateroom.engine.orphan_report import OrphanReport
from stateroom.engine.orphans.acting import orphans_named, plan_deletion
from stateroom.engine.requests import Control, Request
from stateroom.errors import CloudError, PlanError, ReadOnlyError, UsageError
from stateroom.model.events import Event, StepFinished
from stateroom.model.plan import Action, Operation
from tests.engine.cloud import Thing
from tests.engine.lab import QUEUE, Config, Lab, one_service

QUEUES = {"Q": (QUEUE, {"QueueName": "q"}), "R": (QUEUE, {"QueueName": "r"})}


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A deployed project."""
    lab = Lab(tmp_path, Config({"orders": dict(QUEUES), "billing": {"B": (QUEUE, {"QueueName": "b"})}}))
    assert lab.run().ok
    return lab


def forgotten(lab: Lab, service: str = "shop-orders", **changes: str) -> None:
    """A queue that an operation has made and no state knows: its home lost the state in which it stood."""
    made = replace(lab.cloud.things[QUEUE, "q"].owner, service=service, logical_id="Old", **changes)
    lab.cloud.things[QUEUE, "old"] = Thing(QUEUE, "old", {"QueueName": "old"}, made)


def state_file(lab: Lab, service: str = "shop-billing", stage: str = "dev") -> Path:
    return lab.directory / ".stateroom" / "app" / service / f"{stage}.json"


def names(report: OrphanReport) -> list[str]:
    return [row.physical_id for row in report.orphans]


def test_what_a_state_has_is_no_orphan(lab: Lab) -> None:
    report = lab.cockpit.orphans()
    assert (report.orphans, report.unsayable, report.elsewhere, report.unread) == ((), (), (), {})


def test_what_no_state_has_is_named_with_its_lineage(lab: Lab) -> None:
    forgotten(lab)
    lab.cloud.children.of_type[QUEUE] = ("Statements",)
    lab.cloud.children.there["old", "Statements"] = {"everybody": {"Principal": "*"}}

    (row,) = lab.cockpit.orphans().orphans
    assert (row.address, row.lineage_of, row.parts) == (
        "shop-orders/dev/Old",
        "shop-orders/dev",
        ("Statements everybody",),
    )
    forgotten(lab, lineage="c" * 32)
    (row,) = lab.cockpit.orphans().orphans
    assert (row.lineage, row.lineage_of) == ("c" * 32, "")


def test_every_service_and_stage_of_the_home_counts(lab: Lab) -> None:
    other = Lab(lab.directory, one_service(T=(QUEUE, {"QueueName": "t"})), lab.cloud, stage="test")
    assert other.run().ok
    assert names(lab.cockpit.orphans()) == []
    assert names(other.cockpit.orphans()) == []


def test_what_another_home_made_is_told_apart_and_not_touched(lab: Lab) -> None:
    forgotten(lab, home="bucket theirs")

    report = lab.cockpit.orphans()
    assert (report.orphans, [row.physical_id for row in report.elsewhere]) == ((), ["old"])
    with pytest.raises(PlanError, match="another home made it"):
        orphans_named(report, ("old",))


def test_a_state_that_cannot_be_read_makes_it_unsayable(lab: Lab) -> None:
    forgotten(lab)
    state_file(lab).write_text("{")

    report = lab.cockpit.orphans()
    assert "old" in {row.physical_id for row in report.unsayable}
    assert report.orphans == ()
    assert list(report.unread) == ["shop-billing/dev"]
    with pytest.raises(PlanError, match="cannot be said"):
        orphans_named(report, ("old",))


def test_a_running_operation_makes_its_own_unsayable(lab: Lab) -> None:
    forgotten(lab)
    home = lab.workspace.home
    with home.lock(home.begin("shop-orders", "dev", "deploy")):
        report = Lab(lab.directory, lab.config, lab.cloud).cockpit.orphans()
    assert ([row.physical_id for row in report.unsayable], report.orphans) == (["old"], ())


def test_types_that_could_not_be_asked_for_are_told(lab: Lab) -> None:
    lab.cloud.unasked["AWS::KMS::Key"] = "AccessDenied"
    assert lab.cockpit.orphans().unasked == {"AWS::KMS::Key": "AccessDenied"}


def test_looking_changes_nothing(lab: Lab) -> None:
    forgotten(lab)
    before = {path: path.read_bytes() for path in lab.directory.rglob("*") if path.is_file()}
    lab.cloud.calls.clear()
    lab.cockpit.orphans()
    assert {call.partition(" ")[0] for call in lab.cloud.calls} <= {"read"}
    assert {path: path.read_bytes() for path in lab.directory.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["old", "arn:aws:x:eu-west-1:000000000000:old", "shop-orders/dev/Old", "Old"])
def test_an_orphan_is_deleted_by_any_of_its_names(lab: Lab, name: str) -> None:
    forgotten(lab)
    chosen = orphans_named(lab.cockpit.orphans(), (name,))
    (step,) = plan_deletion(chosen).steps()
    assert (step.action, step.physical_id, step.reason) == (Action.DELETE, "old", "in no state")

    events: list[Event] = []
    outcome = lab.cockpit.delete_orphans(chosen, events.append, Control())
    assert (outcome.ok, outcome.done) == (True, 1)
    assert [event.logical_id for event in events if isinstance(event, StepFinished)] == ["Old"]
    assert (QUEUE, "old") not in lab.cloud.things
    assert not list(lab.plan().steps()), "what is in a state stayed"


def test_what_is_in_a_state_is_no_orphan_to_delete(lab: Lab) -> None:
    with pytest.raises(UsageError, match="is no orphan"):
        orphans_named(lab.cockpit.orphans(), ("q",))


def test_a_deletion_that_fails_is_told_and_the_rest_goes_on(lab: Lab) -> None:
    forgotten(lab)
    lab.cloud.things[QUEUE, "older"] = replace(lab.cloud.things[QUEUE, "old"], physical_id="older")
    lab.cloud.fail["delete older"] = CloudError("could not delete older", code="AccessDenied")
    chosen = orphans_named(lab.cockpit.orphans(), ("older", "old"))

    outcome = lab.cockpit.delete_orphans(chosen, lambda _: None, Control())
    assert (outcome.done, outcome.failed) == (1, 1)
    assert names(lab.cockpit.orphans()) == ["older"]


def test_read_only_deletes_nothing(lab: Lab) -> None:
    forgotten(lab)
    chosen = orphans_named(lab.cockpit.orphans(), ("old",))
    reader = Lab(lab.directory, lab.config, lab.cloud, read_only=True)
    with pytest.raises(ReadOnlyError):
        reader.cockpit.delete_orphans(chosen, lambda _: None, Control())
    assert (QUEUE, "old") in lab.cloud.things


def test_an_orphan_is_adopted_into_the_state_that_its_tags_name(lab: Lab) -> None:
    """A state was lost, and with it what it knew: the resources bear the mark of its lineage."""
    state_file(lab, "shop-orders").unlink()
    lab.cloud.things[QUEUE, "q"].owner = replace(lab.cloud.things[QUEUE, "q"].owner, lineage="d" * 32)
    cockpit = lab.cockpit
    report = cockpit.orphans()
    assert sorted(names(report)) == ["q", "r"]

    imports = cockpit.orphan_imports(orphans_named(report, ("Q", "R")))
    plan = cockpit.plan(Request(Operation.IMPORT, imports=imports))
    assert [step.action for step in plan.steps()] == [Action.ADOPT, Action.ADOPT]
    assert cockpit.execute(plan, lambda _: None, Control()).ok
    assert names(lab.cockpit.orphans()) == []
    assert not list(lab.plan().steps())


def test_an_orphan_of_a_service_that_is_not_open_says_where_it_belongs(lab: Lab) -> None:
    forgotten(lab, service="warehouse")
    cockpit = lab.cockpit
    with pytest.raises(PlanError, match="it is of warehouse/dev"):
        cockpit.orphan_imports(orphans_named(cockpit.orphans(), ("old",)))


def test_an_owner_without_lineage_is_told(lab: Lab) -> None:
    lab.cloud.things[QUEUE, "old"] = Thing(QUEUE, "old", {"QueueName": "old"}, Owner("shop-orders", "dev", "Old"))
    (row,) = lab.cockpit.orphans().orphans
    assert (row.lineage, row.home) == ("", "")
