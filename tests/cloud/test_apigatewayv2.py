from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import BotoCoreError

from stateroom.cloud.aws.apigatewayv2 import ApiHandler, HttpStageHandler
from stateroom.cloud.aws.apigatewayv2_routes import IntegrationHandler, RouteHandler
from stateroom.errors import CloudError
from tests.cloud.bench import OWNER, STRANGER, Bench, agrees, differing
from tests.support.emulators import REGION, Emulator
from tests.support.faults import Answer, Drop, Fault, Proxy
from tests.support.inventory import inventory

API: dict[str, Any] = {
    "Name": "shop-dev",
    "ProtocolType": "HTTP",
    "Description": "the shop",
    "CorsConfiguration": {"AllowOrigins": ["https://shop.example"], "AllowMethods": ["GET"], "MaxAge": 60},
    "Tags": {"team": "checkout"},
}
FUNCTION = f"arn:aws:lambda:{REGION}:123456789012:function:shop-dev-list"


def api(emulator: Emulator | Proxy, **properties: Any) -> Bench:
    return Bench(ApiHandler, emulator.endpoint_url, API | properties)


def api_id(emulator: Emulator) -> str:
    return str(emulator.client("apigatewayv2").create_api(Name="shop-dev", ProtocolType="HTTP")["ApiId"])


def stage(emulator: Emulator, through: Proxy | None = None, **properties: Any) -> Bench:
    inputs = {
        "ApiId": api_id(emulator),
        "StageName": "$default",
        "AutoDeploy": True,
        "Description": "live",
        "StageVariables": {"colour": "blue"},
        "DefaultRouteSettings": {"ThrottlingBurstLimit": 50, "ThrottlingRateLimit": 20.0},
        "Tags": {"team": "checkout"},
    }
    return Bench(HttpStageHandler, (through or emulator).endpoint_url, inputs | properties)


def integration(emulator: Emulator, through: Proxy | None = None, **properties: Any) -> Bench:
    inputs = {
        "ApiId": api_id(emulator),
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": FUNCTION,
        "IntegrationMethod": "POST",
        "PayloadFormatVersion": "2.0",
        "TimeoutInMillis": 5000,
    }
    return Bench(IntegrationHandler, (through or emulator).endpoint_url, inputs | properties)


def route(emulator: Emulator, through: Proxy | None = None, **properties: Any) -> Bench:
    inputs = {"ApiId": api_id(emulator), "RouteKey": "GET /orders", "Target": "integrations/abc123"}
    return Bench(RouteHandler, (through or emulator).endpoint_url, inputs | properties)


def count(emulator: Emulator, kind: str) -> int:
    return sum(line.startswith(f"apigatewayv2:{kind}/") for line in inventory(emulator))


# --- the API itself


def test_an_api_reads_as_it_was_asked_for(emulator: Emulator) -> None:
    shop = api(emulator)
    model = shop.create()

    assert agrees(model, API)
    assert model["ApiId"] == shop.id
    assert model["ApiEndpoint"]
    assert shop.identified == [shop.id]


