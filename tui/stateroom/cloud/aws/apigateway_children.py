"""Handlers of REST API parts: authorizers, validators, models, gateway responses, path resources.

None of them has tags; each is identified by its API and by properties that are unique among its siblings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from stateroom.cloud.aws.apigateway_calls import api_document, list_items, patches, properties_of, retry_conflicts
from stateroom.cloud.aws.calls import none_if_missing
from stateroom.cloud.aws.handler_base import BATCH_FROM, AwsHandler, all_of
from stateroom.cloud.aws.shapes import from_json, to_json, without_empty
from stateroom.cloud.provider import Identified, Owner, Reading, ReadRequest, ResourceData, Task
from stateroom.cloud.schema.catalog import facts
from stateroom.model.ownership import Existing
from stateroom.model.resource import Live
from stateroom.model.values import Properties, Value, reveal


class RestChild(AwsHandler):
    """Kind of REST API part. Operation names follow a pattern: create_authorizer, get_authorizers….

    Attributes:
        noun, plural: as the operations' names have it.
        argument: names a part in calls: `authorizerId`.
        field: has the part's id in answers.
        ref: the property that the id is read as.
        identity: as the API spells it, what tells a part from its siblings.
        settings: as the API spells it, what an update may write, and what unsetting means; None: take it away.
    """

    batch_from = BATCH_FROM
    noun: ClassVar[str]
    plural: ClassVar[str]
    argument: ClassVar[str]
    field: ClassVar[str] = "id"
    ref: ClassVar[str]
    identity: ClassVar[tuple[str, ...]] = ("name",)
    settings: ClassVar[Mapping[str, Value]] = {}

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the part."""
        arguments = self.wanted(resource.inputs, resource.owner)
        create = self._operation("create")
        answer = yield from retry_conflicts(lambda: create(**without_empty(arguments)))
        yield Identified(str(answer[self.field]))
        return str(answer[self.field])

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the part, or None; also when its API does not exist."""
        answer = self._answer(resource.id, resource.inputs)
        return None if answer is None else self.reading(answer, resource.inputs)

    def read_many(self, requests: Sequence[ReadRequest]) -> Iterator[Reading]:
        """Yield all parts of each API from one listing."""
        by_api: dict[str, list[ReadRequest]] = {}
        for request in requests:
            by_api.setdefault(str(reveal(request.inputs["RestApiId"])), []).append(request)
        for api, asked in by_api.items():
            listed = {str(item[self.field]): item for item in self.siblings(api)}
            for request in asked:
                item = listed.get(request.physical_id)
                live = None if item is None else Live(request.physical_id, self.reading(item, request.inputs))
                yield Reading(request.key, live)

    def update(self, resource: ResourceData) -> Task[None]:
        """Patch what changed."""
        inputs = reveal(resource.inputs)
        wanted = {**self.settings, **self.document(inputs)}
        names = {name[:1].lower() + name[1:] for name in resource.changed} & self.settings.keys()
        operations = patches(self._answer(resource.id, inputs) or {}, {name: wanted[name] for name in names})
        if operations:
            update, where = self._operation("update"), self._where(resource.id, inputs)
            yield from retry_conflicts(lambda: update(**where, patchOperations=operations))

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the part."""
        delete, where = self._operation("delete"), self._where(resource.id, resource.inputs)
        yield from retry_conflicts(lambda: none_if_missing(lambda: delete(**where)))

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the part with the same identity in the API."""
        wanted = self.wanted(resource.inputs, resource.owner)
        for item in self.siblings(wanted["restApiId"]):
            if all(item.get(name) == wanted.get(name) for name in self.identity):
                return Existing(str(item[self.field]))
        return None

    def document(self, inputs: Properties) -> dict[str, Any]:
        """Return the inputs in the API's spelling."""
        return api_document(inputs, facts(self.type))

    def wanted(self, inputs: Properties, owner: Owner) -> dict[str, Any]:
        """Return the inputs of a new part: one without a name is named after its logical id."""
        document = self.document(reveal(inputs))
        return {"name": owner.logical_id, **document} if "name" in self.identity else document

    def siblings(self, api: str) -> list[dict[str, Any]]:
        """Return every part of this kind in an API; none when the API does not exist."""
        client = self._clients("apigateway")
        return none_if_missing(lambda: list(list_items(client, f"get_{self.plural}", restApiId=api))) or []

    def reading(self, answer: Mapping[str, Any], inputs: Properties) -> dict[str, Any]:
        """Convert an answer to CloudFormation's properties."""
        model = properties_of(answer, facts(self.type))
        return without_empty({**model, "RestApiId": reveal(inputs["RestApiId"]), self.ref: answer[self.field]})

    def _answer(self, physical_id: str, inputs: Properties) -> dict[str, Any] | None:
        get, where = self._operation("get"), self._where(physical_id, inputs)
        return none_if_missing(lambda: get(**where))

    def _operation(self, verb: str) -> Any:
        return getattr(self._clients("apigateway"), f"{verb}_{self.noun}")

    def _where(self, physical_id: str, inputs: Properties) -> dict[str, str]:
        return {"restApiId": str(reveal(inputs["RestApiId"])), self.argument: physical_id}


