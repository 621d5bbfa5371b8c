"""Show what an operation would do, and save it if wanted; nothing is changed.

OPERATION is deploy (without one), refresh, heal [ADDRESS [PATH…]], remove, or rollback VERSION. Exits with 2 when
there is something to do, with 0 when there is not.

--out FILE saves the plan for `stateroom deploy FILE`, which runs exactly it: a plan whose project, services, stage,
account, region, home, state, config, packages or steps have moved is refused, and so is one that was changed or has
run. The file holds no secret: their values are taken from config and state again. Only its owner can read it.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from stateroom import __version__
from stateroom.commands import addresses, operation
from stateroom.commands.context import Invocation
from stateroom.commands.plan_files import write_plan
from stateroom.commands.proposal import planned, show
from stateroom.commands.versions import version_name
from stateroom.engine.requests import Request
from stateroom.errors import UsageError
from stateroom.model.plan import Operation
from stateroom.model.version import VersionName
from stateroom.presentation.saved_plans.document import saved_plan

DIFFERENCES = 2
_OPERATIONS = ("deploy", "refresh", "heal", "remove", "rollback")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of plan."""
    parser.add_argument("operation", nargs="?", choices=_OPERATIONS, default="deploy", metavar="OPERATION")
    parser.add_argument("arguments", nargs="*", metavar="ARGUMENT", help="rollback: VERSION; heal: ADDRESS PATH…")
    parser.add_argument("--out", metavar="FILE", help="save the plan, for `stateroom deploy FILE`")
    parser.add_argument("--refresh", action="store_true", help="deploy: look at the cloud first")
    parser.add_argument(
        "--adopt", metavar="ADDRESS", action="append", help="deploy: take over a resource that exists; repeatable"
    )
    parser.add_argument("--state-only", action="store_true", help="rollback: leave the cloud as it is")
    parser.add_argument("--keep-history", action="store_true", help=operation.KEEP_HISTORY)
    operation.add_deployer_argument(parser)


def run(context: Invocation) -> int:
    """Plan; returns the exit code."""
    request = _request(context)
    cockpit = context.open()
    plan = planned(context, cockpit, request)
    show(context, cockpit, plan)
    if context.options.out:
        file = Path(context.options.out).expanduser()
        now = context.host.now().isoformat(timespec="seconds")
        saved = saved_plan(plan, request, cockpit.info(), salt=os.urandom(16), created=now, stateroom=__version__)
        write_plan(file, saved)
        context.console.say(f"Saved: stateroom deploy {file} runs this plan, as long as nothing moves.")
    return 0 if plan.empty else DIFFERENCES


def _request(context: Invocation) -> Request:
    """Build the request. Raises UsageError for arguments and options that belong to another operation."""
    options = context.options
    wanted, arguments = Operation(options.operation), tuple(options.arguments)
    _check_options(context, wanted)
    if wanted is Operation.HEAL:
        options.address, options.attributes = (arguments[0] if arguments else None), list(arguments[1:])
        return addresses.request(context, wanted)
    expected = 1 if wanted is Operation.ROLLBACK else 0
    if len(arguments) != expected:
        raise UsageError(
            f"plan {wanted.value} takes {'one VERSION' if expected else 'no arguments'}",
            why=f"it was given {_listed(arguments)}",
            todo="stateroom plan --help says more",
        )
    version = _version(arguments[0]) if expected else None
    return Request(
        wanted,
        context.services,
        context.targets,
        refresh=options.refresh,
        version=version,
        state_only=options.state_only,
        deployer=options.deployer,
        adopt=tuple(options.adopt or ()),
        keep_history=options.keep_history,
    )


def _version(text: str) -> VersionName:
    try:
        return version_name(text)
    except argparse.ArgumentTypeError as error:
        raise UsageError(f"{text!r} is no VERSION", why=str(error), todo="stateroom versions lists them") from error


def _check_options(context: Invocation, wanted: Operation) -> None:
    options = context.options
    given = {
        "--refresh": (options.refresh, (Operation.DEPLOY,)),
        "--adopt": (options.adopt, (Operation.DEPLOY,)),
        "--state-only": (options.state_only, (Operation.ROLLBACK,)),
        "--keep-history": (options.keep_history, (Operation.REMOVE,)),
        "--deployer": (options.deployer, (Operation.DEPLOY, Operation.ROLLBACK)),
    }
    for name, (value, fitting) in given.items():
        if value and wanted not in fitting:
            raise UsageError(f"{name} does not go with plan {wanted.value}", todo=f"leave {name} out")


def _listed(arguments: Sequence[str]) -> str:
    return ", ".join(arguments) if arguments else "none"
