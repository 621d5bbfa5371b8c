"""Handler of AWS::ApiGateway::Method: an HTTP method of a path with its integration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stateroom.cloud.aws.apigateway_calls import api_document, list_items, properties_of, retry_conflicts
from stateroom.cloud.aws.calls import none_if_missing
from stateroom.cloud.aws.handler_base import BATCH_FROM, AwsHandler, all_of
from stateroom.cloud.aws.shapes import without_empty
from stateroom.cloud.provider import Identified, Reading, ReadRequest, ResourceData, Task
from stateroom.cloud.schema.catalog import facts
from stateroom.model.ownership import Existing
from stateroom.model.resource import Live
from stateroom.model.values import Properties, reveal


class MethodHandler(AwsHandler):
    """Method. Its physical id is `<resource>-<verb>`, since the API has none.

    An update replaces all of it: no client is served by it before the next deployment.
    """

    type = "AWS::ApiGateway::Method"
    settable = all_of("AWS::ApiGateway::Method")
    overwrites = True
    batch_from = BATCH_FROM

    def create(self, resource: ResourceData) -> Task[str]:
        """Put the method, its integration and the responses of both."""
        api, document = self._clients("apigateway"), api_document(reveal(resource.inputs), facts(self.type))
        where = {name: document[name] for name in ("restApiId", "resourceId", "httpMethod")}
        integration, responses = document.pop("integration", None), document.pop("methodResponses", ())
        yield from retry_conflicts(lambda: api.put_method(**{"authorizationType": "NONE", **without_empty(document)}))
        physical_id = f"{where['resourceId']}-{where['httpMethod']}"
        yield Identified(physical_id)
        for response in responses:
            yield from retry_conflicts(lambda it=response: api.put_method_response(**where, **_code(it)))  # type: ignore[misc]
        if integration:
            answers = integration.pop("integrationResponses", ())
            yield from retry_conflicts(lambda: api.put_integration(**where, **without_empty(integration)))
            for answer in answers:
                yield from retry_conflicts(lambda it=answer: api.put_integration_response(**where, **_code(it)))  # type: ignore[misc]
        return physical_id

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the method, or None."""
        where = _where(resource.inputs)
        answer = none_if_missing(lambda: self._clients("apigateway").get_method(**where))
        return None if answer is None else _reading(answer, resource.inputs)

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Yield all methods of each API from one listing, where it has them complete."""
        by_api: dict[str, list[ReadRequest]] = {}
        for request in requests:
            by_api.setdefault(str(reveal(request.inputs["RestApiId"])), []).append(request)
        for api, asked in by_api.items():
            listed = none_if_missing(lambda api=api: self._listed(api)) or {}  # type: ignore[misc]
            for request in asked:
                method = listed.get((_where(request.inputs)["resourceId"], _where(request.inputs)["httpMethod"]))
                if method is None:
                    yield Reading(request.key)
                elif "authorizationType" in method:
                    yield Reading(request.key, Live(request.physical_id, _reading(method, request.inputs)))

    def update(self, resource: ResourceData) -> Task[None]:
        """Delete the method and create it again."""
        yield from self.delete(resource)
        yield from self.create(resource)

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the method with its integration."""
        api, where = self._clients("apigateway"), _where(resource.inputs)
        yield from retry_conflicts(lambda: none_if_missing(lambda: api.delete_method(**where)))

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the method of this path."""
        physical_id = f"{reveal(resource.inputs['ResourceId'])}-{reveal(resource.inputs['HttpMethod'])}"
        return None if self.read(resource.at(physical_id)) is None else Existing(physical_id)

    def _listed(self, api: str) -> dict[tuple[str, str], dict[str, Any]]:
        client = self._clients("apigateway")
        return {
            (str(resource["id"]), verb): method
            for resource in list_items(client, "get_resources", restApiId=api, embed=["methods"])
            for verb, method in (resource.get("resourceMethods") or {}).items()
        }


def _where(inputs: Properties) -> dict[str, str]:
    names = {"restApiId": "RestApiId", "resourceId": "ResourceId", "httpMethod": "HttpMethod"}
    return {argument: str(reveal(inputs[name])) for argument, name in names.items()}


def _code(response: Mapping[str, Any]) -> dict[str, Any]:
    return {**without_empty(response), "statusCode": str(response["statusCode"])}


def _reading(answer: Mapping[str, Any], inputs: Properties) -> dict[str, Any]:
    """Convert an answer: responses are maps by status code, and the integration's verb has another name."""
    integration = dict(answer.get("methodIntegration") or {})
    if "httpMethod" in integration:
        integration["integrationHttpMethod"] = integration.pop("httpMethod")
    integration["integrationResponses"] = _by_code(integration.get("integrationResponses"))
    spelled = {
        **answer,
        "integration": without_empty(integration),
        "methodResponses": _by_code(answer.get("methodResponses")),
    }
    model = properties_of(spelled, facts(MethodHandler.type))
    here = {name: reveal(inputs[name]) for name in ("RestApiId", "ResourceId", "HttpMethod")}
    return without_empty({**model, **here})


def _by_code(responses: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    return (
        [{"statusCode": code, **without_empty(responses[code] or {})} for code in sorted(responses)]
        if responses
        else []
    )
