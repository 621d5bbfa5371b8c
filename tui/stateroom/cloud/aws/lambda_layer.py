"""Handlers of AWS::Lambda::LayerVersion and LayerVersionPermission."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws.calls import none_if_missing
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import settings_of
from stateroom.cloud.aws.lambda_model import CHANGING, package
from stateroom.cloud.aws.shapes import from_json, pick, without_empty
from stateroom.cloud.provider import ResourceData
from stateroom.model.ownership import Existing
from stateroom.model.values import Value, reveal

_SETTINGS: Final = ("LayerName", "Description", "LicenseInfo", "CompatibleRuntimes", "CompatibleArchitectures")
_GRANT: Final = ("Action", "Principal", "OrganizationId")


class OfLayerVersion(DeclaredHandler):
    """What is addressed by a layer's name and the version, taken out of an ARN."""

    service = "lambda"
    retry = CHANGING
    reason = "waiting for Lambda to take the layer"

    def arguments(
        self, call: ApiCall, resource: ResourceData, address: Mapping[str, Value] | None = None, at_hand: Any = None
    ) -> dict[str, Any]:
        """Return layer and version of the id; nothing where it has none yet."""
        arn, _, statement = resource.id.partition("#")
        name, version = arn.split(":")[-2:] if arn else ("", "")
        where = {"LayerName": name, "VersionNumber": int(version)} if arn else {}
        return where | ({"StatementId": statement} if statement and call is self.deleting else {})


class LayerVersionHandler(OfLayerVersion):
    """Published layer version. Ref is its ARN. It is immutable: changes publish another version.

    Versions have no tags; after a lost answer one is found by its content and settings. Functions that use a deleted
    one keep it.
    """

    type = "AWS::Lambda::LayerVersion"
    ref = "{LayerVersionArn}"
    creating = ApiCall("publish_layer_version")
    reading = ApiCall("get_layer_version")
    deleting = ApiCall("delete_layer_version")
    settings = settings_of("Content", *_SETTINGS)

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Put the package in the place of its hash."""
        ours = settings["Content"].get("ArtifactSha256")
        return {**settings, "Content": package(str(ours), self._artifacts)} if ours else settings

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was published, with the hash of a package of ours."""
        layer = str(self.arguments(self.reading, resource)["LayerName"])
        found = pick(answer, _SETTINGS) | {"LayerName": layer, "LayerVersionArn": resource.id}
        digest = (answer.get("Content") or {}).get("CodeSha256")
        if digest and "ArtifactSha256" in reveal(resource.inputs.get("Content") or {}):
            found["Content"] = {"ArtifactSha256": base64.b64decode(digest).hex()}
        return found

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for a newest version with the same content; publishing makes another next to it."""
        api, inputs = self.client, reveal(resource.inputs)
        listed = none_if_missing(lambda: api.list_layer_versions(LayerName=inputs["LayerName"])["LayerVersions"]) or []
        if not listed:
            return None
        newest = str(max(listed, key=lambda item: item["Version"])["LayerVersionArn"])
        there, wanted = self.read(resource.at(newest)) or {}, without_empty(pick(inputs, (*_SETTINGS, "Content")))
        alike = all(there.get(key) == value for key, value in wanted.items())
        return Existing(newest, collides=False) if alike else None


class LayerVersionPermissionHandler(OfLayerVersion):
    """Permission to use a layer version. Ref is `<layer version>#<statement>`; the statement id is derived."""

    type = "AWS::Lambda::LayerVersionPermission"
    settable = frozenset({*_GRANT, "LayerVersionArn"})
    overwrites = True
    looks_first = True  # one of an earlier try is there already
    creating = ApiCall("add_layer_version_permission")
    reading = ApiCall("get_layer_version_policy", answer="Policy")
    deleting = ApiCall("remove_layer_version_permission")
    settings = settings_of(*_GRANT)

    def id_of(self, resource: ResourceData, made: Any = None) -> str:
        """Return the version with the id of the statement."""
        digest = hashlib.sha256(repr([resource.inputs.get(name) for name in _GRANT]).encode()).hexdigest()[:16]
        return f"{resource.inputs['LayerVersionArn']}#stateroom-{digest}"

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Add what the statement is about, and its id."""
        there = resource.at(self.id_of(resource))
        return {**self.arguments(call, there), **settings, "StatementId": there.id.rpartition("#")[2]}

    def answer(self, resource: ResourceData, *, even_leaving: bool = False) -> Any:
        """Return the statement, or None; also when the layer version is gone."""
        policy: Any = from_json(super().answer(resource)) or {}
        statement = resource.id.rpartition("#")[2]
        return next((item for item in policy.get("Statement") or () if item.get("Sid") == statement), None)

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the id stands for: nothing of a statement can be changed."""
        return pick(reveal(resource.inputs), ("LayerVersionArn", *_GRANT))
