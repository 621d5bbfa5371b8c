"""Handlers of AWS::ApiGateway::ApiKey, UsagePlan and UsagePlanKey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.apigateway_calls import (
    api_document,
    as_text,
    list_items,
    patches,
    pointer_part,
    properties_of,
    retry_conflicts,
    write_tags,
)
from stateroom.cloud.aws.calls import none_if_missing
from stateroom.cloud.aws.handler_base import AwsHandler, all_of
from stateroom.cloud.aws.shapes import without_empty
from stateroom.cloud.provider import Identified, ResourceData, Task
from stateroom.cloud.schema.catalog import facts
from stateroom.model.ownership import Existing
from stateroom.model.values import Properties, Secret, reveal

_KEY_SETTINGS: Final = {"customerId": "", "description": "", "enabled": False}


class ApiKeyHandler(AwsHandler):
    """API key. Its value is a secret. Ref is the key's id."""

    type = "AWS::ApiGateway::ApiKey"
    settable = all_of("AWS::ApiGateway::ApiKey")

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the key, or find the one that an earlier try of ours made: keys' names are not unique."""
        found = tags.ours(self.locate(resource), resource.owner)
        if found is not None:
            yield Identified(found)
            return found
        arguments = api_document(reveal(resource.inputs), facts(self.type)) | {
            "tags": tags.wanted(reveal(resource.inputs), resource.owner)
        }
        client = self._clients("apigateway")
        answer = yield from retry_conflicts(lambda: client.create_api_key(**without_empty(arguments)))
        yield Identified(str(answer["id"]))
        return str(answer["id"])

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the key, with its value if the config sets one."""
        client, chosen = self._clients("apigateway"), bool(resource.inputs.get("Value"))
        answer = none_if_missing(lambda: client.get_api_key(apiKey=resource.id, includeValue=chosen))
        if answer is None:
            return None
        model = properties_of(answer, facts(self.type))
        model.pop("StageKeys", None)  # answered as texts; plans have taken their place
        return without_empty(
            {
                **model,
                "Value": Secret(answer["value"]) if chosen and "value" in answer else None,
                "Tags": tags.as_list(tags.user_tags(answer.get("tags") or {})),
                "APIKeyId": resource.id,
            }
        )

    def update(self, resource: ResourceData) -> Task[None]:
        """Patch what changed, stages one by one; then the tags."""
        client, document = self._clients("apigateway"), api_document(reveal(resource.inputs), facts(self.type))
        there = client.get_api_key(apiKey=resource.id)
        names = {name[:1].lower() + name[1:] for name in resource.changed} & _KEY_SETTINGS.keys()
        operations = patches(there, {name: {**_KEY_SETTINGS, **document}[name] for name in names})
        if "StageKeys" in resource.changed:
            before, after = _key_stages(resource.previous), _key_stages(resource.inputs)
            operations += [{"op": "remove", "path": "/stages", "value": name} for name in before if name not in after]
            operations += [{"op": "add", "path": "/stages", "value": name} for name in after if name not in before]
        if operations:
            yield from retry_conflicts(lambda: client.update_api_key(apiKey=resource.id, patchOperations=operations))
        write_tags(
            self._clients,
            f"/apikeys/{resource.id}",
            there.get("tags") or {},
            tags.wanted(resource.inputs, resource.owner),
        )

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the key."""
        client = self._clients("apigateway")
        yield from retry_conflicts(lambda: none_if_missing(lambda: client.delete_api_key(apiKey=resource.id)))

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the key whose tags name the owner; names need not be unique."""
        listed = list_items(self._clients("apigateway"), "get_api_keys")
        return tags.named(((str(item["id"]), item.get("tags") or {}) for item in listed), resource.owner)

    def tags_by_id(self, resource: ResourceData) -> Mapping[str, str] | None:
        """Tags of the key."""
        client = self._clients("apigateway")
        answer = none_if_missing(lambda: client.get_api_key(apiKey=resource.id))
        return None if answer is None else answer.get("tags") or {}


class UsagePlanHandler(AwsHandler):
    """Usage plan: quota and throttle of key holders. Ref is the plan's id."""

    type = "AWS::ApiGateway::UsagePlan"
    settable = all_of("AWS::ApiGateway::UsagePlan")

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the plan, or find the one that an earlier try of ours made: plans' names are not unique."""
        found = tags.ours(self.locate(resource), resource.owner)
        if found is not None:
            yield Identified(found)
            yield from self.update(resource.whole(found))
            return found
        document = _plan(reveal(resource.inputs))
        name = document.get("name") or f"{resource.owner.service}-{resource.owner.stage}-{resource.owner.logical_id}"
        arguments = without_empty(
            {**document, "name": name, "tags": tags.wanted(reveal(resource.inputs), resource.owner)}
        )
        client = self._clients("apigateway")
        answer = yield from retry_conflicts(lambda: client.create_usage_plan(**arguments))
        yield Identified(str(answer["id"]))
        return str(answer["id"])

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the plan, or None."""
        answer = self._answer(resource.id)
        if answer is None:
            return None
        model = properties_of({**answer, "usagePlanName": answer.get("name")}, facts(self.type))
        stages = [without_empty(stage) for stage in model.get("ApiStages") or ()]
        current_tags = tags.as_list(tags.user_tags(answer.get("tags") or {}))
        return without_empty({**model, "ApiStages": stages, "Tags": current_tags, "Id": resource.id})

    def update(self, resource: ResourceData) -> Task[None]:
        """Patch what changed; then the tags."""
        wanted, there = _plan(reveal(resource.inputs)), self._answer(resource.id) or {}
        operations = []
        for name, spelled in {"UsagePlanName": "name", "Description": "description"}.items():
            if name in resource.changed and (wanted.get(spelled) or name == "Description"):
                operations += patches(there, {spelled: wanted.get(spelled, "")})
        for name in ("quota", "throttle"):
            if name.capitalize() in resource.changed:
                operations += patches(there, {name: wanted.get(name)})
        if "ApiStages" in resource.changed:
            operations += _stage_patches(there.get("apiStages") or (), wanted.get("apiStages") or ())
        client = self._clients("apigateway")
        if operations:
            yield from retry_conflicts(
                lambda: client.update_usage_plan(usagePlanId=resource.id, patchOperations=operations)
            )
        write_tags(
            self._clients,
            f"/usageplans/{resource.id}",
            there.get("tags") or {},
            tags.wanted(resource.inputs, resource.owner),
        )

    def delete(self, resource: ResourceData) -> Task[None]:
        """Remove the plan's stages, as AWS requires, then delete it."""
        client, there = self._clients("apigateway"), self._answer(resource.id) or {}
        operations = _stage_patches(there.get("apiStages") or (), ())
        if operations:
            yield from retry_conflicts(
                lambda: client.update_usage_plan(usagePlanId=resource.id, patchOperations=operations)
            )
        yield from retry_conflicts(lambda: none_if_missing(lambda: client.delete_usage_plan(usagePlanId=resource.id)))

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the plan whose tags name the owner; names need not be unique."""
        listed = list_items(self._clients("apigateway"), "get_usage_plans")
        return tags.named(((str(item["id"]), item.get("tags") or {}) for item in listed), resource.owner)

    def tags_by_id(self, resource: ResourceData) -> Mapping[str, str] | None:
        """Tags of the plan."""
        answer = self._answer(resource.id)
        return None if answer is None else answer.get("tags") or {}

    def _answer(self, physical_id: str) -> dict[str, Any] | None:
        return none_if_missing(lambda: self._clients("apigateway").get_usage_plan(usagePlanId=physical_id))


class UsagePlanKeyHandler(AwsHandler):
    """Link of a key to a usage plan. Ref is the key's id."""

    type = "AWS::ApiGateway::UsagePlanKey"
    settable = all_of("AWS::ApiGateway::UsagePlanKey")
    overwrites = True

    def create(self, resource: ResourceData) -> Task[str]:
        """Add the key to the plan."""
        arguments, client = api_document(reveal(resource.inputs), facts(self.type)), self._clients("apigateway")
        answer = yield from retry_conflicts(lambda: client.create_usage_plan_key(**arguments))
        yield Identified(str(answer["id"]))
        return str(answer["id"])

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the link, or None."""
        plan, client = str(reveal(resource.inputs["UsagePlanId"])), self._clients("apigateway")
        answer = none_if_missing(lambda: client.get_usage_plan_key(usagePlanId=plan, keyId=resource.id))
        if answer is None:
            return None
        return without_empty(
            {"UsagePlanId": plan, "KeyId": answer["id"], "KeyType": answer.get("type"), "Id": f"{answer['id']}:{plan}"}
        )

    def update(self, resource: ResourceData) -> Task[None]:
        """Do nothing: every property is immutable."""
        yield from ()

    def delete(self, resource: ResourceData) -> Task[None]:
        """Remove the key from the plan."""
        plan, client = str(reveal(resource.inputs["UsagePlanId"])), self._clients("apigateway")
        yield from retry_conflicts(
            lambda: none_if_missing(lambda: client.delete_usage_plan_key(usagePlanId=plan, keyId=resource.id))
        )

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the key in the plan."""
        key = str(reveal(resource.inputs["KeyId"]))
        return None if self.read(resource.at(key)) is None else Existing(key)


def _key_stages(inputs: Properties) -> list[str]:
    return [f"{item['RestApiId']}/{item['StageName']}" for item in reveal(inputs.get("StageKeys")) or ()]


def _plan(inputs: Properties) -> dict[str, Any]:
    document = api_document(inputs, facts(UsagePlanHandler.type))
    document["name"] = document.pop("usagePlanName", None)
    document.pop("tags", None)
    return without_empty(document)


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
