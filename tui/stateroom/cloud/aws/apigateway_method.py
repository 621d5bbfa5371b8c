"""AWS::ApiGateway::Method: one HTTP method of a path, with what it is integrated with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stateroom.cloud.aws.apigateway_calls import api_document, list_items, patiently, properties_of
from stateroom.cloud.aws.calls import Clients, none_if_missing
from stateroom.cloud.aws.shapes import present
from stateroom.cloud.provider import Identified, Owner, Reading, ReadRequest, Task
from stateroom.cloud.schema.catalog import facts
from stateroom.model.ownership import Existing
from stateroom.model.resource import Live
from stateroom.model.values import Properties, reveal


class MethodHandler:
    """A method. Its physical id is `<resource>-<verb>`, since the API gives it none.

    It is written as a whole: nobody is served by it before the next deployment takes a picture of the API.
    """

    type = "AWS::ApiGateway::Method"
    reader_version = 1
    overwrites = True

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def create(self, inputs: Properties, owner: Owner) -> Task[str]:  # noqa: ARG002 (methods bear no tags)
        """Put the method, its integration and the responses of both."""
        api, document = self._clients("apigateway"), api_document(reveal(inputs), facts(self.type))
        where = {name: document[name] for name in ("restApiId", "resourceId", "httpMethod")}
        integration, responses = document.pop("integration", None), document.pop("methodResponses", ())
        yield from patiently(lambda: api.put_method(**{"authorizationType": "NONE", **present(document)}))
        physical_id = f"{where['resourceId']}-{where['httpMethod']}"
        yield Identified(physical_id)
        for response in responses:
            yield from patiently(lambda it=response: api.put_method_response(**where, **_code(it)))  # type: ignore[misc]
        if integration:
            answers = integration.pop("integrationResponses", ())
            yield from patiently(lambda: api.put_integration(**where, **present(integration)))
            for answer in answers:
                yield from patiently(lambda it=answer: api.put_integration_response(**where, **_code(it)))  # type: ignore[misc]
        return physical_id

    def read(self, physical_id: str, inputs: Properties) -> Properties | None:  # noqa: ARG002 (Handler)
        """The method, or None."""
        where = _where(inputs)
        answer = none_if_missing(lambda: self._clients("apigateway").get_method(**where))
        return None if answer is None else _reading(answer, inputs)

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """All methods of each API from one listing, as far as it shows them whole."""
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

    def update(
        self,
        physical_id: str,
        inputs: Properties,
        previous: Properties,  # noqa: ARG002 (Handler)
        changed: frozenset[str],  # noqa: ARG002 (it is written as a whole)
        owner: Owner,
    ) -> Task[None]:
        """Take the method away and put it anew."""
        yield from self.delete(physical_id, inputs)
        yield from self.create(inputs, owner)

    def delete(self, physical_id: str, inputs: Properties) -> Task[None]:  # noqa: ARG002 (Handler)
        """Delete the method with its integration."""
        api, where = self._clients("apigateway"), _where(inputs)
        yield from patiently(lambda: none_if_missing(lambda: api.delete_method(**where)))

    def locate(self, inputs: Properties, owner: Owner) -> Existing | None:  # noqa: ARG002 (methods bear no tags)
        """Look for the method of this path."""
        physical_id = f"{reveal(inputs['ResourceId'])}-{reveal(inputs['HttpMethod'])}"
        return None if self.read(physical_id, inputs) is None else Existing(physical_id)

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
    return {**present(response), "statusCode": str(response["statusCode"])}


def _reading(answer: Mapping[str, Any], inputs: Properties) -> dict[str, Any]:
    """Responses come as maps by status code; the integration calls its own HTTP method by another name."""
    integration = dict(answer.get("methodIntegration") or {})
    if "httpMethod" in integration:
        integration["integrationHttpMethod"] = integration.pop("httpMethod")
    integration["integrationResponses"] = _by_code(integration.get("integrationResponses"))
    spelled = {
        **answer,
        "integration": present(integration),
        "methodResponses": _by_code(answer.get("methodResponses")),
    }
    model = properties_of(spelled, facts(MethodHandler.type))
    here = {name: reveal(inputs[name]) for name in ("RestApiId", "ResourceId", "HttpMethod")}
    return present({**model, **here})


def _by_code(responses: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    return [{"statusCode": code, **present(responses[code] or {})} for code in sorted(responses)] if responses else []
