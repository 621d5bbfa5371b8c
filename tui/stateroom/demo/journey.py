"""Demo chapters that run the deployed code: orders travel through the shop."""

from __future__ import annotations

import json
from typing import Any

from stateroom.demo.operate import expect, expect_same
from stateroom.demo.sandbox import STAGE
from stateroom.demo.shop import function_name, until
from stateroom.demo.story import StoryStage

WAREHOUSE_QUEUE = f"shop-fulfilment-{STAGE}-warehouse"


def place_twice(stage: StoryStage) -> str:
    """Invoke createOrder twice with one order: created once."""
    event = {"body": json.dumps({"id": "invoked", "total": 1200, "item": "teapot"})}
    codes = []
    for _ in range(2):
        answer = stage.shop.client("lambda").invoke(
            FunctionName=function_name("orders", "createOrder"), Payload=json.dumps(event).encode()
        )
        codes.append(json.loads(answer["Payload"].read()).get("statusCode"))
    expect_same("the two answers", codes, [201, 200])
    return "201, then 200"


def small_order(stage: StoryStage) -> str:
    """Send a small order from HTTP to queue to topic to state machine: shipped without approval."""
    status, _ = stage.shop.request("POST", "/orders", {"id": "small", "total": 900})
    expect_same("the answer", status, 201)
    execution = _ended(stage, "small")
    expect_same("the execution", execution.get("status"), "SUCCEEDED")
    order = stage.shop.order("small")
    expect_same("the order", (order.get("status"), order.get("stock")), ("charged", "reserved"))
    return "charged, reserved, SUCCEEDED"


def large_order(stage: StoryStage) -> str:
    """Send a large order: the machine waits for the warehouse, and its answer ships the order."""
    _, token = _wait_for_callback(stage, "large")
    stage.shop.client("stepfunctions").send_task_success(taskToken=token, output=json.dumps({"parcel": "P-1"}))
    execution = _ended(stage, "large")
    expect_same("the execution", execution.get("status"), "SUCCEEDED")
    expect_same("the parcel", json.loads(execution["output"])["parcel"], {"parcel": "P-1"})
    return "RUNNING until answered, then SUCCEEDED"


def refused_order(stage: StoryStage) -> str:
    """Refuse an order: stock is released, money refunded, the execution fails as designed."""
    arn, token = _wait_for_callback(stage, "refused")
    states = stage.shop.client("stepfunctions")
    states.send_task_failure(taskToken=token, error="OutOfStock", cause="the last one broke")
    execution = _ended(stage, "refused")
    expect_same("the execution", (execution.get("status"), execution.get("error")), ("FAILED", "OutOfStock"))
    order = stage.shop.order("refused")
    expect_same("the order", (order.get("status"), order.get("stock")), ("refunded", "released"))
    entered = [
        event["stateEnteredEventDetails"]["name"]
        for event in states.get_execution_history(executionArn=arn)["events"]
        if "stateEnteredEventDetails" in event
    ]
    path = ["ReserveStock", "IsItBig", "AskWarehouse", "ReleaseStock", "RefundPayment", "OrderCancelled"]
    expect_same("the path", entered, path)
    return "stock released, payment refunded, FAILED OutOfStock"


def _wait_for_callback(stage: StoryStage, order_id: str) -> tuple[str, str]:
    """Place an order that needs the warehouse; returns its execution's ARN and task token."""
    shop = stage.shop
    shop.request("POST", "/orders", {"id": order_id, "total": 25_000})
    url = shop.queue_url(WAREHOUSE_QUEUE)

    def asked() -> dict[str, Any] | None:
        for message in shop.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", ()):
            shop.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            body: dict[str, Any] = json.loads(message["Body"])
            if body["orderId"] == order_id:
                return body
        return None

    body = until(asked) or {}
    expect(body, f"the warehouse was not asked about order {order_id}")
    execution = _execution(stage, order_id)
    expect_same("the execution", execution.get("status"), "RUNNING")
    return execution["executionArn"], body["token"]


def _execution(stage: StoryStage, order_id: str) -> dict[str, Any]:
    states = stage.shop.client("stepfunctions")
    executions = states.list_executions(stateMachineArn=stage.shop.machine())["executions"]
    found: dict[str, Any] = next((item for item in executions if item["name"] == f"order-{order_id}"), {})
    return found


def _ended(stage: StoryStage, order_id: str) -> dict[str, Any]:
    """Return the order's execution once it has ended (or after a timeout)."""
    until(lambda: _execution(stage, order_id).get("status", "RUNNING") != "RUNNING")
    arn = _execution(stage, order_id).get("executionArn")
    expect(arn, f"no execution was started for order {order_id}")
    description: dict[str, Any] = stage.shop.client("stepfunctions").describe_execution(executionArn=arn)
    return description
