"""Tasks of the saga that need code, and their compensations.

Each writes one field of the order, by its id, so doing it twice changes nothing the second time.
"""

from __future__ import annotations

import os
from typing import Any

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def reserve(order: dict[str, Any], _context: object) -> dict[str, Any]:
    """Take the goods off the shelf."""
    put(order, "stock", "reserved")
    return {"item": order["item"], "reserved": True}


def release(order: dict[str, Any], _context: object) -> dict[str, Any]:
    """Put the goods back: compensates `reserve`."""
    put(order, "stock", "released")
    return {"item": order["item"], "reserved": False}


def refund(order: dict[str, Any], _context: object) -> dict[str, Any]:
    """Give the money back: compensates the earlier charge."""
    put(order, "status", "refunded")
    return {"receipt": order.get("receipt", ""), "refunded": True}


def put(order: dict[str, Any], field: str, value: str) -> None:
    """Set one field of the order."""
    table.update_item(
        Key={"id": order["id"]},
        UpdateExpression="SET #field = :value",
        ExpressionAttributeNames={"#field": field},
        ExpressionAttributeValues={":value": value},
    )
