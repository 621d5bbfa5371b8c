"""Handler of AWS::SecretsManager::Secret.

A secret's value is written and never read: nobody but its users should, and rotation changes it rightly.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stateroom.cloud import tags
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.aws.shapes import from_json, pick, without_empty
from stateroom.cloud.provider import ResourceData, Task
from stateroom.errors import CloudError
from stateroom.model.problems.problem import Problem
from stateroom.model.resource import Live
from stateroom.model.values import Properties, reveal


class SecretHandler(DeclaredHandler):
    """Secret. Ref is its ARN. A deleted one is kept for 30 days, in which its owner gets it back by its name."""

    type = "AWS::SecretsManager::Secret"
    service = "secretsmanager"
    ref = "{ARN}"
    address = {"SecretId": "{id}"}
    locating = ApiCall("describe_secret", {"SecretId": "{Name}"}, answer="ARN")
    creating = ApiCall("create_secret", {"Name": "{Name}"})
    reading = ApiCall("describe_secret")
    updating = {"": ApiCall("update_secret")}
    deleting = ApiCall("delete_secret")
    leaving = {"DeletedDate": frozenset()}
    tagging = Tagging("tag_resource", "untag_resource", style="list")
    settings = {
        "Description": Setting(unset=""),
        "GenerateSecretString": Setting(),
        "KmsKeyId": Setting(unset="alias/aws/secretsmanager"),
        "ReplicaRegions": Setting(name="AddReplicaRegions"),
        "SecretString": Setting(),
        "Type": Setting(),
    }
    attributes = {"Id": "{id}", "Name": "{answer[Name]}"}

    def create(self, resource: ResourceData) -> Task[str | Live]:
        """Create the secret; one of that name that is on its way out is taken back, if it is the owner's."""
        there = self.ask(ApiCall("describe_secret", {"SecretId": "{Name}"}), resource, {})
        if there and there.get("DeletedDate"):
            if not tags.owned_by(tags.from_list(there.get("Tags")), resource.owner):
                raise _blocked(there)
            self.client.restore_secret(SecretId=there["ARN"])
        return (yield from super().create(resource))

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Write what changed, then the replicas: more of them, or fewer."""
        yield from super().update(resource)
        if "ReplicaRegions" in resource.changed:
            _write_replicas(self.client, resource.id, reveal(resource.inputs).get("ReplicaRegions") or ())
        return None

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Put a random value in the place of what describes it."""
        if call is not self.creating:
            settings.pop("AddReplicaRegions", None)
        generated = settings.pop("GenerateSecretString", None)
        return settings if generated is None else {**settings, "SecretString": _generated(self.client, generated)}

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings that can be seen."""
        replicas = [pick(item, ("Region", "KmsKeyId")) for item in answer.get("ReplicationStatus") or ()]
        return {**super().model(resource, answer), "ReplicaRegions": replicas}

    def problems(self, inputs: Properties) -> Iterator[Problem]:
        """Refuse a template that cannot hold the generated value."""
        generated = reveal(inputs.get("GenerateSecretString"))
        template = generated.get("SecretStringTemplate") if isinstance(generated, Mapping) else None
        if isinstance(template, str) and not isinstance(from_json(template), Mapping):
            path = ("GenerateSecretString", "SecretStringTemplate")
            yield Problem("SecretStringTemplate is not a JSON object", 'write it so: \'{"user": "shop"}\'', path)

    def delete(self, resource: ResourceData) -> Task[None]:
        """Take the replicas away, which would prevent it, then delete; nothing for one that is on its way out."""
        if self.answer(resource) is not None:
            _write_replicas(self.client, resource.id, ())
            yield from super().delete(resource)


def _write_replicas(api: Any, secret: str, wanted: Sequence[Mapping[str, Any]]) -> None:
    there = {item["Region"] for item in api.describe_secret(SecretId=secret).get("ReplicationStatus") or ()}
    if added := [dict(item) for item in wanted if item["Region"] not in there]:
        api.replicate_secret_to_regions(SecretId=secret, AddReplicaRegions=added)
    if removed := sorted(there - {item["Region"] for item in wanted}):
        api.remove_regions_from_replication(SecretId=secret, RemoveReplicaRegions=removed)


def _generated(client: Any, wanted: Properties) -> str:
    arguments = without_empty(wanted)
    key, template = arguments.pop("GenerateStringKey", ""), arguments.pop("SecretStringTemplate", "{}")
    password = str(client.get_random_password(**arguments)["RandomPassword"])
    return json.dumps({**from_json(template), key: password}) if key else password


def _blocked(there: Mapping[str, Any]) -> CloudError:
    return CloudError(
        f"a secret named {there['Name']} was deleted, and its name is blocked until it is gone for good",
        why=f"it is kept until {there['DeletedDate']:%Y-%m-%d}, and its tags do not name this resource",
        todo=f"take it back with aws secretsmanager restore-secret --secret-id {there['Name']}, or choose another name",
        code="InvalidRequestException",
        operation="CreateSecret",
        refused=True,
    )


HANDLERS: tuple[HandlerFactory, ...] = (SecretHandler,)
