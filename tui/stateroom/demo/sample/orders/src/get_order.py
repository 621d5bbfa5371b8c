"""Return an order's status: GET /orders/{id}."""

from __future__ import annotations

import json
import os
from typing import Any

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Return the order from the table, or 404."""
    order = table.get_item(Key={"id": event["pathParameters"]["id"]}).get("Item")
    body = {**order, "total": int(order["total"])} if order else {"error": "no such order"}
    return {
        "statusCode": 200 if order else 404,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
    }
