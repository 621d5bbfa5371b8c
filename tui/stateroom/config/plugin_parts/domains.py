"""`serverless-domain-manager`: custom domains of APIs, their mappings and their records in Route 53.

https://github.com/amplify-education/serverless-domain-manager. As there, a deploy makes a domain only with
`autoDomain: true`; else it maps the API to one that is there. Certificates and hosted zones are not looked up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stateroom.config.compilation import Compilation
from stateroom.config.document import keys
from stateroom.config.document.document import KeyPath
from stateroom.config.events.http.websocket import API as WEBSOCKET_API
from stateroom.config.events.rest.api import DEPLOYMENT
from stateroom.config.naming import HTTP_API, alphanumeric
from stateroom.model.values import Value

_ONE: Final[KeyPath] = ("custom", "customDomain")
_SEVERAL: Final[KeyPath] = ("custom", "customDomains")
_APIS: Final[Mapping[str, tuple[str, str]]] = {  # kind → logical id of the API, what its stage depends on
    "rest": ("ApiGatewayRestApi", DEPLOYMENT),
    "http": (HTTP_API, "HttpApiStage"),
    "websocket": (WEBSOCKET_API, "WebsocketsDeploymentStage"),
}
_DEFAULT_STAGE: Final = "$default"


@dataclass(frozen=True, slots=True)
class _Domain:
    """One entry: kind of its API, its settings, and where they are."""

    build: Compilation
    kind: str
    options: Mapping[str, Any]
    path: KeyPath

    @property
    def name(self) -> str:
        return str(self.options["domainName"])

    @property
    def logical_id(self) -> str:
        return f"CustomDomain{alphanumeric(self.name.title())}"

    @property
    def edge(self) -> bool:
        return str(self.options.get("endpointType") or "EDGE").upper() == "EDGE" and self.kind == "rest"

    def on(self, key: str, default: bool) -> bool:
        value = self.options.get(key)
        return default if value is None else value in (True, "true")


def compile_domains(build: Compilation) -> None:
    """Add mappings, and domains with their records where a deploy makes them. Raises ConfigError."""
    for domain in _domains(build):
        api, stage = _APIS[domain.kind]
        if api not in build.resources:
            todo = "add an event of it, or set apiType"
            raise build.service.error(f"there is no {domain.kind} API", *domain.path, todo=todo)
        made = domain.on("autoDomain", default=False)
        if made and domain.logical_id not in build.resources:
            _add_domain(domain)
            _add_records(domain)
        elif not made:
            build.warn(
                f"the domain {domain.name} is not made, as the plugin's deploy does not: "
                "it is to be there already, or set autoDomain: true"
            )
        _add_mapping(domain, api, stage)


def _domains(build: Compilation) -> Iterator[_Domain]:
    service = build.service
    entries: list[tuple[KeyPath, Value]] = [(_ONE, service.lookup(*_ONE))]
    several = service.lookup(*_SEVERAL)
    for number, entry in enumerate(several if isinstance(several, list) else []):
        kinds = [kind for kind in _APIS if isinstance(entry, dict) and kind in entry]
        entries += [((*_SEVERAL, number, kind), {"apiType": kind, **entry[kind]}) for kind in kinds]
        entries += [] if kinds else [((*_SEVERAL, number), entry)]
    for path, entry in entries:
        if entry is None:
            continue
        service.check(keys.CUSTOM_DOMAIN, (), *path)
        kind = str(entry.get("apiType") or "rest").lower()
        if kind not in _APIS:
            raise service.error(f"{kind} is no kind of API", *path, "apiType", todo="write rest, http or websocket")
        if not entry.get("domainName"):
            raise service.error("no domainName", *path, todo="add it, such as api.example.org")
        domain = _Domain(build, kind, entry, path)
        if domain.on("enabled", default=True):
            yield domain


def _add_domain(domain: _Domain) -> None:
    build, options = domain.build, domain.options
    certificate = options.get("certificateArn")
    if not certificate:
        todo = "write certificateArn"
        raise build.service.error("no certificateArn", *domain.path, why="certificates are not looked up", todo=todo)
    policy = str(options.get("securityPolicy") or "TLS_1_2").upper()
    policy = policy if policy.startswith(("TLS_", "SECURITYPOLICY_")) else f"TLS_{policy.replace('.', '_')}"
    trust = options.get("tlsTruststoreUri")
    mutual = {"TruststoreUri": trust, "TruststoreVersion": options.get("tlsTruststoreVersion")} if trust else None
    mutual = mutual and {key: value for key, value in mutual.items() if value}
    properties: dict[str, Value] = {"DomainName": domain.name, "MutualTlsAuthentication": mutual}
    if domain.kind == "rest":
        key = "CertificateArn" if domain.edge else "RegionalCertificateArn"
        endpoint = {"Types": ["EDGE" if domain.edge else "REGIONAL"]}
        properties |= {key: certificate, "EndpointConfiguration": endpoint, "SecurityPolicy": policy}
        type_ = "AWS::ApiGateway::DomainName"
    else:
        settings = {"CertificateArn": certificate, "EndpointType": "REGIONAL", "SecurityPolicy": policy}
        properties["DomainNameConfigurations"] = [settings]
        type_ = "AWS::ApiGatewayV2::DomainName"
    build.add(domain.logical_id, type_, properties, domain.path)


def _add_records(domain: _Domain) -> None:
    if not domain.on("createRoute53Record", default=True):
        return
    zone = domain.options.get("hostedZoneId")
    if not zone:
        domain.build.warn(f"no record is made for {domain.name}: hosted zones are not looked up, write hostedZoneId")
        return
    if domain.options.get("route53Profile"):
        domain.build.warn(f"no record is made for {domain.name}: its zone is another account's (route53Profile)")
        return
    ways = "Distribution" if domain.edge else "Regional"
    target = {
        "DNSName": {"Fn::GetAtt": [domain.logical_id, f"{ways}DomainName"]},
        "EvaluateTargetHealth": False,
        "HostedZoneId": {"Fn::GetAtt": [domain.logical_id, f"{ways}HostedZoneId"]},
    }
    for kind in ("A", *(("AAAA",) if domain.on("createRoute53IPv6Record", default=True) else ())):
        properties = {"AliasTarget": target, "HostedZoneId": zone, "Name": domain.name, "Type": kind}
        domain.build.add(f"{domain.logical_id}Record{kind}", "AWS::Route53::RecordSet", properties, domain.path)


def _add_mapping(domain: _Domain, api: str, stage: str) -> None:
    build, options = domain.build, domain.options
    base = str(options.get("basePath") or "").strip().removeprefix("(none)")
    name: Value = {"Ref": domain.logical_id} if domain.logical_id in build.resources else domain.name
    wanted = options.get("stage") or build.service.stage
    if domain.kind == "rest":
        properties = {"BasePath": base or None, "DomainName": name, "RestApiId": {"Ref": api}, "Stage": wanted}
        type_ = "AWS::ApiGateway::BasePathMapping"
    else:
        if domain.kind == "http" and (not base or not options.get("stage")):
            wanted = _DEFAULT_STAGE
        properties = {"ApiId": {"Ref": api}, "ApiMappingKey": base or None, "DomainName": name, "Stage": wanted}
        type_ = "AWS::ApiGatewayV2::ApiMapping"
    depends_on = (stage,) if stage in build.resources else ()
    logical_id = f"{domain.logical_id}{alphanumeric(base)}{domain.kind.title()}Mapping"
    build.add(logical_id, type_, properties, domain.path, depends_on=depends_on)
