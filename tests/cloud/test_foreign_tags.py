"""Contract: whatever the type, a change of tags leaves alone the tags of others, and a heal can take them away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from stateroom.cloud import tags
from stateroom.cloud.aws.apigateway_calls import write_tags
from stateroom.cloud.aws.provider import AwsProvider
from stateroom.cloud.provider import Identity, Owner, run
from stateroom.cloud.schema.catalog import facts
from stateroom.errors import CloudError
from stateroom.model.resource import Live
from tests.cloud import more_types
from tests.cloud.all_types import ALL_TYPES
from tests.cloud.test_aws_provider import no_sleep, opened
from tests.cloud.test_every_type import resolved
from tests.support.emulators import Emulator

pytestmark = pytest.mark.emulator

COST: Final = {"cost-centre": "42"}  # what a tool, or a colleague, has put on it
POOLS: Final = ("AWS::Cognito::UserPool", "AWS::Cognito::IdentityPool")  # moto answers 500 to their tags
# Emulators that lose or never tell tags of these.
FORGETFUL: Final[Mapping[str, set[str]]] = {
    "moto": {*more_types.FORGETFUL["moto"], *more_types.LACKING["moto"], "Custom::S3"},
    "ministack": {*more_types.FORGETFUL["ministack"], *more_types.LACKING["ministack"]},
}

# Emulators lack API Gateway's operations for tags (see below), and those of pools.
DEAF: Final = ("AWS::ApiGateway::", "AWS::ApiGatewayV2::", *POOLS)

# Of several keys that are to go, ministack takes away the first.
FIRST_ONLY: Final = {"ministack": {"AWS::Scheduler::ScheduleGroup"}, "moto": set[str]()}


def declared(type_: str, values: Mapping[str, str]) -> Any:
    """Tags as the type's property takes them."""
    shape = facts(type_).shape.get(facts(type_).tags)
    return dict(values) if isinstance(shape, Mapping) and "m" in shape else tags.as_list(values)


def there(provider: AwsProvider, live: Live, type_: str, inputs: Mapping[str, Any]) -> dict[str, str]:
    """The user's tags, as the resource's own service tells them."""
    found = provider.read(type_, live.physical_id, inputs)
    assert found is not None
    return tags.from_list(found.properties.get(facts(type_).tags))


def test_a_change_of_tags_leaves_those_of_others(emulator: Emulator) -> None:
    provider, made, kept, wrong = opened(emulator.endpoint_url), dict[str, Live](), set[str](), dict[str, Any]()
    deaf = set[str]()
    for name, (type_, properties) in ALL_TYPES.items():
        if type_ in FORGETFUL[emulator.name]:
            continue
        owner, property_ = Owner("shop", "dev", name, "a" * 32), provider.schema(type_).tags_property
        inputs = {key: value for key, value in resolved(properties, made).items() if key != property_}
        if not property_ or (emulator.name == "moto" and type_ in POOLS):
            deaf |= {type_} if property_ else set()
            made[name] = run(provider.create(type_, inputs, owner), sleep=no_sleep)
            continue
        first = {**inputs, property_: declared(type_, {"team": "shop", "old": "1"})}
        live = made[name] = run(provider.create(type_, first, owner), sleep=no_sleep)
        by_hand = {**inputs, property_: declared(type_, {"team": "shop", "old": "1", **COST})}
        try:
            run(provider.update(type_, live.physical_id, by_hand, first, frozenset({property_}), owner), sleep=no_sleep)
        except CloudError:
            deaf.add(type_)
            continue
        if there(provider, live, type_, by_hand) != {"team": "shop", "old": "1", **COST}:
            deaf.add(type_)
            continue
        fresh = {"team": "store", "new": "2"} if type_ not in FIRST_ONLY[emulator.name] else {"team": "store"}
        second = {**inputs, property_: declared(type_, fresh)}
        run(provider.update(type_, live.physical_id, second, first, frozenset({property_}), owner), sleep=no_sleep)
        if (found := there(provider, live, type_, second)) != {**fresh, **COST}:
            wrong[f"{name}: changed"] = found
        run(provider.update(type_, live.physical_id, inputs, second, frozenset({property_}), owner), sleep=no_sleep)
        if (found := there(provider, live, type_, second)) != COST:
            wrong[f"{name}: unset"] = found
        healed = {**inputs, property_: declared(type_, COST)}  # what is known to be there goes
        run(provider.update(type_, live.physical_id, inputs, healed, frozenset({property_}), owner), sleep=no_sleep)
        if found := there(provider, live, type_, second):
            wrong[f"{name}: healed"] = found
        kept.add(type_)
    assert all(type_.startswith(DEAF) for type_ in deaf)
    assert wrong == {}
    taggable = {type_ for type_, _ in ALL_TYPES.values() if provider.schema(type_).tags_property} - FORGETFUL[
        emulator.name
    ]
    assert kept | deaf == taggable


def test_api_gateway_is_told_to_remove_only_what_was_set_before() -> None:
    sent: list[tuple[str, Any]] = []

    class Api:
        def tag_resource(self, *, resourceArn: str, tags: dict[str, str]) -> None:
            sent.append((resourceArn, tags))

        def untag_resource(self, *, resourceArn: str, tagKeys: list[str]) -> None:
            sent.append((resourceArn, tagKeys))

    class ApiClients:
        def __call__(self, _service: str) -> Api:
            return Api()

        def identity(self) -> Identity:
            return Identity("123456789012", "eu-west-1")

    known = tags.known_keys({"Tags": [{"Key": "old", "Value": "1"}]})
    clients: Any = ApiClients()
    write_tags(clients, "/restapis/abc", {"old": "1", **COST}, {"new": "2"}, known)
    arn = "arn:aws:apigateway:eu-west-1::/restapis/abc"
    assert sent == [(arn, {"new": "2"}), (arn, ["old"])]
