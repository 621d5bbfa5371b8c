"""Plans with steps × states of the world: what a plan says of the cloud, the cloud has answered.

The plans are the engine's own, of a state that was deployed and a world that has moved since.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stateroom.errors import CloudError
from stateroom.model.plan import Action, Operation, Plan
from stateroom.model.problems.problem import Problem
from stateroom.model.values import ABSENT, UNREAD, Unresolved
from stateroom.presentation.plans import ordered, step_line, unread_lines
from stateroom.presentation.steps.changes import change_lines
from tests.commands.fake import Process
from tests.engine.lab import Config, Lab
from tests.presentation.worlds import QUEUE, WORLDS, World

PLANNED = (Operation.DEPLOY, Operation.HEAL, Operation.REFRESH, Operation.ACCEPT, Operation.REMOVE)
# Worlds that a deployed state and another config and cloud can be brought into.
MOVED = [
    world
    for world in WORLDS
    if world.config is not None and world.standing.quiet and "A" in (world.state or {}) and not world.waiting
]


def known(world: World) -> bool:
    return not any(isinstance(value, Unresolved) for item in (world.config or {}).values() for value in item.values())


def moved(tmp_path: Path, world: World) -> Lab:
    """Deploy the state; then bring config and cloud to what the world says."""
    lab = Lab(tmp_path, config_of(world.state or {}))
    lab.run()
    lab.config = config_of(world.config or {})
    lab.cloud.problems = {QUEUE: tuple(Problem(item.refused) for item in world.obstacles.values())}
    for name, answer in (world.cloud or {}).items():
        key = (QUEUE, (world.state or {})[name]["QueueName"])
        if isinstance(answer, CloudError):
            lab.cloud.fail[f"read {key[1]}"] = answer
        elif answer is None:
            del lab.cloud.things[key]
        else:
            lab.cloud.things[key] = replace(lab.cloud.things[key], properties=dict(answer))
    return lab


def config_of(resources: dict[str, dict[str, Any]]) -> Config:
    return Config({"orders": {name: (QUEUE, dict(values)) for name, values in resources.items()}})


def text_of(plan: Plan) -> str:
    lines = [line for step in ordered(plan) for line in (step_line(step, 20), *change_lines(step, 400))]
    return "\n".join((*lines, *unread_lines(plan), *plan.warnings))


@pytest.mark.parametrize("world", [world for world in MOVED if known(world)], ids=lambda world: world.name)
@pytest.mark.parametrize("operation", PLANNED)
def test_a_plan_says_of_the_cloud_what_it_answered_and_nothing_else(
    tmp_path: Path, operation: Operation, world: World
) -> None:
    lab = moved(tmp_path, world)
    plan = lab.plan(operation)
    for step in plan.steps():
        name = step.logical_id
        answer = (world.cloud or {}).get(name, (world.state or {}).get(name))
        for change in (*step.changes, *step.kept):
            key = str(change.path[0])
            if change.cloud is UNREAD or name not in (world.state or {}):
                continue
            assert not isinstance(answer, CloudError), f"{name} could not be read: {text_of(plan)}"
            assert answer is not None, f"{name} is missing: {text_of(plan)}"
            assert change.cloud == answer.get(key, ABSENT), text_of(plan)
        writes = operation is Operation.DEPLOY and step.action is not Action.REFUSE
        if isinstance(answer, CloudError) and step.changes and writes:
            assert step.unread or change_of(plan, name), text_of(plan)
    said = text_of(plan)
    if re.search("missing|no longer in the cloud|gone(?! from config)", said):
        assert world.missing, said
    if "cannot be read" in said or "could not read" in said or "was not read" in said:
        assert any(isinstance(answer, CloudError) for answer in (world.cloud or {}).values()), said
    if "drifted" in said:
        assert any(map(world.drifted, world.read)), said


@pytest.mark.parametrize("world", [world for world in MOVED if known(world)], ids=lambda world: world.name)
def test_status_says_that_deploy_refuses_what_its_plan_refuses(tmp_path: Path, world: World) -> None:
    lab = moved(tmp_path, world)
    said = {diff.logical_id: diff.refused for diff in lab.survey().values() if diff.refused}
    assert said == {step.logical_id: step.reason for step in lab.plan().refused}
    assert set(said) == world.refused


def change_of(plan: Plan, name: str) -> bool:
    """Tell whether a plan warns by name that a resource was left out."""
    return any(name in warning for warning in plan.warnings)


@pytest.mark.parametrize("world", [world for world in MOVED if known(world)], ids=lambda world: world.name)
def test_what_a_deploy_would_write_over_is_in_the_text_of_its_plan(tmp_path: Path, world: World) -> None:
    """(case `plan-hides-cloud-value`)"""
    lab = moved(tmp_path, world)
    plan = lab.plan()
    text = Process(lab.cockpit)("deploy", "--dry-run").out  # type: ignore[arg-type]
    for step in plan.steps():
        for change in step.changes:
            if change.cloud not in (UNREAD, change.before, change.after) and change.cloud is not ABSENT:
                assert re.search(rf"{change.path[0]}: .*the cloud has {change.cloud}", text), text
        if any(change.cloud is UNREAD for change in step.changes) and step.unread:
            assert "not read" in text, text
