from __future__ import annotations

from typing import Any

import pytest

from stateroom.cloud.aws.scheduler import ScheduleHandler
from stateroom.cloud.provider import run
from stateroom.errors import CloudError
from tests.cloud.bench import OWNER, Bench, agrees
from tests.cloud.test_aws_provider import opened
from tests.support.emulators import REGION, Emulator
from tests.support.faults import Drop, Fault, Proxy

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
    schedule(emulator).create()  # to the letter the one that is wanted: it bears no tags that would tell whose it is

    with pytest.raises(CloudError, match="named shop-dev-sweep exists already"):
        run(opened(emulator.endpoint_url).create(ScheduleHandler.type, SCHEDULE, OWNER))


def test_a_create_whose_answer_was_lost_is_taken_for_what_it_is(faulty: Proxy) -> None:
    faulty.rules.append(Fault("CreateSchedule", Drop(after=True), calls=(1,)))

    live = run(opened(faulty.endpoint_url).create(ScheduleHandler.type, SCHEDULE, OWNER), sleep=lambda _: None)

    assert live.physical_id == "shop-dev-sweep"
