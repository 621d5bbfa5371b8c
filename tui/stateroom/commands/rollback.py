"""Go back to a past state of one service.

The cloud is made what that version's deploy asked for, and the state with it; --state-only changes just the state.
`stateroom versions` lists the numbers. A service has versions of its own, so a project of several needs --service.
"""

from __future__ import annotations

import argparse

from stateroom.commands import operation
from stateroom.commands.context import Invocation
from stateroom.commands.versions import version_name
from stateroom.engine.requests import Request
from stateroom.model.plan import Operation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of rollback."""
    parser.add_argument("version", type=version_name, metavar="VERSION", help="a number, or an address")
    parser.add_argument("--state-only", action="store_true", help="leave the cloud as it is")
    operation.add_deployer_argument(parser)
    operation.add_arguments(parser)
    operation.add_failure_arguments(parser)


def run(context: Invocation) -> int:
    """Roll back; returns the exit code."""
    options = context.options
    request = Request(
        Operation.ROLLBACK,
        context.services,
        context.targets,
        version=options.version,
        state_only=options.state_only,
        deployer=options.deployer,
    )
    return operation.operate(context, request)
