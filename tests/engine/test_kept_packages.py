"""A rollback looks for the packages of its version in the plan, and is refused there, before anything is touched."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from stateroom.errors import PlanError
from stateroom.model.plan import Operation
from tests.engine.lab import FUNCTION, QUEUE, Config, Lab, home_in, one_service

pytestmark = pytest.mark.pure


def keep(lab: Lab, text: bytes) -> str:
    """Keep a package in the home, as a deploy does; returns its hash."""
    path = lab.directory / "package.zip"
    path.write_bytes(text)
    sha256 = hashlib.sha256(text).hexdigest()
    home_in(lab.directory / ".stateroom").packages.put(sha256, path)
    return sha256


def config(first: str, second: str, timeout: int = 3) -> Config:
    return one_service(
        One=(FUNCTION, {"FunctionName": "one", "Code": {"ArtifactSha256": first}, "Timeout": timeout}),
        Two=(FUNCTION, {"FunctionName": "two", "Code": {"ArtifactSha256": second}, "Timeout": timeout}),
        Q=(QUEUE, {"QueueName": "q"}),
    )


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """Version 1 with two packages, version 2 with another one for the first function and other timeouts."""
    lab = Lab(tmp_path, one_service())
    old, other = keep(lab, b"old"), keep(lab, b"other")
    lab.config = config(old, other)
    assert lab.run().ok
    lab.config = config(keep(lab, b"new"), other, timeout=9)
    assert lab.run().ok
    return lab


def package(lab: Lab, text: bytes) -> Path:
    return lab.directory / ".stateroom" / "asset" / f"{hashlib.sha256(text).hexdigest()}.zip"


def test_a_rollback_whose_packages_are_there_goes_on(lab: Lab) -> None:
    assert lab.run(Operation.ROLLBACK, version=1).ok


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (lambda kept: kept.unlink(), "not kept"),
        (lambda kept: kept.write_bytes(b"bad"), "damaged"),
        (lambda kept: kept.write_bytes(b""), "damaged"),
    ],
    ids=["deleted", "damaged", "empty"],
)
def test_a_rollback_without_its_packages_is_refused_in_the_plan(lab: Lab, harm: object, why: str) -> None:
    harm(package(lab, b"old"))  # type: ignore[operator]
    things, calls = dict(lab.cloud.things), len(lab.cloud.calls)
    with pytest.raises(PlanError) as refused:
        lab.plan(Operation.ROLLBACK, version=1)
    assert why in refused.value.why
    assert "One" in refused.value.why
    assert "Two" not in refused.value.why, "its package stays as it is, so none is sent"
    assert "--state-only" in refused.value.todo
    assert lab.cloud.things == things
    assert all(call.startswith("read") for call in lab.cloud.calls[calls:])


def test_the_package_of_a_function_that_is_made_again_is_looked_for_too(lab: Lab) -> None:
    without = config("", "")
    del without.resources["orders"]["Two"]
    without.resources["orders"]["One"][1]["Code"] = {"ArtifactSha256": hashlib.sha256(b"new").hexdigest()}
    lab.config = without
    assert lab.run().ok
    package(lab, b"other").unlink()
    with pytest.raises(PlanError, match="packages are not there") as refused:
        lab.plan(Operation.ROLLBACK, version=2)
    assert "Two" in refused.value.why


def test_a_rollback_of_the_state_only_needs_no_package(lab: Lab) -> None:
    package(lab, b"old").unlink()
    assert not lab.plan(Operation.ROLLBACK, version=1, state_only=True).empty


def test_a_rollback_of_other_targets_needs_no_package(lab: Lab) -> None:
    package(lab, b"old").unlink()
    assert lab.plan(Operation.ROLLBACK, version=1, targets=("Two",)).services[0].steps


def test_healing_warns_of_what_cannot_be_healed_and_heals_the_rest(lab: Lab) -> None:
    """The function is gone from the cloud, and its package from the home."""
    for key in [key for key, thing in lab.cloud.things.items() if thing.owner.logical_id in ("One", "Q")]:
        del lab.cloud.things[key]
    package(lab, b"new").unlink()
    plan = lab.plan(Operation.HEAL)
    assert [text for text in plan.warnings if "One cannot be healed" in text]
    assert {step.logical_id for step in plan.steps()} == {"One", "Q"}
