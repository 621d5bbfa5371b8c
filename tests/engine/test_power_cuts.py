"""An operation cut off at any write and any call, then run again: nothing orphaned, nothing lost, it converges.

The cut is simulated: from the chosen point on no write reaches the home and no call reaches the cloud. Tests that kill
a real process are with the emulators.
"""

from __future__ import annotations

from pathlib import Path

from stateroom.model.plan import Operation
from tests.engine.lab import QUEUE, Config, Lab
from tests.engine.power import (
    Mains,
    PoweredCloud,
    cut_everywhere,
    first_config,
    objects,
    release_lock,
    second_config,
)


def test_a_first_deploy_cut_off_anywhere_converges(tmp_path: Path, mains: Mains) -> None:
    whole = Lab(tmp_path / "whole", first_config(), PoweredCloud())
    assert whole.run().ok
    for lab in cut_everywhere(tmp_path, mains, lambda lab: None, lambda lab: lab.run()):
        release_lock(lab)
        assert lab.run().ok
        assert objects(lab.cloud) == objects(whole.cloud)
        assert lab.plan().empty
        assert lab.statuses() == {}


def test_what_was_done_but_not_noted_is_noted_by_the_next_deploy_although_nothing_else_is_to_do(
    tmp_path: Path, mains: Mains
) -> None:
    def one_queue() -> Config:
        return Config({"orders": {"Q": (QUEUE, {"QueueName": "orders-one"})}})

    for lab in cut_everywhere(tmp_path, mains, lambda lab: None, lambda lab: lab.run(), one_queue):
        release_lock(lab)
        assert lab.run().ok
        assert lab.statuses() == {}
        snapshot = lab.cockpit.snapshot("orders")
        assert snapshot is not None
        assert [record.logical_id for record in snapshot.records] == ["Q"]


def test_a_second_deploy_cut_off_anywhere_converges(tmp_path: Path, mains: Mains) -> None:
    whole = Lab(tmp_path / "whole", first_config(), PoweredCloud())
    whole.run()
    whole.config = second_config()
    assert whole.run().ok

    def change(lab: Lab) -> None:
        lab.config = second_config()
        lab.run()

    for lab in cut_everywhere(tmp_path, mains, lambda lab: lab.run(), change):
        release_lock(lab)
        assert lab.run().ok
        assert objects(lab.cloud) == objects(whole.cloud)
        assert lab.plan().empty
        assert lab.statuses() == {}


def test_a_remove_cut_off_anywhere_leaves_nothing_when_run_again(tmp_path: Path, mains: Mains) -> None:
    for lab in cut_everywhere(tmp_path, mains, lambda lab: lab.run(), lambda lab: lab.run(Operation.REMOVE)):
        release_lock(lab)
        assert lab.run(Operation.REMOVE).ok
        problems = lab.cockpit.standing("orders").problems
        assert not problems, "the recovery's version is older than the remove's, though its update began later"
        assert not lab.cloud.things
        assert lab.cockpit.snapshot("orders") is None


def test_an_adoption_cut_off_anywhere_is_known_for_one_or_has_not_happened(tmp_path: Path, mains: Mains) -> None:
    def two_of_them() -> Config:
        orders = first_config().resources["orders"]
        return Config({"orders": {"Q": orders["Q"], "Old": orders["Old"]}})

    def theirs(lab: Lab) -> None:
        assert Lab(lab.directory / "theirs", two_of_them(), lab.cloud).run().ok

    def adopt(lab: Lab) -> None:
        lab.run(adopt=("Q", "Old"))

    for lab in cut_everywhere(tmp_path, mains, theirs, adopt, two_of_them):
        release_lock(lab)
        recovered = lab.workspace.state("orders").recovered(lab.cloud).snapshot
        known = {record.logical_id: record.adopted for record in recovered.records}
        taken = {
            thing.owner.logical_id
            for thing in lab.cloud.things.values()
            if str(lab.directory / "theirs") not in thing.owner.home
        }
        assert all(known.get(name) for name in taken)
        assert known.keys() == taken

        adopt(lab)
        snapshot = lab.cockpit.snapshot("orders")
        assert snapshot is not None
        assert all(record.adopted for record in snapshot.records)
        assert lab.statuses() == {}
        reasons = [step.reason for step in lab.plan(Operation.REMOVE).steps()]
        assert all("not made by stateroom" in reason for reason in reasons)


def test_a_deploy_cut_off_anywhere_can_be_removed_without_a_trace(tmp_path: Path, mains: Mains) -> None:
    for lab in cut_everywhere(tmp_path, mains, lambda lab: None, lambda lab: lab.run()):
        release_lock(lab)
        assert lab.run(Operation.REMOVE).ok
        assert not lab.cloud.things
