from __future__ import annotations

from typing import Any

import pytest

from stateroom.cloud.aws.events import RuleHandler
from stateroom.errors import CloudError
from tests.cloud.bench import STRANGER, Bench, agrees, differing
from tests.support.emulators import REGION, Emulator
from tests.support.faults import Answer, Drop, Fault, Proxy
from tests.support.inventory import inventory


def target(number: int) -> dict[str, Any]:
    return {"Id": f"target{number:02}", "Arn": f"arn:aws:sqs:{REGION}:123456789012:queue-{number}"}


RULE: dict[str, Any] = {
    "Name": "shop-dev-nightly",
    "Description": "closes the books",
    "ScheduleExpression": "rate(1 day)",
    "State": "ENABLED",
    "Targets": [target(1) | {"Input": '{"deep": true}'}],
    "Tags": [{"Key": "team", "Value": "billing"}],
}
PATTERN = {"source": ["shop.orders"], "detail": {"kind": ["paid"]}}


def bench(emulator: Emulator | Proxy, **properties: Any) -> Bench:
    return Bench(RuleHandler, emulator.endpoint_url, RULE | properties)


def test_a_schedule_reads_as_it_was_asked_for(emulator: Emulator) -> None:
    rule = bench(emulator)
    model = rule.create()

    assert agrees(model, RULE)
    assert model["Arn"] == f"arn:aws:events:{REGION}:{emulator.account}:rule/shop-dev-nightly"
    assert rule.id == "shop-dev-nightly"
    assert rule.identified == [rule.id]


def test_a_pattern_is_an_object(emulator: Emulator) -> None:
    rule = Bench(RuleHandler, emulator.endpoint_url, {"Name": "paid", "EventPattern": PATTERN})
    model = rule.create()

    assert model["EventPattern"] == PATTERN
    assert model["State"] == "ENABLED"
    assert not model.keys() & {"ScheduleExpression", "Description", "Targets", "Tags"}


def test_a_rule_on_a_bus_of_its_own_is_addressed_with_its_bus(emulator: Emulator) -> None:
    arn = emulator.client("events").create_event_bus(Name="shop")["EventBusArn"]
    by_name = Bench(RuleHandler, emulator.endpoint_url, {"Name": "a", "EventPattern": PATTERN, "EventBusName": "shop"})
    by_arn = Bench(RuleHandler, emulator.endpoint_url, {"Name": "b", "EventPattern": PATTERN, "EventBusName": arn})

    assert by_name.create()["EventBusName"] == "shop"
    assert by_arn.create()["EventBusName"] == "shop"
    assert (by_name.id, by_arn.id) == ("shop|a", "shop|b")
    assert by_name.find() == by_name.id
    assert by_name.read_in_bulk() == by_name.read()
    by_name.delete()
    by_arn.delete()
    assert inventory(emulator) == frozenset()


def test_the_bulk_reader_answers_the_same(emulator: Emulator) -> None:
    rule = bench(emulator)
    assert rule.create() == rule.read_in_bulk()


def test_more_targets_than_fit_one_call(faulty: Proxy) -> None:
    many = [target(number) for number in range(23)]
    rule = bench(faulty, Targets=many)

    assert rule.create()["Targets"] == many
    assert faulty.count("PutTargets") == 3

    assert rule.change(Targets=many[:2])["Targets"] == many[:2]
    assert faulty.count("PutTargets") == 3
    assert faulty.count("RemoveTargets") == 3


