"""Manual changes to a deployed project, one of each kind that the screen can show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stateroom.demo.sandbox import STAGE
from stateroom.demo.shop import Shop, function_name


@dataclass(frozen=True, slots=True)
class Mischief:
    """Manual change: its description, and the function that makes it."""

    text: str
    do: Callable[[Shop], None]


def _console_timeout(shop: Shop) -> None:
    shop.change_function("orders", "createOrder", Timeout=60, MemorySize=1024)


def _debug_variable(shop: Shop) -> None:
    variables = shop.function("orders", "getOrder")["Environment"]["Variables"]
    shop.change_function("orders", "getOrder", Environment={"Variables": {**variables, "DEBUG": "1"}})


def _queue_timeout(shop: Shop) -> None:
    url = shop.queue_url(f"shop-orders-{STAGE}-orders")
    shop.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "30"})


def _table_ttl(shop: Shop) -> None:
    shop.client("dynamodb").update_time_to_live(
        TableName=f"shop-orders-{STAGE}-orders",
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"},
    )


def _no_schedule(shop: Shop) -> None:
    events, rule = shop.client("events"), shop.schedule_rule("billing", "sweep")
    targets = events.list_targets_by_rule(Rule=rule)["Targets"]
    events.remove_targets(Rule=rule, Ids=[target["Id"] for target in targets])
    events.delete_rule(Name=rule)


def _logs_for_ever(shop: Shop) -> None:
    shop.client("logs").delete_retention_policy(logGroupName=f"/aws/lambda/{function_name('billing', 'charge')}")


def _both_sides(shop: Shop) -> None:
    shop.change_function("billing", "charge", Timeout=60)
    shop.edit(
        "billing/serverless.yml",
        "    description: Charges an order, once\n",
        "    description: Charges an order, once\n    timeout: 20\n",
    )


def _both_agree(shop: Shop) -> None:
    shop.change_function("fulfilment", "refund", MemorySize=512)
    shop.edit(
        "fulfilment/serverless.yml",
        "    description: Undoes the charge\n",
        "    description: Undoes the charge\n    memorySize: 512\n",
    )


def _pending_edit(shop: Shop) -> None:
    shop.edit("fulfilment/serverless.yml", "MessageRetentionPeriod: 345600", "MessageRetentionPeriod: 1209600")


def _new_resource(shop: Shop) -> None:
    shop.edit(
        "fulfilment/serverless.yml",
        "resources:\n  Resources:\n",
        "resources:\n  Resources:\n    OrderShipped:\n      Type: AWS::SNS::Topic\n      Properties:\n"
        "        TopicName: ${self:service}-${sls:stage}-order-shipped\n\n",
    )


MISCHIEF: tuple[Mischief, ...] = (
    Mischief("someone raised createOrder's timeout and memory in the console", _console_timeout),
    Mischief("someone gave getOrder a DEBUG variable", _debug_variable),
    Mischief("someone shortened the orders queue's visibility timeout", _queue_timeout),
    Mischief("someone switched on expiry for the orders table, which the config does not mention", _table_ttl),
    Mischief("someone deleted the schedule of sweep", _no_schedule),
    Mischief("someone let charge's log be kept for ever", _logs_for_ever),
    Mischief("charge's timeout was changed in the cloud and, differently, in the config", _both_sides),
    Mischief("refund's memory was changed in the cloud and, alike, in the config", _both_agree),
    Mischief("the config keeps the warehouse's messages longer, not deployed yet", _pending_edit),
    Mischief("the config has a new topic, not deployed yet", _new_resource),
)


def make_mischief(shop: Shop, tell: Callable[[str], None] = lambda _text: None) -> None:
    """Make all changes, reporting each."""
    for change in MISCHIEF:
        change.do(shop)
        tell(change.text)
