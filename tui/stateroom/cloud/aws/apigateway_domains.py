"""Handlers of AWS::ApiGateway::DomainName and BasePathMapping: an API under a name of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws.apigateway_calls import endpoint_patches, patches
from stateroom.cloud.aws.apigateway_patched import (
    Answer,
    ListedPatchedHandler,
    PatchedHandler,
    Patches,
    pages,
    spelled,
    tagged_at,
)
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.declared.settle import Settling
from stateroom.cloud.provider import Remark, ResourceData, Task

_DOMAIN: Final = "AWS::ApiGateway::DomainName"
_ENDPOINT: Final = "endpointConfiguration"
_NO_PATH: Final = "(none)"  # as the API writes a path or a stage that is none
# States that only somebody's work ends (API reference, DomainName).
WAITING: Final = frozenset({"FAILED", "PENDING_CERTIFICATE_REIMPORT", "PENDING_OWNERSHIP_VERIFICATION"})
# Gives the deadline of a regional name; one at the edge takes CloudFront up to 40 minutes, which nobody waits for.
_MINUTES: Final = 900.0
_SETTINGS: Final = {
    **settings_of("CertificateArn", "RegionalCertificateArn"),
    **settings_of("OwnershipVerificationCertificateArn", "SecurityPolicy"),
    **settings_of("EndpointAccessMode", "RoutingMode"),
    **spelled(_DOMAIN, "EndpointConfiguration"),
    **spelled(_DOMAIN, "MutualTlsAuthentication", unset={"truststoreUri": ""}),  # how it is switched off
}
_ATTRIBUTES: Final = {
    "DomainName": "{id}",
    "DomainNameArn": "arn:{partition}:apigateway:{region}::/domainnames/{id}",
    "DistributionDomainName": "{answer[distributionDomainName]}",
    "DistributionHostedZoneId": "{answer[distributionHostedZoneId]}",
    "RegionalDomainName": "{answer[regionalDomainName]}",
    "RegionalHostedZoneId": "{answer[regionalHostedZoneId]}",
}


class DomainNameHandler(ListedPatchedHandler):
    """Domain name with its certificate. Ref is the name; a CNAME points to Regional- or DistributionDomainName."""

    type = _DOMAIN
    ref = "{DomainName}"
    address = {"domainName": "{id}"}
    looks_first = True  # whoever made it: a name is one of a kind
    creating = ApiCall("create_domain_name", {"domainName": "{DomainName}"})
    reading = ApiCall("get_domain_name")
    updating = {"": ApiCall("update_domain_name")}
    deleting = ApiCall("delete_domain_name")
    listing = pages("get_domain_names", "{answer[domainName]}")
    tagging = tagged_at("/domainnames/{id}")
    settling = Settling(
        "domainNameStatus", frozenset({"PENDING", "UPDATING"}), WAITING, "domainNameStatusMessage", deadline=_MINUTES
    )
    settings = _SETTINGS
    attributes = _ATTRIBUTES

    def operations(self, resource: ResourceData, there: Answer, wanted: Answer) -> Patches:
        """Return patches; the endpoint's type is part of a patch's path."""
        plain, (before, after) = dict(wanted), (item.get(_ENDPOINT) or {} for item in (there, wanted))
        moved = endpoint_patches(before, after) if plain.pop(_ENDPOINT, None) else []
        return moved + patches(there, plain)

    def settle(self, resource: ResourceData, answer: Any) -> Task[Any]:
        """Wait for a regional name; say of one at the edge that it takes a while."""
        if "EDGE" not in ((answer or {}).get("endpointConfiguration") or {}).get("types", ()):
            return (yield from super().settle(resource, answer))
        if answer.get("domainNameStatus") in ("PENDING", "UPDATING"):
            yield Remark(f"{resource.id} answers once CloudFront has it everywhere, which may take 40 minutes")
        return None


class BasePathMappingHandler(PatchedHandler):
    """Mapping of a path of a domain to a stage of a REST API. Ref is `domain|path`."""

    type = "AWS::ApiGateway::BasePathMapping"
    address = {"domainName": "{part[0]}", "basePath": "{part[1]}"}
    creating = ApiCall("create_base_path_mapping", {"domainName": "{DomainName}", "basePath": "{BasePath}"})
    reading = ApiCall("get_base_path_mapping")
    updating = {"": ApiCall("update_base_path_mapping")}
    deleting = ApiCall("delete_base_path_mapping")
    settings = {"RestApiId": Setting(), "Stage": Setting(unset="")}
    attributes = {"DomainName": "{part[0]}"}

    def id_of(self, resource: ResourceData, made: Any = None) -> str:
        """Return domain and path."""
        return f"{resource.inputs['DomainName']}|{resource.inputs.get('BasePath') or _NO_PATH}"

    def operations(self, resource: ResourceData, there: Answer, wanted: Answer) -> Patches:
        """Return patches, whose path spells the API's id in its own way (API reference, UpdateBasePathMapping)."""
        spelled_so = {"/restApiId": "/restapiId"}
        return [{**item, "path": spelled_so.get(item["path"], item["path"])} for item in patches(there, wanted)]

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the properties, without a path or stage that is none."""
        found = {**super().model(resource, answer), "BasePath": resource.id.partition("|")[2]}
        return {name: value for name, value in found.items() if value != _NO_PATH}
