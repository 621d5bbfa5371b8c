"""Plans in words: what would be done, destructive steps first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from stateroom.model.plan import Action, Change, Plan, Step
from stateroom.model.values import ABSENT
from stateroom.presentation.text import cells, pad, plain
from stateroom.presentation.values import json_value, pair, short, type_name

# Destructive first: what cannot be taken back must be read before the eye tires.
_ORDER = {
    Action.REFUSE: 0,
    Action.PENDING: 0,
    Action.DELETE: 1,
    Action.REPLACE: 2,
    Action.UPDATE: 3,
    Action.CREATE: 4,
    Action.ADOPT: 5,
    Action.FORGET: 6,
    Action.RECORD: 7,
}
_SUMMARY = (
    (Action.CREATE, "to create"),
    (Action.UPDATE, "to update"),
    (Action.REPLACE, "to replace"),
    (Action.DELETE, "to delete"),
    (Action.ADOPT, "to adopt"),
    (Action.FORGET, "to drop from state"),
    (Action.RECORD, "to record in state"),
    (Action.REFUSE, "refused"),
    (Action.PENDING, "pending: left alone"),
)


def address(step: Step) -> str:
    """`orders/OrdersQueue`."""
    return plain(f"{step.service}/{step.logical_id}")


def ordered(plan: Plan) -> tuple[Step, ...]:
    """Sort steps for reading: deletions, replacements, updates, then the rest; plan order within each."""
    return tuple(sorted(plan.steps(), key=lambda step: _ORDER[step.action]))


def step_line(step: Step, name_width: int = 0) -> str:
    """`± replace  orders/OrdersQueue  SQS Queue  (reason)`; names are filled up to `name_width` cells."""
    name, why = address(step), reason(step)
    note = f"  ({why})" if why else ""
    shown = pad(name, max(name_width, cells(name)))
    return f"{step.action.glyph} {step.action.value:<7}  {shown}  {type_name(step.type)}{note}"


def reason(step: Step) -> str:
    """Why the step is there, and what else happens with it; may be empty."""
    notes = [plain(step.reason)] if step.reason else []
    if step.action is Action.REPLACE and step.delete_first:
        notes.append("the old one is deleted first")
    if step.deleted_with:
        notes.append(f"goes with {plain(step.deleted_with.split('#')[0])}")
    return "; ".join(notes)


def change_lines(step: Step, width: int = 100) -> tuple[str, ...]:
    """One line for each attribute that changes: `MemorySize: 128 → 256`, `QueueName: a → b  (forces replacement)`."""
    return tuple(change_line(change, width) for change in step.changes)


def change_line(change: Change, width: int) -> str:
    """One changed attribute in about `width` cells: `MemorySize: 128 → 256`, `DEBUG: unset, was 1`."""
    name = plain(path_name(change.path))
    forces = "  (forces replacement)" if change.forces_replacement else ""
    room = max(width - cells(name) - len(forces) - 5, 20)
    if change.before is ABSENT:
        return f"{name}: set to {short(change.after, room - 7)}{forces}"
    if change.after is ABSENT:
        return f"{name}: unset, was {short(change.before, room - 11)}{forces}"
    before, after = pair(change.before, change.after, room // 2)
    return f"{name}: {before} → {after}{forces}"


def path_name(path: tuple[str | int, ...]) -> str:
    """`Environment.Variables.URL`, `Policies[0].PolicyName`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else part)
    return text


def bootstrap_lines(plan: Plan) -> tuple[str, ...]:
    """One line for each part of the home that is made first: `+ make     bucket NAME in REGION, with versioning`."""
    return tuple(
        f"+ make     {part.kind} {plain(part.name)} in {part.region}{', with versioning' if part.versioned else ''}"
        f"  (the home's {part.role})"
        for part in plan.bootstrap
    )


def counts(plan: Plan) -> Counter[Action]:
    """Count steps by action, where the deletion of a replaced resource's old copy is part of the replacement."""
    replaced = {f"{step.id}#delete" for step in plan.steps() if step.action is Action.REPLACE}
    return Counter(step.action for step in plan.steps() if step.id not in replaced)


def summary(plan: Plan) -> str:
    """`3 to create, 1 to update, 1 to replace; 12 unchanged`, or `nothing to do; 13 unchanged`."""
    count = counts(plan)
    parts = [f"{count[action]} {words}" for action, words in _SUMMARY if count[action]]
    if outputs := [item.service for item in plan.services if item.outputs_change and not item.steps]:
        parts.append(f"outputs of {', '.join(outputs)} to record")
    if settled := [item.service for item in plan.services if item.settles and not item.steps]:
        parts.append(f"what became of interrupted steps of {', '.join(settled)} to record")
    text = ", ".join(parts) or "nothing to do"
    rest = [
        f"{number} {word}"
        for number, word in (
            (sum(service.unchanged for service in plan.services), "unchanged"),
            (sum(service.skipped for service in plan.services), "left out by --target"),
        )
        if number
    ]
    return f"{text}; {', '.join(rest)}" if rest else text


def on_stage(stage: str) -> str:
    """`stage dev`, or `stages dev, prod`."""
    return f"stages {stage}" if "," in stage else f"stage {stage}"


def plan_json(plan: Plan) -> dict[str, Any]:
    """Convert a plan to the JSON of `--json`.

    Keys: operation, stage (`dev`, or `dev, prod`), destroys, writes_cloud, summary (action to count), warnings,
    bootstrap (what is made of the home first: each with role, kind, name, region and versioned),
    services: each with service, stage, waits_for, unchanged, skipped, outputs_change, note and steps: each with id,
    address, logical_id, type, action, reason, physical_id, waits_for, delete_first, deleted_with, changes: each with
    path, name, forces_replacement and, where the attribute exists, before and after.
    """
    return {
        "operation": plan.operation.value,
        "stage": plan.stage,
        "destroys": plan.destroys,
        "writes_cloud": plan.writes_cloud,
        "summary": {action.value: number for action, number in counts(plan).items()},
        "warnings": list(plan.warnings),
        "bootstrap": [
            {name: getattr(part, name) for name in ("role", "kind", "name", "region", "versioned")}
            for part in plan.bootstrap
        ],
        "services": [
            {
                "service": service.service,
                "stage": service.stage,
                "waits_for": list(service.waits_for),
                "unchanged": service.unchanged,
                "skipped": service.skipped,
                "outputs_change": service.outputs_change,
                "note": service.note,
                "steps": [_step_json(step) for step in service.steps],
            }
            for service in plan.services
        ],
    }


def _step_json(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "address": f"{step.service}/{step.logical_id}",
        "logical_id": step.logical_id,
        "type": step.type,
        "action": step.action.value,
        "reason": step.reason,
        "physical_id": step.physical_id,
        "waits_for": list(step.waits_for),
        "delete_first": step.delete_first,
        "deleted_with": step.deleted_with,
        "changes": [_change_json(change) for change in step.changes],
    }


def _change_json(change: Change) -> Mapping[str, Any]:
    sides = {"before": change.before, "after": change.after}
    return {
        "path": list(change.path),
        "name": path_name(change.path),
        "forces_replacement": change.forces_replacement,
        **{side: json_value(value) for side, value in sides.items() if value is not ABSENT},
    }
