"""What bears our mark is found, whatever the type: by each service's list, or by the Tagging API where it serves."""

from __future__ import annotations

from typing import Any, Final

import pytest

from stateroom.cloud.aws.marked import search
from stateroom.cloud.aws.marked.tables import MARKED_TYPES
from stateroom.cloud.provider import Owner, ResourceData, run
from stateroom.model.resource import Live
from tests.cloud import more_types
from tests.cloud.all_types import ALL_TYPES
from tests.cloud.test_aws_provider import no_sleep, opened
from tests.cloud.test_every_type import resolved
from tests.support.emulators import Emulator
from tests.support.raw_contents import raw_contents

pytestmark = pytest.mark.emulator

OWNER: Final = "a" * 32
TAGGED_BY_US: Final = {"AWS::IAM::InstanceProfile", "AWS::IAM::ManagedPolicy"}
# They go with their API, or are dashboards, whose list tells no tags and which hold nothing.
NOT_LISTED: Final = {
    "AWS::ApiGateway::DomainName",  # listed with those of the second API
    "AWS::ApiGateway::Stage",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Dashboard",
}
NOT_MADE: Final = {"moto": {"Custom::S3"}, "ministack": set[str]()}


def populated(emulator: Emulator) -> dict[str, Live]:
    """One of each type, made by a state."""
    provider, made = opened(emulator.endpoint_url), dict[str, Live]()
    lacking = NOT_MADE[emulator.name] | set(more_types.LACKING[emulator.name])
    for name, (type_, properties) in ALL_TYPES.items():
        if type_ not in lacking:
            inputs: dict[str, Any] = resolved(properties, made)
            owner = Owner("shop", "dev", name, OWNER, "bucket ours")
            made[name] = run(provider.create(type_, inputs, owner), sleep=no_sleep)
    return made


def test_every_type_that_bears_tags_is_listed() -> None:
    provider = opened("http://127.0.0.1:1")
    taggable = {type_ for type_, _ in ALL_TYPES.values() if provider.schema(type_).tags_property} | TAGGED_BY_US
    assert {row.type for row in MARKED_TYPES} == taggable - NOT_LISTED


def test_one_of_each_type_is_found_and_nothing_is_changed(emulator: Emulator) -> None:
    made = populated(emulator)
    emulator.client("sqs").create_queue(QueueName="a-strangers", tags={"team": "others"})
    before = raw_contents(emulator)

    found = opened(emulator.endpoint_url).marked()
    assert found.unasked.keys() <= set(more_types.LACKING[emulator.name])
    names = {item.tags["stateroom:resource"]: item for item in found.found}
    listed = {row.type for row in MARKED_TYPES}
    wanted = {name for name in made if ALL_TYPES[name][0] in listed}
    assert wanted - names.keys() == set()
    for name in wanted:
        item = names[name]
        assert (item.type, item.physical_id, item.tags["stateroom:lineage"]) == (
            ALL_TYPES[name][0],
            made[name].physical_id,
            OWNER,
        )
    assert raw_contents(emulator) == before


def test_where_the_tagging_api_serves_only_what_it_names_is_asked(
    moto: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "is_aws", lambda _: True)
    queues = moto.client("sqs")
    provider = opened(moto.endpoint_url)
    for name in ("one", "two"):
        owner = Owner("shop", "dev", name, OWNER)
        run(provider.create("AWS::SQS::Queue", {"QueueName": name}, owner), sleep=no_sleep)
    for number in range(20):
        queues.create_queue(QueueName=f"other-{number}")
    asked: list[str] = []
    provider = opened(moto.endpoint_url)
    handler = provider._handlers.get("AWS::SQS::Queue")
    ask = handler.tags_by_id  # type: ignore[union-attr]

    def counted(resource: ResourceData) -> Any:
        asked.append(resource.id)
        return ask(resource)

    monkeypatch.setattr(handler, "tags_by_id", counted)

    found = [item.tags["stateroom:resource"] for item in provider.marked().found if item.type == "AWS::SQS::Queue"]
    assert sorted(found) == ["one", "two"]
    assert len(asked) == 2


def test_a_service_that_may_not_be_asked_is_told_and_the_others_are_asked(
    moto: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = opened(moto.endpoint_url)
    run(provider.create("AWS::SQS::Queue", {"QueueName": "one"}, Owner("shop", "dev", "Q", OWNER)), sleep=no_sleep)
    handler = provider._handlers.get("AWS::DynamoDB::Table")
    moto.client("dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    def refused(_: object) -> None:
        raise PermissionError("dynamodb:ListTagsOfResource is not allowed")

    monkeypatch.setattr(handler, "locate", refused)
    found = provider.marked()
    assert "AWS::DynamoDB::Table" in found.unasked
    assert [item.type for item in found.found] == ["AWS::SQS::Queue"]
