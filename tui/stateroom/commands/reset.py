"""Take a home's bootstrap down and set it up again, without losing what is in it.

Shows whose states are in it, saves every version of everything to a local directory, asks for the account's number,
moves all of it to new buckets and lets the pointers name those. A reset that was cut off is continued by the next one.
`--only missing` puts back what someone deleted and touches nothing else.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from stateroom.commands.bootstrap import nothing_to_bootstrap, opened, show
from stateroom.commands.context import Context
from stateroom.commands.failures import FAILED
from stateroom.errors import PlanError, ReadOnlyError, StateError

if TYPE_CHECKING:
    from stateroom.engine.reset import Inventory, Reset
    from stateroom.state.homes.bootstrap import Bootstrap


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of reset."""
    parser.add_argument("--only", choices=("missing",), help="put back what is gone, touch nothing else")
    parser.add_argument("--bucket", action="append", metavar="NAME", help="with --only: the one to go on with")
    parser.add_argument("--backup", metavar="DIR", help="where everything is saved, or was saved by an earlier reset")
    parser.add_argument("--dry-run", action="store_true", help="show what is there; change nothing")


def run(context: Context) -> int:
    """Reset or repair a bootstrap; returns the exit code."""
    bootstrap = opened(context)
    if bootstrap is None:
        nothing_to_bootstrap(context)
        return 0
    if context.options.read_only and not context.options.dry_run:
        raise ReadOnlyError("nothing was changed", why="--read-only was given", todo="--dry-run shows what is there")
    directory = _directory(context, bootstrap)
    return _repair(context, bootstrap, directory) if context.options.only else _reset(context, bootstrap, directory)


def _repair(context: Context, bootstrap: Bootstrap, unfinished: Path | None) -> int:
    from stateroom.engine.bootstrap import look, repair

    console, options = context.console, context.options
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
        console.say("" if status.problems else "Nothing is missing.")
        return FAILED if status.problems else 0
    if not _agreed(context, "Put back what is missing? [y/N] ", ("y", "yes")):
        console.say("Nothing was changed.")
        return FAILED
    backup = Path(options.backup) if options.backup else None
    done = repair(bootstrap, console.progress, choices=options.bucket or (), backup=backup)
    if console.as_json:
        console.document({"repaired": done, "ok": not look(bootstrap).problems})
    return 0


def _reset(context: Context, bootstrap: Bootstrap, unfinished: Path | None) -> int:
    from stateroom.engine.opening import holder
    from stateroom.engine.reset import Reset

    console, now = context.console, context.host.now
    directory = unfinished or _base(context) / f"{bootstrap.name}-{now():%Y%m%dT%H%M%S}"
    who = holder()
    reset = Reset(bootstrap, directory, console.progress, now, f"{who.user}@{who.host}")
    inventory = reset.inventory()
    if not console.as_json:
        _show(context, inventory)
    if not inventory.sizes and not inventory.resumed and not any(part.exists for part in inventory.parts):
        console.say("There is nothing to reset.")
        return 0
    if context.options.dry_run:
        return 0
    if not reset.agreed and not context.options.yes and not console.terminal:
        raise _nobody_to_ask(console.as_json)
    reset.back_up()
    if not reset.agreed and not _agreed(context, _question(inventory), (inventory.account,)):
        console.say(f"Nothing was removed. What was saved is in {directory}.")
        return FAILED
    _finish(context, reset, directory)
    return 0


def _finish(context: Context, reset: Reset, directory: Path) -> None:
    reset.replace()
    if context.console.as_json:
        context.console.document({"reset": True, "backup": str(directory)})
    context.console.say(f"Done. The backup stays in {directory}; it may be deleted when all is well.")


def _show(context: Context, inventory: Inventory) -> None:
    from stateroom.engine.bootstrap import Status

    console = context.console
    show(context, Status(inventory.name, inventory.account, inventory.parts, inventory.tenants))
    console.say()
    if inventory.resumed:
        console.say(f"An unfinished reset in {inventory.directory} is continued.")
    for bucket, versions, size in inventory.sizes:
        console.say(f"{bucket}: {versions} versions, {size:,} bytes, to be saved, removed and restored elsewhere")


def _question(inventory: Inventory) -> str:
    return (
        "Everything is saved. Now the buckets are removed and made anew.\n"
        f"Type the account's number ({inventory.account}) to go on: "
    )


def _agreed(context: Context, question: str, answers: tuple[str, ...]) -> bool:
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


def _directory(context: Context, bootstrap: Bootstrap) -> Path | None:
    """The directory named with --backup, or the one of a reset that was not finished."""
    from stateroom.engine.reset import unfinished

    if context.options.backup:
        return Path(context.options.backup)
    return unfinished(_base(context), bootstrap.name)


def _base(context: Context) -> Path:
    """Where backups are kept when nothing else is said: the user's state directory."""
    environment = context.host.environment
    state = environment.get("XDG_STATE_HOME") or f"{environment.get('HOME', '.')}/.local/state"
    return Path(state) / "stateroom" / "resets"
