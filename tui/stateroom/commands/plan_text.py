"""Plans as text: the title, then every step with what it changes and makes, destructive steps first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from stateroom.commands.context import Invocation
from stateroom.model.plan import Plan, Step
from stateroom.presentation.plans import (
    bootstrap_lines,
    deferred_lines,
    on_stage,
    ordered,
    past_lines,
    step_line,
    summary,
    tag_lines,
    title,
    unread_lines,
)
from stateroom.presentation.steps.changes import change_lines
from stateroom.presentation.steps.made import MadeProperties
from stateroom.presentation.text import cells

MANY: Final = 100
"""Above so many resources to make, only what is guarded is printed of each."""
_INDENT: Final = " " * 11


def show_plan(context: Invocation, plan: Plan, home: str = "") -> None:
    """Print a plan, destructive steps first."""
    console = context.console
    console.say(console.paint(title(plan, home), "bold"))
    steps = ordered(plan)
    width = max((cells(f"{step.service}/{step.logical_id}") for step in steps), default=0)
    room = max(console.width - len(_INDENT), 40)
    made = MadeProperties(plan)
    folded = sum(step.inputs is not None for step in steps) > MANY
    for step in steps:
        line = step_line(step, width)
        console.say(console.paint(line, "danger") if step.action.destroys else line)
        for detail in _details(step, made, room, folded=folded):
            console.say(console.paint(f"{_INDENT}{detail}", "dim"))
    if folded:
        console.say("Properties of so many resources are not shown: --json has all, --target ADDRESS shows one's.")
    for line in (
        *past_lines(plan),
        *bootstrap_lines(plan),
        *unread_lines(plan),
        *tag_lines(plan),
        *deferred_lines(plan),
    ):
        console.say(line)
    for service in plan.services:
        if service.note:
            console.say(f"{service.service}: {service.note}")
    if steps:
        console.say()
    console.say(f"{plan.operation.value} of {on_stage(plan.stage)}: {summary(plan)}")


def _details(step: Step, made: MadeProperties, room: int, *, folded: bool) -> Iterator[str]:
    if step.action.destroys and step.physical_id not in ("", step.logical_id):
        yield f"is {step.physical_id}"
    yield from change_lines(step, room)
    yield from (line.within(room) for line in made.lines(step, folded=folded))
