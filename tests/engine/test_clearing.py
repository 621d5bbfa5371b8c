"""A remove leaves nothing of a service and stage in the home, and nothing else is touched."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from stateroom.errors import CloudError, StateError
from stateroom.model.plan import Operation, Plan
from stateroom.model.values import Secret
from stateroom.presentation.plans import past_lines, summary
from stateroom.presentation.steps.document import services_json
from tests.engine.lab import FUNCTION, QUEUE, Config, Lab, home_in, one_service
from tests.engine.power import Mains, cut_everywhere, release_lock


def kept(lab: Lab) -> list[str]:
    """Every object of the home, by key; the store's own two files (its lock, and what keeps git away) left out."""
    root = lab.directory / ".stateroom"
    files = [path for path in root.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return sorted(path.relative_to(root).as_posix() for path in files)


def keep(lab: Lab, text: bytes) -> str:
    """Keep a package in the home, as a deploy does; returns its hash."""
    lab.directory.mkdir(exist_ok=True)
    path = lab.directory / "package.zip"
    path.write_bytes(text)
    sha256 = hashlib.sha256(text).hexdigest()
    home_in(lab.directory / ".stateroom").packages.put(sha256, path)
    return sha256


def function(name: str, sha256: str) -> Config:
    return one_service(Fn=(FUNCTION, {"FunctionName": name, "Code": {"ArtifactSha256": sha256}}))


def text_of(plan: Plan) -> str:
    return "\n".join(past_lines(plan))


def test_after_a_remove_the_home_holds_nothing(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service())
    for text in (b"old", b"new"):
        lab.config = function("fn", keep(lab, text))
        assert lab.run().ok
    assert lab.run(Operation.REMOVE).ok
    assert kept(lab) == []
    assert not lab.cloud.things


def test_the_plan_says_so_first(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q"})))
    lab.run()
    plan = lab.plan(Operation.REMOVE)
    said = text_of(plan)
    assert "orders: 1 version of its state, their records, and packages that nothing else in the home needs" in said
    assert "Nothing brings that back." in said
    assert "passphrase" not in said
    assert services_json(plan)[0]["clears"] == {"versions": 1, "records": 1, "kept": False}


def test_a_passphrase_stays_and_the_plan_says_so(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q", "Key": Secret("hunter2")})))
    lab.run()
    assert "Its passphrase stays" in text_of(lab.plan(Operation.REMOVE))


def test_keep_history_keeps_all_of_it(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service())
    lab.config = function("fn", keep(lab, b"code"))
    lab.run()
    plan = lab.plan(Operation.REMOVE, keep_history=True)
    assert text_of(plan) == ""
    assert services_json(plan)[0]["clears"] is None
    assert lab.run(Operation.REMOVE, keep_history=True).ok
    assert [version.command for version in lab.cockpit.versions("orders")] == ["remove", "deploy"]
    assert lab.run(Operation.ROLLBACK, version=1).ok
    assert lab.cloud.by_owner("Fn").properties["FunctionName"] == "fn"


def test_a_past_that_was_kept_can_be_cleared_later_and_is_asked_about_like_a_deletion(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q"})))
    lab.run()
    lab.run(Operation.REMOVE, keep_history=True)
    plan = lab.plan(Operation.REMOVE)
    assert not plan.empty
    assert plan.destroys
    assert summary(plan) == "the past of orders to clear"
    assert lab.run(Operation.REMOVE).ok
    assert kept(lab) == []
    assert lab.plan(Operation.REMOVE).empty


def test_what_was_never_deployed_has_no_past(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q"})))
    assert lab.plan(Operation.REMOVE).empty


def test_a_remove_of_a_target_keeps_the_past(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q"}), P=(QUEUE, {"QueueName": "p"})))
    lab.run()
    assert text_of(lab.plan(Operation.REMOVE, targets=("orders/Q",))) == ""
    assert lab.run(Operation.REMOVE, targets=("orders/Q",)).ok
    assert len(lab.cockpit.versions("orders")) == 2


def test_a_remove_that_fails_keeps_the_past(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q"}), P=(QUEUE, {"QueueName": "p"})))
    lab.run()
    lab.cloud.fail["delete q"] = CloudError("refused")
    assert not lab.run(Operation.REMOVE).ok
    assert [version.command for version in lab.cockpit.versions("orders")] == ["remove", "deploy"]


@pytest.mark.parametrize(
    ("service", "stage"),
    [("orders", "prod2"), ("orders", "dev-2"), ("orders2", "dev"), ("billing", "dev")],
)
def test_other_services_and_stages_keep_everything(tmp_path: Path, service: str, stage: str) -> None:
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q"})))
    lab.run()
    other = Lab(tmp_path, Config({service: {"R": (QUEUE, {"QueueName": "r"})}}), lab.cloud, stage=stage)
    assert other.run().ok
    before = [key for key in kept(lab) if f"shop-{service}/{stage}" in key]
    assert len(before) >= 3
    assert lab.run(Operation.REMOVE).ok
    assert kept(lab) == before


@pytest.mark.parametrize("where", ["state", "version"])
def test_a_package_that_another_stage_names_stays(tmp_path: Path, where: str) -> None:
    lab = Lab(tmp_path, one_service())
    shared, own = keep(lab, b"shared"), keep(lab, b"own")
    other = Lab(tmp_path, function("other", shared), lab.cloud, stage="test")
    assert other.run().ok
    if where == "version":
        other.config = function("other", keep(lab, b"later"))
        assert other.run().ok
    for sha in (own, shared):
        lab.config = function("fn", sha)
        assert lab.run().ok
    assert lab.run(Operation.REMOVE).ok
    packages = [key for key in kept(lab) if key.startswith("asset/")]
    assert f"asset/{shared}.zip" in packages
    assert f"asset/{own}.zip" not in packages
    assert any("1 package stays" in getattr(event, "text", "") for event in lab.events)
    assert other.run(Operation.REMOVE).ok
    assert kept(lab) == []


def test_services_of_one_project_that_share_a_package_leave_nothing(tmp_path: Path) -> None:
    lab = Lab(tmp_path, one_service())
    shared = keep(lab, b"shared")
    names = [f"service{number}" for number in range(6)]
    lab.config = Config({name: function(name, shared).resources["orders"] for name in names})
    assert lab.run().ok
    assert lab.run(Operation.REMOVE).ok
    assert kept(lab) == []


def test_a_clearing_cut_off_anywhere_is_finished_by_the_next_remove(tmp_path: Path, mains: Mains) -> None:
    def twice(lab: Lab) -> None:
        for text in (b"old", b"new"):
            lab.config = function("fn", keep(lab, text))
            lab.run()

    for lab in cut_everywhere(tmp_path, mains, twice, lambda lab: lab.run(Operation.REMOVE)):
        release_lock(lab)
        assert lab.run(Operation.REMOVE).ok
        assert not lab.cloud.things
        assert kept(lab) == []
        assert lab.plan(Operation.REMOVE).empty


def test_a_clearing_cut_off_anywhere_keeps_nobody_from_deploying(tmp_path: Path, mains: Mains) -> None:
    for lab in cut_everywhere(tmp_path, mains, lambda lab: lab.run(), lambda lab: lab.run(Operation.REMOVE)):
        release_lock(lab)
        assert lab.run().ok
        assert lab.statuses() == {}
        assert not lab.cockpit.standing("orders").problems
        assert lab.run(Operation.REMOVE).ok
        assert kept(lab) == []


def test_a_home_that_refuses_the_clearing_is_said_and_the_next_remove_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = Lab(tmp_path, one_service(Q=(QUEUE, {"QueueName": "q"})))
    lab.run()
    from stateroom.state.stores.directory import DirectoryStore

    def refuse(*_: object) -> None:
        raise StateError("the disk is read-only")

    with monkeypatch.context() as broken:
        broken.setattr(DirectoryStore, "delete_all", refuse)
        outcome = lab.run(Operation.REMOVE)
    assert not outcome.ok
    ((address, lines),) = outcome.errors
    assert address == "orders"
    assert lines[0] == "the resources are gone; their past could not be cleared: the disk is read-only"
    assert lines[-1] == "run remove again: it clears the rest"
    assert lab.run(Operation.REMOVE).ok
    assert kept(lab) == []
