from __future__ import annotations

from typing import Any

import pytest

from stateroom.cloud.aws.apigateway import RestApiHandler
from stateroom.cloud.aws.apigateway_calls import patches
from stateroom.cloud.aws.apigateway_children import (
    AuthorizerHandler,
    GatewayResponseHandler,
    ModelHandler,
    RequestValidatorHandler,
    ResourceHandler,
)
from stateroom.cloud.aws.apigateway_deployment import DeploymentHandler
from stateroom.cloud.aws.apigateway_keys import ApiKeyHandler, UsagePlanHandler, UsagePlanKeyHandler, _stage_patches
from stateroom.cloud.aws.apigateway_method import MethodHandler
from stateroom.cloud.aws.apigateway_stage import StageHandler
from stateroom.cloud.provider import Owner, ReadRequest, ResourceData
from stateroom.cloud.tags import owner_tags
from stateroom.errors import CloudError
from stateroom.model.values import Secret, reveal
from tests.cloud.bench import OWNER, STRANGER, Bench, agrees
from tests.support.emulators import REGION, Emulator

API: dict[str, Any] = {
    "Name": "dev-shop",
    "Description": "the shop",
    "EndpointConfiguration": {"Types": ["REGIONAL"]},
    "BinaryMediaTypes": ["image/png"],
    "Tags": [{"Key": "team", "Value": "checkout"}],
}
FUNCTION = f"arn:aws:lambda:{REGION}:123456789012:function:shop-dev-list"
URI = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
METHOD: dict[str, Any] = {
    "HttpMethod": "POST",
    "AuthorizationType": "NONE",
    "RequestParameters": {"method.request.querystring.page": True},
    "MethodResponses": [
        {"StatusCode": "200", "ResponseParameters": {"method.response.header.X-Kind": True}},
        {"StatusCode": "400"},
    ],
    "Integration": {
        "Type": "AWS",
        "IntegrationHttpMethod": "POST",
        "Uri": URI,
        "PassthroughBehavior": "NEVER",
        "RequestTemplates": {"application/json": '{"page": "$input.params(\'page\')"}'},
        "IntegrationResponses": [
            {"StatusCode": "200", "ResponseParameters": {"method.response.header.X-Kind": "'order'"}},
            {"StatusCode": "400", "SelectionPattern": "bad.*"},
        ],
    },
}


@pytest.fixture
def shop(emulator: Emulator) -> Bench:
    """A REST API with one path, `/orders`."""
    api = Bench(RestApiHandler, emulator.endpoint_url, API)
    api.create()
    return api


@pytest.fixture
def orders(shop: Bench, emulator: Emulator) -> Bench:
    """The path `/orders` of the API."""
    path = part(ResourceHandler, emulator, shop, ParentId=shop.read()["RootResourceId"], PathPart="orders")
    path.create()
    return path


def part(handler: type, emulator: Emulator, api: Bench, **properties: Any) -> Bench:
    return Bench(handler, emulator.endpoint_url, {"RestApiId": api.id, **properties})


def mock(emulator: Emulator, api: Bench, path: Bench) -> Bench:
    """A method that can be deployed."""
    method = part(MethodHandler, emulator, api, ResourceId=path.id, HttpMethod="GET", Integration={"Type": "MOCK"})
    method.create()
    return method


def deployment(emulator: Emulator, api: Bench, **properties: Any) -> Bench:
    return part(DeploymentHandler, emulator, api, StageName="dev", **properties)


# --- the API


def test_an_api_reads_as_it_was_asked_for(shop: Bench, emulator: Emulator) -> None:
    model = shop.read()

    kept = {name: value for name, value in API.items() if emulator.name != "moto" or name != "BinaryMediaTypes"}
    assert agrees(model, kept)  # moto forgets the types
    assert model["RestApiId"] == shop.id == shop.identified[0]
    assert model["RootResourceId"]


def test_an_api_is_found_by_its_tags_and_never_made_twice(shop: Bench, emulator: Emulator) -> None:
    again = Bench(RestApiHandler, emulator.endpoint_url, API)
    again.create()

    assert again.id == shop.id
    assert shop.find(STRANGER) is None


def test_an_api_changes_in_place(shop: Bench) -> None:
    model = shop.change(Name="dev-store", Description=None)

    assert model["Name"] == "dev-store"
    assert not model.get("Description")
    assert shop.find() == shop.id


def test_the_tags_of_an_api_are_written_by_its_arn(ministack: Emulator) -> None:
    api = Bench(RestApiHandler, ministack.endpoint_url, API)
    api.create()

    api.change(Tags=[{"Key": "floor", "Value": "2"}])

    arn = f"arn:aws:apigateway:{REGION}::/restapis/{api.id}"
    written = ministack.client("apigateway").get_tags(resourceArn=arn)["tags"]
    assert written == {"floor": "2", **owner_tags(OWNER)}


