"""Handlers of AWS::ApiGatewayV2::Api and Stage, which have tags.

CloudFormation spells these types as the API does, tags as a map included. Routes and integrations have no tags
(apigatewayv2_routes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.apigatewayv2_calls import CONFLICTS, list_items, settings, write_tags
from stateroom.cloud.aws.apigatewayv2_children import ChildHandler
from stateroom.cloud.aws.apigatewayv2_routes import IntegrationHandler, RouteHandler
from stateroom.cloud.aws.calls import none_if_missing, retry_while
from stateroom.cloud.aws.handler_base import AwsHandler, HandlerFactory, all_of
from stateroom.cloud.aws.shapes import pick, without_empty
from stateroom.cloud.provider import Identified, Owner, ResourceData, Task
from stateroom.errors import CloudError
from stateroom.model.ownership import Existing
from stateroom.model.values import Properties, Value, reveal

# What unsetting a property means; None: it cannot be unset, only replaced or left.
_DEFAULTS: Final[Mapping[str, Value]] = {
    "ApiKeySelectionExpression": "$request.header.x-api-key",
    "CredentialsArn": "",
    "Description": "",
    "DisableExecuteApiEndpoint": False,
    "DisableSchemaValidation": None,
    "IpAddressType": "ipv4",
    "Name": None,
    "RouteKey": None,
    "RouteSelectionExpression": "$request.method $request.path",
    "Target": None,
    "Version": "",
}
_CREATED: Final = (*_DEFAULTS, "CorsConfiguration", "ProtocolType")
_NOT_SUPPORTED: Final = ("Body", "BodyS3Location")


class ApiHandler(AwsHandler):
    """HTTP or WebSocket API. Its name is not unique: it is identified by its tags. Ref is the API's id."""

    type = "AWS::ApiGatewayV2::Api"
    settable = frozenset({*_CREATED, "Tags"})

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the API, or complete one that an earlier attempt left: names are not unique."""
        inputs, api = reveal(resource.inputs), self._clients("apigatewayv2")
        for name in _NOT_SUPPORTED:
            if name in inputs:
                raise CloudError(
                    f"AWS::ApiGatewayV2::Api: {name} is not supported",
                    why="an imported document makes routes and integrations that no resource stands for",
                    todo="write the routes and integrations as resources of their own",
                )
        found = tags.ours(self.locate(resource), resource.owner)
        if found is not None:
            yield Identified(found)
            yield from self.update(resource.whole(found))
            return found
        arguments = without_empty(pick(inputs, _CREATED)) | {"Tags": tags.wanted(inputs, resource.owner)}
        answer = yield from retry_while(lambda: api.create_api(**arguments), CONFLICTS, "waiting for API Gateway")
        yield Identified(answer["ApiId"])
        return str(answer["ApiId"])

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the API, or None; its children are resources of their own."""
        answer = none_if_missing(lambda: self._clients("apigatewayv2").get_api(ApiId=resource.id))
        if answer is None:
            return None
        return without_empty(
            {
                **pick(answer, ("ProtocolType", "CorsConfiguration", *_DEFAULTS)),
                "Tags": tags.user_tags(answer.get("Tags") or {}),
                "ApiId": resource.id,
                "ApiEndpoint": answer.get("ApiEndpoint"),
            }
        )

    def update(self, resource: ResourceData) -> Task[None]:
        """Update the changed settings in one call; unsetting CORS is a separate call."""
        inputs, api = reveal(resource.inputs), self._clients("apigatewayv2")
        arguments = settings(inputs, resource.changed, self._defaults(inputs))
        if "CorsConfiguration" in resource.changed:
            if inputs.get("CorsConfiguration"):
                arguments["CorsConfiguration"] = inputs["CorsConfiguration"]
            else:
                remove = lambda: none_if_missing(lambda: api.delete_cors_configuration(ApiId=resource.id))  # noqa: E731
                yield from retry_while(remove, CONFLICTS, "waiting for API Gateway")
        if arguments:
            write = lambda: api.update_api(ApiId=resource.id, **arguments)  # noqa: E731
            yield from retry_while(write, CONFLICTS, "waiting for API Gateway")
        if "Tags" in resource.changed:
            current = api.get_api(ApiId=resource.id).get("Tags") or {}
            write_tags(self._clients, f"/apis/{resource.id}", current, tags.wanted(inputs, resource.owner))

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the API with its stages, routes and integrations."""
        api = self._clients("apigatewayv2")
        delete = lambda: none_if_missing(lambda: api.delete_api(ApiId=resource.id))  # noqa: E731
        yield from retry_while(delete, CONFLICTS, "waiting for API Gateway")

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the API whose tags name the owner, of this protocol: the one being replaced has our tags too."""
        protocol = reveal(resource.inputs.get("ProtocolType"))
        listed = list_items(self._clients("apigatewayv2"), "get_apis")
        alike = (item for item in listed if item.get("ProtocolType") == protocol)
        return tags.named(((str(item["ApiId"]), item.get("Tags") or {}) for item in alike), resource.owner)

    def tags_by_id(self, resource: ResourceData) -> Mapping[str, str] | None:
        """Tags of the API."""
        answer = none_if_missing(lambda: self._clients("apigatewayv2").get_api(ApiId=resource.id))
        return None if answer is None else answer.get("Tags") or {}

    def _defaults(self, inputs: Properties) -> Mapping[str, Value]:
        if inputs.get("ProtocolType") == "WEBSOCKET":  # the expression is required there, so it is never unset
            return {**_DEFAULTS, "RouteSelectionExpression": None}
        return _DEFAULTS


