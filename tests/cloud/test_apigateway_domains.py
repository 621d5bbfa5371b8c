"""Domain names of APIs and what is mapped to them: CNAME targets, endpoints, pictures that a stage is turned to."""

from __future__ import annotations

from typing import Any

import pytest

from stateroom.cloud.aws.apigateway_domains import BasePathMappingHandler, DomainNameHandler
from stateroom.cloud.aws.apigatewayv2_domains import ApiMappingHandler, HttpDomainNameHandler
from stateroom.cloud.aws.apigatewayv2_parts import HttpDeploymentHandler
from stateroom.cloud.provider import Remark, ResourceData, run
from stateroom.errors import CloudError
from tests.cloud.api_types import CERTIFICATE
from tests.cloud.bench import OWNER, STRANGER, Bench
from tests.cloud.sent import Recorder
from tests.support.emulators import Emulator

REGIONAL = {
    "DomainName": "rest.example.com",
    "RegionalCertificateArn": CERTIFICATE,
    "EndpointConfiguration": {"Types": ["REGIONAL"]},
    "SecurityPolicy": "TLS_1_2",
}
HTTP = {
    "DomainName": "http.example.com",
    "DomainNameConfigurations": [{"CertificateArn": CERTIFICATE, "EndpointType": "REGIONAL"}],
}


def patches(inputs: dict[str, Any], changed: set[str], handler: type = DomainNameHandler) -> list[Any]:
    recorder = Recorder(there=True)
    resource = ResourceData("a.example.com|orders", inputs, {}, frozenset(changed), OWNER)
    run(handler(recorder).update(resource), sleep=lambda _: None)
    assert recorder.invalid == []
    (sent,) = (sent for name, sent in recorder.calls if name.startswith("Update"))
    return [(item["op"], item["path"], item.get("value")) for item in sent["patchOperations"]]


def test_a_regional_name_tells_what_a_cname_points_to(emulator: Emulator) -> None:
    made = Bench(DomainNameHandler, emulator.endpoint_url, REGIONAL).create()

    assert made["RegionalDomainName"].endswith(".eu-west-1.amazonaws.com")
    assert made["RegionalHostedZoneId"].startswith("Z")
    assert made["DomainNameArn"] == "arn:aws:apigateway:eu-west-1::/domainnames/rest.example.com"


def test_an_http_name_tells_what_a_cname_points_to(ministack: Any) -> None:
    """Not on moto, which answers with no name."""
    made = Bench(HttpDomainNameHandler, ministack.endpoint_url, HTTP).create()

    assert made["RegionalDomainName"].endswith(".eu-west-1.amazonaws.com")
    assert made["RegionalHostedZoneId"].startswith("Z")
    (configuration,) = made["DomainNameConfigurations"]
    assert configuration.keys() == {"CertificateArn", "EndpointType", "IpAddressType", "SecurityPolicy"}


@pytest.mark.parametrize(("handler", "inputs"), [(DomainNameHandler, REGIONAL), (HttpDomainNameHandler, HTTP)])
def test_a_strangers_name_stays_theirs(emulator: Emulator, handler: type, inputs: dict[str, Any]) -> None:
    Bench(handler, emulator.endpoint_url, inputs).create(STRANGER)

    with pytest.raises(CloudError, match="exists already and is not this resource's"):
        Bench(handler, emulator.endpoint_url, inputs).create()


def test_an_endpoint_that_moves_is_one_patch_of_its_type() -> None:
    """Shapes that botocore validates: the emulators have no such update."""
    edge = {"CertificateArn": CERTIFICATE, "EndpointConfiguration": {"Types": ["EDGE"], "IpAddressType": "ipv4"}}
    assert patches(edge, {"CertificateArn", "EndpointConfiguration"}) == [
        ("replace", "/endpointConfiguration/ipAddressType", "ipv4"),
        ("replace", "/certificateArn", CERTIFICATE),
    ]
    assert patches({"MutualTlsAuthentication": {"TruststoreUri": "s3://a/b"}}, {"MutualTlsAuthentication"})[0] == (
        "replace",
        "/mutualTlsAuthentication/truststoreUri",
        "s3://a/b",
    )


