"""Delete a stage's resources from the cloud, and its records from the state.

Shows what would be deleted and wants the stage's name typed. A protected stage is not removed. Resources with
`DeletionPolicy: Retain` stay in the cloud. When the last resource is gone, the home is cleared of the service and
stage: state, past versions, records, and packages that nothing else in the home needs. A bucket with versioning keeps
what is deleted: `versions` lists it, and `rollback` goes back to it. --keep-history leaves all of it where it is.
"""

from __future__ import annotations

import argparse

from stateroom.commands import operation
from stateroom.commands.context import Invocation
from stateroom.engine.requests import Request
from stateroom.model.plan import Operation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of remove."""
    operation.add_arguments(parser)
    parser.add_argument("--keep-history", action="store_true", help=operation.KEEP_HISTORY)


def run(context: Invocation) -> int:
    """Remove; returns the exit code."""
    request = Request(Operation.REMOVE, context.services, context.targets, keep_history=context.options.keep_history)
    return operation.operate(context, request)
