"""Plans as JSON: for `--json`, and for the file that a plan is saved in. Secrets are masked."""

from __future__ import annotations

from typing import Any

from stateroom.model.data_loss import lost_data
from stateroom.model.diff import path_name
from stateroom.model.plan import Action, Change, Plan, ServicePlan, Step
from stateroom.model.problems.problem import Problem
from stateroom.model.values import ABSENT, UNREAD
from stateroom.presentation.values import json_value

_HAS_PROPERTIES = (Action.CREATE, Action.REPLACE, Action.UPDATE, Action.ADOPT, Action.REFUSE)


def services_json(plan: Plan) -> list[dict[str, Any]]:
    """Convert the services of a plan, each with its steps."""
    return [
        {
            "service": service.service,
            "stage": service.stage,
            "account": service.account,
            "region": service.region,
            "waits_for": list(service.waits_for),
            "unchanged": service.unchanged,
            "skipped": service.skipped,
            "outputs_change": service.outputs_change,
            "settles": service.settles,
            "note": service.note,
            "clears": _past_json(service),
            "steps": [step_json(step) for step in service.steps],
        }
        for service in plan.services
    ]


def _past_json(service: ServicePlan) -> dict[str, Any] | None:
    """Convert what a remove clears of the home: versions, records, kept (by the bucket; null: not known)."""
    past = service.past
    return {"versions": past.versions, "records": past.records, "kept": past.kept} if past else None


def bootstrap_json(plan: Plan) -> list[dict[str, Any]]:
    """Convert what is made of the home first."""
    names = ("role", "kind", "name", "region", "versioned")
    return [{name: getattr(part, name) for name in names} for part in plan.bootstrap]


def step_json(step: Step) -> dict[str, Any]:
    """Convert one step."""
    document: dict[str, Any] = {
        "id": step.id,
        "address": f"{step.service}/{step.logical_id}",
        "logical_id": step.logical_id,
        "type": step.type,
        "action": step.action.value,
        "reason": step.reason,
        "problems": [problem_json(problem) for problem in step.problems],
        "physical_id": step.physical_id,
        "waits_for": list(step.waits_for),
        "delete_first": step.delete_first,
        "deleted_with": step.deleted_with,
        "data_lost": lost_data(step),
        "changes": [change_json(change) for change in step.changes],
        "kept": [change_json(change) for change in step.kept],
        "cloud_unread": step.unread,
    }
    if step.inputs is not None and step.action in _HAS_PROPERTIES:
        document["properties"] = json_value(step.inputs)
    if step.previous is not None and step.action is Action.DELETE:
        document["recorded"] = json_value(step.previous)
    return document


def problem_json(problem: Problem) -> dict[str, Any]:
    """Convert what is wrong with a refused step in the config."""
    where = problem.where
    return {
        "what": problem.what,
        "todo": problem.todo,
        "path": list(problem.path),
        "file": str(where.file) if where else "",
        "line": where.line if where else 0,
    }


def change_json(change: Change) -> dict[str, Any]:
    """Convert one changed attribute; a side without it has no key, and neither has a cloud that was not read."""
    sides = {"before": change.before, "after": change.after, "cloud": change.cloud}
    return {
        "path": list(change.path),
        "name": path_name(change.path),
        "forces_replacement": change.forces_replacement,
        "undeclared": change.undeclared,
        "danger": change.danger,
        "cloud_read": change.cloud is not UNREAD,
        **{side: json_value(value) for side, value in sides.items() if value is not ABSENT and value is not UNREAD},
    }