def test_a_policy_is_compared_as_a_document(emulator: Emulator) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    api = Bench(RestApiHandler, emulator.endpoint_url, {**API, "Policy": policy})

    assert api.create()["Policy"] == policy


def test_an_imported_document_is_refused(emulator: Emulator) -> None:
    api = Bench(RestApiHandler, emulator.endpoint_url, {**API, "Body": {"openapi": "3.0.1"}})
    with pytest.raises(CloudError, match="Body is not supported"):
        api.create()


def test_a_deleted_api_is_gone_with_all_its_parts(shop: Bench, orders: Bench) -> None:
    shop.delete()

    assert not shop.exists()
    assert not orders.exists()
    assert orders.find() is None


# --- its parts


def test_a_path_is_found_by_its_parent_and_its_name(shop: Bench, orders: Bench, emulator: Emulator) -> None:
    item = part(ResourceHandler, emulator, shop, ParentId=orders.id, PathPart="{id}")
    item.create()

    assert agrees(item.read(), item.inputs)
    assert item.find() == item.id != orders.id
    assert orders.read_in_bulk() == orders.read()


def test_a_method_reads_as_it_was_asked_for(shop: Bench, orders: Bench, emulator: Emulator) -> None:
    method = part(MethodHandler, emulator, shop, ResourceId=orders.id, **METHOD)
    model = method.create()

    integration = model.pop("Integration")
    for code, response in enumerate(METHOD["Integration"]["IntegrationResponses"]):
        there = integration["IntegrationResponses"][code]
        assert {name: there.get(name) for name in response} == response
    rest = {name: value for name, value in METHOD["Integration"].items() if name != "IntegrationResponses"}
    assert {name: integration.get(name) for name in rest} == rest
    assert {name: model[name] for name in METHOD if name != "Integration"} == {
        name: value for name, value in METHOD.items() if name != "Integration"
    }


def test_a_method_is_written_as_a_whole(shop: Bench, orders: Bench, emulator: Emulator) -> None:
    method = part(MethodHandler, emulator, shop, ResourceId=orders.id, **METHOD)
    method.create()

    model = method.change(
        ApiKeyRequired=True,
        RequestParameters=None,
        Integration={"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": URI},
    )

    assert model["ApiKeyRequired"] is True
    assert "RequestParameters" not in model
    assert model["Integration"]["Type"] == "AWS_PROXY"
    assert "RequestTemplates" not in model["Integration"]
    assert method.find() == method.id


def test_a_method_that_somebody_took_away_is_put_again(shop: Bench, orders: Bench, emulator: Emulator) -> None:
    method = mock(emulator, shop, orders)
    method.delete()
    assert not method.exists()
    assert method.find() is None

    assert method.change(ApiKeyRequired=True)["ApiKeyRequired"] is True


def test_methods_are_read_together(shop: Bench, orders: Bench, emulator: Emulator) -> None:
    method = mock(emulator, shop, orders)
    handler = method.handler
    readings = list(handler.read_many([ReadRequest("here", handler.type, method.id, method.inputs)]))

    assert all(reading.live and dict(reading.live.properties) == method.read() for reading in readings)


def test_an_authorizer_changes_in_place(shop: Bench, emulator: Emulator) -> None:
    inputs = {"Name": "people", "Type": "TOKEN", "AuthorizerUri": URI, "AuthorizerResultTtlInSeconds": 60}
    people = part(AuthorizerHandler, emulator, shop, **inputs, IdentitySource="method.request.header.Authorization")
    assert agrees(people.create(), people.inputs)

    model = people.change(AuthorizerResultTtlInSeconds=0, IdentitySource="method.request.header.Token")

    assert model["AuthorizerResultTtlInSeconds"] == 0
    assert model["IdentitySource"] == "method.request.header.Token"
    assert people.find() == people.id == model["AuthorizerId"]


def test_a_validator_a_model_and_a_gateway_response(ministack: Emulator) -> None:
    emulator, shop = ministack, Bench(RestApiHandler, ministack.endpoint_url, API)
    shop.create()
    validator = part(RequestValidatorHandler, emulator, shop, Name="body", ValidateRequestBody=True)
    assert validator.create()["ValidateRequestBody"] is True
    assert validator.change(ValidateRequestBody=False).get("ValidateRequestBody") is False

    order = {"type": "object", "required": ["id"]}
    model = part(ModelHandler, emulator, shop, Name="Order", ContentType="application/json", Schema=order)
    assert model.create()["Schema"] == order
    assert model.id == "Order"

    headers = {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}
    answer = part(GatewayResponseHandler, emulator, shop, ResponseType="DEFAULT_4XX", ResponseParameters=headers)
    assert answer.create()["ResponseParameters"] == headers
    assert answer.change(StatusCode="418")["StatusCode"] == "418"

    for thing in (validator, model, answer):
        assert thing.find() == thing.id
        thing.delete()
        assert not thing.exists()
        assert thing.find() is None


