"""Handlers of what a user pool has: clients, domains, groups, resource servers, identity providers.

None of them bears tags. Most are identified by a name that is one of a kind in the pool; of two clients of one name the
second is refused, because nothing would tell them apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import FLAG, NUMBER
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.setting import Setting, settings_of, typed_settings
from stateroom.cloud.aws.declared.settle import Settling
from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.provider import ResourceData
from stateroom.model.values import Secret

_CLIENT: Final = "AWS::Cognito::UserPoolClient"
_SECRETS: Final = frozenset({"client_secret", "private_key"})  # of what a provider is told


class _UserPoolChild(DeclaredHandler):
    service = "cognito-idp"
    parent = {"UserPoolId": "{UserPoolId}"}
    overwrites = True  # the plan has seen none; one that came in between is another's
    retry = {"ConcurrentModificationException": ()}


class UserPoolClientHandler(_UserPoolChild):
    """App client. Ref is its id. UpdateUserPoolClient resets what it is not told."""

    type = _CLIENT
    ref = "{ClientId}"
    address = {"ClientId": "{id}"}
    creating = ApiCall("create_user_pool_client", answer="UserPoolClient")
    reading = ApiCall("describe_user_pool_client", answer="UserPoolClient")
    updating = {"": ApiCall("update_user_pool_client", keeps=True)}
    deleting = ApiCall("delete_user_pool_client")
    listing = Listing(
        ApiCall("list_user_pool_clients", {"MaxResults": 60}, answer="UserPoolClients"),
        "{ClientId}",
        same={"ClientName": "ClientName"},
        whole=False,
    )
    settings = {
        **typed_settings(_CLIENT, "AccessTokenValidity", "AuthSessionValidity", "IdTokenValidity"),
        **typed_settings(_CLIENT, "RefreshTokenRotation", "RefreshTokenValidity", "TokenValidityUnits"),
        **typed_settings(_CLIENT, "ClientName", "AnalyticsConfiguration", "EnableTokenRevocation"),
        **typed_settings(_CLIENT, "EnablePropagateAdditionalUserContextData", "PreventUserExistenceErrors"),
        **typed_settings(_CLIENT, "DefaultRedirectURI", "GenerateSecret", "ReadAttributes", "WriteAttributes"),
        **typed_settings(_CLIENT, "AllowedOAuthFlows", "AllowedOAuthScopes", "CallbackURLs", unset=[]),
        **typed_settings(_CLIENT, "ExplicitAuthFlows", "LogoutURLs", "SupportedIdentityProviders", unset=[]),
        "AllowedOAuthFlowsUserPoolClient": Setting(FLAG, False),
    }
    attributes = {"ClientId": "{id}", "Name": "{answer[ClientName]}"}

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings, and the client's secret as one."""
        secret = answer.get("ClientSecret")
        found = {**super().model(resource, answer), "GenerateSecret": bool(secret)}
        return {**found, "ClientSecret": Secret(secret)} if secret else found


class UserPoolDomainHandler(_UserPoolChild):
    """Domain of the sign-in pages: a prefix of Cognito's, or a domain of one's own. Ref is the domain."""

    type = "AWS::Cognito::UserPoolDomain"
    ref = "{Domain}"
    address = {"Domain": "{id}"}
    creating = ApiCall("create_user_pool_domain", {"Domain": "{Domain}"})
    reading = ApiCall("describe_user_pool_domain", {"Domain": "{id}"}, answer="DomainDescription", addressed=False)
    updating = {"": ApiCall("update_user_pool_domain", whole=True)}
    deleting = ApiCall("delete_user_pool_domain")
    settling = Settling(
        "Status",
        frozenset({"CREATING", "UPDATING"}),
        frozenset({"FAILED"}),
        reason="waiting until Cognito serves the domain, which may take a quarter of an hour for one of your own",
        deadline=3600,
    )
    leaving = {"Status": frozenset({"DELETING"})}
    gone = ("waiting for Cognito to give the domain up", 900)
    settings = {
        "CustomDomainConfig": Setting(),
        "ManagedLoginVersion": Setting(NUMBER, 1),
        "Routing": Setting(),
    }
    attributes = {
        "CloudFrontDistribution": "{answer[CloudFrontDistribution]}",
        "Domain": "{id}",
        "UserPoolId": "{answer[UserPoolId]}",
    }

    def answer(self, resource: ResourceData, *, even_leaving: bool = False) -> Any:
        """Return the domain; of one that does not exist Cognito answers nothing."""
        return super().answer(resource, even_leaving=even_leaving) or None


class UserPoolGroupHandler(_UserPoolChild):
    """Group of users. Ref is its name."""

    type = "AWS::Cognito::UserPoolGroup"
    ref = "{GroupName}"
    address = {"GroupName": "{id}"}
    creating = ApiCall("create_group", {"GroupName": "{GroupName}"})
    reading = ApiCall("get_group", answer="Group")
    updating = {"": ApiCall("update_group", whole=True)}
    deleting = ApiCall("delete_group")
    settings = {"Description": Setting(unset=""), "Precedence": Setting(NUMBER), "RoleArn": Setting()}
    attributes = {"GroupName": "{id}"}


class UserPoolResourceServerHandler(_UserPoolChild):
    """Resource server: scopes of an API. Ref is its identifier."""

    type = "AWS::Cognito::UserPoolResourceServer"
    ref = "{Identifier}"
    address = {"Identifier": "{id}"}
    creating = ApiCall("create_resource_server", {"Identifier": "{Identifier}"})
    reading = ApiCall("describe_resource_server", answer="ResourceServer")
    updating = {"": ApiCall("update_resource_server", whole=True)}
    deleting = ApiCall("delete_resource_server")
    settings = {"Name": Setting(), "Scopes": Setting(unset=[])}
    attributes = {"Identifier": "{id}"}


class UserPoolIdentityProviderHandler(_UserPoolChild):
    """Identity provider that a pool trusts. Ref is its name. What only the two may know is a secret."""

    type = "AWS::Cognito::UserPoolIdentityProvider"
    ref = "{ProviderName}"
    address = {"ProviderName": "{id}"}
    creating = ApiCall("create_identity_provider", {"ProviderName": "{ProviderName}"})
    reading = ApiCall("describe_identity_provider", answer="IdentityProvider")
    updating = {"": ApiCall("update_identity_provider")}
    deleting = ApiCall("delete_identity_provider")
    settings = {
        **settings_of("ProviderDetails", "ProviderType"),
        "AttributeMapping": Setting(unset={}),
        "IdpIdentifiers": Setting(unset=[]),
    }
    attributes = {"ProviderName": "{id}"}

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings, with what is secret of them as secrets."""
        found = super().model(resource, answer)
        told = found.get("ProviderDetails") or {}
        return {**found, "ProviderDetails": {key: Secret(it) if key in _SECRETS else it for key, it in told.items()}}


CHILDREN: tuple[HandlerFactory, ...] = (
    UserPoolClientHandler,
    UserPoolDomainHandler,
    UserPoolGroupHandler,
    UserPoolIdentityProviderHandler,
    UserPoolResourceServerHandler,
)
