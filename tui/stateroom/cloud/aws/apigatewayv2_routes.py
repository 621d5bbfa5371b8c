"""Handlers of AWS::ApiGatewayV2::Integration and Route, which cannot be tagged.

A route is identified by its key, which is unique in its API, and its target; an integration by an owner mark appended
to its description and hidden from readings, because nothing else about it need be unique.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from stateroom.cloud.aws.apigatewayv2_calls import CONFLICTS
from stateroom.cloud.aws.apigatewayv2_children import ChildHandler
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import FLAG
from stateroom.cloud.aws.declared.handler import ListedHandler
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.handler_base import all_of
from stateroom.cloud.provider import Owner, ResourceData, Task
from stateroom.model.resource import Live
from stateroom.model.values import Properties, Value, reveal

_MARK: Final = re.compile(r" ?\[stateroom:[^\]]*\]$")
_REMOVE_PARAMETER: Final = ApiCall("delete_route_request_parameter")
_DESCRIPTION_LIMIT: Final = 1024  # characters (API reference)


class IntegrationHandler(ChildHandler):
    """Integration of an API. Ref is the integration's id."""

    type = "AWS::ApiGatewayV2::Integration"
    settable = all_of("AWS::ApiGatewayV2::Integration")
    noun = "integration"
    id_property = "IntegrationId"
    defaults: ClassVar[Mapping[str, Value]] = {
        "ConnectionId": "",
        "ConnectionType": "INTERNET",
        "ContentHandlingStrategy": None,
        "CredentialsArn": "",
        "Description": "",
        "IntegrationMethod": None,
        "IntegrationSubtype": None,
        "IntegrationType": None,
        "IntegrationUri": None,
        "PassthroughBehavior": None,
        "PayloadFormatVersion": "1.0",
        "RequestParameters": None,
        "RequestTemplates": None,
        "ResponseParameters": None,
        "TemplateSelectionExpression": "",
        "TimeoutInMillis": 30000,
        "TlsConfig": None,
    }

    def create_arguments(self, inputs: Properties, owner: Owner) -> dict[str, Any]:
        """Return the arguments with the owner mark in the description."""
        arguments = super().create_arguments(inputs, owner)
        if "ResponseParameters" in arguments:
            arguments["ResponseParameters"] = _responses_to_api(arguments["ResponseParameters"])
        return arguments | {"Description": _marked(inputs, owner)}

    def update(self, resource: ResourceData) -> Task[None]:
        """Update the integration.

        A parameter is removed by setting it to nothing, so the present ones are read first.
        """
        inputs = dict(reveal(resource.inputs))
        mapped = resource.changed & {"RequestParameters", "ResponseParameters"}
        if mapped:
            current = self._operation("get")(**self._where(resource.id, inputs))
            if "RequestParameters" in mapped:
                there = dict.fromkeys(current.get("RequestParameters") or {}, "")
                inputs["RequestParameters"] = there | dict(inputs.get("RequestParameters") or {})
            if "ResponseParameters" in mapped:
                none: dict[str, Any] = {status: {} for status in current.get("ResponseParameters") or {}}
                inputs["ResponseParameters"] = none | dict(inputs.get("ResponseParameters") or {})
        yield from super().update(replace(resource, inputs=inputs))

    def update_arguments(self, inputs: Properties, changed: frozenset[str], owner: Owner) -> dict[str, Any]:
        """Return the arguments with the owner mark in the description."""
        arguments = super().update_arguments(inputs, changed, owner)
        if "Description" in changed:
            arguments["Description"] = _marked(inputs, owner)
        if "ResponseParameters" in arguments:
            arguments["ResponseParameters"] = _responses_to_api(arguments["ResponseParameters"])
        return arguments

    def model(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the properties without the owner mark."""
        responses = answer.get("ResponseParameters") or {}
        parameters = answer.get("RequestParameters") or {}
        return {
            **super().model(answer),
            "Description": _MARK.sub("", answer.get("Description") or ""),
            "RequestParameters": {name: value for name, value in parameters.items() if value != ""},
            "ResponseParameters": {
                status: _response_from_api(mapping) for status, mapping in responses.items() if mapping
            },
        }

    def is_the_one(self, item: Mapping[str, Any], inputs: Properties, owner: Owner) -> bool:
        """Tell an integration by our mark, whatever its target: that may have been changed since."""
        return bool((item.get("Description") or "").endswith(_mark(owner)))


class RouteHandler(ListedHandler):
    """Route of an API. Ref is the route's id."""

    type = "AWS::ApiGatewayV2::Route"
    service = "apigatewayv2"
    ref = "{RouteId}"
    parent = {"ApiId": "{ApiId}"}
    address = {"RouteId": "{id}"}
    batch_from = 2  # one page answers for an API's 500 routes
    retry = CONFLICTS
    reason = "waiting for API Gateway"
    creating = ApiCall("create_route")
    reading = ApiCall("get_route")
    updating = {"": ApiCall("update_route")}
    deleting = ApiCall("delete_route")
    listing = Listing(
        ApiCall("get_routes", {"MaxResults": "500"}, answer="Items"),
        "{RouteId}",
        next_page="NextToken",
        same={"RouteKey": "RouteKey", "Target": "Target"},
        absent_is_gone=True,
    )
    settings = {
        "ApiKeyRequired": Setting(FLAG, False),
        "AuthorizationScopes": Setting(unset=[]),
        "AuthorizationType": Setting(unset="NONE"),
        **settings_of("AuthorizerId", "ModelSelectionExpression", "OperationName", unset=""),
        **settings_of("RequestModels", "RequestParameters", "RouteKey"),
        **settings_of("RouteResponseSelectionExpression", "Target", unset=""),
    }
    attributes = {"RouteId": "{id}"}

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Update as the table says; a request parameter is removed by a call of its own."""
        yield from super().update(resource)
        if "RequestParameters" in resource.changed:
            kept, current = reveal(resource.inputs.get("RequestParameters") or {}), self.answer(resource) or {}
            for name in (current.get("RequestParameters") or {}).keys() - kept.keys():
                where = {**self.arguments(_REMOVE_PARAMETER, resource), "RequestParameterKey": name}
                yield from self.send(_REMOVE_PARAMETER, where, missing_is_fine=True)
        return None


def _mark(owner: Owner) -> str:
    return f"[stateroom:{owner.service}/{owner.stage}/{owner.logical_id}]"


def _marked(inputs: Properties, owner: Owner) -> str:
    """Append the owner mark to the user's description, if there is room."""
    description = str(inputs.get("Description") or "")
    marked = f"{description} {_mark(owner)}".lstrip()
    return marked if len(marked) <= _DESCRIPTION_LIMIT else description


def _responses_to_api(responses: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Convert CloudFormation's lists of Source and Destination to the API's map of destination to source."""
    return {
        status: {item["Destination"]: item["Source"] for item in response.get("ResponseParameters") or ()}
        for status, response in responses.items()
    }


def _response_from_api(mapping: Mapping[str, str]) -> dict[str, Any]:
    items = [{"Destination": name, "Source": mapping[name]} for name in sorted(mapping)]
    return {"ResponseParameters": items}
