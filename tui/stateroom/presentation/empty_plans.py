"""Empty plans in words: what was compared to find that nothing is to do, and no more than that."""

from __future__ import annotations

from stateroom.model.diff import path_name
from stateroom.model.plan import CloudLook, Operation, Plan


def nothing(plan: Plan) -> str:
    """Say why an empty plan is empty: what was compared, what was not, and which command does the rest."""
    unbuilt = [item.service for item in plan.services if item.target is not None and item.target.not_built]
    if unbuilt:
        return f"Nothing to do as far as can be told: the code of {', '.join(unbuilt)} is not built, so not compared."
    text = f"Nothing to do: {_reason(plan)}."
    if left_out := sum(service.skipped for service in plan.services):
        text += f" {_count(left_out, 'step')} outside --target {_is(left_out)} left out."
    return text


def _reason(plan: Plan) -> str:
    look, of = plan.look, _targets(plan)
    if plan.attributes:
        names = ", ".join(map(path_name, plan.attributes))
        return f"no drift could be seen in {names} of {' and '.join(plan.targets)}"
    if plan.operation is Operation.DEPLOY:
        if look is None:
            return f"config and state agree{of}; the cloud was not looked at (diff does)"
        return f"config and state agree{of}, and so do the cloud's answers about {_read(look)}"
    if plan.operation in (Operation.REFRESH, Operation.ACCEPT):
        return f"the state is as the cloud answered about {_read(look)}"
    if plan.operation is Operation.HEAL:
        return f"what the state sets is so in the cloud: {_read(look)} read{_outside(look)}"
    if plan.operation is Operation.ROLLBACK:
        return f"the state is as at that version{of}; {_cloud(look)}"
    if plan.operation is Operation.REMOVE:
        return f"the state does not hold {' and '.join(plan.targets)}" if of else "the state holds no resources"
    return "no operation was interrupted"


def _targets(plan: Plan) -> str:
    """Say about which resources alone something was found."""
    return f" about {' and '.join(plan.targets)}" if plan.targets else ""


def _read(look: CloudLook | None) -> str:
    """`13 resources`, or `11 resources (2 could not be read)`."""
    if look is None:
        return "no resource"
    unread = f" ({look.unread} could not be read)" if look.unread else ""
    return f"{_count(look.read, 'resource')}{unread}"


def _outside(look: CloudLook | None) -> str:
    return f"; {look.outside} with changes outside the config" if look and look.outside else ""


def _cloud(look: CloudLook | None) -> str:
    if look is None:
        return "the cloud was not looked at (diff does)"
    if look.differing:
        return f"the cloud differs in {look.differing} of {_read(look)}: heal puts it back"
    return f"the cloud's answers about {_read(look)} agree with it{_outside(look)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"
