from __future__ import annotations

from typing import Any

import pytest

from stateroom.cloud.aws.sns import SubscriptionHandler, TopicHandler
from stateroom.errors import CloudError
from tests.cloud.bench import STRANGER, Bench, agrees, differing
from tests.support.emulators import REGION, Emulator
from tests.support.faults import Answer, Drop, Fault, Proxy
from tests.support.inventory import inventory

TOPIC: dict[str, Any] = {
    "TopicName": "shop-dev-invoices",
    "DisplayName": "Invoices",
    "Tags": [{"Key": "team", "Value": "billing"}],
}
POLICY = {"kind": ["paid", "refunded"]}


def topic(emulator: Emulator | Proxy, **properties: Any) -> Bench:
    return Bench(TopicHandler, emulator.endpoint_url, TOPIC | properties)


def queue_arn(emulator: Emulator, name: str = "invoices") -> str:
    url = emulator.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    answer = emulator.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(answer["Attributes"]["QueueArn"])


def subscription(emulator: Emulator, endpoint_url: str = "", **properties: Any) -> Bench:
    inputs = {
        "TopicArn": emulator.client("sns").create_topic(Name="shop-dev-invoices")["TopicArn"],
        "Protocol": "sqs",
        "Endpoint": queue_arn(emulator),
        "FilterPolicy": POLICY,
        "RawMessageDelivery": True,
    }
    return Bench(SubscriptionHandler, endpoint_url or emulator.endpoint_url, inputs | properties)


def test_a_topic_reads_as_it_was_asked_for(emulator: Emulator) -> None:
    invoices = topic(emulator)
    model = invoices.create()

    assert agrees(model, TOPIC)
    assert model["TopicArn"] == invoices.id == f"arn:aws:sns:{REGION}:{emulator.account}:shop-dev-invoices"
    assert invoices.identified == [invoices.id]


def test_a_fifo_topic_reads_as_it_was_asked_for(emulator: Emulator) -> None:
    fifo = {"TopicName": "shop-dev.fifo", "FifoTopic": True, "ContentBasedDeduplication": True}
    assert agrees(Bench(TopicHandler, emulator.endpoint_url, fifo).create(), fifo)


@pytest.mark.parametrize("change", [{"DisplayName": "Bills"}, {"Tags": [{"Key": "owner", "Value": "ana"}]}])
def test_an_update_changes_just_what_it_says(emulator: Emulator, change: dict[str, Any]) -> None:
    invoices = topic(emulator)
    before = invoices.create()

    after = invoices.change(**change)

    assert agrees(after, change)
    assert differing(before, after) == set(change)


def test_unset_properties_go_back_to_what_a_new_topic_has(emulator: Emulator) -> None:
    invoices = topic(emulator)
    invoices.create()
    assert not invoices.change(DisplayName=None, Tags=None).keys() & {"DisplayName", "Tags"}


def test_subscriptions_written_inside_a_topic_follow_it(emulator: Emulator) -> None:
    one, two = ({"Protocol": "sqs", "Endpoint": queue_arn(emulator, name)} for name in ("one", "two"))
    invoices = topic(emulator, Subscription=[one])
    assert invoices.create()["Subscription"] == [one]

    assert invoices.change(Subscription=[two])["Subscription"] == [two]

    kinds = [line.split("/")[0] for line in inventory(emulator)]
    assert kinds.count("sns:subscription") == 1


def test_a_subscription_of_its_own_does_not_show_up_in_its_topic(emulator: Emulator) -> None:
    invoices = topic(emulator)
    before = invoices.create()
    subscription(emulator, TopicArn=invoices.id).create()
    assert invoices.read() == before


def test_a_topic_changed_by_hand_shows_it(emulator: Emulator) -> None:
    invoices = topic(emulator)
    before = invoices.create()
    sns = emulator.client("sns")
    sns.set_topic_attributes(TopicArn=invoices.id, AttributeName="DisplayName", AttributeValue="by hand")
    sns.tag_resource(ResourceArn=invoices.id, Tags=[{"Key": "team", "Value": "nobody"}])

    assert differing(before, invoices.read()) == {"DisplayName", "Tags"}


def test_deleting_twice_is_fine(emulator: Emulator) -> None:
    invoices = topic(emulator)
    invoices.create()

    invoices.delete()
    invoices.delete()

    assert not invoices.exists()
    assert inventory(emulator) == frozenset()


def test_a_strangers_topic_is_not_found(emulator: Emulator) -> None:
    topic(emulator).create(STRANGER)
    assert topic(emulator).find() is None