@pytest.mark.parametrize(
    "change",
    [
        {"Name": "shop-dev-2"},
        {"Description": "another shop"},
        {"CorsConfiguration": {"AllowOrigins": ["*"]}},
        {"DisableExecuteApiEndpoint": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_update_of_an_api_changes_just_what_it_says(emulator: Emulator, change: dict[str, Any]) -> None:
    shop = api(emulator)
    before = shop.create()

    after = shop.change(**change)

    assert agrees(after, change)
    assert differing(before, after) == set(change)


def test_unset_properties_of_an_api_go_back_to_what_a_new_one_has(emulator: Emulator) -> None:
    shop = api(emulator, DisableExecuteApiEndpoint=True)
    shop.create()

    after = shop.change(Description=None, CorsConfiguration=None, DisableExecuteApiEndpoint=None)

    assert not after.keys() & {"Description", "CorsConfiguration"}
    assert after["DisableExecuteApiEndpoint"] is False


def test_tags_of_an_api_change_and_go(moto: Emulator) -> None:
    """ministack tells of an API with the tags that it was created with."""
    shop = api(moto)
    shop.create()

    assert shop.change(Tags={"owner": "ana"})["Tags"] == {"owner": "ana"}
    assert "Tags" not in shop.change(Tags=None)
    assert shop.find() == shop.id


def test_an_api_changed_by_hand_shows_it(emulator: Emulator) -> None:
    shop = api(emulator)
    before = shop.create()
    emulator.client("apigatewayv2").update_api(ApiId=shop.id, Description="by hand")
    assert differing(before, shop.read()) == {"Description"}


def test_an_api_goes_with_its_children_and_only_once(emulator: Emulator) -> None:
    shop = api(emulator)
    shop.create()
    stage(emulator, ApiId=shop.id).create()
    route(emulator, ApiId=shop.id).create()

    shop.delete()
    shop.delete()

    assert not shop.exists()
    assert count(emulator, "stage") == count(emulator, "route") == 0


def test_an_api_of_the_same_name_is_not_ours_without_our_tags(emulator: Emulator) -> None:
    api(emulator).create(STRANGER)
    ours = api(emulator)
    assert ours.find() is None

    ours.create()

    assert count(emulator, "api") == 2
    assert ours.find() == ours.id


def test_an_api_that_is_being_replaced_is_not_found_for_its_successor(emulator: Emulator) -> None:
    api(emulator).create()
    successor = api(emulator, ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action")
    assert successor.find() is None


def test_a_lost_answer_leaves_one_api(faulty: Proxy, emulator: Emulator) -> None:
    """The id is the cloud's and the name need not be unique: sending the call again would make a second one."""
    faulty.rules.append(Fault("CreateApi", Drop(after=True), calls=(1,)))
    shop = api(faulty)
    with pytest.raises(BotoCoreError):
        shop.create()
    assert faulty.count("CreateApi") == 1

    assert agrees(shop.create(), API)

    assert count(emulator, "api") == 1


def test_a_body_to_import_is_refused(ministack: Emulator) -> None:
    with pytest.raises(CloudError, match="Body is not supported"):
        api(ministack, Body={"openapi": "3.0.1"}).create()


# --- stages


def test_a_stage_reads_as_it_was_asked_for(emulator: Emulator) -> None:
    live = stage(emulator)
    model = live.create()

    settings = model.pop("DefaultRouteSettings")
    assert agrees(model, {name: value for name, value in live.inputs.items() if name != "DefaultRouteSettings"})
    assert agrees(settings, live.inputs["DefaultRouteSettings"])
    assert live.id == "$default"
    assert live.identified == ["$default"]


# moto cannot update a stage.


@pytest.mark.parametrize(
    "change",
    [{"Description": "quiet"}, {"AutoDeploy": False}, {"StageVariables": {"shade": "dark"}}],
    ids=lambda change: next(iter(change)),
)
def test_an_update_of_a_stage_changes_just_what_it_says(ministack: Emulator, change: dict[str, Any]) -> None:
    live = stage(ministack)
    before = live.create()

    after = live.change(**change)

    assert agrees(after, change)
    assert differing(before, after) - {"DeploymentId"} == set(change)


def test_unset_properties_of_a_stage_go_back_to_what_a_new_one_has(ministack: Emulator) -> None:
    live = stage(ministack)
    live.create()

    after = live.change(Description=None, AutoDeploy=None, StageVariables=None)

    assert not after.keys() & {"Description", "StageVariables"}
    assert not after.get("AutoDeploy")


def test_tags_of_a_stage_change(ministack: Emulator) -> None:
    """ministack tells of a stage with the tags that it was created with, so we ask for the tags themselves."""
    live = stage(ministack)
    live.create()
    live.change(Tags={"owner": "ana"})

    arn = f"arn:aws:apigateway:{REGION}::/apis/{live.inputs['ApiId']}/stages/$default"
    bearing = ministack.client("apigatewayv2").get_tags(ResourceArn=arn)["Tags"]
    assert {name: value for name, value in bearing.items() if not name.startswith("stateroom:")} == {"owner": "ana"}


def test_access_logs_and_settings_of_single_routes_go_with_calls_of_their_own(ministack: Emulator) -> None:
    """ministack takes both calls for the deletion of the stage, so they end at the proxy."""
    logs = {"DestinationArn": f"arn:aws:logs:{REGION}:123456789012:log-group:access", "Format": "$context.requestId"}
    slow = {"GET /orders": {"ThrottlingBurstLimit": 5}}
    with Proxy(ministack.endpoint_url).running() as proxy:
        live = stage(ministack, proxy)
        live.create()
        assert agrees(live.change(AccessLogSettings=logs, RouteSettings=slow), live.inputs)
        for operation in ("DeleteAccessLogSettings", "DeleteRouteSettings"):
            proxy.rules.append(Fault(operation, Answer("accepted", status=200)))

        live.change(AccessLogSettings=None, RouteSettings=None)

        assert proxy.count("DeleteAccessLogSettings") == 1
        assert proxy.count("DeleteRouteSettings") == 1


def test_a_stage_is_found_by_name_and_tags(emulator: Emulator) -> None:
    live = stage(emulator)
    assert live.find() is None
    live.create()

    assert live.find() == "$default"
    assert live.find(STRANGER) is None


def test_deleting_a_stage_twice_is_fine_even_when_its_api_is_gone(emulator: Emulator) -> None:
    live = stage(emulator)
    live.create()

    live.delete()
    live.delete()
    emulator.client("apigatewayv2").delete_api(ApiId=live.inputs["ApiId"])
    live.delete()

    assert not live.exists()
    assert live.find() is None


# --- integrations


def test_an_integration_reads_as_it_was_asked_for_and_without_our_mark(emulator: Emulator) -> None:
    listing = integration(emulator, Description="lists orders")
    model = listing.create()

    assert agrees(model, listing.inputs)
    stored = emulator.client("apigatewayv2").get_integration(ApiId=listing.inputs["ApiId"], IntegrationId=listing.id)
    assert stored["Description"] == "lists orders [stateroom:shop/dev/Thing]"


@pytest.mark.parametrize(
    "change",
    [{"TimeoutInMillis": 9000}, {"IntegrationUri": FUNCTION + "-2"}, {"Description": "described"}],
    ids=lambda change: next(iter(change)),
)
def test_an_update_of_an_integration_changes_just_what_it_says(emulator: Emulator, change: dict[str, Any]) -> None:
    listing = integration(emulator)
    before = listing.create()

    after = listing.change(**change)

    assert agrees(after, change)
    assert differing(before, after) == set(change)
    assert listing.find() == listing.id


def test_unset_properties_of_an_integration_go_back_to_what_a_new_one_has(emulator: Emulator) -> None:
    listing = integration(emulator, Description="described")
    listing.create()

    after = listing.change(TimeoutInMillis=None, Description=None)

    assert after["TimeoutInMillis"] == 30000
    assert "Description" not in after
    assert listing.find() == listing.id


def test_mappings_of_requests_and_responses_come_and_go(moto: Emulator) -> None:
    responses = {"200": {"ResponseParameters": [{"Destination": "append:header.x", "Source": "a"}]}}
    listing = integration(moto, RequestParameters={"append:header.a": "1"}, ResponseParameters=responses)
    assert agrees(listing.create(), listing.inputs)

    after = listing.change(RequestParameters={"append:header.b": "2"})

    assert after["RequestParameters"] == {"append:header.b": "2"}


def test_two_integrations_of_the_same_function_are_told_apart(emulator: Emulator) -> None:
    first = integration(emulator)
    first.create()
    second = integration(emulator, ApiId=first.inputs["ApiId"])
    second.create(STRANGER)

    assert first.find() == first.id
    assert second.find(STRANGER) == second.id
    assert first.id != second.id


def test_a_mark_taken_off_by_hand_is_no_drift(emulator: Emulator) -> None:
    listing = integration(emulator)
    before = listing.create()
    emulator.client("apigatewayv2").update_integration(
        ApiId=listing.inputs["ApiId"], IntegrationId=listing.id, Description=""
    )
    assert listing.read() == before


def test_a_lost_answer_leaves_one_integration(faulty: Proxy, emulator: Emulator) -> None:
    faulty.rules.append(Fault("CreateIntegration", Drop(after=True), calls=(1,)))
    listing = integration(emulator, faulty)
    with pytest.raises(BotoCoreError):
        listing.create()

    listing.id = listing.find() or ""

    assert agrees(listing.read(), listing.inputs)
    assert count(emulator, "integration") == 1


def test_an_integration_that_a_route_still_uses_is_waited_for(faulty: Proxy, emulator: Emulator) -> None:
    listing = integration(emulator, faulty)
    listing.create()
    used = Answer("ConflictException", "Cannot delete Integration: referenced by one or more Routes", 409)
    faulty.rules.append(Fault("DeleteIntegration", used, calls=(1, 2)))

    listing.delete()
    listing.delete()

    assert not listing.exists()


# --- routes


def test_a_route_reads_as_it_was_asked_for(emulator: Emulator) -> None:
    orders = route(emulator)
    model = orders.create()

    assert agrees(model, orders.inputs)
    assert model["RouteId"] == orders.id
    assert orders.identified == [orders.id]


@pytest.mark.parametrize(
    "change",
    [{"RouteKey": "POST /orders"}, {"Target": "integrations/def456"}, {"AuthorizationType": "AWS_IAM"}],
    ids=lambda change: next(iter(change)),
)
def test_an_update_of_a_route_changes_just_what_it_says(emulator: Emulator, change: dict[str, Any]) -> None:
    orders = route(emulator, AuthorizationType="NONE")
    before = orders.create()

    after = orders.change(**change)

    assert agrees(after, change)
    assert differing(before, after) == set(change)


def test_unset_properties_of_a_route_go_back_to_what_a_new_one_has(emulator: Emulator) -> None:
    orders = route(emulator, AuthorizationType="AWS_IAM", OperationName="listOrders")
    orders.create()

    after = orders.change(AuthorizationType=None, OperationName=None)

    assert after["AuthorizationType"] == "NONE"
    assert "OperationName" not in after


def test_a_route_changed_by_hand_shows_it(emulator: Emulator) -> None:
    orders = route(emulator)
    before = orders.create()
    emulator.client("apigatewayv2").update_route(
        ApiId=orders.inputs["ApiId"], RouteId=orders.id, Target="integrations/hand"
    )
    assert differing(before, orders.read()) == {"Target"}


def test_a_route_is_found_by_key_and_target(emulator: Emulator) -> None:
    orders = route(emulator)
    orders.create()

    assert orders.find() == orders.id
    assert route(emulator, ApiId=orders.inputs["ApiId"], Target="integrations/other").find() is None
    assert route(emulator).find() is None  # the same key, in another API


def test_a_route_that_leads_nowhere_is_found(emulator: Emulator) -> None:
    bare = route(emulator)
    del bare.inputs["Target"]
    bare.create()

    assert bare.find() == bare.id


def test_a_lost_answer_leaves_one_route(faulty: Proxy, emulator: Emulator) -> None:
    faulty.rules.append(Fault("CreateRoute", Drop(after=True), calls=(1,)))
    orders = route(emulator, faulty)
    with pytest.raises(BotoCoreError):
        orders.create()

    orders.id = orders.find() or ""

    assert agrees(orders.read(), orders.inputs)
    assert count(emulator, "route") == 1


def test_deleting_a_route_twice_is_fine(emulator: Emulator) -> None:
    orders = route(emulator)
    orders.create()

    orders.delete()
    orders.delete()

    assert not orders.exists()


# --- all children of an API at once


@pytest.mark.parametrize("make", [stage, integration, route])
def test_the_bulk_reader_answers_the_same(emulator: Emulator, make: Any) -> None:
    child = make(emulator)
    model = child.create(OWNER)
    assert child.read_in_bulk() == model


@pytest.mark.parametrize("make", [stage, integration, route])
def test_children_of_an_api_that_is_gone_are_gone(emulator: Emulator, make: Any) -> None:
    child = make(emulator)
    child.create(OWNER)
    emulator.client("apigatewayv2").delete_api(ApiId=child.inputs["ApiId"])

    assert not child.exists()
    assert child.read_in_bulk() is None
    assert child.find() is None