@pytest.mark.parametrize(
    "change",
    [
        {"Description": "something else"},
        {"ScheduleExpression": "rate(2 days)"},
        {"State": "DISABLED"},
        {"Targets": [target(2)]},
        {"Tags": [{"Key": "owner", "Value": "ana"}]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_update_changes_just_what_it_says(emulator: Emulator, change: dict[str, Any]) -> None:
    rule = bench(emulator)
    before = rule.create()

    after = rule.change(**change)

    assert agrees(after, change)
    assert differing(before, after) == set(change)


def test_a_schedule_can_become_a_pattern(emulator: Emulator) -> None:
    rule = bench(emulator)
    rule.create()

    after = rule.change(ScheduleExpression=None, EventPattern=PATTERN)

    assert after["EventPattern"] == PATTERN
    assert "ScheduleExpression" not in after


def test_unset_properties_go_back_to_what_a_new_rule_has(emulator: Emulator) -> None:
    rule = bench(emulator, State="DISABLED")
    rule.create()

    after = rule.change(Description=None, State=None, Targets=None, Tags=None)

    assert after["State"] == "ENABLED"
    assert not after.keys() & {"Description", "Targets", "Tags"}


def test_a_description_changed_by_hand_survives_an_update_of_the_schedule(emulator: Emulator) -> None:
    """PutRule resets what it is not given."""
    rule = bench(emulator)
    rule.create()
    emulator.client("events").put_rule(Name=rule.id, Description="by hand", ScheduleExpression="rate(1 day)")

    assert rule.change(ScheduleExpression="rate(3 days)")["Description"] == "by hand"


def test_changes_made_by_hand_show_up(emulator: Emulator) -> None:
    rule = bench(emulator)
    before = rule.create()
    events = emulator.client("events")
    events.disable_rule(Name=rule.id)
    events.put_targets(Rule=rule.id, Targets=[target(9)])

    assert differing(before, rule.read()) == {"State", "Targets"}


def test_a_rule_goes_with_its_targets_and_only_once(emulator: Emulator) -> None:
    rule = bench(emulator)
    rule.create()
    emulator.client("events").put_targets(Rule=rule.id, Targets=[target(9)])

    rule.delete()
    rule.delete()

    assert not rule.exists()
    assert inventory(emulator) == frozenset()


def test_a_strangers_rule_is_neither_found_nor_overwritten(emulator: Emulator) -> None:
    theirs = bench(emulator)
    before = theirs.create(STRANGER)
    ours = bench(emulator, ScheduleExpression="rate(1 minute)")

    assert ours.find() is None
    with pytest.raises(CloudError, match="exists already"):
        ours.create()
    assert theirs.read() == before


def test_a_lost_answer_leaves_one_rule_complete(faulty: Proxy, emulator: Emulator) -> None:
    faulty.rules.append(Fault("PutRule", Drop(after=True), calls=(1,)))
    rule = bench(faulty)

    assert agrees(rule.create(), RULE)
    assert inventory(emulator) == {"events:rule/default/shop-dev-nightly"}


def test_a_create_cut_short_before_the_targets_is_finished_by_the_next(faulty: Proxy) -> None:
    faulty.rules.append(Fault("PutTargets", Answer("AccessDeniedException", "not now"), calls=(1,)))
    rule = bench(faulty)
    with pytest.raises(Exception, match="not now"):
        rule.create()

    assert agrees(rule.create(), RULE)


def test_a_target_refused_in_a_friendly_answer_is_an_error(ministack: Emulator) -> None:
    """PutTargets answers 200 with a count of failures."""
    rule = bench(ministack)
    client = rule.handler._clients("events")
    failed = [{"TargetId": "target01", "ErrorCode": "LimitExceeded", "ErrorMessage": "too many"}]
    client.meta.events.register(
        "after-call.eventbridge.PutTargets",
        lambda parsed, **_: parsed.update(FailedEntryCount=1, FailedEntries=failed),
    )

    with pytest.raises(CloudError, match="refused target target01") as caught:
        rule.create()
    assert caught.value.code == "LimitExceeded"


def test_two_writers_at_once_take_turns(faulty: Proxy) -> None:
    rule = bench(faulty)
    rule.create()
    faulty.rules.append(Fault("PutRule", Answer("ConcurrentModificationException", "try again"), calls=(1,)))

    assert rule.change(State="DISABLED")["State"] == "DISABLED"
