"""REST API, its deployment and its stage."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.document.key_types import key_types
from stateroom.config.events.event import REGION, URL_SUFFIX, Event, checked_options, fn_join
from stateroom.config.events.existing import account_role
from stateroom.config.events.http.gateway import access_logs, add_log_group, api_gateway
from stateroom.config.events.http.websocket import DEPLOYMENT as WEBSOCKET_DEPLOYMENT
from stateroom.config.events.rest.resources import Paths, existing_paths
from stateroom.model.values import Secret, Value

REST_API: Final = "ApiGatewayRestApi"
DEPLOYMENT: Final = "ApiGatewayDeployment"
_LOG_GROUP: Final = "ApiGatewayLogGroup"
_BLOCK: Final[KeyPath] = ("provider", "apiGateway")
_ENDPOINT: Final = key_types("securityPolicy:text accessMode:text")
_LOGS: Final = """accessLogging:flag executionLogging:flag format:text fullExecutionData:flag level:text role:scalar
    roleManagedExternally:flag"""
_STAGE_NAME: Final = re.compile(r"[-_a-zA-Z0-9]+")
_MOVED: Final = ("apiKeys", "usagePlan", "resourcePolicy")
_LOGGED: Final = (
    ("requestId", "$context.requestId"),
    ("ip", "$context.identity.sourceIp"),
    ("caller", "$context.identity.caller"),
    ("user", "$context.identity.user"),
    ("requestTime", "$context.requestTime"),
    ("httpMethod", "$context.httpMethod"),
    ("resourcePath", "$context.resourcePath"),
    ("status", "$context.status"),
    ("protocol", "$context.protocol"),
    ("responseLength", "$context.responseLength"),
)
# Types that a deployment takes a picture of.
_PICTURED: Final = frozenset(
    f"AWS::ApiGateway::{name}"
    for name in ("RestApi", "Resource", "Method", "Authorizer", "Model", "RequestValidator", "GatewayResponse")
)


def rest_paths(build: Compilation, event: Event) -> Paths:
    """Return the paths of the service's API, adding the API when needed. Raises ConfigError."""
    service = build.service
    block = api_gateway(service)
    if not _STAGE_NAME.fullmatch(service.stage):
        todo = "use letters, digits, - and _"
        raise event.error(service, f"{service.stage} cannot be a stage of a REST API", todo=todo)
    for name in _MOVED:
        if service.lookup("provider", name) is not None:
            build.warn(f"provider.{name} is ignored: write it under provider.apiGateway")
    if block.get("restApiId"):
        if not block.get("restApiRootResourceId"):
            todo = "add restApiRootResourceId: with the id of the path /"
            raise service.error("restApiId without its root", *_BLOCK, todo=todo)
        return Paths(build, block["restApiId"], block["restApiRootResourceId"], existing_paths(build))
    if REST_API not in build.resources:
        _add_api(build, event, block)
    root = block.get("restApiRootResourceId") or {"Fn::GetAtt": [REST_API, "RootResourceId"]}
    return Paths(build, {"Ref": REST_API}, root, existing_paths(build))


def _add_api(build: Compilation, event: Event, block: Mapping[str, Value]) -> None:
    service = build.service
    endpoint = checked_options(service, _ENDPOINT, *_BLOCK, "endpoint")
    type_ = str(service.lookup("provider", "endpointType") or "EDGE").upper()
    networks = service.lookup("provider", "vpcEndpointIds")
    if networks and type_ != "PRIVATE":
        todo = "add endpointType: private, or remove vpcEndpointIds"
        raise service.error("only for private APIs", "provider", "vpcEndpointIds", todo=todo)
    name = (service.app, service.stage) if block.get("shouldStartNameWithService") else (service.stage, service.app)
    policy, source = block.get("resourcePolicy"), block.get("apiKeySourceType")
    tags = service.mapping("provider", "tags")
    properties = {
        "Name": service.text("provider", "apiName") or "-".join(name),
        "Description": block.get("description"),
        "BinaryMediaTypes": block.get("binaryMediaTypes"),
        "DisableExecuteApiEndpoint": block.get("disableDefaultEndpoint"),
        "EndpointConfiguration": {"Types": [type_], **({"VpcEndpointIds": networks} if networks else {})},
        "SecurityPolicy": endpoint.get("securityPolicy"),
        "EndpointAccessMode": str(endpoint["accessMode"]).upper() if "accessMode" in endpoint else None,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()] or None,
        # Empty, so that a policy that is removed from the config is removed from the API.
        "Policy": {"Version": "2012-10-17", "Statement": policy} if policy else "",
        "ApiKeySourceType": str(source).upper() if source else None,
        "MinimumCompressionSize": block.get("minimumCompressionSize"),
    }
    build.add(REST_API, "AWS::ApiGateway::RestApi", properties, event.path)


