"""Take the cloud's values into the state: of one resource (ADDRESS), or of single attributes of it (PATH…).

The cloud is not changed. Where the config still says something else, the attribute is pending afterwards.
"""

from __future__ import annotations

import argparse

from stateroom.commands import addresses, operation
from stateroom.commands.context import Invocation
from stateroom.model.plan import Operation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of accept."""
    addresses.add_arguments(parser, required=True)
    operation.add_arguments(parser)


def run(context: Invocation) -> int:
    """Accept; returns the exit code."""
    return operation.operate(context, addresses.request(context, Operation.ACCEPT))
