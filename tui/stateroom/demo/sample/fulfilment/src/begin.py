"""Start one execution of the state machine for each charged order.

The execution is named after the order. A topic delivers at least once; a second start with the same name is refused by
Step Functions, so an order is never shipped twice.
"""

from __future__ import annotations

import json
import os
from typing import Any

import boto3
from botocore.exceptions import ClientError

states = boto3.client("stepfunctions")


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """Start an execution for each message; returns the number of new ones."""
    return {"started": sum(start(json.loads(record["Sns"]["Message"])) for record in event["Records"])}


def start(order: dict[str, Any]) -> bool:
    """Start an order's execution; returns False if it was started before."""
    try:
        states.start_execution(
            stateMachineArn=os.environ["MACHINE_ARN"], name=f"order-{order['id']}", input=json.dumps(order)
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ExecutionAlreadyExists":
            return False
        raise
    return True
