"""Handlers of AWS::ApiGatewayV2::Integration and Route, which cannot be tagged.

A route is identified by its key, which is unique in its API, and its target; an integration by an owner mark appended
to its description and hidden from readings, because nothing else about it need be unique.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws.apigatewayv2_children import HttpApiChild, Marked, deletion, merged, pages
from stateroom.cloud.aws.calls import none_if_missing
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import AS_IS, FLAG, NUMBER, Form
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.shapes import without_empty
from stateroom.cloud.provider import ResourceData, Task
from stateroom.model.resource import Live
from stateroom.model.values import reveal

# Maps of which the API keeps what is not named → what takes one of their keys away.
_NOTHING: Final[Mapping[str, Any]] = {"RequestParameters": "", "ResponseParameters": {}}


def _responses_to_api(responses: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Convert CloudFormation's lists of Source and Destination to the API's map of destination to source."""
    return {
        status: {item["Destination"]: item["Source"] for item in response.get("ResponseParameters") or ()}
        for status, response in responses.items()
    }


def _responses_from_api(responses: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Convert back; what was set to nothing is left out."""
    return {
        status: {"ResponseParameters": [{"Destination": name, "Source": mapping[name]} for name in sorted(mapping)]}
        for status, mapping in responses.items()
        if mapping
    }


_KEPT: Final = Form(AS_IS.to_api, without_empty)  # what was set to nothing is left out
RESPONSES: Final = Form(_responses_to_api, _responses_from_api)


class IntegrationHandler(Marked):
    """Integration of an API. Ref is the integration's id."""

    type = "AWS::ApiGatewayV2::Integration"
    ref = "{IntegrationId}"
    address = {"IntegrationId": "{id}"}
    creating = ApiCall("create_integration")
    reading = ApiCall("get_integration")
    updating = {"": ApiCall("update_integration")}
    deleting = deletion("integration")
    listing = pages("get_integrations", "{IntegrationId}")
    settings = {
        "ConnectionType": Setting(unset="INTERNET"),
        "PayloadFormatVersion": Setting(unset="1.0"),
        "TimeoutInMillis": Setting(NUMBER, 30000),
        "RequestParameters": Setting(_KEPT, unset={}),
        "ResponseParameters": Setting(RESPONSES, {}),
        **settings_of("ConnectionId", "CredentialsArn", "Description", "TemplateSelectionExpression", unset=""),
        **settings_of("ContentHandlingStrategy", "IntegrationMethod", "IntegrationSubtype", "IntegrationType"),
        **settings_of("IntegrationUri", "PassthroughBehavior", "RequestTemplates", "TlsConfig"),
    }
    attributes = {"IntegrationId": "{id}"}

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Add the owner mark to the description, and set parameters to nothing that are to go."""
        settings = super().adjusted(call, resource, settings)
        if call is not self.creating and settings.keys() & _NOTHING.keys():
            there = self.answer(resource) or {}
            for name in settings.keys() & _NOTHING.keys():
                settings[name] = merged(there.get(name), settings[name], _NOTHING[name])
        return settings


class RouteHandler(HttpApiChild):
    """Route of an API. Ref is the route's id."""

    type = "AWS::ApiGatewayV2::Route"
    ref = "{RouteId}"
    address = {"RouteId": "{id}"}
    creating = ApiCall("create_route")
    reading = ApiCall("get_route")
    updating = {"": ApiCall("update_route")}
    deleting = deletion("route")
    listing = pages("get_routes", "{RouteId}", "RouteKey", "Target")
    settings = {
        "ApiKeyRequired": Setting(FLAG, unset=False),
        "AuthorizationScopes": Setting(unset=[]),
        "AuthorizationType": Setting(unset="NONE"),
        **settings_of("AuthorizerId", "ModelSelectionExpression", "OperationName", unset=""),
        **settings_of("RouteResponseSelectionExpression", "Target", unset=""),
        **settings_of("RequestModels", "RequestParameters", "RouteKey"),
    }
    attributes = {"RouteId": "{id}"}

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Update as the table says; a request parameter is removed by a call of its own."""
        yield from super().update(resource)
        if "RequestParameters" in resource.changed:
            kept, there = reveal(resource.inputs.get("RequestParameters") or {}), self.answer(resource) or {}
            where, remove = self.arguments(self.reading, resource), self.client.delete_route_request_parameter
            for name in (there.get("RequestParameters") or {}).keys() - kept.keys():
                none_if_missing(lambda it=name: remove(**where, RequestParameterKey=it))  # type: ignore[misc]
        return None
