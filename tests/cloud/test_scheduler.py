from __future__ import annotations

from typing import Any

import pytest

from stateroom.cloud.aws.scheduler import ScheduleHandler
from stateroom.errors import CloudError
from tests.cloud.bench import Bench, agrees
from tests.support.emulators import REGION, Emulator

SCHEDULE: dict[str, Any] = {
    "Name": "shop-dev-sweep",
    "ScheduleExpression": "rate(1 hour)",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "State": "ENABLED",
    "Target": {
        "Arn": f"arn:aws:lambda:{REGION}:123456789012:function:sweep",
        "RoleArn": "arn:aws:iam::123456789012:role/sweep",
        "Input": '{"all":true}',
    },
}


def schedule(emulator: Emulator, **properties: Any) -> Bench:
    return Bench(ScheduleHandler, emulator.endpoint_url, {**SCHEDULE, **properties})


def test_a_schedule_lives_changes_and_goes(emulator: Emulator) -> None:
    sweep = schedule(emulator)
    assert sweep.find() is None

    model = sweep.create()

    assert agrees({**model, "Target": {name: model["Target"][name] for name in SCHEDULE["Target"]}}, SCHEDULE)
    assert sweep.find() == sweep.id == "shop-dev-sweep"
    assert sweep.change(ScheduleExpression="rate(2 hours)", State="DISABLED")["State"] == "DISABLED"
    sweep.delete()
    sweep.delete()
    assert not sweep.exists()


def test_another_schedule_of_that_name_is_not_touched(emulator: Emulator) -> None:
    schedule(emulator, ScheduleExpression="rate(5 minutes)").create()

    with pytest.raises(CloudError, match="a schedule named shop-dev-sweep exists already"):
        schedule(emulator).create()


def test_a_create_whose_answer_was_lost_is_taken_for_what_it_is(emulator: Emulator) -> None:
    schedule(emulator).create()

    again = schedule(emulator)
    again.create()

    assert again.id == "shop-dev-sweep"
