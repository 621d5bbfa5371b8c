"""Handlers of AWS::KMS::Key and AWS::KMS::Alias."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.calls import none_if_missing
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import DOCUMENT, FLAG, NUMBER, to_flag
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.setting import Setting
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.ownership import names_resource
from stateroom.cloud.provider import ResourceData, Task
from stateroom.model.ownership import Existing
from stateroom.model.problems.error_response import error_code
from stateroom.model.resource import Live
from stateroom.model.values import Properties, reveal

_PERIOD: Final = 365  # days between rotations of a key that does not say
_NEW: Final = {"MalformedPolicyDocumentException": ("principal",), "NotFoundException": ()}


class KeyHandler(DeclaredHandler):
    """Key. Ref is its id. A deleted key stays for PendingWindowInDays (30), in which it can be taken back by hand."""

    type = "AWS::KMS::Key"
    service = "kms"
    ref = "{KeyId}"
    address = {"KeyId": "{id}"}
    creating = ApiCall("create_key", answer="KeyMetadata", retry={"MalformedPolicyDocumentException": ("principal",)})
    reading = ApiCall("describe_key", answer="KeyMetadata")
    updating = {
        "": ApiCall("update_key_description"),
        "policy": ApiCall("put_key_policy", {"PolicyName": "default"}, retry=_NEW),
    }
    deleting = ApiCall("schedule_key_deletion", {"PendingWindowInDays": "{PendingWindowInDays}"})
    leaving = {"KeyState": frozenset({"PendingDeletion", "PendingReplicaDeletion"})}
    missing = ("KMSInvalidStateException",)  # of a deletion: it is on its way already
    tagging = Tagging("tag_resource", "untag_resource", ApiCall("list_resource_tags"), style="tag")
    reason = "waiting until everybody in the key's policy exists"
    settings = {
        "BypassPolicyLockoutSafetyCheck": Setting(FLAG, fixed=True),
        "Description": Setting(unset=""),
        "Enabled": Setting(FLAG, at_create=False, group="flags"),
        "EnableKeyRotation": Setting(FLAG, at_create=False, group="flags", answered="KeyRotationEnabled"),
        "KeyPolicy": Setting(DOCUMENT, name="Policy", group="policy"),
        "KeySpec": Setting(),
        "KeyUsage": Setting(),
        "MultiRegion": Setting(FLAG),
        "Origin": Setting(),
        "PendingWindowInDays": Setting(NUMBER, at_create=False, group="deletion"),
        "RotationPeriodInDays": Setting(NUMBER, at_create=False, group="flags"),
    }
    attributes = {"KeyId": "{id}", "Arn": "{answer[Arn]}"}

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Write description, policy and tags, then the flags."""
        yield from super().update(resource)
        _write_flags(self.client, resource.id, reveal(resource.inputs), resource.changed)
        return None

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the key whose tags name the owner, and that is not on its way out."""
        listing = Listing(ApiCall("list_keys", answer="Keys"), "{answer[KeyId]}")
        listed = (resource.at(item["KeyId"]) for item in self.items(listing, resource))
        ours = [(key.id, found) for key in listed if names_resource(found := _tags(self, key), resource.owner)]
        return tags.named((item for item in ours if self.answer(resource.at(item[0])) is not None), resource.owner)

    def delete(self, resource: ResourceData) -> Task[None]:
        """Begin the window after which the key is gone."""
        days = resource.inputs.get("PendingWindowInDays")
        window = {} if days is None else {"PendingWindowInDays": int(reveal(days))}
        yield from super().delete(replace(resource, inputs=window))

    def answer(self, resource: ResourceData, *, even_leaving: bool = False) -> Any:
        """Return the key with its policy and, where it can have one, its rotation."""
        found = super().answer(resource, even_leaving=even_leaving)
        if found is None:
            return None
        api = self.client
        policy = none_if_missing(lambda: api.get_key_policy(KeyId=resource.id, PolicyName="default")) or {}
        if found.get("KeySpec") == "SYMMETRIC_DEFAULT" and found.get("Origin") == "AWS_KMS":
            found = {**found, **(none_if_missing(lambda: api.get_key_rotation_status(KeyId=resource.id)) or {})}
        return {**found, "Policy": policy.get("Policy")}


def _tags(table: DeclaredHandler, key: ResourceData) -> Mapping[str, str]:
    """Return a key's tags; none of one whose policy does not let us see them."""
    try:
        return table.tags_by_id(key) or {}
    except Exception as error:
        if error_code(error) != "AccessDeniedException":
            raise
        return {}


def _write_flags(api: Any, key: str, inputs: Properties, changed: frozenset[str]) -> None:
    """Write enablement and rotation, in the order in which KMS takes them: a disabled key has no rotation to set."""
    enabled = to_flag(inputs.get("Enabled", True))
    if "Enabled" in changed and enabled:
        api.enable_key(KeyId=key)
    if changed & {"EnableKeyRotation", "RotationPeriodInDays"}:
        if to_flag(inputs.get("EnableKeyRotation", False)):
            api.enable_key_rotation(KeyId=key, RotationPeriodInDays=int(inputs.get("RotationPeriodInDays", _PERIOD)))
        else:
            api.disable_key_rotation(KeyId=key)
    if "Enabled" in changed and not enabled:
        api.disable_key(KeyId=key)


class KeyAliasHandler(DeclaredHandler):
    """Alias of a key. Ref is its name. It is read through the key that it names."""

    type = "AWS::KMS::Alias"
    service = "kms"
    ref = "{AliasName}"
    address = {"AliasName": "{id}"}
    creating = ApiCall("create_alias", {"AliasName": "{AliasName}"}, retry={"NotFoundException": ()})
    reading = ApiCall("describe_key", {"KeyId": "{id}"}, answer="KeyMetadata", addressed=False)
    updating = {"": ApiCall("update_alias")}
    deleting = ApiCall("delete_alias")
    settings = {"TargetKeyId": Setting(answered="KeyId")}
    attributes = {"AliasName": "{id}"}

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the key by its id, or by its ARN if the config writes it so."""
        declared = resource.inputs.get("TargetKeyId")
        return {"TargetKeyId": answer["Arn"] if declared == answer["Arn"] else answer["KeyId"]}


HANDLERS: tuple[HandlerFactory, ...] = (KeyHandler, KeyAliasHandler)
