"""Place an order: POST /orders.

A function keeps nothing between two calls, so everything that must last goes to the table, and everything that must
happen next goes to the queue. Callers repeat requests (a timeout, a second click), so placing is idempotent: the
order's id comes from the caller, and only the first write with that id creates anything.
"""

from __future__ import annotations

import json
import os
from decimal import Decimal
from typing import Any

import boto3
from botocore.exceptions import ClientError

table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
queue = boto3.client("sqs")


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Store the order and queue it; 201 the first time, 200 with the same order after that."""
    try:
        order = parse(json.loads(event.get("body") or "{}"))
    except (ValueError, KeyError, TypeError) as error:
        return answer(400, {"error": f"an order needs an id and a total in cents: {error}"})
    created = place(order)
    # Sent again on a repeated request as well: the first one may have died between the two calls.
    # The reader of the queue is idempotent too, so one message too many does no harm and one too few would.
    queue.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps(order))
    return answer(201 if created else 200, {**order, "created": created})


def parse(body: dict[str, Any]) -> dict[str, Any]:
    """Return the checked fields of a request body."""
    return {"id": str(body["id"]), "total": int(body["total"]), "item": str(body.get("item", "mug"))}


def place(order: dict[str, Any]) -> bool:
    """Write the order unless one with its id exists; returns whether it was written."""
    try:
        table.put_item(
            Item={**order, "total": Decimal(order["total"]), "status": "placed"},
            ConditionExpression="attribute_not_exists(id)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


def answer(status: int, body: dict[str, Any]) -> dict[str, Any]:
    """Return a response in the format of an HTTP API."""
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
