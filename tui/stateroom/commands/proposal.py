"""Plan a request and show the plan: what `plan` does, and how every operation begins."""

from __future__ import annotations

import threading

from stateroom.commands.context import Invocation
from stateroom.commands.interruptible import watched
from stateroom.commands.plan_text import show_plan
from stateroom.commands.progress import ProgressLines
from stateroom.commands.read_waits import waits_told
from stateroom.engine.operate import plan_request
from stateroom.engine.planning.ownership.refusal import refusal_of
from stateroom.engine.requests import Cockpit, Request
from stateroom.errors import UsageError
from stateroom.model.plan import Plan
from stateroom.presentation.empty_plans import nothing
from stateroom.presentation.plans import plan_json
from stateroom.presentation.text import plain


def planned(context: Invocation, cockpit: Cockpit, request: Request) -> Plan:
    """Say where this is, and plan the request; Ctrl-C ends it at once, because planning changes nothing.

    Raises:
        UsageError: --offline was given: a plan asks the cloud.
        StateroomError: it cannot be planned.
    """
    if context.options.offline:
        raise UsageError(
            f"{request.operation.value} asks the cloud",
            why="--offline was given",
            todo="leave it out; stateroom diff --offline compares config with state",
        )
    _say_where(context, cockpit)
    cancelled = threading.Event()

    def interrupted(_times: int) -> None:
        cancelled.set()
        raise KeyboardInterrupt

    emit = ProgressLines(context.console).emit
    with waits_told(context.console) as tick:
        return watched(
            lambda: plan_request(cockpit, request, emit, cancelled.is_set), interrupted=interrupted, tick=tick
        )


def show(context: Invocation, cockpit: Cockpit, plan: Plan) -> None:
    """Show a plan, or why it is empty.

    Raises:
        PlanError: some of it belongs to somebody else, so that it can be read and not run.
    """
    console = context.console
    for warning in plan.warnings:
        console.complain(f"warning: {plain(warning)}")
    if console.as_json:
        console.json_line({"event": "planned", "plan": plan_json(plan)})
    if plan.empty:
        console.say(nothing(plan))
        return
    show_plan(context, plan, cockpit.info().home)
    if plan.refused:
        raise refusal_of(plan)


def _say_where(context: Invocation, cockpit: Cockpit) -> None:
    info = cockpit.info()
    where = " · ".join(part for part in (info.project, info.stage, info.region, info.account) if part)
    context.console.say(context.console.paint(where, "bold"))
