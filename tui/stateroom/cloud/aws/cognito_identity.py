"""Handlers of AWS::Cognito::IdentityPool and of the roles that it hands out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import FLAG, typed
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.setting import Setting, settings_of, typed_settings
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.shapes import pick
from stateroom.cloud.provider import ResourceData
from stateroom.model.values import reveal

_POOL: Final = "AWS::Cognito::IdentityPool"


class IdentityPoolHandler(DeclaredHandler):
    """Identity pool. Ref is its id. Its name is not unique: it is identified by its tags."""

    type = _POOL
    service = "cognito-identity"
    ref = "{IdentityPoolId}"
    address = {"IdentityPoolId": "{id}"}
    looks_first = True
    creating = ApiCall("create_identity_pool")
    reading = ApiCall("describe_identity_pool")
    updating = {"": ApiCall("update_identity_pool", keeps=True)}
    deleting = ApiCall("delete_identity_pool")
    listing = Listing(
        ApiCall("list_identity_pools", {"MaxResults": 60}, answer="IdentityPools"),
        "{IdentityPoolId}",
        same={"IdentityPoolName": "IdentityPoolName"},
        whole=False,
    )
    retry = {"ConcurrentModificationException": ()}
    tagging = Tagging(
        "tag_resource",
        "untag_resource",
        address={"ResourceArn": "arn:{partition}:cognito-identity:{region}:{account}:identitypool/{id}"},
        at_create="IdentityPoolTags",
        answered="IdentityPoolTags",
        property="IdentityPoolTags",
    )
    settings = {
        "AllowClassicFlow": Setting(FLAG, False),
        "AllowUnauthenticatedIdentities": Setting(FLAG, False),
        **settings_of("DeveloperProviderName", "IdentityPoolName"),
        **typed_settings(_POOL, "SupportedLoginProviders", unset={}),
        **typed_settings(_POOL, "CognitoIdentityProviders", "OpenIdConnectProviderARNs", "SamlProviderARNs", unset=[]),
    }
    attributes = {"Id": "{id}", "Name": "{answer[IdentityPoolName]}"}


class IdentityPoolRolesHandler(DeclaredHandler):
    """Roles of an identity pool's users. Ref is the pool's id: a pool has one such set."""

    type = "AWS::Cognito::IdentityPoolRoleAttachment"
    service = "cognito-identity"
    ref = "{IdentityPoolId}"
    parent = {"IdentityPoolId": "{IdentityPoolId}"}
    address = {"IdentityPoolId": "{id}"}
    overwrites = True
    creating = ApiCall("set_identity_pool_roles")
    reading = ApiCall("get_identity_pool_roles")
    updating = {"": ApiCall("set_identity_pool_roles", whole=True)}
    deleting = ApiCall("set_identity_pool_roles", {"Roles": {}})
    retry = {"ConcurrentModificationException": (), "InvalidParameterException": ("role",)}
    reason = "waiting until Cognito may hand out the roles"
    settings = {
        "Roles": Setting(unset={}),
        "RoleMappings": Setting(typed("AWS::Cognito::IdentityPoolRoleAttachment", "RoleMappings")),
    }
    attributes = {"Id": "{id}"}

    def answer(self, resource: ResourceData, *, even_leaving: bool = False) -> Any:
        """Return the roles; None of a pool that hands out none."""
        found = super().answer(resource, even_leaving=even_leaving) or {}
        return found if found.get("Roles") or found.get("RoleMappings") else None

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Put mappings under the names of their providers, which CloudFormation lets stand inside them."""
        if mappings := settings.get("RoleMappings"):
            settings["RoleMappings"] = {_provider(key, item): _bare(item) for key, item in mappings.items()}
        return {"Roles": {}, **settings}

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return roles and mappings, these under the keys of the config."""
        found, declared = super().model(resource, answer), reveal(resource.inputs.get("RoleMappings")) or {}
        keys = {_provider(key, item): key for key, item in declared.items()}
        named = {}
        for provider, mapping in (found.get("RoleMappings") or {}).items():
            key = keys.get(provider, provider)
            named[key] = {**mapping, **pick(declared.get(key) or {}, ("IdentityProvider",))}
        return {**found, "RoleMappings": named}


def _provider(key: str, mapping: Mapping[str, Any]) -> str:
    return str(mapping.get("IdentityProvider") or key)


def _bare(mapping: Mapping[str, Any]) -> dict[str, Any]:
    return {name: it for name, it in mapping.items() if name != "IdentityProvider"}
