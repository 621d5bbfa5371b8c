"""A service whose config does not compile is refused in the plan; the plans of the others are there to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stateroom.errors import ConfigError, PlanError, SourceLocation, TrustError
from stateroom.model.plan import Action, Operation
from stateroom.model.resource import Template
from tests.engine.lab import QUEUE, Config, Lab, LabWorkspace

BROKEN = ConfigError("there is no resource Nowhere", todo="did you mean Queue?", where=SourceLocation(Path("b.yml"), 3))


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    names = ("a", "b", "c")
    return Lab(tmp_path, Config({name: {"Q": (QUEUE, {"QueueName": f"{name}-queue"})} for name in names}))


def broken(monkeypatch: pytest.MonkeyPatch, error: ConfigError = BROKEN) -> None:
    whole = LabWorkspace.template

    def template(self: LabWorkspace, service: str, *arguments: Any, **options: Any) -> Template:
        if service == "b":
            raise error
        return whole(self, service, *arguments, **options)

    monkeypatch.setattr(LabWorkspace, "template", template)


def test_the_others_are_planned_and_nothing_runs(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)
    plan = lab.plan()
    assert [(step.service, step.action) for step in plan.steps()] == [
        ("a", Action.CREATE),
        ("b", Action.REFUSE),
        ("c", Action.CREATE),
    ]
    (refused,) = plan.refused
    assert refused.logical_id == "b.yml"
    assert "b.yml:3: there is no resource Nowhere" in refused.reason
    with pytest.raises(PlanError, match="there is no resource Nowhere") as caught:
        lab.run()
    assert caught.value.where == BROKEN.where
    assert "did you mean Queue?" in caught.value.todo
    assert "--service" in caught.value.todo
    assert not lab.cloud.things


def test_the_others_are_deployed_by_name(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)
    assert lab.run(services=("a", "c")).ok
    assert sorted(name for _, name in lab.cloud.things) == ["a-queue", "c-queue"]


def test_alone_it_is_the_error_itself(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)
    with pytest.raises(ConfigError) as caught:
        lab.plan(services=("b",))
    assert caught.value is BROKEN


def test_whoever_is_asked_for_trust_is_asked(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch, TrustError("pip may not run"))
    with pytest.raises(TrustError):
        lab.plan()


@pytest.mark.parametrize("operation", [Operation.REMOVE, Operation.REFRESH, Operation.HEAL])
def test_what_needs_no_config_goes_on(lab: Lab, monkeypatch: pytest.MonkeyPatch, operation: Operation) -> None:
    assert lab.run().ok
    broken(monkeypatch)
    assert not lab.plan(operation).refused
    assert lab.run(operation).ok
