"""Addresses of a service, told from its state alone."""

from __future__ import annotations

import pytest

from stateroom.engine.records.endpoints import endpoints_of
from stateroom.model.resource import Record, Snapshot
from stateroom.model.values import Value
from stateroom.presentation.endpoints import endpoint_lines, endpoints_json

REST, V2 = "AWS::ApiGateway::", "AWS::ApiGatewayV2::"


def record(kind: str, name: str, id_: str, observed: dict[str, Value] | None = None, **inputs: Value) -> Record:
    return Record(name, kind, id_, inputs, observed or {})


ROOT: dict[str, Value] = {"RootResourceId": "root"}
API = record(f"{REST}RestApi", "Api", "a1", ROOT)
ORDERS = record(f"{REST}Resource", "Orders", "r1", RestApiId="a1", ParentId="root", PathPart="orders")
ORDER = record(f"{REST}Resource", "Order", "r2", RestApiId="a1", ParentId="r1", PathPart="{id}")
STAGE = record(f"{REST}Deployment", "Deployment", "d1", RestApiId="a1", StageName="dev")


def method(verb: str, resource: str, api: str = "a1", kind: str = "AWS_PROXY") -> Record:
    name = f"Method{verb}{resource}"
    integration: Value = {"Type": kind}
    return record(
        f"{REST}Method", name, name, RestApiId=api, ResourceId=resource, HttpMethod=verb, Integration=integration
    )


def lines(*records: Record, region: str = "eu-west-1") -> list[str]:
    return [item.line() for item in endpoints_of(Snapshot("orders", "dev", records, region=region))]


BASE = "https://a1.execute-api.eu-west-1.amazonaws.com/dev"


def test_a_rest_api_is_told_with_method_and_path() -> None:
    methods = (method("POST", "r1"), method("GET", "r2"), method("any", "root"))
    assert lines(API, ORDERS, ORDER, STAGE, *methods) == [
        f"ANY - {BASE}",
        f"POST - {BASE}/orders",
        f"GET - {BASE}/orders/{{id}}",
    ]


def test_a_machines_post_is_one_like_a_functions() -> None:
    assert lines(API, ORDERS, STAGE, method("POST", "r1", kind="AWS")) == [f"POST - {BASE}/orders"]


def test_a_preflight_is_no_endpoint() -> None:
    assert lines(API, ORDERS, STAGE, method("OPTIONS", "r1", kind="MOCK")) == []


def test_an_api_in_china_has_its_suffix() -> None:
    (line,) = lines(API, STAGE, method("GET", "root"), region="cn-north-1")
    assert line == "GET - https://a1.execute-api.cn-north-1.amazonaws.com.cn/dev"


def test_nothing_is_told_of_a_method_without_a_stage_or_without_the_way_to_it() -> None:
    assert lines(API, ORDERS, method("POST", "r1")) == []
    assert lines(API, STAGE, method("POST", "somebody-elses")) == []
    elsewhere = record(f"{REST}Resource", "Orders", "r9", RestApiId="b2", ParentId="their-root", PathPart="orders")
    other = record(f"{REST}Deployment", "Deployment", "d9", RestApiId="b2", StageName="dev")
    assert lines(elsewhere, other, method("POST", "r9", api="b2")) == []


@pytest.mark.parametrize("written", [True, "true"])
def test_an_api_without_its_own_address_is_at_its_domain_only(written: Value) -> None:
    api = record(f"{REST}RestApi", "Api", "a1", ROOT, DisableExecuteApiEndpoint=written)
    assert lines(api, ORDERS, STAGE, method("POST", "r1")) == []
    mapped = record(
        f"{REST}BasePathMapping", "Map", "m", DomainName="api.shop.example", RestApiId="a1", Stage="dev", BasePath="v1"
    )
    assert lines(api, ORDERS, STAGE, mapped, method("POST", "r1")) == ["POST - https://api.shop.example/v1/orders"]


def test_a_domain_is_a_base_beside_the_apis_own() -> None:
    mapped = record(f"{REST}BasePathMapping", "Map", "m", DomainName="api.shop.example", RestApiId="a1", Stage="dev")
    other = record(f"{REST}BasePathMapping", "Other", "n", DomainName="other.example", RestApiId="a1", Stage="prod")
    assert lines(API, ORDERS, STAGE, mapped, other, method("POST", "r1")) == [
        f"POST - {BASE}/orders",
        "POST - https://api.shop.example/orders",
    ]


HTTP = record(f"{V2}Api", "HttpApi", "h1", ProtocolType="HTTP")
SOCKET = record(f"{V2}Api", "Sockets", "w1", ProtocolType="WEBSOCKET")


def route(key: str, api: str = "h1") -> Record:
    return record(f"{V2}Route", f"Route{key}", key, ApiId=api, RouteKey=key)


def stage(name: str, api: str = "h1") -> Record:
    return record(f"{V2}Stage", f"Stage{api}{name}", name, ApiId=api, StageName=name)


def test_an_http_api_has_its_stage_in_the_address_only_when_it_has_a_name() -> None:
    host = "https://h1.execute-api.eu-west-1.amazonaws.com"
    routes = (route("POST /orders"), route("$default"), route("GET /"))
    assert lines(HTTP, stage("$default"), *routes) == [f"ANY - {host}", f"GET - {host}", f"POST - {host}/orders"]
    assert lines(HTTP, stage("beta"), route("ANY /orders")) == [f"ANY - {host}/beta/orders"]
    assert lines(HTTP, route("POST /orders")) == [], "no stage serves it"


def test_an_http_api_at_a_domain() -> None:
    mapped = record(
        f"{V2}ApiMapping", "Map", "m", DomainName="api.example", ApiId="h1", Stage="$default", ApiMappingKey="v2"
    )
    off = record(f"{V2}Api", "HttpApi", "h1", ProtocolType="HTTP", DisableExecuteApiEndpoint=True)
    assert lines(off, stage("$default"), mapped, route("GET /x")) == ["GET - https://api.example/v2/x"]


def test_a_websocket_api_is_one_address_and_its_routes_are_none() -> None:
    found = lines(SOCKET, stage("dev", "w1"), route("$connect", "w1"), route("ping", "w1"))
    assert found == ["wss://w1.execute-api.eu-west-1.amazonaws.com/dev"]


def test_a_function_url_is_the_clouds_own_word() -> None:
    url = record("AWS::Lambda::Url", "FnUrl", "f", {"FunctionUrl": "https://abc.lambda-url.on.aws/"})
    assert lines(url) == ["ANY - https://abc.lambda-url.on.aws/"]
    assert lines(record("AWS::Lambda::Url", "FnUrl", "f")) == []


def test_resources_in_a_circle_end() -> None:
    circle = [
        record(f"{REST}Resource", "A", "x", RestApiId="a1", ParentId="y", PathPart="x"),
        record(f"{REST}Resource", "B", "y", RestApiId="a1", ParentId="x", PathPart="y"),
    ]
    assert lines(API, STAGE, *circle, method("GET", "x")) == []


def test_how_they_are_shown() -> None:
    found = endpoints_of(Snapshot("s", "dev", (API, ORDERS, STAGE, method("POST", "r1")), region="eu-west-1"))
    assert list(endpoint_lines(found)) == [f"endpoint: POST - {BASE}/orders"]
    assert list(endpoint_lines(())) == []
    assert next(endpoint_lines((*found, *found))) == "endpoints:"
    assert endpoints_json(found) == [
        {"kind": "http", "method": "POST", "url": f"{BASE}/orders", "logical_id": "MethodPOSTr1"}
    ]
