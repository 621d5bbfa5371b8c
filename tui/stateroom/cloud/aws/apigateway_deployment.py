"""Handler of AWS::ApiGateway::Deployment: a snapshot of the API, which a stage serves.

CloudFormation lets a deployment name and describe its stage (`StageName`, `StageDescription`), and the Serverless
Framework has no other stages. So this handler creates, updates and deletes stages as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stateroom.cloud import tags
from stateroom.cloud.aws.apigateway_calls import list_items, retry_conflicts
from stateroom.cloud.aws.apigateway_stage import Stages, stage_description
from stateroom.cloud.aws.calls import is_missing, none_if_missing
from stateroom.cloud.aws.handler_base import AwsHandler
from stateroom.cloud.aws.shapes import without_empty
from stateroom.cloud.provider import Identified, Owner, ResourceData, Task
from stateroom.errors import CloudError
from stateroom.model.ownership import Existing
from stateroom.model.values import Properties, reveal


class DeploymentHandler(AwsHandler):
    """Deployment with the stage that serves it. Ref is the deployment's id.

    Services that share an API by its id share the stage as well: each turns it to its own picture, as the config asks,
    but only the service that made the stage writes its settings and tags, and deletes it.

    Deployments have no tags, so one without a description gets one that names its owner.
    """

    type = "AWS::ApiGateway::Deployment"
    settable = frozenset({"Description", "RestApiId", "StageDescription", "StageName"})
    unsettable = frozenset({"StageDescription.CanarySetting"})

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the deployment, and create its stage or point it here."""
        inputs, client = reveal(resource.inputs), self._clients("apigateway")
        if inputs.get("DeploymentCanarySettings"):
            raise CloudError(
                "AWS::ApiGateway::Deployment: DeploymentCanarySettings is not supported",
                why="a canary is a state of the stage between two deployments",
                todo="leave it out, and shift traffic with an alias of the function",
            )
        api, name = str(inputs["RestApiId"]), str(inputs.get("StageName") or "")
        ours = bool(name) and self._stages.is_of_state(api, name, resource.owner)
        arguments = {"restApiId": api, "description": inputs.get("Description") or _mark(resource.owner)}
        answer = yield from retry_conflicts(
            lambda: client.create_deployment(**arguments, **without_empty({"stageName": name if ours else ""}))
        )
        yield Identified(str(answer["id"]))
        if ours:
            yield from self._stages.write(api, name, inputs.get("StageDescription") or {}, {}, resource.owner)
        elif name:
            yield from self._stages.turn(api, name, str(answer["id"]))
        return str(answer["id"])

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the deployment, or None; with a stage only if that serves this deployment, or another service's.

        Services that share an API turn its stage in turn. That one of them was deployed later is nobody's change.
        """
        inputs, client = reveal(resource.inputs), self._clients("apigateway")
        api, name = str(inputs["RestApiId"]), str(inputs.get("StageName") or "")
        answer = none_if_missing(lambda: client.get_deployment(restApiId=api, deploymentId=resource.id))
        if answer is None:
            return None
        model: dict[str, Any] = {"RestApiId": api, "DeploymentId": resource.id}
        if inputs.get("Description"):
            model["Description"] = answer.get("description")
        stage = self._stages.answer(api, name) if name else None
        if stage is not None and self._serves(stage, api, resource.id, answer):
            described = stage_description(stage, inputs.get("StageDescription") or {})
            model |= {"StageName": name, "StageDescription": described}
        return without_empty(model)

    def update(self, resource: ResourceData) -> Task[None]:
        """Update description and stage. A stage that was pointed elsewhere is pointed here again."""
        inputs, client = reveal(resource.inputs), self._clients("apigateway")
        api, name = str(inputs["RestApiId"]), str(inputs.get("StageName") or "")
        if "Description" in resource.changed:
            text = inputs.get("Description") or _mark(resource.owner)
            operation = {"op": "replace", "path": "/description", "value": str(text)}
            yield from retry_conflicts(
                lambda: client.update_deployment(restApiId=api, deploymentId=resource.id, patchOperations=[operation])
            )
        if name and resource.changed & {"StageName", "StageDescription"}:
            if self._stages.answer(api, name) is None:
                yield from retry_conflicts(
                    lambda: client.create_stage(restApiId=api, stageName=name, deploymentId=resource.id)
                )
            before, wanted = (
                reveal(resource.previous).get("StageDescription") or {},
                inputs.get("StageDescription") or {},
            )
            if not self._stages.is_of_state(api, name, resource.owner):
                yield from self._stages.turn(api, name, resource.id)
                return
            yield from self._stages.write(api, name, wanted, before, resource.owner, deployment=resource.id)

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete the deployment; first its stage, unless that serves another one by now.

        A stage that another service made keeps its picture: AWS deletes none that is served.
        """
        inputs, client = reveal(resource.inputs), self._clients("apigateway")
        api, name = str(inputs["RestApiId"]), str(inputs.get("StageName") or "")
        stage = self._stages.answer(api, name) if name else None
        if stage is not None and stage.get("deploymentId") == resource.id:
            if self._is_anothers(api, resource.id, stage):
                return
            yield from self._stages.delete(api, name)
        yield from retry_conflicts(
            lambda: none_if_missing(lambda: client.delete_deployment(restApiId=api, deploymentId=resource.id))
        )

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the deployment whose description names the owner; another one next to it does no harm."""
        inputs, client = reveal(resource.inputs), self._clients("apigateway")
        if inputs.get("Description"):
            return None  # two pictures may have the same words; a second one does no harm
        try:
            listed = list(list_items(client, "get_deployments", restApiId=str(inputs["RestApiId"])))
        except Exception as error:
            if is_missing(error):
                return None
            raise
        found = (str(item["id"]) for item in listed if item.get("description") == _mark(resource.owner))
        return next((Existing(name, collides=False) for name in found), None)

    def _serves(self, stage: Mapping[str, Any], api: str, id_: str, deployment: Mapping[str, Any]) -> bool:
        """Whether a stage serves a deployment, or that of another service which shares the API."""
        served = str(stage.get("deploymentId") or "")
        if served == id_ or not served:
            return served == id_
        other = none_if_missing(lambda: self._clients("apigateway").get_deployment(restApiId=api, deploymentId=served))
        theirs, own = _marked(other or {}), _marked(deployment)
        return bool(theirs) and theirs != own

    def _is_anothers(self, api: str, deployment: str, stage: Mapping[str, Any]) -> bool:
        """Whether a stage's tags name another service than the mark of the deployment that it serves."""
        bearing = self._stages.owner_tags(api, stage)
        answer = none_if_missing(
            lambda: self._clients("apigateway").get_deployment(restApiId=api, deploymentId=deployment)
        )
        mark = _marked(answer or {})
        return bool(mark) and tags.SERVICE in bearing and [bearing[tags.SERVICE], bearing.get(tags.STAGE)] != mark

    @property
    def _stages(self) -> Stages:
        return Stages(self._clients)


def _marked(deployment: Mapping[str, Any]) -> list[str]:
    """Return service and stage that a deployment's description names; [] when it has other words."""
    words = str(deployment.get("description") or "").split(" ")
    return words[:2] if len(words) == 3 else []


def _mark(owner: Owner) -> str:
    return f"{owner.service} {owner.stage} {owner.logical_id}"
