"""Undo a failed run, the saga backwards: plan from what is to what was."""

from __future__ import annotations

from dataclasses import dataclass, replace

from stateroom.engine.execution.base_state import BaseState
from stateroom.engine.planning.planner import Surroundings, plan_service
from stateroom.engine.records.snapshot_target import snapshot_target
from stateroom.model.plan import Step
from stateroom.model.resource import Snapshot, Template


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """The way back: what to lead to, the steps there, and the state that they start from."""

    target: Template
    steps: tuple[Step, ...]
    base: BaseState


def plan_undo(before: BaseState, now: BaseState, service: str, surroundings: Surroundings) -> UndoPlan:
    """Plan the way from the state of now back to the one of before."""
    revived = BaseState(revive_old_copies(now.snapshot), now.etag)
    target = snapshot_target(before.snapshot, service)
    steps = plan_service(target, revived.snapshot.records, surroundings).plan.steps
    return UndoPlan(target, steps, revived)


def revive_old_copies(snapshot: Snapshot) -> Snapshot:
    """Make old copies of replacements live again, and their replacements what is yet to be deleted."""
    old = {record.logical_id for record in snapshot.records if record.condemned}
    records = tuple(
        replace(record, condemned=not record.condemned) if record.logical_id in old else record
        for record in snapshot.records
    )
    return replace(snapshot, records=records)
