"""What happens behind the project's back shows on the screen as what it is, one of each kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stateroom.demo.command import cockpit_factory
from stateroom.demo.drift import MISCHIEF, make_mischief
from stateroom.demo.operate import Operator
from stateroom.demo.sandbox import sandbox
from stateroom.demo.shop import Shop
from stateroom.model.diff import Mark, ResourceDiff
from stateroom.model.plan import Operation
from tests.support.emulators import Emulator


@pytest.fixture
def drifted(ministack: Emulator) -> Iterator[dict[str, ResourceDiff]]:
    """The sample, deployed and meddled with, three ways."""
    with sandbox(ministack.endpoint_url) as place:
        engine = Operator(cockpit_factory(place))
        engine.succeed(Operation.DEPLOY)
        told: list[str] = []
        make_mischief(Shop(place), told.append)
        assert len(told) == len(MISCHIEF)
        yield engine.survey()


def test_one_of_each_kind_is_there(drifted: dict[str, ResourceDiff]) -> None:
    assert {address: diff.status for address, diff in drifted.items() if not diff.in_step} == {
        "orders/CreateOrderLambdaFunction": " !",
        "orders/GetOrderLambdaFunction": " !",
        "orders/OrdersQueue": " !",
        "billing/ChargeLambdaFunction": "~!",
        "billing/ChargeLogGroup": " !",
        "billing/SweepEventsRuleSchedule1": " x",
        "fulfilment/RefundLambdaFunction": "~!",
        "fulfilment/WarehouseQueue": "~ ",
        "fulfilment/OrderShipped": "+.",
    }
    marks = {
        (address, attribute.name): attribute.mark
        for address, diff in drifted.items()
        for attribute in diff.attributes
        if attribute.managed
    }
    assert marks["billing/ChargeLambdaFunction", "Timeout"] is Mark.CONFLICT
    assert marks["fulfilment/RefundLambdaFunction", "MemorySize"] is Mark.STALE
    assert marks["fulfilment/WarehouseQueue", "MessageRetentionPeriod"] is Mark.PENDING
    assert marks["orders/GetOrderLambdaFunction", "Environment.Variables.DEBUG"] is Mark.DRIFT
    unmanaged = [attribute.name for attribute in drifted["orders/OrdersTable"].attributes if not attribute.managed]
    assert any(name.startswith("TimeToLiveSpecification") for name in unmanaged)
