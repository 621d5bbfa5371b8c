"""Tags in both forms, and whose a resource is."""

from __future__ import annotations

from stateroom.cloud import tags
from stateroom.cloud.provider import Owner
from stateroom.model.values import Secret

OWNER = Owner("shop", "dev", "Queue")
OURS = {"stateroom:service": "shop", "stateroom:stage": "dev", "stateroom:resource": "Queue"}


def test_a_resource_bears_the_users_tags_and_its_owners() -> None:
    as_list = {"Tags": [{"Key": "team", "Value": "blue"}]}
    as_map = {"Tags": {"team": "blue"}}

    assert tags.wanted(as_list, OWNER) == tags.wanted(as_map, OWNER) == {"team": "blue", **OURS}
    assert tags.wanted({}, OWNER) == OURS


def test_a_user_cannot_make_a_resource_somebody_elses() -> None:
    assert tags.wanted({"Tags": {"stateroom:stage": "prod"}}, OWNER) == OURS


def test_a_secret_tag_is_revealed_for_the_call() -> None:
    assert tags.wanted({"Tags": {"token": Secret("abc")}}, OWNER)["token"] == "abc"


def test_the_difference_is_what_to_set_and_what_to_remove() -> None:
    current = {"a": "1", "b": "2", "aws:cloudformation:stack-name": "old"}

    assert tags.difference(current, {"a": "1", "b": "3", "c": "4"}, {"a"}) == ({"b": "3", "c": "4"}, ())
    assert tags.difference(current, {"a": "1"}, {"a", "b"}) == ({}, ("b",))


def test_tags_of_others_stay_however_the_api_takes_them() -> None:
    current = {"a": "1", "cost": "42", "aws:cloudformation:stack-name": "old", "stateroom:stage": "dev"}
    known = tags.known_keys({"Tags": [{"Key": "a", "Value": "1"}]})

    assert tags.difference(current, {}, known) == ({}, ("a", "stateroom:stage"))
    assert tags.replacing(current, {"b": "2"}, known) == {"b": "2", "cost": "42"}


def test_lists_are_sorted_and_come_back() -> None:
    assert tags.as_list({"b": "2", "a": "1"}) == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    assert tags.from_list([{"key": "a", "value": "1"}, {"Key": "b", "Value": None}]) == {"a": "1", "b": ""}
    assert tags.from_list(None) == {}


def test_only_all_three_tags_make_a_resource_ours() -> None:
    assert tags.owned_by({**OURS, "x": "y"}, OWNER)
    assert not tags.owned_by({**OURS, "stateroom:stage": "prod"}, OWNER)
    assert not tags.owned_by({}, OWNER)
    assert tags.user_tags({**OURS, "aws:x": "1", "team": "blue"}) == {"team": "blue"}
