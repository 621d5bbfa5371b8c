"""Handlers of REST API parts: authorizers, validators, models, gateway responses, path resources, documentation."""

from __future__ import annotations

from typing import Any, Final

from stateroom.cloud.aws.apigateway_patched import RestPart, pages
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import CAMEL, DOCUMENT
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.provider import ResourceData

_YES: Final[frozenset[Any]] = frozenset({True})


class ResourceHandler(RestPart):
    """Path resource of a REST API. Ref is its id."""

    type = "AWS::ApiGateway::Resource"
    address = {"resourceId": "{id}"}
    creating = ApiCall("create_resource")
    reading = ApiCall("get_resource")
    deleting = ApiCall("delete_resource")
    listing = pages("get_resources", "{answer[id]}", parentId="ParentId", pathPart="PathPart")
    settings = settings_of("ParentId", "PathPart")
    attributes = {"ResourceId": "{id}"}


class AuthorizerHandler(RestPart):
    """Authorizer. Ref is its id."""

    type = "AWS::ApiGateway::Authorizer"
    address = {"authorizerId": "{id}"}
    takes_name = True
    creating = ApiCall("create_authorizer")
    reading = ApiCall("get_authorizer")
    updating = {"": ApiCall("update_authorizer")}
    deleting = ApiCall("delete_authorizer")
    listing = pages("get_authorizers", "{answer[id]}", name="Name")
    settings = {
        **settings_of("AuthType", "AuthorizerCredentials", "AuthorizerUri", "IdentitySource", unset=""),
        **settings_of("IdentityValidationExpression", "Name", "Type", unset=""),
        "AuthorizerResultTtlInSeconds": Setting(unset=300),
        "ProviderARNs": Setting(unset=[]),
    }
    attributes = {"AuthorizerId": "{id}"}


class RequestValidatorHandler(RestPart):
    """Request validator. Ref is its id."""

    type = "AWS::ApiGateway::RequestValidator"
    address = {"requestValidatorId": "{id}"}
    takes_name = True
    creating = ApiCall("create_request_validator")
    reading = ApiCall("get_request_validator")
    updating = {"": ApiCall("update_request_validator")}
    deleting = ApiCall("delete_request_validator")
    listing = pages("get_request_validators", "{answer[id]}", name="Name")
    settings = {
        "Name": Setting(),
        **settings_of("ValidateRequestBody", "ValidateRequestParameters", unset=False),
    }
    attributes = {"RequestValidatorId": "{id}"}


class ModelHandler(RestPart):
    """Model: JSON schema of a request or response. Ref is its name."""

    type = "AWS::ApiGateway::Model"
    ref = "{name}"
    address = {"modelName": "{id}"}
    takes_name = True
    overwrites = True
    creating = ApiCall("create_model")
    reading = ApiCall("get_model")
    updating = {"": ApiCall("update_model")}
    deleting = ApiCall("delete_model")
    listing = pages("get_models", "{answer[name]}", name="Name")
    settings = {
        **settings_of("ContentType", "Name"),
        "Description": Setting(unset=""),
        "Schema": Setting(DOCUMENT, unset="{}"),
    }
    attributes = {"Name": "{id}"}

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Give one without a schema the schema of anything."""
        there = {"schema": "{}", **settings} if call is self.creating else settings
        return super().adjusted(call, resource, there)


class GatewayResponseHandler(RestPart):
    """Gateway response to an invalid request. One of each type always exists; ours takes the place of the default."""

    type = "AWS::ApiGateway::GatewayResponse"
    ref = "{ResponseType}"
    address = {"responseType": "{id}"}
    overwrites = True
    creating = ApiCall("put_gateway_response", {"responseType": "{ResponseType}"})
    reading = ApiCall("get_gateway_response")
    updating = {"": ApiCall("put_gateway_response", whole=True)}
    deleting = ApiCall("delete_gateway_response")
    listing = pages("get_gateway_responses", "{answer[responseType]}", responseType="ResponseType")
    leaving = {"defaultResponse": _YES}
    settings = settings_of("ResponseParameters", "ResponseTemplates", "StatusCode")
    attributes = {"Id": "{id}", "ResponseType": "{id}"}

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Return all of it: there are no patches of a response."""
        return settings


class DocumentationPartHandler(RestPart):
    """Documentation of one thing of an API. Ref is its id."""

    type = "AWS::ApiGateway::DocumentationPart"
    address = {"documentationPartId": "{id}"}
    overwrites = True
    creating = ApiCall("create_documentation_part")
    reading = ApiCall("get_documentation_part")
    updating = {"": ApiCall("update_documentation_part")}
    deleting = ApiCall("delete_documentation_part")
    listing = pages("get_documentation_parts", "{answer[id]}")
    settings = {"Location": Setting(CAMEL), "Properties": Setting(DOCUMENT)}
    attributes = {"DocumentationPartId": "{id}"}

    def is_same(self, item: Any, resource: ResourceData) -> bool:
        """Tell a part by what it documents."""
        return bool(CAMEL.from_api(item.get("location")) == resource.inputs.get("Location"))


class DocumentationVersionHandler(RestPart):
    """Snapshot of an API's documentation. Ref is its version."""

    type = "AWS::ApiGateway::DocumentationVersion"
    ref = "{DocumentationVersion}"
    address = {"documentationVersion": "{id}"}
    overwrites = True
    creating = ApiCall("create_documentation_version", {"documentationVersion": "{DocumentationVersion}"})
    reading = ApiCall("get_documentation_version")
    updating = {"": ApiCall("update_documentation_version")}
    deleting = ApiCall("delete_documentation_version")
    listing = pages("get_documentation_versions", "{answer[version]}")
    settings = {"Description": Setting(unset="")}
    attributes = {"DocumentationVersion": "{id}"}
