from __future__ import annotations

import re

import pytest

from stateroom.cloud.schema.catalog import facts
from stateroom.engine.planning.physical_names import physical_name, with_name
from stateroom.model.resource import Record, Resource

BUCKET = facts("AWS::S3::Bucket").schema
QUEUE = facts("AWS::SQS::Queue").schema


def resource(type_: str, logical_id: str, **properties: object) -> Resource:
    return Resource(logical_id, type_, dict(properties))


def test_a_derived_name_says_whose_it_is_and_stays_the_same() -> None:
    name = physical_name(resource("AWS::SQS::Queue", "Orders"), QUEUE, "shop", "dev")

    assert str(name).startswith("shop-dev-Orders-")
    assert name == physical_name(resource("AWS::SQS::Queue", "Orders"), QUEUE, "shop", "dev")
    assert name != physical_name(resource("AWS::SQS::Queue", "Orders", FifoQueue=True), QUEUE, "shop", "dev")


def test_a_long_name_is_shortened_to_the_types_limit() -> None:
    assert len(str(physical_name(resource("AWS::SQS::Queue", "Orders" * 30), QUEUE, "shop", "dev"))) == 80


def test_a_name_that_is_one_of_a_kind_in_the_world_ends_in_the_account() -> None:
    name = physical_name(resource("AWS::S3::Bucket", "Uploaded_Images" * 5), BUCKET, "Shop", "dev")

    ((_, [own, account]),) = [pair for _, pair in name.items()] and [("-", name["Fn::Join"][1])]
    assert account == {"Ref": "AWS::AccountId"}
    assert own == own.lower()
    assert "_" not in own
    assert len(own) + 1 + 12 <= 63


def test_a_name_that_the_config_gives_is_kept() -> None:
    named = resource("AWS::S3::Bucket", "Images", BucketName="shop-images")

    assert with_name(named, BUCKET, "shop", "dev") == {"BucketName": "shop-images"}


def test_what_was_made_without_a_name_keeps_the_clouds() -> None:
    parameter = facts("AWS::SSM::Parameter").schema
    made = Record("Limit", parameter.type, "CFN-Limit-A1B2", {"Type": "String", "Value": "7"}, {})
    declared = resource(parameter.type, "Limit", Type="String", Value="8")

    assert with_name(declared, parameter, "shop", "dev", made) == declared.properties
    assert "Name" in with_name(declared, parameter, "shop", "dev")


@pytest.mark.parametrize(
    ("type_", "logical_id", "allowed"),
    [("AWS::ECR::Repository", "Images", r"[a-z0-9-]+"), ("AWS::IoT::TopicRule", "Readings", r"[A-Za-z0-9_]+")],
)
def test_a_derived_name_has_only_letters_that_the_type_takes(type_: str, logical_id: str, allowed: str) -> None:
    name = physical_name(resource(type_, logical_id), facts(type_).schema, "Shop", "dev")

    assert re.fullmatch(allowed, str(name))
