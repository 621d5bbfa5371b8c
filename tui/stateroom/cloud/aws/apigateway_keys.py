"""AWS::ApiGateway::ApiKey, UsagePlan and UsagePlanKey: who may call how often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws import tags
from stateroom.cloud.aws.apigateway_calls import (
    api_document,
    as_text,
    escaped,
    list_items,
    patches,
    patiently,
    properties_of,
    write_tags,
)
from stateroom.cloud.aws.calls import Clients, none_if_missing
from stateroom.cloud.aws.shapes import present
from stateroom.cloud.provider import Identified, Owner, Task
from stateroom.cloud.schema.catalog import facts
from stateroom.model.ownership import Existing
from stateroom.model.values import Properties, Secret, reveal

_KEY_SETTINGS: Final = {"customerId": "", "description": "", "enabled": False}


class ApiKeyHandler:
    """A key for callers. Its value is a secret. Ref is the key's id."""

    type = "AWS::ApiGateway::ApiKey"
    reader_version = 1

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def create(self, inputs: Properties, owner: Owner) -> Task[str]:
        """Create the key, or find the one that an earlier try of ours made: keys' names are not unique."""
        found = tags.ours(self.locate(inputs, owner), owner)
        if found is not None:
            yield Identified(found)
            return found
        arguments = api_document(reveal(inputs), facts(self.type)) | {"tags": tags.wanted(reveal(inputs), owner)}
        client = self._clients("apigateway")
        answer = yield from patiently(lambda: client.create_api_key(**present(arguments)))
        yield Identified(str(answer["id"]))
        return str(answer["id"])

    def read(self, physical_id: str, inputs: Properties) -> Properties | None:
        """The key, with its value if it was chosen in the config."""
        client, chosen = self._clients("apigateway"), bool(inputs.get("Value"))
        answer = none_if_missing(lambda: client.get_api_key(apiKey=physical_id, includeValue=chosen))
        if answer is None:
            return None
        model = properties_of(answer, facts(self.type))
        model.pop("StageKeys", None)  # answered as texts; plans have taken their place
        return present(
            {
                **model,
                "Value": Secret(answer["value"]) if chosen and "value" in answer else None,
                "Tags": tags.as_list(tags.user_tags(answer.get("tags") or {})),
                "APIKeyId": physical_id,
            }
        )

    def update(
        self,
        physical_id: str,
        inputs: Properties,
        previous: Properties,  # noqa: ARG002 (Handler)
        changed: frozenset[str],
        owner: Owner,
    ) -> Task[None]:
        """Patch what changed; then the tags."""
        client, document = self._clients("apigateway"), api_document(reveal(inputs), facts(self.type))
        there = client.get_api_key(apiKey=physical_id)
        names = {name[:1].lower() + name[1:] for name in changed} & _KEY_SETTINGS.keys()
        operations = patches(there, {name: {**_KEY_SETTINGS, **document}[name] for name in names})
        if operations:
            yield from patiently(lambda: client.update_api_key(apiKey=physical_id, patchOperations=operations))
        write_tags(self._clients, f"/apikeys/{physical_id}", there.get("tags") or {}, tags.wanted(inputs, owner))

    def delete(self, physical_id: str, inputs: Properties) -> Task[None]:  # noqa: ARG002 (Handler)
        """Delete the key."""
        client = self._clients("apigateway")
        yield from patiently(lambda: none_if_missing(lambda: client.delete_api_key(apiKey=physical_id)))

    def locate(self, inputs: Properties, owner: Owner) -> Existing | None:  # noqa: ARG002 (Handler)
        """Look for the key whose tags name the owner; names need not be unique."""
        listed = list_items(self._clients("apigateway"), "get_api_keys")
        return tags.named(((str(item["id"]), item.get("tags") or {}) for item in listed), owner)

    def tags_by_id(self, physical_id: str, inputs: Properties) -> Mapping[str, str] | None:  # noqa: ARG002 (TaggedById)
        """Tags of the key."""
        client = self._clients("apigateway")
        answer = none_if_missing(lambda: client.get_api_key(apiKey=physical_id))
        return None if answer is None else answer.get("tags") or {}


