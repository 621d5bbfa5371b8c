"""Delete a stage's resources from the cloud, and its records from the state.

Shows what would be deleted and wants the stage's name typed. A protected stage is not removed. Resources with
`DeletionPolicy: Retain` stay in the cloud. Past versions of the state are kept.
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
    operation.add_data_arguments(parser)


def run(context: Invocation) -> int:
    """Remove; returns the exit code."""
    return operation.operate(context, Request(Operation.REMOVE, context.services, context.targets))
