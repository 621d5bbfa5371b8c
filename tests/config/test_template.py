"""Intrinsic functions: what they come to and what they need."""

from __future__ import annotations

import pytest

from stateroom.config.document.intrinsics import service_outputs
from stateroom.config.resources.template import resolve, resource_ids
from stateroom.errors import ConfigError
from stateroom.model.values import UNKNOWN, Secret, Value


class Cloud:
    """Knows a queue; nothing of New; a secret output."""

    def ref(self, logical_id: str) -> Value:
        return UNKNOWN if logical_id == "New" else f"{logical_id}-id"

    def attribute(self, logical_id: str, name: str) -> Value:
        return UNKNOWN if logical_id == "New" else f"{logical_id}/{name}"

    def pseudo(self, name: str) -> Value:
        return {"AWS::Region": "eu-west-1"}[name]

    def dynamic(self, text: str) -> Value:
        return text

    def service_output(self, service: str, name: str) -> Value:
        return Secret("s3cret") if name == "secret" else f"{service}.{name}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Queue"}, "Queue-id"),
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "Queue/Arn"),
        ({"Fn::GetAtt": "Queue.Endpoint.Port"}, "Queue/Endpoint.Port"),
        ({"Fn::Sub": "${Queue} ${Queue.Arn} ${AWS::Region} ${!Literal}"}, "Queue-id Queue/Arn eu-west-1 ${Literal}"),
        ({"Fn::Sub": ["${a}-${Queue}", {"a": {"Ref": "B"}}]}, "B-id-Queue-id"),
        ({"Fn::Join": ["-", ["a", 1, True, {"Ref": "B"}]]}, "a-1-true-B-id"),
        ({"Fn::Select": ["1", {"Fn::Split": ["/", {"Fn::GetAtt": ["Q", "Arn"]}]}]}, "Arn"),
        ({"Fn::Base64": "hi"}, "aGk="),
        ({"Fn::ServiceOutput": ["orders", "url"]}, "orders.url"),
        ({"a": {"Ref": "AWS::NoValue"}, "b": [1, {"Ref": "AWS::NoValue"}, 2]}, {"b": [1, 2]}),
        ({"Ref": "Queue", "Other": 1}, {"Ref": "Queue", "Other": 1}),
    ],
)
def test_a_value_comes_to(value: Value, expected: Value) -> None:
    assert resolve(value, Cloud()) == expected


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "New"},
        {"Fn::Sub": "x-${New}"},
        {"Fn::Join": ["", ["a", {"Ref": "New"}]]},
        {"Fn::Select": [0, {"Fn::Split": ["/", {"Ref": "New"}]}]},
        {"Fn::Base64": {"Ref": "New"}},
        Secret({"Ref": "New"}),
    ],
)
def test_what_is_not_known_yet_makes_the_whole_string_unknown(value: Value) -> None:
    assert resolve(value, Cloud()) is UNKNOWN


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Secret({"Ref": "Queue"}), "Queue-id"),
        ({"Fn::Sub": ["k=${s}", {"s": Secret("v")}]}, "k=v"),
        ({"Fn::Join": ["", ["k=", {"Fn::ServiceOutput": ["a", "secret"]}]]}, "k=s3cret"),
        ({"Fn::Select": [1, {"Fn::Split": [",", Secret("a,b")]}]}, "b"),
        ({"Fn::Base64": Secret("hi")}, "aGk="),
    ],
)
def test_a_secret_inside_a_string_makes_the_string_secret(value: Value, plain: str) -> None:
    assert resolve(value, Cloud()) == Secret(plain)


@pytest.mark.parametrize(
    "value",
    [{"Ref": []}, {"Fn::GetAtt": "A"}, {"Fn::Sub": 1}, {"Fn::Join": []}, {"Fn::Select": [5, ["a"]]}, {"Fn::If": []}],
)
def test_a_malformed_intrinsic_is_a_config_error(value: Value) -> None:
    with pytest.raises(ConfigError):
        resolve(value, Cloud())


def test_resource_ids_finds_references_wherever_they_are() -> None:
    value = {
        "a": {"Ref": "A"},
        "b": [{"Fn::GetAtt": ["B", "Arn"]}, {"Fn::Sub": ["${C.Arn} ${v} ${AWS::Region} ${!D}", {"v": {"Ref": "E"}}]}],
        "c": Secret({"Fn::Sub": "${F}"}),
        "d": {"Ref": "AWS::AccountId"},
        "e": {"Fn::ServiceOutput": ["G", "x"]},
    }
    assert resource_ids(value) == {"A", "B", "C", "E", "F"}
    assert service_outputs(value) == {("G", "x")}