def add_deployment(build: Compilation, event: Event, api_id: Value, methods: Iterable[str]) -> None:
    """Add the deployment with its stage; a second call adds further methods to its dependencies."""
    service = build.service
    wanted = tuple(methods)
    if DEPLOYMENT in build.resources:
        deployment = build.resources[DEPLOYMENT]
        missing = tuple(name for name in wanted if name not in deployment.depends_on)
        build.resources[DEPLOYMENT] = replace(deployment, depends_on=deployment.depends_on + missing)
        return
    properties = {
        "RestApiId": api_id,
        "StageName": service.text(*_BLOCK, "stage") or service.stage,
        "StageDescription": _stage(build, event) or None,
        "Description": service.lookup(*_BLOCK, "description"),
    }
    build.add(DEPLOYMENT, "AWS::ApiGateway::Deployment", properties, event.path, depends_on=wanted)
    url = fn_join("https://", api_id, ".execute-api.", REGION, ".", URL_SUFFIX, f"/{service.stage}")
    build.add_output("ServiceEndpoint", url, "URL of the service endpoint")


def _stage(build: Compilation, event: Event) -> dict[str, Value]:
    """Return the stage's settings.

    The framework makes them by API calls after the deployment; here they are properties.
    """
    service = build.service
    tracing, logs = service.lookup("provider", "tracing", "apiGateway"), service.lookup("provider", "logs", "restApi")
    if service.lookup(*_BLOCK, "restApiId"):
        for path, value in ((("tracing", "apiGateway"), tracing), (("logs", "restApi"), logs)):
            if value is not None:
                todo = "set it where that API is deployed"
                raise service.error("not for an API of someone else's", "provider", *path, todo=todo)
        return {}
    tags = {**service.mapping("provider", "stackTags"), **service.mapping("provider", "tags")}
    settings = {
        "TracingEnabled": tracing,
        "MetricsEnabled": service.lookup(*_BLOCK, "metrics"),
        "Tags": [_tag(key, value) for key, value in tags.items()] or None,
        **_logging(build, event),
    }
    return {key: value for key, value in settings.items() if value is not None}


def _tag(key: str, value: Value) -> dict[str, Value]:
    return {"Key": key, "Value": value if intrinsic(value) else str(value)}


def _logging(build: Compilation, event: Event) -> dict[str, Value]:
    service = build.service
    options = access_logs(service, "restApi", _LOGS)
    if options is None:
        return {}
    level = options.get("level") or "INFO"
    settings: dict[str, Value] = {
        "DataTraceEnabled": options.get("fullExecutionData", True),
        "LoggingLevel": "OFF" if options.get("executionLogging") is False else level,
    }
    if options.get("accessLogging") is not False:
        add_log_group(build, event, _LOG_GROUP, f"/aws/api-gateway/{service.prefix}")
        account_role(build, event.path)
        settings["AccessLogSetting"] = {
            "DestinationArn": {"Fn::GetAtt": [_LOG_GROUP, "Arn"]},
            "Format": options.get("format") or ", ".join(f"{name}: {value}" for name, value in _LOGGED),
        }
    return settings


def name_deployments(build: Compilation, generated: Collection[str]) -> None:
    """Name each deployment by a digest of its API, so that a changed API gets a new one.

    A deployment is a snapshot of its API. The framework names a REST API's deployment by the time, so every deploy
    takes a snapshot; here the id is a digest of what the snapshot contains, `resources:` included. A deployment that is
    not `generated` keeps the user's own id.
    """
    pictured = {
        name: (resource.type, resource.properties)
        for name, resource in build.resources.items()
        if resource.type in _PICTURED
    }
    _rename(build, DEPLOYMENT, {**pictured, DEPLOYMENT: _properties(build, DEPLOYMENT)}, generated)
    sockets = {
        name: (resource.type, resource.properties)
        for name, resource in build.resources.items()
        if resource.type.startswith("AWS::ApiGatewayV2::") and name != WEBSOCKET_DEPLOYMENT
    }
    _rename(build, WEBSOCKET_DEPLOYMENT, sockets, generated)


def _properties(build: Compilation, logical_id: str) -> Value:
    return build.resources[logical_id].properties if logical_id in build.resources else None


def _rename(build: Compilation, old: str, picture: Mapping[str, Value], generated: Collection[str]) -> None:
    if old not in generated:
        return
    text = json.dumps(picture, sort_keys=True, default=_opened)
    new = f"{old}{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    for name, resource in list(build.resources.items()):
        if old in resource.depends_on:
            waits = tuple(new if item == old else item for item in resource.depends_on)
            build.resources[name] = replace(resource, depends_on=waits)
        if resource.properties.get("DeploymentId") == {"Ref": old}:
            properties = {**resource.properties, "DeploymentId": {"Ref": new}}
            build.resources[name] = replace(build.resources[name], properties=properties)
    build.resources = {
        (new if name == old else name): (replace(resource, logical_id=new) if name == old else resource)
        for name, resource in build.resources.items()
    }
    build.paths[new] = build.paths.pop(old)
    if old in build.attributes:
        build.attributes[new] = build.attributes.pop(old)


def _opened(value: object) -> Value:
    return value.reveal() if isinstance(value, Secret) else str(value)