# --- deployments and stages


def test_a_deployment_makes_its_stage_and_describes_it(shop: Bench, orders: Bench, emulator: Emulator) -> None:
    mock(emulator, shop, orders)
    described = {
        "TracingEnabled": True,
        "Variables": {"colour": "blue"},
        "MetricsEnabled": True,
        "LoggingLevel": "INFO",
    }
    live = deployment(emulator, shop, StageDescription=described)

    model = live.create()

    assert model["StageName"] == "dev"
    assert agrees(model["StageDescription"], described)
    assert live.find() == live.id
    assert live.find(Owner("shop", "dev", "AnotherPicture")) is None


def test_a_stage_that_serves_another_picture_is_drift(shop: Bench, orders: Bench, emulator: Emulator) -> None:
    mock(emulator, shop, orders)
    live = deployment(emulator, shop)
    live.create()
    emulator.client("apigateway").create_deployment(restApiId=shop.id, stageName="dev", description="by hand")

    assert "StageName" not in live.read()

    assert live.change(StageDescription={"TracingEnabled": False})["StageName"] == "dev"


def test_a_new_picture_takes_the_stage_over_and_the_old_one_goes(ministack: Emulator) -> None:
    emulator, shop = ministack, Bench(RestApiHandler, ministack.endpoint_url, API)
    shop.create()
    orders = part(ResourceHandler, emulator, shop, ParentId=shop.read()["RootResourceId"], PathPart="orders")
    orders.create()
    mock(emulator, shop, orders)
    old = deployment(emulator, shop, StageDescription={"Variables": {"colour": "blue"}})
    old.create(Owner("shop", "dev", "Deployment1"))
    new = deployment(emulator, shop, StageDescription={"Variables": {"colour": "red"}})
    model = new.create(Owner("shop", "dev", "Deployment2"))
    assert new.id != old.id
    assert model["StageDescription"]["Variables"] == {"colour": "red"}

    old.delete()

    assert not old.exists()
    assert new.read()["StageName"] == "dev"

    new.delete()
    assert not new.exists()
    assert emulator.client("apigateway").get_stages(restApiId=shop.id)["item"] == []


def test_a_stage_of_another_service_is_turned_and_otherwise_left_alone(
    shop: Bench, orders: Bench, emulator: Emulator
) -> None:
    """Two services on one API share its stage: the second writes and deletes nothing of the first one's."""
    mock(emulator, shop, orders)
    deployment(emulator, shop, StageDescription={"Variables": {"colour": "blue"}}).create()
    before = emulator.client("apigateway").get_stage(restApiId=shop.id, stageName="dev")
    second = deployment(emulator, shop, StageDescription={"Variables": {"colour": "red"}})
    assert second.create(Owner("blog", "dev", "Deployment"))["StageName"] == "dev"
    changed = {**second.inputs, "StageDescription": {"Variables": {"colour": "green"}}}
    parts = frozenset({"StageDescription"})
    resource = ResourceData(second.id, changed, second.inputs, parts, Owner("blog", "dev", "Deployment"))
    second.drive(second.handler.update(resource))
    stage = emulator.client("apigateway").get_stage(restApiId=shop.id, stageName="dev")
    assert stage["deploymentId"] == second.id
    assert {name: stage.get(name) for name in ("variables", "tags")} == {
        name: before.get(name) for name in ("variables", "tags")
    }

    second.delete()

    assert emulator.client("apigateway").get_stage(restApiId=shop.id, stageName="dev")["deploymentId"] == second.id


def test_another_services_picture_on_a_shared_stage_is_no_drift_and_one_made_by_hand_is(
    shop: Bench, orders: Bench, emulator: Emulator
) -> None:
    mock(emulator, shop, orders)
    first, second = deployment(emulator, shop), deployment(emulator, shop)
    baseline = first.create(Owner("shop", "dev", "Deployment"))
    second.create(Owner("blog", "dev", "Deployment"))
    assert first.read() == baseline
    assert second.read()["StageName"] == "dev"
    emulator.client("apigateway").create_deployment(restApiId=shop.id, stageName="dev", description="by hand")
    assert "StageName" not in first.read()


