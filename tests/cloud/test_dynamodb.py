from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from stateroom.cloud.aws.dynamodb import TableHandler
from stateroom.errors import CloudError
from tests.cloud.bench import STRANGER, Bench, agrees, differing
from tests.support.emulators import REGION, Emulator
from tests.support.faults import Answer, Drop, Fault, Proxy
from tests.support.inventory import inventory


def key(name: str, kind: str = "HASH") -> dict[str, str]:
    return {"AttributeName": name, "KeyType": kind}


def attribute(name: str) -> dict[str, str]:
    return {"AttributeName": name, "AttributeType": "S"}


def index(name: str, by: str, projection: str = "ALL") -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": [key(by)], "Projection": {"ProjectionType": projection}}


TABLE: dict[str, Any] = {
    "TableName": "shop-dev-orders",
    "AttributeDefinitions": [attribute("customer"), attribute("id")],
    "KeySchema": [key("id")],
    "BillingMode": "PAY_PER_REQUEST",
    "GlobalSecondaryIndexes": [index("by-customer", "customer")],
    "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
    "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    "Tags": [{"Key": "team", "Value": "checkout"}],
}
PLAIN: dict[str, Any] = {
    "TableName": "shop-dev-plain",
    "AttributeDefinitions": [attribute("id")],
    "KeySchema": [key("id")],
    "BillingMode": "PAY_PER_REQUEST",
}


def bench(emulator: Emulator | Proxy, **properties: Any) -> Bench:
    return Bench(TableHandler, emulator.endpoint_url, TABLE | properties)


def plain(emulator: Emulator | Proxy, **properties: Any) -> Bench:
    return Bench(TableHandler, emulator.endpoint_url, PLAIN | properties)


def recovers(model: dict[str, Any]) -> bool:
    return bool(model["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"])


def test_a_table_reads_as_it_was_asked_for(emulator: Emulator) -> None:
    table = bench(emulator)
    model = table.create()

    asked = {name: value for name, value in TABLE.items() if name != "PointInTimeRecoverySpecification"}
    assert agrees(model, asked)
    assert recovers(model)
    assert model["Arn"] == f"arn:aws:dynamodb:{REGION}:{emulator.account}:table/shop-dev-orders"
    assert model["StreamArn"].startswith(model["Arn"] + "/stream/")
    assert table.identified == ["shop-dev-orders"]


def test_a_provisioned_table_has_numbers_even_when_the_template_has_text(emulator: Emulator) -> None:
    units = {"ReadCapacityUnits": "3", "WriteCapacityUnits": 2}
    model = plain(emulator, BillingMode="PROVISIONED", ProvisionedThroughput=units).create()

    assert model["BillingMode"] == "PROVISIONED"
    assert model["ProvisionedThroughput"] == {"ReadCapacityUnits": 3, "WriteCapacityUnits": 2}


def test_a_table_without_extras_shows_none(emulator: Emulator) -> None:
    model = plain(emulator).create()

    assert agrees(model, PLAIN)
    assert not model.keys() & {"TimeToLiveSpecification", "StreamSpecification", "StreamArn", "Tags"}
    assert not recovers(model)


def test_billing_goes_both_ways_with_the_indexes(emulator: Emulator) -> None:
    table = bench(emulator)
    table.create()
    units = {"ReadCapacityUnits": 4, "WriteCapacityUnits": 2}

    provisioned = table.change(
        BillingMode="PROVISIONED",
        ProvisionedThroughput=units,
        GlobalSecondaryIndexes=[index("by-customer", "customer") | {"ProvisionedThroughput": units}],
    )
    assert agrees(provisioned, {"BillingMode": "PROVISIONED", "ProvisionedThroughput": units})

    on_demand = table.change(
        BillingMode="PAY_PER_REQUEST",
        ProvisionedThroughput=None,
        GlobalSecondaryIndexes=[index("by-customer", "customer")],
    )
    assert on_demand["BillingMode"] == "PAY_PER_REQUEST"
    assert "ProvisionedThroughput" not in on_demand


def test_throughput_changes_by_itself_and_writing_it_again_is_no_call(faulty: Proxy) -> None:
    units = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    table = plain(faulty, BillingMode="PROVISIONED", ProvisionedThroughput=units)
    table.create()

    more = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 1}
    assert table.change(ProvisionedThroughput=more)["ProvisionedThroughput"] == more
    table.change(ProvisionedThroughput=more)

    assert faulty.count("UpdateTable") == 1


def test_indexes_change_one_call_each(faulty: Proxy) -> None:
    """DynamoDB refuses two index changes in one UpdateTable."""
    table = bench(faulty)
    before = table.create()

    after = table.change(
        AttributeDefinitions=[attribute("id"), attribute("shop"), attribute("state")],
        GlobalSecondaryIndexes=[index("by-shop", "shop"), index("by-state", "state", "KEYS_ONLY")],
    )

    assert agrees(after, {"GlobalSecondaryIndexes": table.inputs["GlobalSecondaryIndexes"]})
    assert differing(before, after) == {"AttributeDefinitions", "GlobalSecondaryIndexes"}
    assert faulty.count("UpdateTable") == 3


def test_an_index_with_another_projection_is_made_anew(emulator: Emulator) -> None:
    table = bench(emulator)
    table.create()
    wanted = [index("by-customer", "customer", "KEYS_ONLY")]

    assert table.change(GlobalSecondaryIndexes=wanted)["GlobalSecondaryIndexes"] == wanted
    assert "GlobalSecondaryIndexes" not in table.change(GlobalSecondaryIndexes=None)


