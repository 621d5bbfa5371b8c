from __future__ import annotations

from typing import Any

import pytest

from stateroom.cloud.aws.sqs import QueueHandler
from stateroom.errors import CloudError
from tests.cloud.bench import STRANGER, Bench, agrees, differing
from tests.support.emulators import REGION, Emulator
from tests.support.faults import Answer, Call, Drop, Fault, Proxy
from tests.support.inventory import inventory

QUEUE: dict[str, Any] = {
    "QueueName": "shop-dev-orders",
    "DelaySeconds": 5,
    "MaximumMessageSize": 2048,
    "MessageRetentionPeriod": 86400,
    "ReceiveMessageWaitTimeSeconds": 10,
    "VisibilityTimeout": 60,
    "SqsManagedSseEnabled": True,
    "Tags": [{"Key": "team", "Value": "checkout"}],
}


def bench(emulator: Emulator | Proxy, **properties: Any) -> Bench:
    return Bench(QueueHandler, emulator.endpoint_url, QUEUE | properties)


def dead_letter_queue(emulator: Emulator) -> str:
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName="shop-dev-dlq")["QueueUrl"]
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


def test_a_queue_reads_as_it_was_asked_for(emulator: Emulator) -> None:
    queue = bench(emulator)
    model = queue.create()

    assert agrees(model, QUEUE)
    assert model["Arn"] == f"arn:aws:sqs:{REGION}:{emulator.account}:shop-dev-orders"
    assert model["QueueUrl"] == queue.id
    assert queue.identified == [queue.id]


def test_a_fifo_queue_reads_as_it_was_asked_for(emulator: Emulator) -> None:
    fifo = {"QueueName": "shop-dev.fifo", "FifoQueue": True, "ContentBasedDeduplication": True}
    assert agrees(Bench(QueueHandler, emulator.endpoint_url, fifo).create(), fifo)


def test_a_queue_that_is_explicitly_not_fifo_is_a_standard_one(emulator: Emulator) -> None:
    assert not bench(emulator, FifoQueue=False).create().get("FifoQueue")


def test_numbers_written_as_text_are_numbers_when_read(emulator: Emulator) -> None:
    assert bench(emulator, VisibilityTimeout="90").create()["VisibilityTimeout"] == 90


def test_redrive_policies_are_objects_with_numbers(emulator: Emulator) -> None:
    redrive = {"deadLetterTargetArn": dead_letter_queue(emulator), "maxReceiveCount": 3}
    queue = bench(emulator, RedrivePolicy=redrive)

    assert queue.create()["RedrivePolicy"] == redrive
    assert queue.change(RedrivePolicy=redrive | {"maxReceiveCount": 5})["RedrivePolicy"]["maxReceiveCount"] == 5
    assert "RedrivePolicy" not in queue.change(RedrivePolicy=None)


@pytest.mark.parametrize(
    "change",
    [
        {"DelaySeconds": 0},
        {"VisibilityTimeout": 120},
        {"MessageRetentionPeriod": 3600},
        {"Tags": [{"Key": "owner", "Value": "ana"}]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_update_changes_just_what_it_says(emulator: Emulator, change: dict[str, Any]) -> None:
    queue = bench(emulator)
    before = queue.create()

    after = queue.change(**change)

    assert agrees(after, change)
    assert differing(before, after) == set(change)


def test_unset_properties_go_back_to_what_a_new_queue_has(emulator: Emulator) -> None:
    queue = bench(emulator)
    queue.create()

    after = queue.change(
        DelaySeconds=None,
        MessageRetentionPeriod=None,
        ReceiveMessageWaitTimeSeconds=None,
        VisibilityTimeout=None,
        Tags=None,
    )

    defaults = {
        "DelaySeconds": 0,
        "MessageRetentionPeriod": 345600,
        "ReceiveMessageWaitTimeSeconds": 0,
        "VisibilityTimeout": 30,
    }
    assert agrees(after, defaults)
    assert "Tags" not in after


def test_the_message_size_goes_back_to_one_mebibyte(emulator: Emulator) -> None:
    queue = bench(emulator)
    queue.create()
    assert queue.change(MaximumMessageSize=None)["MaximumMessageSize"] == 1048576


def test_changes_made_by_hand_show_up(emulator: Emulator) -> None:
    queue = bench(emulator)
    before = queue.create()
    sqs = emulator.client("sqs")
    sqs.set_queue_attributes(QueueUrl=queue.id, Attributes={"VisibilityTimeout": "77"})
    sqs.tag_queue(QueueUrl=queue.id, Tags={"team": "nobody"})

    after = queue.read()

    assert after["VisibilityTimeout"] == 77
    assert differing(before, after) == {"VisibilityTimeout", "Tags"}


def test_deleting_twice_is_fine(emulator: Emulator) -> None:
    queue = bench(emulator)
    queue.create()

    queue.delete()
    queue.delete()

    assert not queue.exists()
    assert inventory(emulator) == frozenset()


def test_a_strangers_queue_is_neither_found_nor_touched(emulator: Emulator) -> None:
    """Even one whose attributes agree, for which CreateQueue would answer as if it had made it."""
    theirs = bench(emulator)
    theirs.create(STRANGER)
    ours = bench(emulator)

    assert ours.find() is None
    with pytest.raises(CloudError, match="exists already"):
        ours.create()
    assert theirs.find(STRANGER) == theirs.id


def test_a_lost_answer_leaves_one_queue(faulty: Proxy, emulator: Emulator) -> None:
    faulty.rules.append(Fault("CreateQueue", Drop(after=True), calls=(1,)))
    queue = bench(faulty)

    assert agrees(queue.create(), QUEUE)
    assert queue.find() == queue.id
    assert inventory(emulator) == {"sqs:queue/shop-dev-orders"}


def test_our_own_queue_with_other_attributes_is_taken_over_and_set_right(emulator: Emulator) -> None:
    first = bench(emulator, VisibilityTimeout=15)
    first.create()

    again = bench(emulator)

    assert agrees(again.create(), QUEUE)
    assert again.id == first.id


def test_a_name_that_was_deleted_a_moment_ago_is_waited_for(faulty: Proxy) -> None:
    blocked = Answer(
        "AWS.SimpleQueueService.QueueDeletedRecently",
        "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
    )
    faulty.rules.append(Fault("CreateQueue", blocked, calls=(1, 2, 3)))
    queue = bench(faulty)

    assert agrees(queue.create(), QUEUE)
    assert len(queue.pauses) == 3
    assert "less than a minute ago" in queue.pauses[0].reason


def test_the_end_of_a_deletion_is_waited_for(faulty: Proxy, emulator: Emulator) -> None:
    """SQS answers for a deleted queue for up to a minute."""
    queue = bench(faulty)
    queue.create()
    looks = []

    def gone_at_the_third_look(call: Call) -> None:
        looks.append(call)
        if len(looks) == 3:
            sqs = emulator.client("sqs")
            sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="shop-dev-orders")["QueueUrl"])

    faulty.rules.append(Fault("DeleteQueue", Answer("accepted", status=200)))
    faulty.rules.append(Fault("GetQueueAttributes", gone_at_the_third_look))
    queue.delete()

    assert len(queue.pauses) == 2
    assert inventory(emulator) == frozenset()
