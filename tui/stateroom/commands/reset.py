"""Take a home's bootstrap down and set it up again, without losing what is in it.

Shows whose states are in it, saves every version of everything to a local directory, asks for the account's number,
moves all of it to new buckets and lets new pointers name those, a step at a time. A reset that was cut off is continued
by the next one. `--only missing` puts back what someone deleted and touches nothing else.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stateroom.commands.bootstrap import opened, show, status_json
from stateroom.commands.context import Invocation
from stateroom.commands.failures import FAILED
from stateroom.commands.interruptible import watched
from stateroom.commands.termination import about_to_write
from stateroom.errors import PlanError, ReadOnlyError, StateError
from stateroom.presentation.homes import no_way_back

if TYPE_CHECKING:
    from stateroom.engine.reset.inventory import Inventory
    from stateroom.engine.reset.runner import Reset
    from stateroom.engine.reset.steps import ResetProgress
    from stateroom.state.homes.bootstrap import Bootstrap


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of reset."""
    parser.add_argument("--only", choices=("missing",), help="put back what is gone, touch nothing else")
    parser.add_argument(
        "--bucket", action="append", metavar="NAME", help="the one to go on with, where several come into question"
    )
    parser.add_argument("--backup", metavar="DIR", help="where everything is saved, or was saved by an earlier reset")
    parser.add_argument("--dry-run", action="store_true", help="show what is there and every step; change nothing")


def run(context: Invocation) -> int:
    """Reset or repair a bootstrap; returns the exit code."""
    premises = opened(context)
    if premises.bootstrap is None:
        raise PlanError(f"the {premises.home.name} home is not reset", why=premises.why, todo=premises.todo)
    if context.options.read_only and not context.options.dry_run:
        raise ReadOnlyError("nothing was changed", why="--read-only was given", todo="--dry-run shows what is there")
    return (_repair if context.options.only else _reset)(context, premises.bootstrap)


def _repair(context: Invocation, bootstrap: Bootstrap) -> int:
    from stateroom.engine.reset.bootstrap import look, repair
    from stateroom.engine.reset.factory import find_unfinished

    console, options = context.console, context.options
    unfinished = find_unfinished(bootstrap, context.host.environment)
    if unfinished and not options.backup:
        raise StateError(
            "a reset is not finished",
            why=f"what is missing is in its backup, {unfinished}",
            todo="`stateroom reset` continues it",
        )
    status = look(bootstrap)
    if not console.as_json:
        show(context, status)
    if options.dry_run or not (status.problems or options.backup):
        if status.problems:
            console.say()
        console.say("Without --dry-run, this is repaired." if status.problems else "Nothing is missing.")
        if console.as_json:
            console.document({"repaired": 0, "ok": not status.problems, "status": status_json(status)})
        return FAILED if status.problems else 0
    if not _agreed(context, "Put back what is missing? [y/N] ", ("y", "yes")):
        console.say("Nothing was changed.")
        return FAILED
    backup = Path(options.backup) if options.backup else None
    about_to_write()
    done = repair(bootstrap, console.progress, choices=options.bucket or (), backup=backup)
    left = look(bootstrap).problems
    for part in left:
        console.complain(f"{part.kind} {part.name}: {part.problem}{_way_out(part.kind, part.name)}")
    if console.as_json:
        console.document({"repaired": done, "ok": not left})
    return FAILED if left else 0


def _way_out(kind: str, name: str) -> str:
    service = name.removeprefix("passphrase/").removesuffix(".json")
    return f"; `stateroom passphrase restore --service {service}` puts it back" if kind == "passphrase" else ""


