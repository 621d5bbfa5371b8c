"""Confirm a change; fail without a terminal unless --yes is given.

The answer is No unless someone says yes. Where something is destroyed, the stage's name has to be typed; of several
stages, all of them. Where data would be lost, what it is lost with has to be named as well.
"""

from __future__ import annotations

from stateroom.commands.context import Invocation
from stateroom.commands.termination import about_to_write
from stateroom.errors import PlanError
from stateroom.model.data_loss import data_losses, losses_to_name, names_to_type, not_named
from stateroom.model.plan import Plan, Step
from stateroom.presentation.plans import loss_line, summary


def confirm_plan(context: Invocation, plan: Plan) -> bool:
    """Confirm that a plan may run: by --yes, or a person's answers on the terminal.

    Raises:
        PlanError: nobody can be asked (no terminal, or --json), and --yes was not given.
    """
    about_to_write()
    name = plan.operation.value
    if context.options.yes:
        if data_losses(plan):
            context.console.say(loss_line(data_losses(plan)))
        return True
    losses = losses_to_name(plan)
    if not context.console.terminal:
        why = "--json asks no questions" if context.console.as_json else "there is no terminal to ask on"
        raise PlanError(
            f"{name} was planned but not run: {summary(plan)}",
            why=why,
            todo=f"run it again with --yes; stateroom {name} --dry-run shows the plan",
        )
    if plan.destroys:
        if not losses and data_losses(plan):
            context.console.say(loss_line(data_losses(plan)))
        whose = "stage's name" if len(plan.stages) == 1 else "stages' names"
        answer = context.console.ask(f"This destroys resources. Type the {whose} ({plan.stage}) to {name}: ")
        return plan.names_stage(answer) and _agreed_to_lose(context, losses)
    return context.console.ask(f"{name.capitalize()}? [y/N] ").lower() in ("y", "yes")


def _agreed_to_lose(context: Invocation, losses: tuple[Step, ...]) -> bool:
    """Ask for the names of the resources whose data will be lost; without any there is no question."""
    if not losses:
        return True
    answer = context.console.ask(f"{loss_line(losses)}. Type {names_to_type(losses)} to go on: ")
    return not not_named(losses, answer)


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
