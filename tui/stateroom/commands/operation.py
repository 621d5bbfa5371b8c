"""The one way an operation goes: plan, show, ask, run, report. Every command that changes something takes it."""

from __future__ import annotations

import argparse
import threading
from typing import Any

from stateroom.commands.context import Invocation
from stateroom.commands.failures import FAILED, leave
from stateroom.commands.interruptible import watched
from stateroom.commands.progress import ProgressLines
from stateroom.commands.prompts import confirm_plan, show_plan
from stateroom.commands.termination import STOPPED
from stateroom.engine.operate import execute_plan, plan_request
from stateroom.engine.planning.ownership.refusal import refusal_of
from stateroom.engine.requests import Cockpit, Control, Outcome, Request
from stateroom.errors import OutputError, UsageError
from stateroom.model.plan import Operation, Plan
from stateroom.presentation.plans import nothing, plan_json
from stateroom.presentation.text import plain
from stateroom.presentation.values import full, json_value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of every operation."""
    parser.add_argument("--dry-run", action="store_true", help="show the plan and stop")
    parser.add_argument(
        "--wait-for-lock", metavar="SECONDS", type=_seconds, default=0.0, help="wait this long for a lock to be free"
    )


def add_deployer_argument(parser: argparse.ArgumentParser) -> None:
    """Add the choice of the deployer, for the operations that may make a service for the first time."""
    parser.add_argument(
        "--deployer",
        choices=("direct",),
        default="",
        help="direct: deploy by API calls although the service has a CloudFormation stack, or that is not known",
    )


def add_failure_arguments(parser: argparse.ArgumentParser) -> None:
    """How many services at once, and what to do when a step fails; for the operations that write to the cloud."""
    parser.add_argument(
        "--max-concurrency", metavar="N", type=_count, default=0, help="at most so many services at once (default: all)"
    )
    parser.add_argument(
        "--on-failure",
        choices=("stop", "undo"),
        default="stop",
        help="stop: keep what succeeded (default); undo: take back what this run did",
    )


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise ValueError
    return seconds


def operate(context: Invocation, request: Request) -> int:
    """Plan the request, show the plan, ask, carry it out and say how it went. Returns the exit code.

    Raises:
        StateroomError: it cannot be planned or run, or nobody can be asked.
    """
    options = context.options
    if options.offline:
        name = request.operation.value
        raise UsageError(
            f"{name} asks the cloud",
            why="--offline was given",
            todo="leave it out; stateroom diff --offline compares config with state",
        )
    cockpit = context.open() if options.dry_run else context.open_for_writing()
    _say_where(context, cockpit)
    plan = _planned(context, cockpit, request)
    for warning in plan.warnings:
        context.console.complain(f"warning: {plain(warning)}")
    if context.console.as_json:
        context.console.json_line({"event": "planned", "plan": plan_json(plan)})
    if plan.empty:
        context.console.say(nothing(plan))
        return _finish(context, plan, Outcome())
    show_plan(context, plan)
    if plan.refused:
        raise refusal_of(plan)
    if options.dry_run:
        return 0
    if not confirm_plan(context, plan):
        context.console.say("Nothing was changed.")
        return FAILED
    return _run(context, cockpit, plan)


def _say_where(context: Invocation, cockpit: Cockpit) -> None:
    info = cockpit.info()
    where = " · ".join(part for part in (info.project, info.stage, info.region, info.account) if part)
    context.console.say(context.console.paint(where, "bold"))


def _planned(context: Invocation, cockpit: Cockpit, request: Request) -> Plan:
    cancelled = threading.Event()

    def interrupted(_times: int) -> None:
        # Planning changes nothing, so there is nothing to wait for.
        cancelled.set()
        raise KeyboardInterrupt

    emit = ProgressLines(context.console).emit
    return watched(lambda: plan_request(cockpit, request, emit, cancelled.is_set), interrupted=interrupted)


def _run(context: Invocation, cockpit: Cockpit, plan: Plan) -> int:
    control = Control()
    progress = ProgressLines(context.console)
    options = context.options

    def interrupted(times: int) -> None:
        control.stop()
        if times == 1:
            context.console.complain("stopping: what runs is finished, nothing new starts; again to stop at once")
        else:
            context.console.complain("stopping at once: what was running stays in the journal for the next run")

    try:
        outcome = watched(
            lambda: execute_plan(
                cockpit,
                plan,
                progress.emit,
                control,
                undo_on_failure=getattr(options, "on_failure", "stop") == "undo",
                wait_for_lock=options.wait_for_lock,
            ),
            interrupted=interrupted,
            tick=progress.tick,
        )
    finally:
        progress.close()
    if isinstance(progress.lost, OSError):
        raise progress.lost
    if progress.lost is not None:
        raise OutputError(progress.lost.what, why=progress.lost.why, todo=_ended(plan, outcome)) from progress.lost
    code = _finish(context, plan, outcome)
    return leave(context.host, code) if control.aborting else code


def _ended(plan: Plan, outcome: Outcome) -> str:
    numbers = f"{outcome.done} done, {outcome.failed} failed, {outcome.skipped} skipped"
    return f"the {plan.operation.value} went on to its end: {numbers}; `stateroom status` shows what is there"


def exit_code(outcome: Outcome) -> int:
    """0 when all is done, 130 when it was stopped, else 1."""
    if outcome.ok:
        return 0
    return STOPPED if outcome.stopped else FAILED


def _finish(context: Invocation, plan: Plan, outcome: Outcome) -> int:
    code = exit_code(outcome)
    if context.console.as_json:
        context.console.json_line(result_json(plan, outcome, code))
        return code
    for address, lines in outcome.errors:
        context.console.complain(f"{plain(address)}: {plain(lines[0]) if lines else 'failed'}")
        for line in lines[1:]:
            context.console.complain(f"  {plain(line)}")
    if plan.operation in (Operation.DEPLOY, Operation.ROLLBACK):
        for service, outputs in outcome.outputs.items():
            for name, value in outputs.items():
                context.console.say(f"{plain(service)}.{plain(name)}: {full(value)}")
    if not outcome.ok:
        ending = "was stopped" if outcome.stopped else "failed"
        numbers = f"{outcome.done} done, {outcome.failed} failed, {outcome.skipped} skipped"
        context.console.complain(f"{plan.operation.value} {ending}: {numbers}; run it again to finish")
    return code


def result_json(plan: Plan, outcome: Outcome, code: int) -> dict[str, Any]:
    """Build the last line of an operation's JSON.

    Keys: event (`result`), operation, stage, ok, exit_code, done, failed, skipped, stopped, errors (each with address
    and lines), outputs (service to name to value).
    """
    return {
        "event": "result",
        "operation": plan.operation.value,
        "stage": plan.stage,
        "ok": outcome.ok,
        "exit_code": code,
        "done": outcome.done,
        "failed": outcome.failed,
        "skipped": outcome.skipped,
        "stopped": outcome.stopped,
        "errors": [{"address": address, "lines": list(lines)} for address, lines in outcome.errors],
        "outputs": json_value(outcome.outputs),
    }
