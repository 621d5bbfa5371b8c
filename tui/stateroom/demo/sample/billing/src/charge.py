"""Charge orders from the queue.

A queue delivers at least once and in batches. Two rules follow: charging is idempotent (the payment provider gets the
order's id as its idempotency key, and the table moves from `placed` to `charged` only once), and one bad message does
not make the good ones of its batch come back (partial batch response).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from typing import Any

import boto3
from botocore.exceptions import ClientError

log = logging.getLogger()
table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
topic = boto3.client("sns")


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Charge every order of the batch; returns the ids of failed ones to the queue."""
    failed = []
    for record in event["Records"]:
        try:
            charge(json.loads(record["body"]))
        except Exception as error:
            log.error("message %s stays in the queue: %s", record["messageId"], type(error).__name__)
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def charge(order: dict[str, Any]) -> None:
    """Take the money, record it, publish the order."""
    receipt = pay(os.environ["PAYMENT_KEY"], order["id"], order["total"])
    try:
        table.update_item(
            Key={"id": order["id"]},
            UpdateExpression="SET #status = :charged, receipt = :receipt",
            ConditionExpression="#status = :placed",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":placed": "placed", ":charged": "charged", ":receipt": receipt},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        # Charged before: this message came twice. The first delivery may have died before it published, so publish
        # again; who listens starts an order only once.
    topic.publish(TopicArn=os.environ["TOPIC_ARN"], Message=json.dumps({**order, "receipt": receipt}))


def pay(key: str, order_id: str, total: int) -> str:
    """Stand in for a payment provider: the same key and order always give the same receipt."""
    return hashlib.sha256(f"{key}/{order_id}/{total}".encode()).hexdigest()[:16]