def test_a_strangers_topic_is_not_taken(faulty: Proxy) -> None:
    """SNS compares tags as well; emulators do not, so the proxy says what SNS says."""
    topic(faulty, DisplayName="theirs").create(STRANGER)
    refusal = Answer("InvalidParameter", "Invalid parameter: Tags Reason: Topic already exists with different tags")
    faulty.rules.append(Fault("CreateTopic", refusal))

    with pytest.raises(CloudError, match="exists already"):
        topic(faulty).create()


def test_our_own_topic_with_other_attributes_is_taken_over_and_set_right(faulty: Proxy) -> None:
    topic(faulty, DisplayName="before").create()
    refusal = Answer("InvalidParameter", "Invalid parameter: Attributes Reason: Topic already exists with different")
    faulty.rules.append(Fault("CreateTopic", refusal))

    assert agrees(topic(faulty).create(), TOPIC)


def test_a_lost_answer_leaves_one_topic(faulty: Proxy, emulator: Emulator) -> None:
    faulty.rules.append(Fault("CreateTopic", Drop(after=True), calls=(1,)))
    invoices = topic(faulty)

    assert agrees(invoices.create(), TOPIC)
    assert invoices.find() == invoices.id
    assert inventory(emulator) == {"sns:topic/shop-dev-invoices"}


def test_a_subscription_reads_as_it_was_asked_for(emulator: Emulator) -> None:
    billing = subscription(emulator)
    model = billing.create()

    assert agrees(model, billing.inputs)
    assert model["Arn"] == billing.id
    assert billing.identified == [billing.id]


def test_a_subscriptions_filter_changes_and_goes(emulator: Emulator) -> None:
    billing = subscription(emulator)
    before = billing.create()

    changed = billing.change(FilterPolicy={"kind": ["paid"]})
    assert differing(before, changed) == {"FilterPolicy"}
    assert changed["FilterPolicy"] == {"kind": ["paid"]}

    assert "FilterPolicy" not in billing.change(FilterPolicy=None)


def test_a_filter_on_the_body_may_nest(emulator: Emulator) -> None:
    billing = subscription(emulator)
    billing.create()
    nested = {"order": {"kind": ["paid"]}}

    model = billing.change(FilterPolicy=nested, FilterPolicyScope="MessageBody")

    assert agrees(model, {"FilterPolicy": nested, "FilterPolicyScope": "MessageBody"})


def test_raw_delivery_and_redrive_come_and_go(emulator: Emulator) -> None:
    billing = subscription(emulator)
    billing.create()
    redrive = {"deadLetterTargetArn": queue_arn(emulator, "dead")}

    assert billing.change(RedrivePolicy=redrive)["RedrivePolicy"] == redrive
    assert "RedrivePolicy" not in billing.change(RedrivePolicy=None)
    assert billing.change(RawMessageDelivery=None)["RawMessageDelivery"] is False


def test_a_subscription_changed_by_hand_shows_it(emulator: Emulator) -> None:
    billing = subscription(emulator)
    before = billing.create()
    emulator.client("sns").set_subscription_attributes(
        SubscriptionArn=billing.id, AttributeName="FilterPolicy", AttributeValue='{"kind": ["by hand"]}'
    )
    assert differing(before, billing.read()) == {"FilterPolicy"}


def test_unsubscribing_twice_is_fine(emulator: Emulator) -> None:
    billing = subscription(emulator)
    billing.create()

    billing.delete()
    billing.delete()

    assert not billing.exists()


def test_a_subscription_of_another_endpoint_is_not_found(emulator: Emulator) -> None:
    subscription(emulator, Endpoint=queue_arn(emulator, "another")).create()
    assert subscription(emulator).find() is None


def test_a_lost_answer_leaves_one_subscription(faulty: Proxy, emulator: Emulator) -> None:
    faulty.rules.append(Fault("Subscribe", Drop(after=True), calls=(1,)))
    billing = subscription(emulator, faulty.endpoint_url)

    assert agrees(billing.create(), billing.inputs)
    assert billing.find() == billing.id
    assert len([line for line in inventory(emulator) if line.startswith("sns:subscription")]) == 1


def test_creating_over_an_existing_subscription_sets_it_right(emulator: Emulator) -> None:
    first = subscription(emulator, FilterPolicy={"kind": ["old"]})
    first.create()
    again = subscription(emulator)

    assert agrees(again.create(), again.inputs)
    assert again.id == first.id


def test_a_subscription_that_nobody_confirmed_does_not_block_a_removal(faulty: Proxy, emulator: Emulator) -> None:
    billing = subscription(emulator, faulty.endpoint_url)
    billing.create()
    refusal = "Invalid parameter: This subscription is pending confirmation"
    faulty.rules.append(Fault("Unsubscribe", Answer("InvalidParameter", refusal)))

    billing.delete()

    assert faulty.count("Unsubscribe") == 1
