"""Handler of AWS::ApiGateway::Stage, and the stage calls that deployments use, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.apigateway_calls import as_text, patches, pointer_part, retry_conflicts, write_tags
from stateroom.cloud.aws.calls import Clients, none_if_missing
from stateroom.cloud.aws.handler_base import AwsHandler
from stateroom.cloud.aws.shapes import pick, without_empty
from stateroom.cloud.provider import Identified, Owner, ResourceData, Task
from stateroom.model.ownership import Existing
from stateroom.model.values import Properties, Value, reveal

# CloudFormation's name of a stage's property → the API's, and what unsetting means; None: take it away.
_SETTINGS: Final[Mapping[str, tuple[str, Value]]] = {
    "AccessLogSetting": ("accessLogSettings", None),
    "CacheClusterEnabled": ("cacheClusterEnabled", False),
    "CacheClusterSize": ("cacheClusterSize", None),
    "ClientCertificateId": ("clientCertificateId", None),
    "Description": ("description", ""),
    "DocumentationVersion": ("documentationVersion", None),
    "TracingEnabled": ("tracingEnabled", False),
    "Variables": ("variables", {}),
}
# A setting of methods → its name in a patch's path (API reference, UpdateStage).
_METHOD_SETTINGS: Final = {
    "CacheDataEncrypted": "caching/dataEncrypted",
    "CacheTtlInSeconds": "caching/ttlInSeconds",
    "CachingEnabled": "caching/enabled",
    "DataTraceEnabled": "logging/dataTrace",
    "LoggingLevel": "logging/loglevel",
    "MetricsEnabled": "metrics/enabled",
    "ThrottlingBurstLimit": "throttling/burstLimit",
    "ThrottlingRateLimit": "throttling/rateLimit",
}
_EVERY_METHOD: Final = ("/*", "*")


class Stages:
    """Reader and writer of stages."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def answer(self, api: str, name: str) -> dict[str, Any] | None:
        """Return the API's answer for a stage, or None."""
        return none_if_missing(lambda: self._clients("apigateway").get_stage(restApiId=api, stageName=name))

    def is_of_state(self, api: str, name: str, owner: Owner) -> bool:
        """Whether a stage is the owner's to write, or yet to be made."""
        there = self.answer(api, name)
        return there is None or tags.of_state(self.owner_tags(api, there), owner)

    def owner_tags(self, api: str, stage: Mapping[str, Any]) -> Mapping[str, str]:
        """Tags that tell a stage's owner; one without any goes with its API."""
        bearing: Mapping[str, str] = stage.get("tags") or {}
        if any(key.startswith(tags.NOT_THE_USERS) for key in bearing):
            return bearing
        answer = none_if_missing(lambda: self._clients("apigateway").get_rest_api(restApiId=api))
        return (answer or {}).get("tags") or {}

    def write(
        self, api: str, name: str, wanted: Properties, previous: Properties, owner: Owner, *, deployment: str = ""
    ) -> Task[None]:
        """Change a stage from `previous` to `wanted`; other settings stay."""
        there = self.answer(api, name) or {}
        operations = patches(there, _document(wanted, previous))
        operations += _method_patches(there, _by_method(wanted), _by_method(previous))
        if deployment and there.get("deploymentId") != deployment:
            operations.insert(0, {"op": "replace", "path": "/deploymentId", "value": deployment})
        client = self._clients("apigateway")
        if operations:
            yield from retry_conflicts(
                lambda: client.update_stage(restApiId=api, stageName=name, patchOperations=operations)
            )
        wanted_tags = tags.wanted(wanted, owner)
        if (there.get("tags") or {}) != wanted_tags:
            known = tags.known_keys(previous)
            write_tags(self._clients, f"/restapis/{api}/stages/{name}", there.get("tags") or {}, wanted_tags, known)

    def turn(self, api: str, name: str, deployment: str) -> Task[None]:
        """Let a stage serve a deployment, and leave all else of it."""
        operation = {"op": "replace", "path": "/deploymentId", "value": deployment}
        client = self._clients("apigateway")
        yield from retry_conflicts(
            lambda: client.update_stage(restApiId=api, stageName=name, patchOperations=[operation])
        )

    def delete(self, api: str, name: str) -> Task[None]:
        """Delete a stage; a missing one is a success."""
        client = self._clients("apigateway")
        yield from retry_conflicts(lambda: none_if_missing(lambda: client.delete_stage(restApiId=api, stageName=name)))


