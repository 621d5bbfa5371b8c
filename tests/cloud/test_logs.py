"""Log groups on both emulators."""

from __future__ import annotations

import pytest

from stateroom.cloud.aws.logs import LogGroupHandler
from stateroom.errors import CloudError
from tests.cloud.bench import OWNER, STRANGER, Bench, agrees, differing
from tests.support.emulators import Emulator

NAME = "/aws/lambda/shop-dev-pay"


@pytest.fixture
def group(emulator: Emulator) -> Bench:
    return Bench(LogGroupHandler, emulator.endpoint_url, {"LogGroupName": NAME, "RetentionInDays": 7})


def test_a_new_group_is_as_asked(group: Bench) -> None:
    model = group.create()

    assert agrees(model, group.inputs)
    assert model["Arn"].endswith(f"log-group:{NAME}:*")


def test_retention_changes_and_is_unset(group: Bench) -> None:
    before = group.create()
    assert differing(before, group.change(RetentionInDays=14)) == {"RetentionInDays"}

    assert "RetentionInDays" not in group.change(RetentionInDays=None)


def test_tags_are_read_when_they_are_asked_for(group: Bench, emulator: Emulator) -> None:
    group.inputs["Tags"] = [{"Key": "team", "Value": "blue"}]
    made = group.create()
    assert agrees(made, {"Tags": group.inputs["Tags"]})

    assert "Tags" not in group.change(Tags=None)
    assert group.find() == NAME
    left = emulator.client("logs").list_tags_for_resource(resourceArn=made["Arn"].removesuffix(":*"))["tags"]
    assert "team" not in left, "it is taken off in the cloud, too"


def test_a_group_that_somebody_made_is_not_taken_by_a_create(group: Bench, emulator: Emulator) -> None:
    emulator.client("logs").create_log_group(logGroupName=NAME)

    with pytest.raises(CloudError, match="exists already"):
        group.create()
    assert group.find() is None


def test_a_group_of_another_stage_is_left_alone(group: Bench) -> None:
    group.create(STRANGER)

    with pytest.raises(CloudError, match="exists already"):
        group.create(OWNER)
    assert group.find(STRANGER) == NAME


def test_a_group_whose_name_only_begins_alike_is_not_it(group: Bench, emulator: Emulator) -> None:
    emulator.client("logs").create_log_group(logGroupName=f"{NAME}-other")
    group.id = NAME

    assert not group.exists()
    assert group.find() is None


def test_deleting_twice_is_fine(group: Bench) -> None:
    group.create()
    group.delete()
    group.delete()

    assert not group.exists()


def test_a_change_made_by_hand_is_seen(group: Bench, emulator: Emulator) -> None:
    before = group.create()
    emulator.client("logs").delete_retention_policy(logGroupName=NAME)

    assert differing(before, group.read()) == {"RetentionInDays"}


def test_the_batch_reader_says_what_the_single_one_says(group: Bench) -> None:
    assert group.create() == group.read_in_bulk()
