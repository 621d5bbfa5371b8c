"""Make state and cloud what the config says.

Compares config with state and writes the difference to the cloud. It does not look at the cloud first, so drift stays
as it is, unless --refresh is given. Shows the plan and asks; a plan that deletes or replaces something wants the
stage's name typed, and where data would be lost (a table's, a bucket's, a queue's, …) the names of what it is lost
with. --yes does not ask, and says what is lost; without a terminal it refuses unless --yes is given.

FILE is a plan that `stateroom plan --out FILE` saved, of whichever operation: exactly that runs, with the same
questions, and is refused when anything that it was planned for has moved.

Where requirements have to be installed it asks first whether the directory may start pip (stateroom trust). --yes does
not answer that: --trust allows it for this run, STATEROOM_TRUST for a directory in CI.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from stateroom.commands import operation
from stateroom.commands.context import Invocation
from stateroom.engine.requests import Request
from stateroom.errors import UsageError
from stateroom.model.plan import Operation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of deploy."""
    parser.add_argument("plan_file", nargs="?", metavar="FILE", help="run the plan that `plan --out FILE` saved")
    parser.add_argument("--refresh", action="store_true", help="look at the cloud first and deploy over what is there")
    parser.add_argument(
        "--adopt",
        metavar="ADDRESS",
        action="append",
        help="take over a resource that exists and is not this state's; may be given several times",
    )
    parser.add_argument(
        "--trust", action="store_true", help="the project may start its programs (pip, esbuild, git) in this run"
    )
    operation.add_deployer_argument(parser)
    operation.add_arguments(parser)
    operation.add_failure_arguments(parser)


def run(context: Invocation) -> int:
    """Deploy; returns the exit code."""
    options = context.options
    if options.plan_file is not None:
        return _run_saved(context)
    adopt = tuple(options.adopt or ())
    request = Request(
        Operation.DEPLOY,
        context.services,
        context.targets,
        refresh=options.refresh,
        deployer=options.deployer,
        adopt=adopt,
        dry_run=options.dry_run or options.read_only,
    )
    return operation.operate(context, request)


def _run_saved(context: Invocation) -> int:
    options = context.options
    chosen = {
        "--service": context.services,
        "--target": context.targets,
        "--refresh": options.refresh,
        "--adopt": options.adopt,
        "--deployer": options.deployer,
    }
    for name, value in chosen.items():
        if value:
            raise UsageError(
                f"{name} does not go with a saved plan", why="the plan says what it is for", todo=f"leave {name} out"
            )
    return operation.operate_saved(context, Path(options.plan_file).expanduser())
