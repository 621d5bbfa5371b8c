"""Queue orders again, every hour, that were placed but never charged.

The safety net under "at least once": a message that was lost, or died in the dead-letter queue, leaves an order in
`placed`. Queueing it once more is safe, because charging is idempotent.
"""

from __future__ import annotations

import json
import os
from typing import Any

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
queue = boto3.client("sqs")


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """Queue every order that is still only placed; returns their number."""
    query: dict[str, Any] = {
        "FilterExpression": "#status = :placed",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {":placed": "placed"},
    }
    sent = 0
    while True:
        page = table.scan(**query)
        for order in page["Items"]:
            body = {"id": order["id"], "total": int(order["total"]), "item": order["item"]}
            queue.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps(body))
            sent += 1
        if "LastEvaluatedKey" not in page:
            return {"sent": sent}
        query["ExclusiveStartKey"] = page["LastEvaluatedKey"]
