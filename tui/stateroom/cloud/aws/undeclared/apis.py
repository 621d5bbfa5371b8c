"""What hangs on APIs and topics: routes, resources and methods, subscriptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from stateroom.cloud.aws.calls import none_if_missing, paginate
from stateroom.cloud.aws.shapes import pick
from stateroom.cloud.aws.undeclared.child_list import ChildList
from stateroom.cloud.children import Exposure, Recorded
from stateroom.model.values import Properties, Value, reveal


def _call_danger(value: Value, via: str) -> Exposure:
    open_ = isinstance(value, Mapping) and value.get("AuthorizationType", "NONE") == "NONE"
    return Exposure(f"anyone may call it: {via}, auth NONE" if open_ else f"it can be called: {via}", open_)


class Routes(ChildList):
    """Routes of an HTTP or WebSocket API, by route key."""

    parent = "AWS::ApiGatewayV2::Api"
    kind = "Routes"
    permission = "apigateway:GET"
    stands_for = ("AWS::ApiGatewayV2::Route",)

    def children(self, physical_id: str) -> Properties:
        """Return who may call each route, and what answers it."""
        names = ("AuthorizationType", "AuthorizerId", "Target")
        return {item["RouteKey"]: pick(item, names) for item in self._listed(physical_id)}

    def _listed(self, physical_id: str) -> list[Any]:
        pages = paginate(self._clients("apigatewayv2"), "get_routes", "Items", ApiId=physical_id)
        return none_if_missing(lambda: list(pages)) or []

    def identities(self, parent: Recorded, other: Recorded) -> Iterable[str]:
        """Return the key of a route of the API."""
        inputs = reveal(other.inputs)
        return (str(inputs.get("RouteKey")),) if inputs.get("ApiId") == parent.physical_id else ()

    def is_whole(self, parent: Recorded) -> bool:
        """Tell whether the API is made from an OpenAPI document, or all of it goes to one target."""
        return bool(parent.inputs.keys() & {"Body", "BodyS3Location", "Target"})

    def danger(self, identity: str, value: Value) -> Exposure | None:
        """Say who may call it."""
        return _call_danger(value, f"route {identity}")

    def remove(self, parent: Recorded, identity: str) -> None:
        """Delete the route."""
        delete = self._clients("apigatewayv2").delete_route
        for item in self._listed(parent.physical_id):
            if item["RouteKey"] == identity:
                none_if_missing(partial(delete, ApiId=parent.physical_id, RouteId=item["RouteId"]))


_ID = "ResourceId"


class Methods(ChildList):
    """Resources and methods of a REST API, as `/path` and `GET /path`. A stage shows them once they are deployed."""

    parent = "AWS::ApiGateway::RestApi"
    kind = "Methods"
    permission = "apigateway:GET"
    stands_for = ("AWS::ApiGateway::Method", "AWS::ApiGateway::Resource")

    def children(self, physical_id: str) -> Properties:
        """Return who may call each method; a resource has nothing to tell."""
        return {identity: value for identity, _, value in self._listed(physical_id)}

    def _listed(self, physical_id: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield identity, resource id and value, methods before the resource that has them."""
        api = self._clients("apigateway")
        pages = paginate(api, "get_resources", "items", restApiId=physical_id, embed=["methods"])
        for item in none_if_missing(lambda: list(pages)) or ():
            for verb, method in (item.get("resourceMethods") or {}).items():
                known = {"AuthorizationType": method.get("authorizationType", "NONE"), _ID: item["id"]}
                if method.get("apiKeyRequired"):
                    known["ApiKeyRequired"] = True
                yield f"{verb} {item['path']}", item["id"], known
            if item["path"] != "/":
                yield item["path"], item["id"], {_ID: item["id"]}

    def identities(self, parent: Recorded, other: Recorded) -> Iterable[str]:
        """Return the resource's id, or method and resource's id: the path is not among their properties."""
        inputs = reveal(other.inputs)
        if inputs.get("RestApiId") != parent.physical_id:
            return ()
        if other.type == "AWS::ApiGateway::Resource":
            return (other.physical_id,)
        return (f"{inputs.get('HttpMethod')} {inputs.get('ResourceId')}",)

    def is_declared(self, identity: str, value: Value, declared: frozenset[str]) -> bool:
        """Tell whether a method or resource is declared, by its resource's id."""
        verb, _, path = identity.partition(" ")
        return (f"{verb} {value[_ID]}" if path else value[_ID]) in declared

    def is_whole(self, parent: Recorded) -> bool:
        """Tell whether the API is made from an OpenAPI document."""
        return bool(parent.inputs.keys() & {"Body", "BodyS3Location"})

    def danger(self, identity: str, value: Value) -> Exposure | None:
        """Say who may call the method."""
        return _call_danger(value, f"method {identity}") if " " in identity else None

    def remove(self, parent: Recorded, identity: str) -> None:
        """Delete the method, or the resource with all below it."""
        api, rest = self._clients("apigateway"), parent.physical_id
        for found, resource, _ in self._listed(rest):
            if found != identity:
                continue
            verb, _, path = identity.partition(" ")
            where = {"restApiId": rest, "resourceId": resource}
            call = partial(api.delete_method, httpMethod=verb) if path else api.delete_resource
            none_if_missing(partial(call, **where))


class Subscriptions(ChildList):
    """Subscriptions of a topic, as `sqs ARN`."""

    parent = "AWS::SNS::Topic"
    kind = "Subscriptions"
    permission = "sns:ListSubscriptionsByTopic"
    stands_for = ("AWS::SNS::Subscription",)

    def children(self, physical_id: str) -> Properties:
        """Return whose each endpoint is."""
        return {_endpoint(item): {"Owner": item.get("Owner", "")} for item in self._listed(physical_id)}

    def _listed(self, physical_id: str) -> list[Any]:
        pages = paginate(self._clients("sns"), "list_subscriptions_by_topic", "Subscriptions", TopicArn=physical_id)
        return none_if_missing(lambda: list(pages)) or []

    def identities(self, parent: Recorded, other: Recorded) -> Iterable[str]:
        """Return protocol and endpoint of a subscription to the topic."""
        inputs = reveal(other.inputs)
        if inputs.get("TopicArn") != parent.physical_id:
            return ()
        return (_endpoint(inputs),)

    def is_whole(self, parent: Recorded) -> bool:
        """Tell whether the topic's own property lists its subscriptions."""
        return bool(parent.inputs.get("Subscription"))

    def danger(self, identity: str, value: Value) -> Exposure | None:
        """Say who gets the messages."""
        return Exposure(f"every message goes to {identity} as well")

    def remove(self, parent: Recorded, identity: str) -> None:
        """Unsubscribe; one that is not confirmed cannot be, and lapses by itself after two days."""
        unsubscribe = self._clients("sns").unsubscribe
        for item in self._listed(parent.physical_id):
            arn = str(item.get("SubscriptionArn"))
            if _endpoint(item) == identity and arn.startswith("arn:"):
                none_if_missing(partial(unsubscribe, SubscriptionArn=arn))


def _endpoint(item: Mapping[str, Any]) -> str:
    return f"{item.get('Protocol')} {item.get('Endpoint')}"
