"""Handler of AWS::ApiGateway::RestApi, and the listing of a REST API's parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.apigateway_account import AccountHandler, ClientCertificateHandler, RestVpcLinkHandler
from stateroom.cloud.aws.apigateway_calls import (
    api_document,
    endpoint_patches,
    list_items,
    patches,
    properties_of,
    retry_conflicts,
    write_tags,
)
from stateroom.cloud.aws.apigateway_children import (
    AuthorizerHandler,
    DocumentationPartHandler,
    DocumentationVersionHandler,
    GatewayResponseHandler,
    ModelHandler,
    RequestValidatorHandler,
    ResourceHandler,
)
from stateroom.cloud.aws.apigateway_deployment import DeploymentHandler
from stateroom.cloud.aws.apigateway_domains import BasePathMappingHandler, DomainNameHandler
from stateroom.cloud.aws.apigateway_keys import ApiKeyHandler, UsagePlanHandler, UsagePlanKeyHandler
from stateroom.cloud.aws.apigateway_method import MethodHandler
from stateroom.cloud.aws.apigateway_stage import StageHandler
from stateroom.cloud.aws.calls import none_if_missing
from stateroom.cloud.aws.handler_base import AwsHandler, HandlerFactory
from stateroom.cloud.aws.shapes import from_json, to_json, without_empty
from stateroom.cloud.provider import Identified, ResourceData, Task
from stateroom.cloud.schema.catalog import facts
from stateroom.errors import CloudError
from stateroom.model.ownership import Existing
from stateroom.model.values import Properties, Value, reveal

# As the API spells them: what an update may write, and what unsetting means; None: take it away.
_SETTINGS: Final[Mapping[str, Value]] = {
    "apiKeySource": "HEADER",
    "binaryMediaTypes": [],
    "description": "",
    "disableExecuteApiEndpoint": False,
    "endpointAccessMode": None,
    "minimumCompressionSize": None,
    "name": "",
    "policy": "",
    "securityPolicy": None,
    "version": "",
}
_NOT_SUPPORTED: Final = ("Body", "BodyS3Location", "CloneFrom")


class RestApiHandler(AwsHandler):
    """REST API. Its name is not unique: it is identified by its tags. Ref is the API's id."""

    type = "AWS::ApiGateway::RestApi"
    settable = frozenset(
        {
            *(name[:1].upper() + name[1:] for name in _SETTINGS if name != "apiKeySource"),
            "ApiKeySourceType",
            "EndpointConfiguration",
            "Tags",
        }
    )

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the API, or complete one that an earlier attempt left: names are not unique."""
        inputs, client = reveal(resource.inputs), self._clients("apigateway")
        for name in _NOT_SUPPORTED:
            if name in inputs:
                raise CloudError(
                    f"AWS::ApiGateway::RestApi: {name} is not supported",
                    why="an imported document makes paths and methods that no resource stands for",
                    todo="write the paths and methods as resources of their own",
                )
        found = tags.ours(self.locate(resource), resource.owner)
        if found is not None:
            yield Identified(found)
            yield from self.update(resource.whole(found))
            return found
        arguments = without_empty(_document(inputs)) | {"tags": tags.wanted(inputs, resource.owner)}
        answer = yield from retry_conflicts(lambda: client.create_rest_api(**arguments))
        yield Identified(str(answer["id"]))
        return str(answer["id"])

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the API, or None; its parts are resources of their own."""
        client = self._clients("apigateway")
        answer = none_if_missing(lambda: client.get_rest_api(restApiId=resource.id))
        if answer is None:
            return None
        model = properties_of(answer, facts(self.type))
        return without_empty(
            {
                **model,
                "ApiKeySourceType": answer.get("apiKeySource"),
                "EndpointConfiguration": without_empty(model.get("EndpointConfiguration") or {}),
                "Policy": from_json(_unescaped(answer.get("policy"))),
                "Tags": tags.as_list(tags.user_tags(answer.get("tags") or {})),
                "RestApiId": resource.id,
                "RootResourceId": answer.get("rootResourceId") or self._root(resource.id),
            }
        )

    def update(self, resource: ResourceData) -> Task[None]:
        """Patch what changed, then the tags."""
        inputs, client = reveal(resource.inputs), self._clients("apigateway")
        there, wanted = client.get_rest_api(restApiId=resource.id), {**_SETTINGS, **_document(inputs)}
        there["policy"] = from_json(_unescaped(there.get("policy")))
        names = {_spelled(name) for name in resource.changed} & _SETTINGS.keys()
        if from_json(wanted["policy"]) == there["policy"]:
            names -= {"policy"}
        operations = patches(there, {name: wanted[name] for name in sorted(names)})
        if "EndpointConfiguration" in resource.changed:
            before = there.get("endpointConfiguration") or {}
            operations += endpoint_patches(before, wanted.get("endpointConfiguration") or {})
        if operations:
            yield from retry_conflicts(
                lambda: client.update_rest_api(restApiId=resource.id, patchOperations=operations)
            )
        known, wanted_tags = tags.known_keys(resource.previous), tags.wanted(inputs, resource.owner)
        write_tags(self._clients, f"/restapis/{resource.id}", there.get("tags") or {}, wanted_tags, known)

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the API with all its parts. AWS allows one deletion in thirty seconds, so this may wait."""
        client = self._clients("apigateway")
        yield from retry_conflicts(lambda: none_if_missing(lambda: client.delete_rest_api(restApiId=resource.id)))

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the API whose tags name the owner; names need not be unique."""
        listed = list_items(self._clients("apigateway"), "get_rest_apis")
        return tags.named(((str(item["id"]), item.get("tags") or {}) for item in listed), resource.owner)

    def tags_by_id(self, resource: ResourceData) -> Mapping[str, str] | None:
        """Tags of the API."""
        client = self._clients("apigateway")
        answer = none_if_missing(lambda: client.get_rest_api(restApiId=resource.id))
        return None if answer is None else answer.get("tags") or {}

    def _root(self, api: str) -> str | None:
        """Return the id of the path `/`, which older endpoints do not return with the API."""
        listed = list_items(self._clients("apigateway"), "get_resources", restApiId=api)
        return next((str(item["id"]) for item in listed if item.get("path") == "/"), None)


def _spelled(name: str) -> str:
    return "apiKeySource" if name == "ApiKeySourceType" else name[:1].lower() + name[1:]


def _document(inputs: Properties) -> dict[str, Any]:
    document = api_document(inputs, facts(RestApiHandler.type))
    if "apiKeySourceType" in document:
        document["apiKeySource"] = document.pop("apiKeySourceType")
    if document.get("policy"):
        document["policy"] = to_json(document["policy"])
    for name in ("tags", "parameters", "failOnWarnings", "mode"):
        document.pop(name, None)
    return document


def _unescaped(policy: Value) -> Value:
    """Unescape the quotation marks in a policy that AWS returns."""
    return policy.replace('\\"', '"') if isinstance(policy, str) else policy


HANDLERS: tuple[HandlerFactory, ...] = (
    RestApiHandler,
    ResourceHandler,
    MethodHandler,
    AuthorizerHandler,
    RequestValidatorHandler,
    ModelHandler,
    GatewayResponseHandler,
    DocumentationPartHandler,
    DocumentationVersionHandler,
    DeploymentHandler,
    StageHandler,
    ApiKeyHandler,
    UsagePlanHandler,
    UsagePlanKeyHandler,
    DomainNameHandler,
    BasePathMappingHandler,
    AccountHandler,
    RestVpcLinkHandler,
    ClientCertificateHandler,
)
