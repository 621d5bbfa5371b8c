"""Find what a deploy would refuse or leave alone of what the config wants. Asks no cloud.

The checks are those of the plan, so that a survey promises nothing that the plan then refuses. Who owns what exists
already is the one thing that only the plan asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from stateroom.cloud.provider import Provider
from stateroom.engine.planning.checks.steps import refusal_reason, step_problems
from stateroom.engine.records.pending_steps import may_not_run
from stateroom.engine.records.reference_check import reference_error
from stateroom.errors import ConfigError
from stateroom.model.plan import Action, Step
from stateroom.model.resource import Record, Template
from stateroom.model.values import first_unresolved


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Reason why a deploy does not do what the config wants of one resource; one of the two.

    Args:
        refused: what the plan finds wrong, with file and line; nothing of the plan runs.
        waits: what it is left alone for; the rest of the plan runs.
    """

    refused: str = ""
    waits: str = ""


def obstacles(
    steps: Iterable[Step],
    target: Template,
    records: Mapping[str, Record],
    provider: Provider,
    fetched: Callable[[], bool],
    unsettled: Mapping[str, str],
) -> dict[str, Obstacle]:
    """Return what keeps a deploy from its steps, by logical id.

    Args:
        steps: of the offline plan, each after what it waits for.
        target: what they lead to.
        records: live ones, by logical id.
        provider: tells types and checks properties.
        fetched: tells whether Lambda can fetch large packages from the home.
        unsettled: logical id → what is not known about it: "its create is pending".
    """
    planned = tuple(steps)
    found = {name: Obstacle(waits=text) for name, text in _waiting(planned, unsettled)}
    problems = step_problems(planned, target, provider, fetched)
    for step in planned:
        resource = target.resources.get(step.logical_id)
        if resource is None or step.logical_id in unsettled:
            continue
        fatal = [item for item in problems.get(step.id, ()) if item.fatal]
        error = reference_error(resource, target, records, provider)
        reasons = [*([refusal_reason(fatal)] if fatal else []), *([_line(error)] if error else [])]
        if reasons:
            found[step.logical_id] = Obstacle(refused="; ".join(reasons))
    return found


def _waiting(steps: Iterable[Step], unsettled: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (logical id, reason) of the steps that wait for one that cannot be taken as things are."""
    roots: dict[str, tuple[str, str]] = {}  # step id → (logical id, what is not known about it)
    for step in steps:
        if step.logical_id in unsettled and (may_not_run(step) or step.action is Action.PENDING):
            roots[step.id] = step.logical_id, unsettled[step.logical_id]
        elif step.action is Action.PENDING and first_unresolved(step.inputs):
            roots[step.id] = step.logical_id, "not all of it is known"
        elif root := next((roots[name] for name in step.waits_for if name in roots), None):
            roots[step.id] = root
            yield step.logical_id, f"waits for {root[0]}: {root[1]}"


def _line(error: ConfigError) -> str:
    place = f"{error.where.file.name}:{error.where.line}: " if error.where else ""
    return "; ".join(part for part in (f"{place}{error.what}", error.todo) if part)