def _reset(context: Invocation, bootstrap: Bootstrap) -> int:
    from stateroom.engine.reset.factory import open_reset

    console, options = context.console, context.options
    environment, now = context.host.environment, context.host.now
    reset = open_reset(bootstrap, environment, lambda progress: _tell(context, progress), now, options.backup or "")
    inventory = reset.inventory()
    if not console.as_json:
        _show(context, inventory, reset)
    if inventory.empty:
        console.say("There is nothing to reset.")
    if inventory.empty or options.dry_run:
        if console.as_json:
            console.document(_inventory_json(inventory, reset))
        return 0
    if not reset.agreed and not options.yes and not console.terminal:
        raise _nobody_to_ask(console.as_json)
    about_to_write()
    watched(reset.back_up, interrupted=lambda _: reset.stop())
    if not reset.agreed and not _agreed(context, _question(inventory), (inventory.account,)):
        console.say(
            f"Nothing was removed. What was saved is in {reset.directory}; `stateroom reset` goes on from there."
        )
        return FAILED
    watched(lambda: reset.replace(options.bucket or ()), interrupted=lambda _: reset.stop())
    if console.as_json:
        console.json_line({"reset": True, "backup": str(reset.directory)})
    console.say(f"Done. The backup stays in {reset.directory}; it may be deleted when all is well.")
    return 0


def _tell(context: Invocation, progress: ResetProgress) -> None:
    """One line for a step that begins and for each thing that is done; the last line counts."""
    from stateroom.engine.reset.steps import Phase

    console, stage = context.console, progress.stage
    if console.as_json:
        if progress.text or not progress.total:
            console.json_line(_progress_json(progress))
    elif progress.total:
        console.live(f"{stage}: {progress.done:,} of {progress.total:,}")
    elif progress.text:
        console.live("")
        console.progress(f"  {progress.text}")
    elif stage.phase is Phase.RUNNING:
        console.progress(f"{stage}: {stage.step.explanation}")
    else:
        console.live("")


def _show(context: Invocation, inventory: Inventory, reset: Reset) -> None:
    from stateroom.engine.reset.bootstrap import Status
    from stateroom.engine.reset.steps import Phase

    console = context.console
    show(context, Status(inventory.name, inventory.account, inventory.parts, inventory.tenants))
    console.say()
    for bucket, versions, size in inventory.sizes:
        console.say(f"{bucket}: {versions} versions, {size:,} bytes")
    for remark in inventory.remarks:
        console.say(f"note: {remark}")
    console.say()
    if inventory.resumed:
        console.say(f"An unfinished reset of {inventory.begun[:16].replace('T', ' ')} UTC is continued.")
    console.say(f"Everything is saved to {inventory.directory}, and the steps are:")
    for stage in reset.stages():
        done = "  (done)" if stage.phase is Phase.DONE else "  (deletes)" * stage.step.irreversible
        console.say(f"  {stage}: {stage.step.explanation}{done}")
    console.say()


def _question(inventory: Inventory) -> str:
    typed = f"Type the account's number ({inventory.account}) to go on: "
    return "\n".join((*no_way_back(inventory), typed))


def _agreed(context: Invocation, question: str, answers: tuple[str, ...]) -> bool:
    if context.options.yes:
        return True
    if not context.console.terminal:
        raise _nobody_to_ask(context.console.as_json)
    return context.console.ask(question).lower() in answers


def _nobody_to_ask(as_json: bool) -> PlanError:
    return PlanError(
        "nothing was changed",
        why="--json asks no questions" if as_json else "there is no terminal to ask on",
        todo="run it again with --yes; stateroom reset --dry-run shows what is there",
    )


def _inventory_json(inventory: Inventory, reset: Reset) -> dict[str, Any]:
    """Build the JSON: the status, and `{sizes: {bucket: {versions, bytes}}, backup, begun, remarks, steps: […]}`."""
    from stateroom.engine.reset.bootstrap import Status

    status = Status(inventory.name, inventory.account, inventory.parts, inventory.tenants)
    return status_json(status) | {
        "sizes": {bucket: {"versions": versions, "bytes": size} for bucket, versions, size in inventory.sizes},
        "backup": str(inventory.directory),
        "begun": inventory.begun or None,
        "remarks": list(inventory.remarks),
        "steps": [
            {
                "step": stage.step.value,
                "number": stage.number,
                "title": stage.step.title,
                "explanation": stage.step.explanation,
                "deletes": stage.step.irreversible,
                "phase": stage.phase.value,
            }
            for stage in reset.stages()
        ],
    }


def _progress_json(progress: ResetProgress) -> dict[str, Any]:
    stage = progress.stage
    line = {"step": stage.step.value, "number": stage.number, "of": stage.of, "phase": stage.phase.value}
    return line | ({"text": progress.text} if progress.text else {})
