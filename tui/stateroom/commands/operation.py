"""The one way an operation goes: plan, show, ask, run, report. Every command that changes something takes it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from stateroom.commands.context import Invocation
from stateroom.commands.failures import FAILED, leave
from stateroom.commands.interruptible import watched
from stateroom.commands.plan_files import read_plan, rewrite_plan
from stateroom.commands.progress import ProgressLines
from stateroom.commands.prompts import confirm_plan
from stateroom.commands.proposal import planned, show
from stateroom.commands.termination import STOPPED
from stateroom.commands.trust_question import with_trust
from stateroom.engine.operate import execute_plan
from stateroom.engine.requests import Cockpit, Control, Emit, Outcome, Request
from stateroom.errors import OutputError
from stateroom.model.plan import Operation, Plan
from stateroom.model.values import Unresolved
from stateroom.presentation.endpoints import endpoint_lines, endpoints_json
from stateroom.presentation.saved_plans.comparison import refuse_moved
from stateroom.presentation.saved_plans.document import executed
from stateroom.presentation.text import plain
from stateroom.presentation.values import full, json_value

KEEP_HISTORY = "remove: leave past versions, records and packages in the home, for a rollback"


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
    cockpit = context.open()
    plan = with_trust(context, cockpit, lambda: planned(context, cockpit, request))
    code = finish(context, cockpit, plan)
    while code == 0 and plan.deferred and not context.options.dry_run:
        context.console.say()
        plan = planned(context, cockpit, replace(request, services=tuple(item.service for item in plan.deferred)))
        code = finish(context, cockpit, plan)
    return code


def operate_saved(context: Invocation, file: Path) -> int:
    """Run a saved plan: plan its request again, and go on only where that gives the same plan. Returns the exit code.

    Raises:
        PlanError: the file is no plan that may run, or what it was made for has moved.
        StateroomError: it cannot be planned or run, or nobody can be asked.
    """
    saved = read_plan(file)
    cockpit = context.open()
    plan = with_trust(context, cockpit, lambda: planned(context, cockpit, saved.request))
    refuse_moved(saved, plan, cockpit.info(), str(file))

    def mark() -> None:
        rewrite_plan(file, executed(saved, context.host.now().isoformat(timespec="seconds")))

    code = finish(context, cockpit, plan, mark)
    if code == 0 and plan.deferred:
        names = ", ".join(item.service for item in plan.deferred)
        context.console.complain(f"{names}: not in the saved plan, because what they need was not known: plan again")
        return FAILED
    return code


def finish(context: Invocation, cockpit: Cockpit, plan: Plan, ran: Callable[[], None] = lambda: None) -> int:
    """Show a plan, ask, run it and say how it went; `ran` is called when it has run. Returns the exit code.

    Raises:
        ReadOnlyError: nothing may be changed; the plan has been shown.
        StateroomError: it cannot be run, or nobody can be asked.
    """
    show(context, cockpit, plan)
    if plan.empty:
        return _finish(context, plan, Outcome(errors=plan.unresolved))
    if context.options.dry_run:
        return FAILED if plan.unresolved or plan.waiting else 0
    context.refuse_read_only(cockpit)
    if not confirm_plan(context, plan):
        context.console.say("Nothing was changed.")
        return FAILED
    return _run(context, cockpit, plan, ran)


def _run(context: Invocation, cockpit: Cockpit, plan: Plan, ran: Callable[[], None]) -> int:
    options = context.options

    def work(emit: Emit, control: Control) -> Outcome:
        undo = getattr(options, "on_failure", "stop") == "undo"
        return execute_plan(cockpit, plan, emit, control, undo_on_failure=undo, wait_for_lock=options.wait_for_lock)

    return carry_out(context, plan, work, ran)


def carry_out(
    context: Invocation,
    plan: Plan,
    work: Callable[[Emit, Control], Outcome],
    ran: Callable[[], None] = lambda: None,
) -> int:
    """Run what a plan says, with progress and Ctrl-C, and say how it went; `ran` is called when it has run."""
    control = Control()
    progress = ProgressLines(context.console)

    def interrupted(times: int) -> None:
        control.stop()
        if times == 1:
            context.console.complain("stopping: what runs is finished, nothing new starts; again to stop at once")
        else:
            context.console.complain("stopping at once: what was running stays in the journal for the next run")

    try:
        outcome = watched(lambda: work(progress.emit, control), interrupted=interrupted, tick=progress.tick)
    finally:
        progress.close()
    ran()
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
                if isinstance(value, Unresolved):
                    continue  # it is among the errors
                context.console.say(f"{plain(service)}.{plain(name)}: {full(value)}")
        for service, endpoints in outcome.endpoints.items():
            context.console.say(plain(service))
            for line in endpoint_lines(endpoints):
                context.console.say(f"  {line}")
    if not outcome.ok:
        context.console.complain(_ending(plan, outcome))
    return code


def _ending(plan: Plan, outcome: Outcome) -> str:
    """Say how an operation ended that is not all done: `deploy failed: 3 done, 1 failed, 0 skipped; …`."""
    numbers = f"{outcome.done} done, {outcome.failed} failed, {outcome.skipped} skipped"
    values = [value for outputs in outcome.outputs.values() for value in outputs.values()]
    unresolved = sum(isinstance(value, Unresolved) for value in values) or len(plan.unresolved)
    only_outputs = not (outcome.failed or outcome.skipped or outcome.stopped)
    if unresolved and len(outcome.errors) == unresolved and only_outputs:
        several = "outputs" if unresolved > 1 else "output"
        return f"{plan.operation.value} is done but for {unresolved} {several}: {numbers}"
    return f"{plan.operation.value} {_how(outcome)}: {numbers}; {_way_on(outcome)}"


def _way_on(outcome: Outcome) -> str:
    """Say what to do next: run it again, where that alone may help, or put something right first."""
    if outcome.stopped or not (outcome.lasting or outcome.held):
        return "run it again to finish"
    named = "what the rest waits for" if outcome.left_alone else "what failed"
    return f"put right {named}, as said above, then run it again: what is done stays done"


def _how(outcome: Outcome) -> str:
    """Say how it went: what was only left alone did not fail."""
    if outcome.stopped:
        return "was stopped"
    return "is not complete" if outcome.left_alone else "failed"


def result_json(plan: Plan, outcome: Outcome, code: int) -> dict[str, Any]:
    """Build the last line of an operation's JSON.

    Keys: event (`result`), operation, stage, ok, exit_code, done, failed, skipped, stopped, errors (each with address
    and lines), outputs (service to name to value), endpoints (service to a list, as in outputs_json).
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
        "endpoints": {name: endpoints_json(found) for name, found in outcome.endpoints.items()},
    }