def test_a_stream_can_be_turned_off(emulator: Emulator) -> None:
    table = bench(emulator)
    table.create()
    assert not table.change(StreamSpecification=None).keys() & {"StreamSpecification", "StreamArn"}


# moto keeps the three below as they were at the creation of a table.


def test_another_stream_view_is_another_stream(ministack: Emulator) -> None:
    table = bench(ministack)
    before = table.create()

    after = table.change(StreamSpecification={"StreamViewType": "KEYS_ONLY"})

    assert after["StreamSpecification"] == {"StreamViewType": "KEYS_ONLY"}
    assert differing(before, after) <= {"StreamSpecification", "StreamArn"}


def test_encryption_with_a_key_comes_and_goes(ministack: Emulator) -> None:
    table = plain(ministack, SSESpecification={"SSEEnabled": True, "SSEType": "KMS"})
    assert table.create()["SSESpecification"]["SSEEnabled"] is True
    assert "SSESpecification" not in table.change(SSESpecification=None)


def test_the_table_class_comes_and_goes(ministack: Emulator) -> None:
    table = plain(ministack)
    table.create()
    rare = "STANDARD_INFREQUENT_ACCESS"
    assert table.change(TableClass=rare)["TableClass"] == rare
    assert table.change(TableClass=None).get("TableClass", "STANDARD") == "STANDARD"


@pytest.mark.parametrize(
    "change",
    [
        {"TimeToLiveSpecification": {"AttributeName": "until", "Enabled": True}},
        {"DeletionProtectionEnabled": True},
        {"Tags": [{"Key": "owner", "Value": "ana"}]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_update_changes_just_what_it_says(emulator: Emulator, change: dict[str, Any]) -> None:
    table = bench(emulator)
    before = table.create()

    after = table.change(**change)

    assert agrees(after, change)
    assert differing(before, after) == set(change)


def test_unset_properties_go_back_to_what_a_new_table_has(emulator: Emulator) -> None:
    table = bench(emulator, DeletionProtectionEnabled=True)
    table.create()

    after = table.change(
        TimeToLiveSpecification=None,
        PointInTimeRecoverySpecification=None,
        DeletionProtectionEnabled=None,
        Tags=None,
    )

    assert not after.keys() & {"TimeToLiveSpecification", "Tags"}
    assert after["DeletionProtectionEnabled"] is False
    assert not recovers(after)


def test_writing_the_same_time_to_live_again_is_no_call(faulty: Proxy) -> None:
    """DynamoDB calls it an error, and allows one change an hour."""
    table = bench(faulty)
    table.create()
    table.change(TimeToLiveSpecification=TABLE["TimeToLiveSpecification"])

    assert faulty.count("UpdateTimeToLive") == 1


def test_changes_made_by_hand_show_up(emulator: Emulator) -> None:
    table = bench(emulator)
    before = table.create()
    dynamodb = emulator.client("dynamodb")
    dynamodb.update_time_to_live(
        TableName=table.id, TimeToLiveSpecification={"AttributeName": "expires", "Enabled": False}
    )
    dynamodb.tag_resource(ResourceArn=before["Arn"], Tags=[{"Key": "team", "Value": "nobody"}])

    assert differing(before, table.read()) == {"TimeToLiveSpecification", "Tags"}


def test_deleting_twice_is_fine(emulator: Emulator) -> None:
    table = bench(emulator)
    table.create()

    table.delete()
    table.delete()

    assert not table.exists()
    assert inventory(emulator) == frozenset()


def test_a_protected_table_is_not_deleted(emulator: Emulator) -> None:
    table = plain(emulator, DeletionProtectionEnabled=True)
    table.create()
    with pytest.raises(ClientError, match=r"(?i)protect"):
        table.delete()
    assert table.exists()


def test_a_strangers_table_is_neither_found_nor_touched(emulator: Emulator) -> None:
    theirs = plain(emulator)
    before = theirs.create(STRANGER)
    ours = plain(emulator, DeletionProtectionEnabled=True)

    assert ours.find() is None
    with pytest.raises(CloudError, match="exists already"):
        ours.create()
    assert theirs.read() == before


def test_a_lost_answer_leaves_one_table_complete(faulty: Proxy, emulator: Emulator) -> None:
    faulty.rules.append(Fault("CreateTable", Drop(after=True), calls=(1,)))
    table = bench(faulty)

    model = table.create()

    assert model["TimeToLiveSpecification"] == TABLE["TimeToLiveSpecification"]
    assert table.find() == table.id
    assert inventory(emulator) == {"dynamodb:table/shop-dev-orders"}


def test_a_table_that_is_being_changed_is_waited_for(faulty: Proxy) -> None:
    busy = Answer("ResourceInUseException", "Attempt to change a resource which is still in use: Table: UPDATING")
    table = plain(faulty)
    table.create()
    faulty.rules.append(Fault("UpdateTable", busy, calls=(1, 2)))
    faulty.rules.append(Fault("DeleteTable", busy, calls=(1,)))

    assert table.change(DeletionProtectionEnabled=True)["DeletionProtectionEnabled"] is True
    table.change(DeletionProtectionEnabled=None)
    table.delete()

    assert not table.exists()


def test_backups_that_are_not_available_yet_are_waited_for(faulty: Proxy) -> None:
    early = Answer("ContinuousBackupsUnavailableException", "Backups are being enabled for the table")
    faulty.rules.append(Fault("UpdateContinuousBackups", early, calls=(1,)))
    assert recovers(bench(faulty).create())
