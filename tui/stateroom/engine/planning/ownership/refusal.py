"""Refuse a plan: what belongs to somebody else, what the config says wrongly. Says the ways out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stateroom.errors import PlanError
from stateroom.model.ownership import Claim
from stateroom.model.plan import Operation, Plan, Step

NEVER_ADOPTED: Final = frozenset({Claim.STACK, Claim.RENAMED})
_NAMED: Final = 5  # resources that a refusal names


def refusal_of(plan: Plan) -> PlanError:
    """Return the error that says why a plan does not run, and what to do instead."""
    wrong = [step for step in plan.refused if step.problems]
    return _of_config(plan, wrong) if wrong else _of_ownership(plan, plan.refused)


def _of_config(plan: Plan, steps: Sequence[Step]) -> PlanError:
    """Say what is wrong in the config: the first in full, the others by place."""
    found = [(step, problem) for step in steps for problem in step.problems]
    (step, first), *others = found
    more = [f"{problem.where or other.logical_id}: {problem.what}" for other, problem in others[: _NAMED - 1]]
    more += [f"and {len(others) - len(more)} more"] if len(others) > len(more) else []
    return PlanError(
        f"{plan.operation.value} was not run: {step.service}/{step.logical_id} ({step.type}): {first.what}",
        why="; ".join(more),
        todo=first.todo,
        where=first.where,
    )


def _of_ownership(plan: Plan, steps: Sequence[Step]) -> PlanError:
    names = ", ".join(f"{step.service}/{step.logical_id}" for step in steps[:_NAMED])
    names += f" and {len(steps) - _NAMED} more" if len(steps) > _NAMED else ""
    claims = {step.owner.claim for step in steps if step.owner}
    homes = sorted({step.owner.holder for step in steps if step.owner and step.owner.claim is Claim.STATE})
    ways = []
    if homes:
        ways.append("open the state that has them with --home")
    if Claim.STACK in claims:
        ways.append("go on with the tool that deployed the stack")
    if Claim.RENAMED in claims:
        ways.append("deploy once without it, so that its name is free")
    adoptable = [step for step in steps if step.owner and step.owner.claim not in NEVER_ADOPTED]
    if plan.operation is Operation.DEPLOY and adoptable:
        example = adoptable[0]
        ways.append(f"take over what is named: --adopt {example.service}/{example.logical_id}")
    ways.append("give the resource another name")
    return PlanError(
        f"{plan.operation.value} was not run: {names} {'is' if len(steps) == 1 else 'are'} not this state's",
        why="; ".join(dict.fromkeys(step.reason for step in steps)),
        todo="; or ".join(ways),
    )