def stage_properties(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a stage's settings to CloudFormation's, method settings as a list."""
    model = {name: answer.get(spelled) for name, (spelled, _) in _SETTINGS.items()}
    log = answer.get("accessLogSettings") or {}
    methods = [
        {"ResourcePath": path, "HttpMethod": verb, **_method_settings(settings)}
        for (path, verb), settings in sorted(_methods(answer).items())
    ]
    return without_empty(
        {
            **model,
            "AccessLogSetting": without_empty(
                {"DestinationArn": log.get("destinationArn"), "Format": log.get("format")}
            ),
            "MethodSettings": methods,
            "Tags": tags.as_list(tags.user_tags(answer.get("tags") or {})),
        }
    )


def stage_description(answer: Mapping[str, Any], wanted: Properties) -> dict[str, Any]:
    """Convert a stage's settings to a deployment's `StageDescription`.

    That has two spellings for the settings of every method, at its top and in `MethodSettings`: the result uses the one
    that `wanted` uses.
    """
    described = stage_properties(answer)
    methods = described.pop("MethodSettings", [])
    if not any(_place(item) == _EVERY_METHOD for item in wanted.get("MethodSettings") or ()):
        for every in methods:
            if _place(every) == _EVERY_METHOD:
                described |= pick(every, _METHOD_SETTINGS)
        methods = [item for item in methods if _place(item) != _EVERY_METHOD]
    return without_empty({**described, "MethodSettings": methods})


class StageHandler(AwsHandler):
    """Stage as a resource of its own. Ref is its name."""

    type = "AWS::ApiGateway::Stage"
    settable = _SETTINGS.keys() | {"DeploymentId", "MethodSettings", "RestApiId", "StageName", "Tags"}
    overwrites = True

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the stage on its deployment, then write its settings."""
        inputs, client = reveal(resource.inputs), self._clients("apigateway")
        api, name = str(inputs["RestApiId"]), str(inputs["StageName"])
        arguments = {"restApiId": api, "stageName": name, "deploymentId": inputs.get("DeploymentId", "")}
        yield from retry_conflicts(lambda: client.create_stage(**arguments, tags=tags.wanted(inputs, resource.owner)))
        yield Identified(name)
        yield from self._stages.write(api, name, inputs, {}, resource.owner)
        return name

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the stage, or None."""
        api = str(reveal(resource.inputs["RestApiId"]))
        answer = self._stages.answer(api, resource.id)
        if answer is None:
            return None
        here = {"RestApiId": api, "StageName": resource.id, "DeploymentId": answer.get("deploymentId")}
        return without_empty({**stage_properties(answer), **here})

    def update(self, resource: ResourceData) -> Task[None]:
        """Patch the differences."""
        inputs = reveal(resource.inputs)
        yield from self._stages.write(
            str(inputs["RestApiId"]),
            resource.id,
            inputs,
            reveal(resource.previous),
            resource.owner,
            deployment=str(inputs.get("DeploymentId") or ""),
        )

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the stage."""
        yield from self._stages.delete(str(reveal(resource.inputs["RestApiId"])), resource.id)

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the stage of this name."""
        inputs = reveal(resource.inputs)
        answer = self._stages.answer(str(inputs["RestApiId"]), str(inputs["StageName"]))
        return None if answer is None else Existing(str(inputs["StageName"]), answer.get("tags") or {})

    @property
    def _stages(self) -> Stages:
        return Stages(self._clients)


def _document(wanted: Properties, previous: Properties) -> dict[str, Any]:
    """Return the stage's own settings in the API's spelling; settings of `previous` only are unset."""
    document: dict[str, Any] = {}
    for name, (spelled, unset) in _SETTINGS.items():
        if name in wanted:
            document[spelled] = wanted[name]
        elif name in previous:
            document[spelled] = unset
    log = document.get("accessLogSettings")
    if log:
        document["accessLogSettings"] = {name[:1].lower() + name[1:]: value for name, value in log.items()}
    return document


def _by_method(described: Properties) -> dict[tuple[str, str], dict[str, Value]]:
    """Return settings by (path, verb). Those at the top of a description apply to every method."""
    result: dict[tuple[str, str], dict[str, Value]] = {}
    for item in ({**pick(described, _METHOD_SETTINGS)}, *(described.get("MethodSettings") or ())):
        settings = pick(item, _METHOD_SETTINGS)
        if settings:
            result.setdefault(_place(item), {}).update(settings)
    return result


def _place(item: Mapping[str, Value]) -> tuple[str, str]:
    path = str(item.get("ResourcePath") or "/*").replace("~1", "/")
    return (path if path.startswith("/") else f"/{path}", str(item.get("HttpMethod") or "*"))


def _methods(answer: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the API's settings by (path, verb), from keys such as `*/*` and `~1orders/GET`."""
    result = {}
    for key, settings in (answer.get("methodSettings") or {}).items():
        path, _, verb = key.rpartition("/")
        result[_place({"ResourcePath": path, "HttpMethod": verb})] = settings
    return result


def _method_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    return without_empty({name: settings.get(name[:1].lower() + name[1:]) for name in _METHOD_SETTINGS})


def _method_patches(
    answer: Mapping[str, Any],
    wanted: Mapping[tuple[str, str], Mapping[str, Value]],
    previous: Mapping[tuple[str, str], Mapping[str, Value]],
) -> list[dict[str, str]]:
    there = _methods(answer)
    operations = []
    for path, verb in previous.keys() - wanted.keys():
        if (path, verb) in there:
            operations.append({"op": "remove", "path": f"/{_path(path)}/{verb}"})
    for (path, verb), settings in wanted.items():
        now = _method_settings(there.get((path, verb)) or {})
        operations += [
            {"op": "replace", "path": f"/{_path(path)}/{verb}/{_METHOD_SETTINGS[name]}", "value": as_text(value)}
            for name, value in settings.items()
            if as_text(now.get(name)) != as_text(value)
        ]
    return operations


def _path(path: str) -> str:
    return "*" if path == "/*" else pointer_part(path)
