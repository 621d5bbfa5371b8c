"""Take one object of the cloud into the state, as a resource of the config.

WHAT is the address of that resource (orders/OrdersQueue, OrdersQueue), or a type (AWS::SQS::Queue) where only one
resource of it is not in the state yet. ID is what CloudFormation's Ref answers for the type; a name or an ARN where
these lead to it.

Shows what config and object have differently, and asks. The object is recorded as it is and tagged as this state's;
nothing else about it is changed. The next deploy writes what differs. What another state or a stack has is refused.
"""

from __future__ import annotations

import argparse

from stateroom.commands import operation
from stateroom.commands.context import Invocation
from stateroom.engine.requests import ImportTarget, Request
from stateroom.model.plan import Operation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of import."""
    parser.add_argument("what", metavar="WHAT", help="an address, or a resource type")
    parser.add_argument("id", metavar="ID", help="the object's physical id")
    operation.add_arguments(parser)


def run(context: Invocation) -> int:
    """Import; returns the exit code."""
    options = context.options
    request = Request(
        Operation.IMPORT,
        context.services,
        imports=(ImportTarget(options.what, options.id),),
        dry_run=options.dry_run or options.read_only,
    )
    return operation.operate(context, request)