class HttpStageHandler(ChildHandler):
    """Stage of an API. Ref is its name."""

    type = "AWS::ApiGatewayV2::Stage"
    settable = all_of("AWS::ApiGatewayV2::Stage")
    overwrites = True
    noun = "stage"
    id_property = "StageName"
    identity = ("StageName",)
    # What unsetting means where the API has no call for it; settings of all routes cannot be taken away, only calmed.
    defaults: ClassVar[Mapping[str, Value]] = {
        "AutoDeploy": False,
        "ClientCertificateId": "",
        "DefaultRouteSettings": {"DetailedMetricsEnabled": False},
        "DeploymentId": None,
        "Description": "",
        "RouteSettings": None,
        "StageVariables": None,
        "AccessLogSettings": None,
    }

    def create_arguments(self, inputs: Properties, owner: Owner) -> dict[str, Any]:
        """Return the arguments with tags, which no other child has."""
        return super().create_arguments(inputs, owner) | {
            "StageName": inputs["StageName"],
            "Tags": tags.wanted(inputs, owner),
        }

    def model(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Convert an answer. A stage variable with empty text is a removed one: the API cannot delete it."""
        return {
            **super().model(answer),
            "StageVariables": without_empty(answer.get("StageVariables") or {}),
            "RouteSettings": without_empty(answer.get("RouteSettings") or {}),
            "Tags": tags.user_tags(answer.get("Tags") or {}),
        }

    def update(self, resource: ResourceData) -> Task[None]:
        """Update as every child, then the settings with calls of their own, and the tags."""
        inputs = reveal(resource.inputs)
        api, where = self._clients("apigatewayv2"), {"ApiId": inputs["ApiId"], "StageName": resource.id}
        if "StageVariables" in resource.changed:
            current = api.get_stage(**where).get("StageVariables") or {}
            inputs = {**inputs, "StageVariables": dict.fromkeys(current, "") | dict(inputs.get("StageVariables") or {})}
        yield from super().update(replace(resource, inputs=inputs))
        if "AccessLogSettings" in resource.changed and not inputs.get("AccessLogSettings"):
            none_if_missing(lambda: api.delete_access_log_settings(**where))
        if "RouteSettings" in resource.changed:
            wanted = inputs.get("RouteSettings") or {}
            for route in (api.get_stage(**where).get("RouteSettings") or {}).keys() - wanted.keys():
                none_if_missing(lambda route=route: api.delete_route_settings(**where, RouteKey=route))  # type: ignore[misc]
        if "Tags" in resource.changed:
            current, path = api.get_stage(**where).get("Tags") or {}, f"/apis/{inputs['ApiId']}/stages/{resource.id}"
            write_tags(self._clients, path, current, tags.wanted(inputs, resource.owner))

    def tags_of(self, item: Mapping[str, Any]) -> Mapping[str, str] | None:
        """Tags of a listed stage."""
        return item.get("Tags") or {}


HANDLERS: tuple[HandlerFactory, ...] = (ApiHandler, HttpStageHandler, IntegrationHandler, RouteHandler)