def test_mutual_tls_is_switched_off_by_an_empty_store() -> None:
    assert ("replace", "/mutualTlsAuthentication/truststoreUri", "") in patches({}, {"MutualTlsAuthentication"})


def test_a_name_at_the_edge_is_not_waited_for_and_says_so() -> None:
    handler = DomainNameHandler(Recorder(there=True))  # type: ignore[arg-type]
    answer = {"domainNameStatus": "UPDATING", "endpointConfiguration": {"types": ["EDGE"]}}
    (remark,) = handler.settle(ResourceData("rest.example.com"), answer)

    assert isinstance(remark, Remark)
    assert "40 minutes" in remark.text


@pytest.mark.parametrize("state", ["FAILED", "PENDING_OWNERSHIP_VERIFICATION"])
def test_a_name_that_waits_for_somebody_says_for_what(state: str) -> None:
    handler = DomainNameHandler(Recorder(there=True))  # type: ignore[arg-type]
    answer = {"domainNameStatus": state, "domainNameStatusMessage": "prove that it is yours"}

    with pytest.raises(CloudError, match="did not become ready") as caught:
        run(handler.settle(ResourceData("rest.example.com"), answer), sleep=lambda _: None)
    assert caught.value.why == "prove that it is yours"


def test_a_mapping_to_another_api_is_patched_as_the_api_spells_it() -> None:
    inputs = {"DomainName": "a.example.com", "BasePath": "orders", "RestApiId": "abc"}
    assert patches(inputs, {"RestApiId", "Stage"}, BasePathMappingHandler) == [
        ("replace", "/restapiId", "abc"),
        ("replace", "/stage", ""),
    ]


def test_a_mapping_without_a_path_is_the_domains_root(emulator: Emulator) -> None:
    Bench(DomainNameHandler, emulator.endpoint_url, REGIONAL).create()
    api = emulator.client("apigateway").create_rest_api(name="shop")["id"]
    mapping = Bench(BasePathMappingHandler, emulator.endpoint_url, {"DomainName": "rest.example.com", "RestApiId": api})

    assert mapping.create() == {"DomainName": "rest.example.com", "RestApiId": api}
    assert mapping.id == "rest.example.com|(none)"
    for _ in range(2):
        mapping.delete()
    assert not mapping.exists()


def test_a_path_of_a_domain_is_mapped_once(emulator: Emulator) -> None:
    Bench(HttpDomainNameHandler, emulator.endpoint_url, HTTP).create()
    gateway = emulator.client("apigatewayv2")
    api = gateway.create_api(Name="shop", ProtocolType="HTTP")["ApiId"]
    gateway.create_stage(ApiId=api, StageName="live")
    inputs = {"DomainName": "http.example.com", "ApiId": api, "Stage": "live", "ApiMappingKey": "orders"}
    mapping = Bench(ApiMappingHandler, emulator.endpoint_url, inputs)
    mapping.create()

    assert mapping.read_in_bulk() == mapping.read()
    assert mapping.find() == mapping.id
    assert Bench(ApiMappingHandler, emulator.endpoint_url, {**inputs, "ApiMappingKey": "parcels"}).find() is None


def test_a_picture_turns_the_stage_that_it_names_and_nothing_else_of_it(ministack: Any) -> None:
    """Not on moto, which has no deployments of these APIs."""
    gateway = ministack.client("apigatewayv2")
    api = gateway.create_api(Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.a")["ApiId"]
    gateway.create_stage(ApiId=api, StageName="live", Description="others'", Tags={"team": "blue"})
    picture = Bench(HttpDeploymentHandler, ministack.endpoint_url, {"ApiId": api, "StageName": "live"})
    picture.create()
    again = picture.change(StageName="live")
    stage = gateway.get_stage(ApiId=api, StageName="live")

    assert again == {"ApiId": api, "DeploymentId": picture.id, "StageName": "live"}
    assert (stage["DeploymentId"], stage["Description"], stage["Tags"]) == (picture.id, "others'", {"team": "blue"})
    assert picture.find() == picture.id
    assert picture.find(STRANGER) is None
    gateway.update_stage(ApiId=api, StageName="live", DeploymentId=gateway.create_deployment(ApiId=api)["DeploymentId"])
    assert "StageName" not in picture.read()
