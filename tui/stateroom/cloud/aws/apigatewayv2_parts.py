"""Handlers of AWS::ApiGatewayV2::Authorizer and Deployment, which cannot be tagged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws.apigatewayv2_children import GatewayHandler, Marked, deletion, pages
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import FLAG, NUMBER
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.declared.settle import Settling
from stateroom.cloud.provider import ResourceData

_TURN: Final = ApiCall("update_stage", {"ApiId": "{ApiId}", "DeploymentId": "{id}"}, addressed=False)


class HttpAuthorizerHandler(GatewayHandler):
    """Authorizer of an API: of tokens, or a function. Ref is its id. An API has one of a name."""

    type = "AWS::ApiGatewayV2::Authorizer"
    parent = {"ApiId": "{ApiId}"}
    ref = "{AuthorizerId}"
    address = {"AuthorizerId": "{id}"}
    creating = ApiCall("create_authorizer")
    reading = ApiCall("get_authorizer")
    updating = {"": ApiCall("update_authorizer")}
    deleting = deletion("authorizer")
    listing = pages("get_authorizers", "{AuthorizerId}", "Name")
    settings = {
        **settings_of("AuthorizerCredentialsArn", "IdentityValidationExpression", unset=""),
        "AuthorizerResultTtlInSeconds": Setting(NUMBER, 300),
        "EnableSimpleResponses": Setting(FLAG, unset=False),
        "IdentitySource": Setting(unset=[]),
        **settings_of("AuthorizerPayloadFormatVersion", "AuthorizerType", "AuthorizerUri", "JwtConfiguration", "Name"),
    }
    attributes = {"AuthorizerId": "{id}"}

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Give a create the list of sources that the API requires, empty where there is none."""
        return {"IdentitySource": [], **settings} if call is self.creating else settings

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the properties; of a token's authorizer without those that only functions have."""
        found = super().model(resource, answer)
        of_functions = ("AuthorizerPayloadFormatVersion", "AuthorizerResultTtlInSeconds", "EnableSimpleResponses")
        hidden = of_functions if found.get("AuthorizerType") == "JWT" else ()
        return {name: value for name, value in found.items() if name not in hidden}


class HttpDeploymentHandler(Marked):
    """Picture of an API that stages serve. Ref is its id. A stage that it names is turned to it, no more.

    Services that share an API share its stages as well: each turns them to its own picture, as the config asks.
    """

    type = "AWS::ApiGatewayV2::Deployment"
    ref = "{DeploymentId}"
    address = {"DeploymentId": "{id}"}
    creating = ApiCall("create_deployment")
    reading = ApiCall("get_deployment")
    updating = {"": ApiCall("update_deployment")}
    deleting = deletion("deployment")
    listing = pages("get_deployments", "{DeploymentId}")
    settling = Settling(
        "DeploymentStatus", frozenset({"PENDING"}), frozenset({"FAILED"}), why="DeploymentStatusMessage"
    )
    settings = {
        "Description": Setting(unset=""),
        "StageName": Setting(write=_TURN),
    }
    attributes = {"DeploymentId": "{id}"}

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the properties; a stage only while it serves this picture, or makes its own ones."""
        found, name = super().model(resource, answer), resource.inputs.get("StageName")
        stage = name and self.ask(ApiCall("get_stage", {"StageName": name}), resource, self.parent)
        serves = stage and (stage.get("AutoDeploy") or stage.get("DeploymentId") == resource.id)
        return {**found, "StageName": name} if serves else found
