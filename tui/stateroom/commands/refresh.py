"""Make the state what the cloud says.

Reads every recorded resource and shows what would be taken into the state, and which records would be dropped because
their resource is gone, before it writes anything. The cloud is not changed.
"""

from __future__ import annotations

import argparse

from stateroom.commands import operation
from stateroom.commands.context import Invocation
from stateroom.engine.requests import Request
from stateroom.model.plan import Operation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of refresh."""
    operation.add_arguments(parser)


def run(context: Invocation) -> int:
    """Refresh; returns the exit code."""
    return operation.operate(context, Request(Operation.REFRESH, context.services, context.targets))