class ResourceHandler(RestChild):
    """Path resource of a REST API. Ref is its id."""

    type = "AWS::ApiGateway::Resource"
    settable = all_of("AWS::ApiGateway::Resource")
    noun, plural, argument, ref = "resource", "resources", "resourceId", "ResourceId"
    identity = ("parentId", "pathPart")


class AuthorizerHandler(RestChild):
    """Authorizer. Ref is its id."""

    type = "AWS::ApiGateway::Authorizer"
    settable = all_of("AWS::ApiGateway::Authorizer")
    noun, plural, argument, ref = "authorizer", "authorizers", "authorizerId", "AuthorizerId"
    settings: ClassVar[Mapping[str, Value]] = {
        "authType": "",
        "authorizerCredentials": "",
        "authorizerResultTtlInSeconds": 300,
        "authorizerUri": "",
        "identitySource": "",
        "identityValidationExpression": "",
        "name": "",
        "providerARNs": [],
        "type": "",
    }


class RequestValidatorHandler(RestChild):
    """Request validator. Ref is its id."""

    type = "AWS::ApiGateway::RequestValidator"
    settable = all_of("AWS::ApiGateway::RequestValidator")
    noun, plural = "request_validator", "request_validators"
    argument, ref = "requestValidatorId", "RequestValidatorId"
    settings: ClassVar[Mapping[str, Value]] = {"validateRequestBody": False, "validateRequestParameters": False}


class ModelHandler(RestChild):
    """Model: JSON schema of a request or response. Ref is its name."""

    type = "AWS::ApiGateway::Model"
    settable = all_of("AWS::ApiGateway::Model")
    overwrites = True
    noun, plural, argument, field, ref = "model", "models", "modelName", "name", "Name"
    settings: ClassVar[Mapping[str, Value]] = {"description": "", "schema": "{}"}

    def document(self, inputs: Properties) -> dict[str, Any]:
        """Return the inputs with the schema as text."""
        document = super().document(inputs)
        return {**document, "schema": to_json(document.get("schema", {}))}

    def reading(self, answer: Mapping[str, Any], inputs: Properties) -> dict[str, Any]:
        """Return the properties with the schema as an object."""
        return super().reading({**answer, "schema": from_json(answer.get("schema"))}, inputs)


class GatewayResponseHandler(RestChild):
    """Gateway response to an invalid request. One of each type always exists; ours replaces it."""

    type = "AWS::ApiGateway::GatewayResponse"
    settable = all_of("AWS::ApiGateway::GatewayResponse")
    overwrites = True
    noun, plural = "gateway_response", "gateway_responses"
    argument, field, ref = "responseType", "responseType", "Id"
    identity = ("responseType",)

    def create(self, resource: ResourceData) -> Task[str]:
        """Put the response in place of the default one."""
        arguments, api = without_empty(self.document(reveal(resource.inputs))), self._clients("apigateway")
        answer = yield from retry_conflicts(lambda: api.put_gateway_response(**arguments))
        yield Identified(str(answer["responseType"]))
        return str(answer["responseType"])

    def update(self, resource: ResourceData) -> Task[None]:
        """Put the response again."""
        yield from self.create(resource)

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the response, or None when the default one is in force."""
        answer = self._answer(resource.id, resource.inputs)
        return None if answer is None or answer.get("defaultResponse") else self.reading(answer, resource.inputs)

    def siblings(self, api: str) -> list[dict[str, Any]]:
        """Return the responses that are not defaults."""
        return [item for item in super().siblings(api) if not item.get("defaultResponse")]
