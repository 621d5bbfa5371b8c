"""Handlers of AWS::ApiGatewayV2::Api and Stage, which have tags.

CloudFormation spells these types as the API does, tags as a map included. Routes and integrations have no tags
(apigatewayv2_routes).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.apigatewayv2_calls import CONFLICTS, list_items, settings, write_tags
from stateroom.cloud.aws.apigatewayv2_children import ChildHandler
from stateroom.cloud.aws.apigatewayv2_routes import IntegrationHandler, RouteHandler
from stateroom.cloud.aws.calls import none_if_missing, retry_while
from stateroom.cloud.aws.handler_base import AwsHandler, HandlerFactory, all_of
from stateroom.cloud.aws.shapes import pick, without_empty
from stateroom.cloud.provider import Identified, Owner, Task
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

    def create(self, inputs: Properties, owner: Owner) -> Task[str]:
        """Create the API, or complete one that an earlier attempt left: names are not unique."""
        inputs, api = reveal(inputs), self._clients("apigatewayv2")
        for name in _NOT_SUPPORTED:
            if name in inputs:
                raise CloudError(
                    f"AWS::ApiGatewayV2::Api: {name} is not supported",
                    why="an imported document makes routes and integrations that no resource stands for",
                    todo="write the routes and integrations as resources of their own",
                )
        found = tags.ours(self.locate(inputs, owner), owner)
        if found is not None:
            yield Identified(found)
            yield from self.update(found, inputs, {}, frozenset(inputs), owner)
            return found
        arguments = without_empty(pick(inputs, _CREATED)) | {"Tags": tags.wanted(inputs, owner)}
        answer = yield from retry_while(lambda: api.create_api(**arguments), CONFLICTS, "waiting for API Gateway")
        yield Identified(answer["ApiId"])
        return str(answer["ApiId"])

    def read(self, physical_id: str, inputs: Properties) -> Properties | None:  # noqa: ARG002 (Handler)
        """Return the API, or None; its children are resources of their own."""
        answer = none_if_missing(lambda: self._clients("apigatewayv2").get_api(ApiId=physical_id))
        if answer is None:
            return None
        return without_empty(
            {
                **pick(answer, ("ProtocolType", "CorsConfiguration", *_DEFAULTS)),
                "Tags": tags.user_tags(answer.get("Tags") or {}),
                "ApiId": physical_id,
                "ApiEndpoint": answer.get("ApiEndpoint"),
            }
        )

    def update(
        self,
        physical_id: str,
        inputs: Properties,
        previous: Properties,  # noqa: ARG002 (Handler)
        changed: frozenset[str],
        owner: Owner,
    ) -> Task[None]:
        """Update the changed settings in one call; unsetting CORS is a separate call."""
        inputs, api = reveal(inputs), self._clients("apigatewayv2")
        arguments = settings(inputs, changed, self._defaults(inputs))
        if "CorsConfiguration" in changed:
            if inputs.get("CorsConfiguration"):
                arguments["CorsConfiguration"] = inputs["CorsConfiguration"]
            else:
                remove = lambda: none_if_missing(lambda: api.delete_cors_configuration(ApiId=physical_id))  # noqa: E731
                yield from retry_while(remove, CONFLICTS, "waiting for API Gateway")
        if arguments:
            write = lambda: api.update_api(ApiId=physical_id, **arguments)  # noqa: E731
            yield from retry_while(write, CONFLICTS, "waiting for API Gateway")
        if "Tags" in changed:
            current = api.get_api(ApiId=physical_id).get("Tags") or {}
            write_tags(self._clients, f"/apis/{physical_id}", current, tags.wanted(inputs, owner))

    def delete(self, physical_id: str, inputs: Properties) -> Task[None]:  # noqa: ARG002 (Handler)
        """Delete the API with its stages, routes and integrations."""
        api = self._clients("apigatewayv2")
        delete = lambda: none_if_missing(lambda: api.delete_api(ApiId=physical_id))  # noqa: E731
        yield from retry_while(delete, CONFLICTS, "waiting for API Gateway")

    def locate(self, inputs: Properties, owner: Owner) -> Existing | None:
        """Look for the API whose tags name the owner, of this protocol: the one being replaced has our tags too."""
        protocol = reveal(inputs.get("ProtocolType"))
        listed = list_items(self._clients("apigatewayv2"), "get_apis")
        alike = (item for item in listed if item.get("ProtocolType") == protocol)
        return tags.named(((str(item["ApiId"]), item.get("Tags") or {}) for item in alike), owner)

    def tags_by_id(self, physical_id: str, inputs: Properties) -> Mapping[str, str] | None:  # noqa: ARG002 (TaggedById)
        """Tags of the API."""
        answer = none_if_missing(lambda: self._clients("apigatewayv2").get_api(ApiId=physical_id))
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

    def update(
        self, physical_id: str, inputs: Properties, previous: Properties, changed: frozenset[str], owner: Owner
    ) -> Task[None]:
        """Update as every child, then the settings with calls of their own, and the tags."""
        inputs = reveal(inputs)
        api, where = self._clients("apigatewayv2"), {"ApiId": inputs["ApiId"], "StageName": physical_id}
        if "StageVariables" in changed:
            current = api.get_stage(**where).get("StageVariables") or {}
            inputs = {**inputs, "StageVariables": dict.fromkeys(current, "") | dict(inputs.get("StageVariables") or {})}
        yield from super().update(physical_id, inputs, previous, changed, owner)
        if "AccessLogSettings" in changed and not inputs.get("AccessLogSettings"):
            none_if_missing(lambda: api.delete_access_log_settings(**where))
        if "RouteSettings" in changed:
            wanted = inputs.get("RouteSettings") or {}
            for route in (api.get_stage(**where).get("RouteSettings") or {}).keys() - wanted.keys():
                none_if_missing(lambda route=route: api.delete_route_settings(**where, RouteKey=route))  # type: ignore[misc]
        if "Tags" in changed:
            current, path = api.get_stage(**where).get("Tags") or {}, f"/apis/{inputs['ApiId']}/stages/{physical_id}"
            write_tags(self._clients, path, current, tags.wanted(inputs, owner))

    def tags_of(self, item: Mapping[str, Any]) -> Mapping[str, str] | None:
        """Tags of a listed stage."""
        return item.get("Tags") or {}


HANDLERS: tuple[HandlerFactory, ...] = (ApiHandler, HttpStageHandler, IntegrationHandler, RouteHandler)
