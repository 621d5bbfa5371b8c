"""Handlers of AWS::ApiGateway::ApiKey, UsagePlan and UsagePlanKey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from stateroom.cloud.aws.apigateway_calls import as_text, patches, pointer_part
from stateroom.cloud.aws.apigateway_patched import Answer, ListedPatchedHandler, Patches, pages, spelled, tagged_at
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import SECRET, Form
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.shapes import without_empty
from stateroom.cloud.provider import ResourceData, Task
from stateroom.model.values import reveal

_KEY, _PLAN = "AWS::ApiGateway::ApiKey", "AWS::ApiGateway::UsagePlan"
_SPELLED: Final = spelled(_PLAN, "ApiStages")["ApiStages"].form
_STAGES: Final = Form(_SPELLED.to_api, lambda stages: [without_empty(stage) for stage in _SPELLED.from_api(stages)])
_NO_NAME: Final = ("name", None)  # a plan keeps the name that it has
_KEY_SETTINGS: Final = {
    **settings_of("CustomerId", "Description", unset=""),
    "Enabled": Setting(unset=False),
    **settings_of("GenerateDistinctId", "Name"),
    **spelled(_KEY, "StageKeys", unset=[]),
    "Value": Setting(SECRET),
}
_PLAN_SETTINGS: Final = {
    "ApiStages": Setting(_STAGES, unset=[]),
    "Description": Setting(unset=""),
    **spelled(_PLAN, "Quota", "Throttle"),
    "UsagePlanName": Setting(name="name"),
}


class ApiKeyHandler(ListedPatchedHandler):
    """API key. Its value is a secret, and read only where the config sets it. Ref is the key's id."""

    type = _KEY
    address = {"apiKey": "{id}"}
    looks_first = True
    creating = ApiCall("create_api_key")
    reading = ApiCall("get_api_key")
    updating = {"": ApiCall("update_api_key")}
    deleting = ApiCall("delete_api_key")
    listing = pages("get_api_keys", "{answer[id]}")
    tagging = tagged_at("/apikeys/{id}")
    settings = _KEY_SETTINGS
    attributes = {"APIKeyId": "{id}"}

    def answer(self, resource: ResourceData, *, even_leaving: bool = False) -> Any:
        """Return the key; with its value only if the config sets one."""
        chosen = bool(resource.inputs.get("Value"))
        return self.ask(replace(self.reading, arguments={"includeValue": chosen}), resource)

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the properties without stages, which are answered as texts; plans have taken their place."""
        hidden = {"StageKeys"} if resource.inputs.get("Value") else {"StageKeys", "Value"}
        return {name: value for name, value in super().model(resource, answer).items() if name not in hidden}

    def operations(self, resource: ResourceData, there: Answer, wanted: Answer) -> Patches:
        """Return patches, of the stages one by one."""
        found = patches(there, {name: value for name, value in wanted.items() if name != "stageKeys"})
        if "StageKeys" in resource.changed:
            before, after = _key_stages(reveal(resource.previous)), _key_stages(resource.inputs)
            found += [{"op": "remove", "path": "/stages", "value": name} for name in before if name not in after]
            found += [{"op": "add", "path": "/stages", "value": name} for name in after if name not in before]
        return found


class UsagePlanHandler(ListedPatchedHandler):
    """Usage plan: quota and throttle of key holders. Ref is the plan's id."""

    type = _PLAN
    address = {"usagePlanId": "{id}"}
    looks_first = True
    creating = ApiCall("create_usage_plan")
    reading = ApiCall("get_usage_plan")
    updating = {"": ApiCall("update_usage_plan")}
    deleting = ApiCall("delete_usage_plan")
    listing = pages("get_usage_plans", "{answer[id]}")
    tagging = tagged_at("/usageplans/{id}")
    settings = _PLAN_SETTINGS
    attributes = {"Id": "{id}"}

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Name a plan without a name after its owner; an update leaves the name alone."""
        if call is self.creating:
            return {"name": f"{resource.owner.service}-{resource.owner.stage}-{resource.owner.logical_id}", **settings}
        return super().adjusted(call, resource, settings)

    def operations(self, resource: ResourceData, there: Answer, wanted: Answer) -> Patches:
        """Return patches, of the stages one by one."""
        plain = {name: value for name, value in wanted.items() if name != "apiStages" and (name, value) != _NO_NAME}
        stages = _stage_patches(there.get("apiStages") or (), wanted["apiStages"]) if "apiStages" in wanted else []
        return patches(there, plain) + stages

    def before_delete(self, resource: ResourceData) -> Task[None]:
        """Remove the plan's stages, as AWS requires."""
        operations = _stage_patches((self.answer(resource) or {}).get("apiStages") or (), ())
        if operations:
            update = self.updating[""]
            yield from self.send(update, {**self.arguments(update, resource), "patchOperations": operations})


class UsagePlanKeyHandler(ListedPatchedHandler):
    """Link of a key to a usage plan. Ref is the key's id."""

    type = "AWS::ApiGateway::UsagePlanKey"
    ref = "{KeyId}"
    parent = {"usagePlanId": "{UsagePlanId}"}
    address = {"keyId": "{id}"}
    overwrites = True
    creating = ApiCall("create_usage_plan_key", {"keyId": "{KeyId}", "keyType": "{KeyType}"})
    reading = ApiCall("get_usage_plan_key")
    deleting = ApiCall("delete_usage_plan_key")
    listing = pages("get_usage_plan_keys", "{answer[id]}")
    settings = {}
    attributes = {"KeyId": "{id}", "KeyType": "{answer[type]}", "Id": "{id}:{UsagePlanId}"}


def _key_stages(inputs: Mapping[str, Any]) -> list[str]:
    return [f"{item['RestApiId']}/{item['StageName']}" for item in inputs.get("StageKeys") or ()]


def _stage_patches(there: Any, wanted: Any) -> list[dict[str, str]]:
    """Return patches of the stages: added and removed as `api:stage`, limits one by one."""
    before, after = _stages(there), _stages(wanted)
    operations = [{"op": "remove", "path": "/apiStages", "value": name} for name in before if name not in after]
    operations += [{"op": "add", "path": "/apiStages", "value": name} for name in after if name not in before]
    for name, limits in after.items():
        here = f"/apiStages/{pointer_part(name)}/throttle"
        for method, values in limits.items():
            operations += [
                {"op": "replace", "path": f"{here}/{pointer_part(method)}/{key}", "value": as_text(value)}
                for key, value in values.items()
                if (before.get(name, {}).get(method) or {}).get(key) != value
            ]
        gone = before.get(name, {}).keys() - limits.keys()
        operations += [{"op": "remove", "path": f"{here}/{pointer_part(method)}"} for method in sorted(gone)]
    return operations


def _stages(stages: Any) -> dict[str, Mapping[str, Any]]:
    return {f"{stage['apiId']}:{stage['stage']}": stage.get("throttle") or {} for stage in stages}
