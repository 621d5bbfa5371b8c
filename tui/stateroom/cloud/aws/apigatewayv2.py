"""Handlers of AWS::ApiGatewayV2::Api and Stage, which have tags.

CloudFormation spells these types as the API does, tags as a map included. Routes and integrations have no tags
(apigatewayv2_routes).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stateroom.cloud.aws.apigatewayv2_children import GatewayHandler, HttpApiChild, deletion, merged, pages, tagged_at
from stateroom.cloud.aws.apigatewayv2_domains import ApiMappingHandler, HttpDomainNameHandler, HttpVpcLinkHandler
from stateroom.cloud.aws.apigatewayv2_parts import HttpAuthorizerHandler, HttpDeploymentHandler
from stateroom.cloud.aws.apigatewayv2_responses import (
    HttpModelHandler,
    IntegrationResponseHandler,
    RouteResponseHandler,
)
from stateroom.cloud.aws.apigatewayv2_routes import IntegrationHandler, RouteHandler
from stateroom.cloud.aws.calls import none_if_missing
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.aws.shapes import without_empty
from stateroom.cloud.provider import ResourceData, Task
from stateroom.errors import CloudError
from stateroom.model.resource import Live


class ApiHandler(GatewayHandler):
    """HTTP or WebSocket API. Its name is not unique: it is identified by its tags. Ref is the API's id."""

    type = "AWS::ApiGatewayV2::Api"
    ref = "{ApiId}"
    address = {"ApiId": "{id}"}
    looks_first = True
    creating = ApiCall("create_api")
    reading = ApiCall("get_api")
    updating = {"": ApiCall("update_api")}
    deleting = ApiCall("delete_api")
    listing = pages("get_apis", "{ApiId}", "ProtocolType")  # an API that is being replaced has our tags, too
    tagging = tagged_at("/apis/{id}")
    settings = {
        "ApiKeySelectionExpression": Setting(unset="$request.header.x-api-key"),
        "CorsConfiguration": Setting(clear=ApiCall("delete_cors_configuration")),
        **settings_of("CredentialsArn", "Description", "Version", unset=""),
        "DisableExecuteApiEndpoint": Setting(unset=False),
        "IpAddressType": Setting(unset="ipv4"),
        "RouteSelectionExpression": Setting(unset="$request.method $request.path"),
        **settings_of("DisableSchemaValidation", "Name", "ProtocolType", "RouteKey", "Target"),
    }
    attributes = {"ApiId": "{id}", "ApiEndpoint": "{answer[ApiEndpoint]}"}

    def create(self, resource: ResourceData) -> Task[str | Live]:
        """Create the API. Raises CloudError for a document to be imported."""
        for name in resource.inputs.keys() & {"Body", "BodyS3Location"}:
            raise CloudError(
                f"AWS::ApiGatewayV2::Api: {name} is not supported",
                why="an imported document makes routes and integrations that no resource stands for",
                todo="write the routes and integrations as resources of their own",
            )
        return (yield from super().create(resource))

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Leave the expression of a WebSocket API, which is required there, when it is unset."""
        if resource.inputs.get("ProtocolType") == "WEBSOCKET" and "RouteSelectionExpression" not in resource.inputs:
            settings.pop("RouteSelectionExpression", None)
        return settings


class HttpStageHandler(HttpApiChild):
    """Stage of an API. Ref is its name."""

    type = "AWS::ApiGatewayV2::Stage"
    ref = "{StageName}"
    address = {"StageName": "{id}"}
    overwrites = True
    creating = ApiCall("create_stage", {"StageName": "{StageName}"})
    reading = ApiCall("get_stage")
    updating = {"": ApiCall("update_stage")}
    deleting = deletion("stage")
    listing = pages("get_stages", "{StageName}")
    tagging = tagged_at("/apis/{ApiId}/stages/{id}")
    # What unsetting means where the API has no call for it; settings of all routes cannot be taken away, only calmed.
    settings = {
        "AccessLogSettings": Setting(clear=ApiCall("delete_access_log_settings")),
        "AutoDeploy": Setting(unset=False),
        "DefaultRouteSettings": Setting(unset={"DetailedMetricsEnabled": False}),
        **settings_of("ClientCertificateId", "Description", unset=""),
        "StageVariables": Setting(unset={}),
        **settings_of("DeploymentId", "RouteSettings"),
    }
    attributes = {"StageName": "{id}"}

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Set variables to nothing that are to go: the API cannot delete one."""
        if call is not self.creating and "StageVariables" in settings:
            there = (self.answer(resource) or {}).get("StageVariables")
            settings["StageVariables"] = merged(there, settings["StageVariables"], "")
        return settings

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings, without variables that were set to nothing."""
        found = super().model(resource, answer)
        emptied = {name: without_empty(found.get(name) or {}) for name in ("RouteSettings", "StageVariables")}
        return {**found, **emptied}

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Update as the table says, then delete the settings of routes that are not named any more."""
        yield from super().update(resource)
        if "RouteSettings" in resource.changed:
            there, wanted = self.answer(resource) or {}, resource.inputs.get("RouteSettings") or {}
            where = self.arguments(self.reading, resource)
            for route in (there.get("RouteSettings") or {}).keys() - wanted.keys():
                none_if_missing(lambda it=route: self.client.delete_route_settings(**where, RouteKey=it))  # type: ignore[misc]
        return None


HANDLERS: tuple[HandlerFactory, ...] = (
    ApiHandler,
    HttpStageHandler,
    IntegrationHandler,
    RouteHandler,
    HttpAuthorizerHandler,
    HttpDeploymentHandler,
    HttpDomainNameHandler,
    ApiMappingHandler,
    HttpVpcLinkHandler,
    HttpModelHandler,
    RouteResponseHandler,
    IntegrationResponseHandler,
)
