"""Handlers of what WebSocket APIs have beside routes: models, and the responses of routes and integrations.

None can be tagged. Names of models are unique in an API, keys of responses in their route or integration.
"""

from __future__ import annotations

from typing import Final

from stateroom.cloud.aws.apigatewayv2_children import GatewayHandler, deletion, pages
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import AS_IS, DOCUMENT, Form
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.shapes import from_json

_MAP: Final = Form(from_json, AS_IS.from_api)  # a template may write it as JSON text


class HttpModelHandler(GatewayHandler):
    """Model: JSON schema of a message. Ref is its id."""

    type = "AWS::ApiGatewayV2::Model"
    parent = {"ApiId": "{ApiId}"}
    ref = "{ModelId}"
    address = {"ModelId": "{id}"}
    creating = ApiCall("create_model")
    reading = ApiCall("get_model")
    updating = {"": ApiCall("update_model")}
    deleting = deletion("model")
    listing = pages("get_models", "{ModelId}", "Name")
    settings = {
        "ContentType": Setting(unset="application/json"),
        "Description": Setting(unset=""),
        "Name": Setting(),
        "Schema": Setting(DOCUMENT),
    }
    attributes = {"ModelId": "{id}"}


class RouteResponseHandler(GatewayHandler):
    """Response of a route, without which callers get no answer. Ref is its id."""

    type = "AWS::ApiGatewayV2::RouteResponse"
    parent = {"ApiId": "{ApiId}", "RouteId": "{RouteId}"}
    ref = "{RouteResponseId}"
    address = {"RouteResponseId": "{id}"}
    creating = ApiCall("create_route_response")
    reading = ApiCall("get_route_response")
    updating = {"": ApiCall("update_route_response")}
    deleting = deletion("route_response")
    listing = pages("get_route_responses", "{RouteResponseId}", "RouteResponseKey")
    settings = {
        "ModelSelectionExpression": Setting(unset=""),
        **settings_of("ResponseModels", "ResponseParameters", form=_MAP, unset={}),
        "RouteResponseKey": Setting(),
    }
    attributes = {"RouteResponseId": "{id}"}


class IntegrationResponseHandler(GatewayHandler):
    """Response of an integration, and how it becomes the route's. Ref is its id."""

    type = "AWS::ApiGatewayV2::IntegrationResponse"
    parent = {"ApiId": "{ApiId}", "IntegrationId": "{IntegrationId}"}
    ref = "{IntegrationResponseId}"
    address = {"IntegrationResponseId": "{id}"}
    creating = ApiCall("create_integration_response")
    reading = ApiCall("get_integration_response")
    updating = {"": ApiCall("update_integration_response")}
    deleting = deletion("integration_response")
    listing = pages("get_integration_responses", "{IntegrationResponseId}", "IntegrationResponseKey")
    settings = {
        **settings_of("ContentHandlingStrategy", "IntegrationResponseKey"),
        **settings_of("ResponseParameters", "ResponseTemplates", form=_MAP, unset={}),
        "TemplateSelectionExpression": Setting(unset=""),
    }
    attributes = {"IntegrationResponseId": "{id}"}
