"""Handlers of AWS::Lambda::LayerVersion and LayerVersionPermission."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws.calls import none_if_missing, retry_while
from stateroom.cloud.aws.handler_base import AwsHandler
from stateroom.cloud.aws.lambda_model import CHANGING, package
from stateroom.cloud.aws.shapes import from_json, pick, without_empty
from stateroom.cloud.provider import Identified, ResourceData, Task
from stateroom.model.ownership import Existing
from stateroom.model.values import Properties, reveal

_SETTINGS: Final = ("LayerName", "Description", "LicenseInfo", "CompatibleRuntimes", "CompatibleArchitectures")
_GRANT: Final = ("Action", "Principal", "OrganizationId")


class LayerVersionHandler(AwsHandler):
    """Published layer version. Ref is its ARN. It is immutable: changes publish another version.

    Versions have no tags; after a lost answer one is found by its content and settings.
    """

    type = "AWS::Lambda::LayerVersion"
    settable = frozenset({*_SETTINGS, "Content"})

    def create(self, resource: ResourceData) -> Task[str]:
        """Publish the package."""
        inputs, api = reveal(resource.inputs), self._clients("lambda")
        arguments = {**without_empty(pick(inputs, _SETTINGS)), "Content": self._content(inputs)}
        publish = lambda: api.publish_layer_version(**arguments)  # noqa: E731
        answer = yield from retry_while(publish, CHANGING, "waiting for Lambda to take the layer")
        yield Identified(str(answer["LayerVersionArn"]))
        return str(answer["LayerVersionArn"])

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the version, or None."""
        api, (layer, version) = self._clients("lambda"), _split(resource.id)
        answer = none_if_missing(lambda: api.get_layer_version(LayerName=layer, VersionNumber=version))
        if answer is None:
            return None
        found = pick(answer, _SETTINGS) | {"LayerName": layer, "LayerVersionArn": resource.id}
        digest = (answer.get("Content") or {}).get("CodeSha256")
        if digest and "ArtifactSha256" in reveal(resource.inputs.get("Content") or {}):
            found["Content"] = {"ArtifactSha256": base64.b64decode(digest).hex()}
        return without_empty(found)

    def update(self, resource: ResourceData) -> Task[None]:
        """Do nothing: every property is immutable."""
        yield from ()

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the version; functions that use it keep it."""
        api, (layer, version) = self._clients("lambda"), _split(resource.id)
        delete = lambda: none_if_missing(  # noqa: E731
            lambda: api.delete_layer_version(LayerName=layer, VersionNumber=version)
        )
        yield from retry_while(delete, CHANGING, "waiting for Lambda")

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for a newest version with the same content; publishing makes another next to it."""
        api, name = self._clients("lambda"), str(reveal(resource.inputs["LayerName"]))
        listed = none_if_missing(lambda: api.list_layer_versions(LayerName=name)["LayerVersions"]) or []
        if not listed:
            return None
        newest = str(max(listed, key=lambda item: item["Version"])["LayerVersionArn"])
        there, wanted = (
            self.read(resource.at(newest)) or {},
            without_empty(pick(reveal(resource.inputs), (*_SETTINGS, "Content"))),
        )
        alike = all(there.get(key) == value for key, value in wanted.items())
        return Existing(newest, collides=False) if alike else None

    def _content(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        given = inputs["Content"]
        ours = given.get("ArtifactSha256")
        return package(str(ours), self._artifacts) if ours else dict(given)


class LayerVersionPermissionHandler(AwsHandler):
    """Permission to use a layer version. Ref is `<layer version>#<statement>`; the statement id is derived."""

    type = "AWS::Lambda::LayerVersionPermission"
    settable = frozenset({*_GRANT, "LayerVersionArn"})
    overwrites = True

    def create(self, resource: ResourceData) -> Task[str]:
        """Add the statement, unless it exists."""
        inputs, api = reveal(resource.inputs), self._clients("lambda")
        physical_id = _statement(inputs)
        if self.read(resource.at(physical_id)) is None:
            layer, version = _split(str(inputs["LayerVersionArn"]))
            arguments = {"LayerName": layer, "VersionNumber": version, **without_empty(pick(inputs, _GRANT))}
            statement = physical_id.rpartition("#")[2]
            allow = lambda: api.add_layer_version_permission(StatementId=statement, **arguments)  # noqa: E731
            yield from retry_while(allow, CHANGING, "waiting for Lambda")
        yield Identified(physical_id)
        return physical_id

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the statement, or None; also when the layer version is gone."""
        arn, _, statement = resource.id.rpartition("#")
        api, (layer, version) = self._clients("lambda"), _split(arn)
        answer = none_if_missing(lambda: api.get_layer_version_policy(LayerName=layer, VersionNumber=version))
        policy = from_json((answer or {}).get("Policy")) or {}
        if any(item.get("Sid") == statement for item in policy.get("Statement") or ()):
            return without_empty(pick(reveal(resource.inputs), ("LayerVersionArn", *_GRANT)))
        return None

    def update(self, resource: ResourceData) -> Task[None]:
        """Do nothing: every property is immutable."""
        yield from ()

    def delete(self, resource: ResourceData) -> Task[None]:
        """Remove the statement."""
        arn, _, statement = resource.id.rpartition("#")
        api, (layer, version) = self._clients("lambda"), _split(arn)
        deny = lambda: none_if_missing(  # noqa: E731
            lambda: api.remove_layer_version_permission(LayerName=layer, VersionNumber=version, StatementId=statement)
        )
        yield from retry_while(deny, CHANGING, "waiting for Lambda")

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the statement with the derived id."""
        physical_id = _statement(reveal(resource.inputs))
        return None if self.read(resource.at(physical_id)) is None else Existing(physical_id)


def _split(arn: str) -> tuple[str, int]:
    """Split a layer version's ARN into the layer's name and the version."""
    name, version = arn.split(":")[-2:]
    return name, int(version)


def _statement(inputs: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(repr([inputs.get(name) for name in _GRANT]).encode()).hexdigest()[:16]
    return f"{inputs['LayerVersionArn']}#stateroom-{digest}"