def test_what_is_no_longer_described_is_unset(shop: Bench, orders: Bench, emulator: Emulator) -> None:
    mock(emulator, shop, orders)
    live = deployment(emulator, shop, StageDescription={"TracingEnabled": True, "Variables": {"a": "1", "b": "2"}})
    live.create()

    model = live.change(StageDescription={"Variables": {"b": "3"}})

    assert not model["StageDescription"].get("TracingEnabled")
    assert model["StageDescription"]["Variables"] == {"b": "3"}


def test_a_stage_of_its_own(shop: Bench, orders: Bench, emulator: Emulator) -> None:
    mock(emulator, shop, orders)
    picture = part(DeploymentHandler, emulator, shop, Description="first")
    picture.create()
    stage = part(StageHandler, emulator, shop, StageName="live", DeploymentId=picture.id, Description="for all")
    methods = [{"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingBurstLimit": 7, "ThrottlingRateLimit": 3.5}]
    stage.inputs["MethodSettings"] = methods

    model = stage.create()

    assert model["DeploymentId"] == picture.id
    assert {name: model["MethodSettings"][0][name] for name in methods[0]} == methods[0]
    assert stage.find() == "live"
    assert stage.find(STRANGER) is None
    assert stage.change(Description="for some")["Description"] == "for some"
    stage.delete()
    assert not stage.exists()


# --- keys and plans


def test_the_value_of_a_key_is_a_secret(emulator: Emulator) -> None:
    key = Bench(ApiKeyHandler, emulator.endpoint_url, {"Name": "friends", "Value": Secret("a" * 24), "Enabled": True})
    model = key.create()

    assert "a" * 24 not in repr(model)
    assert reveal(model["Value"]) == "a" * 24
    assert key.change(Description="for friends")["Description"] == "for friends"
    assert key.find() == key.id
    assert key.find(STRANGER) is None
    key.delete()
    assert not key.exists()


def test_a_plan_holds_stages_and_keys(shop: Bench, orders: Bench, emulator: Emulator) -> None:
    mock(emulator, shop, orders)
    deployment(emulator, shop).create()
    plan = Bench(
        UsagePlanHandler,
        emulator.endpoint_url,
        {
            "UsagePlanName": "free",
            "ApiStages": [{"ApiId": shop.id, "Stage": "dev"}],
            "Quota": {"Limit": 100, "Period": "DAY"},
            "Throttle": {"BurstLimit": 5, "RateLimit": 2},
        },
    )
    model = plan.create()
    assert model["ApiStages"] == [{"ApiId": shop.id, "Stage": "dev"}]
    assert model["Quota"]["Limit"] == 100
    assert plan.find() == plan.id

    key = Bench(ApiKeyHandler, emulator.endpoint_url, {"Name": "friends", "Enabled": True})
    key.create()
    held = Bench(
        UsagePlanKeyHandler,
        emulator.endpoint_url,
        {"UsagePlanId": plan.id, "KeyId": key.id, "KeyType": "API_KEY"},
    )
    assert agrees(held.create(), held.inputs)
    held.delete()
    assert held.find() is None

    plan.delete()
    assert not plan.exists()


def test_the_stages_of_a_plan_are_told_apart() -> None:
    before = [
        {"apiId": "a", "stage": "dev"},
        {"apiId": "b", "stage": "dev", "throttle": {"/x/GET": {"rateLimit": 1.0}}},
    ]
    after = [{"apiId": "b", "stage": "dev"}, {"apiId": "c", "stage": "dev", "throttle": {"/y/GET": {"burstLimit": 2}}}]

    assert _stage_patches(before, after) == [
        {"op": "remove", "path": "/apiStages", "value": "a:dev"},
        {"op": "add", "path": "/apiStages", "value": "c:dev"},
        {"op": "remove", "path": "/apiStages/b:dev/throttle/~1x~1GET"},
        {"op": "replace", "path": "/apiStages/c:dev/throttle/~1y~1GET/burstLimit", "value": "2"},
    ]


def test_patches_lead_from_one_document_to_the_other() -> None:
    before = {"name": "a", "list": ["x/y", "z"], "map": {"old": "1", "kept": "2"}, "gone": "soon"}
    after = {"name": "b", "list": ["z", "new"], "map": {"kept": "2", "fresh": True}, "gone": None}

    assert patches(before, after) == [
        {"op": "replace", "path": "/name", "value": "b"},
        {"op": "remove", "path": "/list/x~1y"},
        {"op": "add", "path": "/list/new"},
        {"op": "remove", "path": "/map/old"},
        {"op": "replace", "path": "/map/fresh", "value": "true"},
        {"op": "remove", "path": "/gone"},
    ]
