"""Operations on the sample through the engine, each on a newly opened workspace, as separate commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from stateroom.engine.requests import Control, Emit, OperatingCockpit, Outcome, Request
from stateroom.model.diff import ResourceDiff
from stateroom.model.events import Event, ResourcesRead, ServiceSurveyed, ServiceUnreadable
from stateroom.model.plan import Action, Operation, Plan


class WrongError(Exception):
    """Error for a chapter with a wrong result."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Runner of plans and surveys on the sample."""

    open_cockpit: Callable[[], OperatingCockpit]
    emit: Emit = lambda _event: None

    def plan(self, operation: Operation, **request: Any) -> Plan:
        """Plan an operation."""
        return self.open_cockpit().plan(Request(operation, **request))

    def run(self, operation: Operation, **request: Any) -> tuple[Plan, Outcome]:
        """Plan an operation and execute it."""
        cockpit = self.open_cockpit()
        plan = cockpit.plan(Request(operation, **request))
        return plan, cockpit.execute(plan, self.emit, Control())

    def succeed(self, operation: Operation, **request: Any) -> Plan:
        """Plan and execute an operation that must succeed.

        Raises:
            WrongError: a step failed, or there was nothing to do.
        """
        plan, outcome = self.run(operation, **request)
        errors = "; ".join(f"{address}: {' '.join(lines)}" for address, lines in outcome.errors)
        expect(outcome.ok, f"the {operation.value} failed: {errors or outcome}")
        expect(not plan.empty, f"the {operation.value} found nothing to do")
        return plan

    def survey(self) -> dict[str, ResourceDiff]:
        """Compare every resource three ways, by address.

        Raises:
            WrongError: a service cannot be read.
        """
        latest: dict[str, ResourceDiff] = {}

        def note(event: Event) -> None:
            if isinstance(event, ServiceUnreadable):
                raise WrongError(f"{event.service} cannot be read: {' '.join(event.error)}")
            if isinstance(event, ServiceSurveyed | ResourcesRead):
                latest.update({f"{diff.service}/{diff.logical_id}": diff for diff in event.diffs})

        self.open_cockpit().survey(note)
        return latest

    def out_of_step(self) -> dict[str, str]:
        """Return the two status letters of every resource out of step, by address."""
        return {address: diff.status for address, diff in self.survey().items() if not diff.in_step}


def expect(condition: object, otherwise: str) -> None:
    """Raise WrongError with `otherwise` unless the condition holds."""
    if not condition:
        raise WrongError(otherwise)


def expect_same(what: str, found: object, wanted: object) -> None:
    """Raise WrongError unless both are equal."""
    expect(found == wanted, f"{what} is {found!r}, not {wanted!r}")


def actions(plan: Plan) -> dict[str, Action]:
    """Return a plan's actions by address, without the delete of a replaced resource's old copy."""
    result: dict[str, Action] = {}
    for step in plan.steps():
        result.setdefault(f"{step.service}/{step.logical_id}", step.action)
    return result


def names(items: Iterable[str], limit: int = 4) -> str:
    """Format a few items as text."""
    listed = sorted(items)
    return ", ".join(listed[:limit]) + (f" and {len(listed) - limit} more" if len(listed) > limit else "")
