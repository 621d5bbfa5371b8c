"""Confirm a change; fail without a terminal unless --yes is given.

The answer is No unless someone says yes. Where something is destroyed, the stage's name has to be typed; of several
stages, all of them.
"""

from __future__ import annotations

from stateroom.commands.context import Invocation
from stateroom.commands.termination import about_to_write
from stateroom.errors import PlanError
from stateroom.model.plan import Plan
from stateroom.presentation.plans import summary


def confirm_plan(context: Invocation, plan: Plan) -> bool:
    """Confirm that a plan may run: by --yes, or a person's answer on the terminal.

    Raises:
        PlanError: nobody can be asked (no terminal, or --json) and --yes was not given.
    """
    about_to_write()
    if context.options.yes:
        return True
    name = plan.operation.value
    if not context.console.terminal:
        why = "--json asks no questions" if context.console.as_json else "there is no terminal to ask on"
        raise PlanError(
            f"{name} was planned but not run: {summary(plan)}",
            why=why,
            todo=f"run it again with --yes; stateroom {name} --dry-run shows the plan",
        )
    if plan.destroys:
        whose = "stage's name" if len(plan.stages) == 1 else "stages' names"
        answer = context.console.ask(f"This destroys resources. Type the {whose} ({plan.stage}) to {name}: ")
        return plan.names_stage(answer)
    return context.console.ask(f"{name.capitalize()}? [y/N] ").lower() in ("y", "yes")


def confirm(context: Invocation, what: str, *, typed: str = "") -> bool:
    """Confirm `what`: by --yes, or an answer on the terminal; `typed` is what has to be typed out.

    Raises:
        PlanError: nobody can be asked, and --yes was not given.
    """
    about_to_write()
    if context.options.yes:
        return True
    if not context.console.terminal:
        why = "--json asks no questions" if context.console.as_json else "there is no terminal to ask on"
        raise PlanError(f"{what}: nothing was changed", why=why, todo="look at it, then run it again with --yes")
    if typed:
        return context.console.ask(f"{what}. Type {typed} to go on: ") == typed
    return context.console.ask(f"{what}. Go on? [y/N] ").lower() in ("y", "yes")
