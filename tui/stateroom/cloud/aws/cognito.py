"""Handler of AWS::Cognito::UserPool, and the handlers of Cognito's other types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws.cognito_children import CHILDREN
from stateroom.cloud.aws.cognito_identity import IdentityPoolHandler, IdentityPoolRolesHandler
from stateroom.cloud.aws.cognito_pool import (
    FACTORS_TOLD,
    attributes_added,
    attributes_read,
    factors_read,
    factors_sent,
    refuse_protected,
)
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import typed
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.setting import Setting, typed_settings
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.provider import ResourceData, Task
from stateroom.model.resource import Live

_POOL: Final = "AWS::Cognito::UserPool"
# Texts that an answer has twice; sent twice they must be the same.
_MESSAGES: Final = {
    "EmailVerificationMessage": "EmailMessage",
    "EmailVerificationSubject": "EmailSubject",
    "SmsVerificationMessage": "SmsMessage",
}
_TEMPLATE: Final = "VerificationMessageTemplate"
# The same days by two names, of which Cognito takes one.
_DAYS: Final = "TemporaryPasswordValidityDays"
_OLDER_DAYS: Final = "UnusedAccountValidityDays"

_SETTINGS: Final = {
    "UserPoolName": Setting(name="PoolName", answered="Name"),
    **typed_settings(_POOL, "AccountRecoverySetting", "AdminCreateUserConfig", "DeviceConfiguration"),
    **typed_settings(_POOL, "EmailConfiguration", "EmailVerificationMessage", "EmailVerificationSubject"),
    **typed_settings(_POOL, "IssuerConfiguration", "KeyConfiguration", "Policies", "SmsAuthenticationMessage"),
    **typed_settings(_POOL, "SmsConfiguration", "SmsVerificationMessage", "UserAttributeUpdateSettings"),
    **typed_settings(_POOL, "UserPoolAddOns", "UserPoolTier", _TEMPLATE),
    **typed_settings(_POOL, "AliasAttributes", "UsernameAttributes", "UsernameConfiguration"),
    "AutoVerifiedAttributes": Setting(unset=[]),
    "DeletionProtection": Setting(unset="INACTIVE"),
    "LambdaConfig": Setting(unset={}),
    "Schema": Setting(typed(_POOL, "Schema"), fixed=True),
    "MfaConfiguration": Setting(unset="OFF", group="mfa"),
    **dict.fromkeys(("EnabledMfas", *FACTORS_TOLD), Setting(unset="", group="mfa", at_create=False)),
}
_TAGGING: Final = Tagging(
    "tag_resource",
    "untag_resource",
    address={"ResourceArn": "arn:{partition}:cognito-idp:{region}:{account}:userpool/{id}"},
    at_create="UserPoolTags",
    answered="UserPoolTags",
    property="UserPoolTags",
    as_map=True,
)


class UserPoolHandler(DeclaredHandler):
    """User pool. Ref is its id. Its name is not unique: it is identified by its tags.

    UpdateUserPool resets what it is not told, so what others set (triggers of another service) goes along.
    """

    type = _POOL
    service = "cognito-idp"
    ref = "{Id}"
    address = {"UserPoolId": "{id}"}
    looks_first = True
    creating = ApiCall("create_user_pool", answer="UserPool")
    reading = ApiCall("describe_user_pool", answer="UserPool")
    updating = {"": ApiCall("update_user_pool", keeps=True), "mfa": ApiCall("set_user_pool_mfa_config")}
    deleting = ApiCall("delete_user_pool")
    listing = Listing(
        ApiCall("list_user_pools", {"MaxResults": 60}, answer="UserPools"),
        "{Id}",
        same={"Name": "UserPoolName"},
        whole=False,
    )
    retry = {
        "ConcurrentModificationException": (),
        "InvalidEmailRoleAccessPolicyException": (),
        "InvalidSmsRoleAccessPolicyException": (),
        "InvalidSmsRoleTrustRelationshipException": (),
    }
    reason = "waiting until Cognito may use the pool's roles"
    tagging = _TAGGING
    settings = _SETTINGS
    attributes = {
        "Arn": "{answer[Arn]}",
        "ProviderName": "cognito-idp.{region}.{domain}/{id}",
        "ProviderURL": "https://cognito-idp.{region}.{domain}/{id}",
        "UserPoolId": "{id}",
    }

    def answer(self, resource: ResourceData, *, even_leaving: bool = False) -> Any:
        """Return the pool with its second factors."""
        found = super().answer(resource, even_leaving=even_leaving)
        if found is None:
            return None
        mfa = self.ask(ApiCall("get_user_pool_mfa_config"), resource) or {}
        return {**found, "Mfa": mfa}

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Write second factors by their own call, and leave out of an update what it must not be told twice."""
        if call is self.creating:
            apart = resource.inputs.keys() & {"EnabledMfas", *FACTORS_TOLD}
            return {name: it for name, it in settings.items() if not apart or name != "MfaConfiguration"}
        return factors_sent(resource.inputs) if call is self.updating["mfa"] else _once(settings, resource.changed)

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Add attributes, then update as the table says."""
        if "Schema" in resource.changed:
            there = attributes_read(resource.inputs, (self.answer(resource) or {}).get("SchemaAttributes") or ())
            if added := attributes_added(resource, there):
                self.client.add_custom_attributes(UserPoolId=resource.id, CustomAttributes=added)
        return (yield from super().update(resource))

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings, the attributes that are not everybody's, and the second factors."""
        read = {**factors_read(resource.inputs, answer.get("Mfa") or {}), **super().model(resource, answer)}
        return {**read, "Schema": attributes_read(resource.inputs, answer.get("SchemaAttributes") or ())}

    def before_delete(self, resource: ResourceData) -> Task[None]:
        """Refuse to delete a pool that is protected. Raises CloudError."""
        refuse_protected(resource.id, super().answer(resource) or {})
        yield from ()


def _once(settings: dict[str, Any], changed: frozenset[str]) -> dict[str, Any]:
    """Return what an update sends, without the older copy of what is there twice."""
    if _TEMPLATE in changed:
        settings = {name: it for name, it in settings.items() if name not in _MESSAGES or name in changed}
    elif _TEMPLATE in settings:
        old = {_MESSAGES[name] for name in _MESSAGES.keys() & changed}
        settings[_TEMPLATE] = _without(settings[_TEMPLATE], *old)
    users, policies = settings.get("AdminCreateUserConfig") or {}, settings.get("Policies") or {}
    passwords = policies.get("PasswordPolicy") or {}
    if _OLDER_DAYS in users and _DAYS in passwords:  # of what is only kept, the one that does not change goes
        if "AdminCreateUserConfig" not in changed:
            settings["AdminCreateUserConfig"] = _without(users, _OLDER_DAYS)
        elif "Policies" not in changed:
            settings["Policies"] = {**policies, "PasswordPolicy": _without(passwords, _DAYS)}
    return settings


def _without(settings: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: it for name, it in settings.items() if name not in names}


HANDLERS: tuple[HandlerFactory, ...] = (
    UserPoolHandler,
    *CHILDREN,
    IdentityPoolHandler,
    IdentityPoolRolesHandler,
)