class UsagePlanHandler:
    """Quotas and limits for the holders of keys. Ref is the plan's id."""

    type = "AWS::ApiGateway::UsagePlan"
    reader_version = 1

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def create(self, inputs: Properties, owner: Owner) -> Task[str]:
        """Create the plan, or find the one that an earlier try of ours made: plans' names are not unique."""
        found = tags.ours(self.locate(inputs, owner), owner)
        if found is not None:
            yield Identified(found)
            yield from self.update(found, inputs, {}, frozenset(inputs), owner)
            return found
        document = _plan(reveal(inputs))
        name = document.get("name") or f"{owner.service}-{owner.stage}-{owner.logical_id}"
        arguments = present({**document, "name": name, "tags": tags.wanted(reveal(inputs), owner)})
        client = self._clients("apigateway")
        answer = yield from patiently(lambda: client.create_usage_plan(**arguments))
        yield Identified(str(answer["id"]))
        return str(answer["id"])

    def read(self, physical_id: str, inputs: Properties) -> Properties | None:  # noqa: ARG002 (Handler)
        """The plan, or None."""
        answer = self._answer(physical_id)
        if answer is None:
            return None
        model = properties_of({**answer, "usagePlanName": answer.get("name")}, facts(self.type))
        stages = [present(stage) for stage in model.get("ApiStages") or ()]
        bearing = tags.as_list(tags.user_tags(answer.get("tags") or {}))
        return present({**model, "ApiStages": stages, "Tags": bearing, "Id": physical_id})

    def update(
        self,
        physical_id: str,
        inputs: Properties,
        previous: Properties,  # noqa: ARG002 (Handler)
        changed: frozenset[str],
        owner: Owner,
    ) -> Task[None]:
        """Patch what changed; then the tags."""
        wanted, there = _plan(reveal(inputs)), self._answer(physical_id) or {}
        operations = []
        for name, spelled in {"UsagePlanName": "name", "Description": "description"}.items():
            if name in changed and (wanted.get(spelled) or name == "Description"):
                operations += patches(there, {spelled: wanted.get(spelled, "")})
        for name in ("quota", "throttle"):
            if name.capitalize() in changed:
                operations += patches(there, {name: wanted.get(name)})
        if "ApiStages" in changed:
            operations += _stage_patches(there.get("apiStages") or (), wanted.get("apiStages") or ())
        client = self._clients("apigateway")
        if operations:
            yield from patiently(lambda: client.update_usage_plan(usagePlanId=physical_id, patchOperations=operations))
        write_tags(self._clients, f"/usageplans/{physical_id}", there.get("tags") or {}, tags.wanted(inputs, owner))

    def delete(self, physical_id: str, inputs: Properties) -> Task[None]:  # noqa: ARG002 (Handler)
        """Take the plan off its stages, which AWS wants first; then delete it."""
        client, there = self._clients("apigateway"), self._answer(physical_id) or {}
        operations = _stage_patches(there.get("apiStages") or (), ())
        if operations:
            yield from patiently(lambda: client.update_usage_plan(usagePlanId=physical_id, patchOperations=operations))
        yield from patiently(lambda: none_if_missing(lambda: client.delete_usage_plan(usagePlanId=physical_id)))

    def locate(self, inputs: Properties, owner: Owner) -> Existing | None:  # noqa: ARG002 (Handler)
        """Look for the plan whose tags name the owner; names need not be unique."""
        listed = list_items(self._clients("apigateway"), "get_usage_plans")
        return tags.named(((str(item["id"]), item.get("tags") or {}) for item in listed), owner)

    def tags_by_id(self, physical_id: str, inputs: Properties) -> Mapping[str, str] | None:  # noqa: ARG002 (TaggedById)
        """Tags of the plan."""
        answer = self._answer(physical_id)
        return None if answer is None else answer.get("tags") or {}

    def _answer(self, physical_id: str) -> dict[str, Any] | None:
        return none_if_missing(lambda: self._clients("apigateway").get_usage_plan(usagePlanId=physical_id))


class UsagePlanKeyHandler:
    """A key in a plan. Ref is the key's id."""

    type = "AWS::ApiGateway::UsagePlanKey"
    reader_version = 1
    overwrites = True

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def create(self, inputs: Properties, owner: Owner) -> Task[str]:  # noqa: ARG002 (Handler)
        """Add the key to the plan."""
        arguments, client = api_document(reveal(inputs), facts(self.type)), self._clients("apigateway")
        answer = yield from patiently(lambda: client.create_usage_plan_key(**arguments))
        yield Identified(str(answer["id"]))
        return str(answer["id"])

    def read(self, physical_id: str, inputs: Properties) -> Properties | None:
        """The key's place in the plan, or None."""
        plan, client = str(reveal(inputs["UsagePlanId"])), self._clients("apigateway")
        answer = none_if_missing(lambda: client.get_usage_plan_key(usagePlanId=plan, keyId=physical_id))
        if answer is None:
            return None
        return present(
            {"UsagePlanId": plan, "KeyId": answer["id"], "KeyType": answer.get("type"), "Id": f"{answer['id']}:{plan}"}
        )

    def update(
        self, physical_id: str, inputs: Properties, previous: Properties, changed: frozenset[str], owner: Owner
    ) -> Task[None]:
        """Nothing of it can be changed."""
        del physical_id, inputs, previous, changed, owner
        yield from ()

    def delete(self, physical_id: str, inputs: Properties) -> Task[None]:
        """Take the key out of the plan."""
        plan, client = str(reveal(inputs["UsagePlanId"])), self._clients("apigateway")
        yield from patiently(
            lambda: none_if_missing(lambda: client.delete_usage_plan_key(usagePlanId=plan, keyId=physical_id))
        )

    def locate(self, inputs: Properties, owner: Owner) -> Existing | None:  # noqa: ARG002 (Handler)
        """Look for the key in the plan."""
        key = str(reveal(inputs["KeyId"]))
        return None if self.read(key, inputs) is None else Existing(key)


def _plan(inputs: Properties) -> dict[str, Any]:
    document = api_document(inputs, facts(UsagePlanHandler.type))
    document["name"] = document.pop("usagePlanName", None)
    document.pop("tags", None)
    return present(document)


def _stage_patches(there: Any, wanted: Any) -> list[dict[str, str]]:
    """Stages are added and removed as `api:stage`; their own limits are patched one by one."""
    before, after = _stages(there), _stages(wanted)
    operations = [{"op": "remove", "path": "/apiStages", "value": name} for name in before if name not in after]
    operations += [{"op": "add", "path": "/apiStages", "value": name} for name in after if name not in before]
    for name, limits in after.items():
        here = f"/apiStages/{escaped(name)}/throttle"
        for method, values in limits.items():
            operations += [
                {"op": "replace", "path": f"{here}/{escaped(method)}/{key}", "value": as_text(value)}
                for key, value in values.items()
                if (before.get(name, {}).get(method) or {}).get(key) != value
            ]
        gone = before.get(name, {}).keys() - limits.keys()
        operations += [{"op": "remove", "path": f"{here}/{escaped(method)}"} for method in sorted(gone)]
    return operations


def _stages(stages: Any) -> dict[str, Mapping[str, Any]]:
    return {f"{stage['apiId']}:{stage['stage']}": stage.get("throttle") or {} for stage in stages}
