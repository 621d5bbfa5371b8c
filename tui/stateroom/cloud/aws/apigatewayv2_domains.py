"""Handlers of AWS::ApiGatewayV2::DomainName, ApiMapping and VpcLink."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws.apigateway_domains import WAITING
from stateroom.cloud.aws.apigatewayv2_children import GatewayHandler, HttpApiChild, pages, tagged_at
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.declared.settle import Settling
from stateroom.cloud.aws.shapes import pick
from stateroom.cloud.provider import ResourceData

# What a configuration says; an answer has more: names, zones, states.
_SAID: Final = (
    "CertificateArn",
    "CertificateName",
    "EndpointType",
    "IpAddressType",
    "OwnershipVerificationCertificateArn",
    "SecurityPolicy",
)


class HttpDomainNameHandler(GatewayHandler):
    """Domain name with its certificate. Ref is the name; a CNAME points to RegionalDomainName."""

    type = "AWS::ApiGatewayV2::DomainName"
    ref = "{DomainName}"
    address = {"DomainName": "{id}"}
    looks_first = True  # whoever made it: a name is one of a kind
    creating = ApiCall("create_domain_name", {"DomainName": "{DomainName}"})
    reading = ApiCall("get_domain_name")
    updating = {"": ApiCall("update_domain_name")}
    deleting = ApiCall("delete_domain_name")
    tagging = tagged_at("/domainnames/{id}")
    settling = Settling("Status", frozenset({"UPDATING"}), WAITING, "Reason", deadline=900.0)
    settings = {
        "DomainNameConfigurations": Setting(),
        "MutualTlsAuthentication": Setting(unset={"TruststoreUri": ""}),  # how it is switched off
        "RoutingMode": Setting(unset="API_MAPPING_ONLY"),
    }
    attributes = {
        "DomainName": "{id}",
        "DomainNameArn": "arn:{partition}:apigateway:{region}::/domainnames/{id}",
        "RegionalDomainName": "{answer[RegionalDomainName]}",
        "RegionalHostedZoneId": "{answer[RegionalHostedZoneId]}",
    }

    def answer(self, resource: ResourceData, *, even_leaving: bool = False) -> Any:
        """Return the domain name with the state, name and zone of its first configuration, which has them."""
        found = super().answer(resource, even_leaving=even_leaving)
        first: Mapping[str, Any] = next(iter((found or {}).get("DomainNameConfigurations") or ()), {})
        known = {
            "Status": first.get("DomainNameStatus"),
            "Reason": first.get("DomainNameStatusMessage"),
            "RegionalDomainName": first.get("ApiGatewayDomainName"),
            "RegionalHostedZoneId": first.get("HostedZoneId"),
        }
        return found and {**found, **known}

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the configurations say, without what AWS adds to them."""
        found = super().model(resource, answer)
        configurations = [pick(item, _SAID) for item in found.get("DomainNameConfigurations") or ()]
        mutual = pick(found.get("MutualTlsAuthentication") or {}, ("TruststoreUri", "TruststoreVersion"))
        return {**found, "DomainNameConfigurations": configurations, "MutualTlsAuthentication": mutual}


class ApiMappingHandler(HttpApiChild):
    """Mapping of a path of a domain to a stage of an API. Ref is the mapping's id. Paths are unique in a domain."""

    type = "AWS::ApiGatewayV2::ApiMapping"
    parent = {"DomainName": "{DomainName}"}
    ref = "{ApiMappingId}"
    address = {"ApiMappingId": "{id}"}
    overwrites = True  # an emulator's create answers with another's
    creating = ApiCall("create_api_mapping")
    reading = ApiCall("get_api_mapping")
    updating = {"": ApiCall("update_api_mapping", whole=True)}  # it has to name the API
    deleting = ApiCall("delete_api_mapping")
    listing = pages("get_api_mappings", "{ApiMappingId}", "ApiMappingKey")
    settings = {"ApiMappingKey": Setting(unset=""), **settings_of("ApiId", "Stage")}
    attributes = {"ApiMappingId": "{id}"}

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings, without a path that is none."""
        return {name: value for name, value in super().model(resource, answer).items() if value != "(none)"}


class HttpVpcLinkHandler(GatewayHandler):
    """Link of HTTP APIs to subnets of a VPC. Ref is its id. Its name need not be unique."""

    type = "AWS::ApiGatewayV2::VpcLink"
    ref = "{VpcLinkId}"
    address = {"VpcLinkId": "{id}"}
    looks_first = True
    creating = ApiCall("create_vpc_link")
    reading = ApiCall("get_vpc_link")
    updating = {"": ApiCall("update_vpc_link")}
    deleting = ApiCall("delete_vpc_link")
    listing = pages("get_vpc_links", "{VpcLinkId}")
    tagging = tagged_at("/vpclinks/{id}")
    settling = Settling(
        "VpcLinkStatus", frozenset({"PENDING"}), frozenset({"FAILED"}), "VpcLinkStatusMessage", deadline=900.0
    )
    leaving = {"VpcLinkStatus": frozenset({"DELETING"})}
    gone = ("waiting for the VPC link to be gone", 900.0)
    settings = settings_of("Name", "SecurityGroupIds", "SubnetIds")
    attributes = {"VpcLinkId": "{id}"}
