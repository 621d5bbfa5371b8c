"""Check in a plan that the packages of past functions and layers are still in the home, and whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stateroom.errors import PlanError
from stateroom.model.plan import Action, ServicePlan, Step
from stateroom.model.resource import Record
from stateroom.model.values import Value
from stateroom.state.home import Home

_UPLOADS = (Action.CREATE, Action.UPDATE, Action.REPLACE)


def missing_packages(plan: ServicePlan, records: Mapping[str, Record], home: Home) -> dict[str, str]:
    """Return why the package of a step cannot be deployed, by logical id. Asks the home once a package.

    Args:
        plan: its steps; packages that its target has on the local disk are not asked about.
        records: by logical id; an update that keeps the package sends none.
        home: where past packages are kept.

    Raises:
        StateError: the home cannot be asked.
    """
    at_hand = set(plan.target.artifacts) if plan.target else set()
    wanted: dict[str, list[str]] = {}
    for step in plan.steps:
        for sha256 in _needed(step, records) - at_hand:
            wanted.setdefault(sha256, []).append(step.logical_id)
    problems = {sha256: home.packages.problem(sha256) for sha256 in wanted}
    return {name: problems[sha256] for sha256, names in wanted.items() if problems[sha256] for name in names}


def refuse_missing_packages(plan: ServicePlan, records: Mapping[str, Record], home: Home, version: object) -> None:
    """Raise PlanError naming the functions and layers of a version whose packages cannot be deployed again."""
    missing = missing_packages(plan, records, home)
    if missing:
        raise PlanError(
            f"{plan.service} cannot go back to version {version}: packages are not there any more",
            why="; ".join(f"{name}: {why}" for name, why in missing.items()),
            todo="deploy that version from its source; `stateroom rollback --state-only` leaves the cloud alone",
        )


def _needed(step: Step, records: Mapping[str, Record]) -> set[str]:
    if step.action not in _UPLOADS:
        return set()
    needed = set(packages_in(step.inputs))
    current = records.get(step.logical_id)
    if step.action is Action.UPDATE and current is not None:
        needed -= set(packages_in(step.previous if step.previous is not None else current.inputs))
    return needed


def packages_in(properties: Value) -> Iterator[str]:
    """Yield the hashes that properties of a function or a layer point at, which stand one level down."""
    for value in properties.values() if isinstance(properties, Mapping) else ():
        sha256 = value.get("ArtifactSha256") if isinstance(value, Mapping) else None
        if isinstance(sha256, str):
            yield sha256
