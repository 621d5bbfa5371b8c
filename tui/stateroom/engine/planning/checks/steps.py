"""Check a plan before anything runs: types that cannot be had, properties that cannot be, packages too large."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from stateroom.cloud.provider import Provider
from stateroom.engine.planning.checks.packages import package_problems
from stateroom.engine.planning.planner import PlannedService
from stateroom.model.plan import Action, ServicePlan, Step
from stateroom.model.problems.problem import Problem
from stateroom.model.resource import Template
from stateroom.model.values import Properties, reveal

_WRITES = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE})


def check_plan(
    planned: PlannedService, target: Template, provider: Provider, fetched: Callable[[], bool] = lambda: False
) -> tuple[ServicePlan, tuple[str, ...]]:
    """Return the plan with refusals in place of the steps that could not be carried out, and warnings.

    Steps are checked in full. Of what stays as it is only unknown names are told: they never had an effect.
    `fetched`: tells whether Lambda can fetch large packages from the home.
    """
    plan = planned.plan
    problems = step_problems(plan.steps, target, provider, fetched)
    steps, warnings = [], []
    for step in plan.steps:
        found = problems.get(step.id, ())
        fatal = tuple(item for item in found if item.fatal)
        steps.append(_refused(step, fatal) if fatal else step)
        warnings += [_warning(step.logical_id, item) for item in found if not item.fatal]
    warnings += deletion_windows(plan.steps, provider)
    touched = {step.logical_id for step in plan.steps}
    for name in target.resources.keys() - touched:
        warnings += _without_effect(name, target, planned.inputs.get(name, {}), provider)
    return replace(plan, steps=tuple(steps)), tuple(dict.fromkeys(warnings))


def step_problems(
    steps: Iterable[Step], target: Template, provider: Provider, fetched: Callable[[], bool] = lambda: False
) -> dict[str, tuple[Problem, ...]]:
    """Return what is wrong with the steps that write, by step id, each problem with its file and line. Makes no call.

    `fetched`: tells whether Lambda can fetch large packages from the home.
    """
    writing = [step for step in steps if step.action in _WRITES and step.logical_id in target.resources]
    packages = package_problems(target, {step.logical_id for step in writing}, fetched)
    result = {}
    for step in writing:
        found = (*provider.check(step.type, step.inputs or {}), *packages.get(step.logical_id, ()))
        if found:
            located = (replace(item, where=target.where(step.logical_id, item.path)) for item in found)
            result[step.id] = tuple(located)
    return result


def refusal_reason(problems: Iterable[Problem]) -> str:
    """Say in one line why a step is refused: `serverless.yml:9: unknown property A; did you mean B?`."""
    return "; ".join(f"{_place(item)}{item.what}{f'; {item.todo}' if item.todo else ''}" for item in problems)


def _refused(step: Step, problems: tuple[Problem, ...]) -> Step:
    return replace(step, action=Action.REFUSE, reason=refusal_reason(problems), problems=problems)


def _warning(logical_id: str, problem: Problem) -> str:
    if not problem.path:
        return problem.what  # of the type: once for all of its resources
    return f"{_place(problem)}{logical_id}: {problem.what}; {problem.todo}"


def deletion_windows(steps: Iterable[Step], provider: Provider) -> Iterator[str]:
    """Tell of each step that deletes something for how long AWS keeps it, or that it stays for good."""
    for step in steps:
        yield from _window(step, provider)


def _window(step: Step, provider: Provider) -> Iterator[str]:
    """Tell for how long a deleted one is kept, and what that means for its name; or that it stays for good."""
    schema = provider.schema(step.type)
    if schema.outlives and step.action is Action.DELETE:
        yield f"{step.logical_id}: it is the account's, so it stays as it is, and only leaves the state"
    kept = schema.deletion_days if step.action in (Action.DELETE, Action.REPLACE) else None
    if kept:
        name, default = kept
        days = reveal((step.previous or {}).get(name)) or default
        yield f"{step.logical_id}: AWS keeps it for {days} days after the deletion, in which it can be taken back"


def _without_effect(name: str, target: Template, inputs: Properties, provider: Provider) -> Iterator[str]:
    schema = provider.schema(target.resources[name].type)
    unknown = inputs.keys() - schema.properties if schema.properties else ()
    for item in provider.check(schema.type, inputs) if unknown else ():
        if item.fatal and item.path and item.path[0] in unknown:
            located = replace(item, where=target.where(name, item.path))
            yield f"{_place(located)}{name}: {item.what} has no effect; {item.todo}"


def _place(problem: Problem) -> str:
    return f"{problem.where.file.name}:{problem.where.line}: " if problem.where else ""
