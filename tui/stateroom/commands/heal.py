"""Put the cloud back to what the state says.

Undoes drift: all of it, one resource's (ADDRESS), or single attributes of it (PATH…). The config is not looked at.
"""

from __future__ import annotations

import argparse

from stateroom.commands import addresses, operation
from stateroom.commands.context import Invocation
from stateroom.model.plan import Operation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of heal."""
    addresses.add_arguments(parser, required=False)
    operation.add_arguments(parser)
    operation.add_failure_arguments(parser)


def run(context: Invocation) -> int:
    """Heal; returns the exit code."""
    return operation.operate(context, addresses.request(context, Operation.HEAL))
