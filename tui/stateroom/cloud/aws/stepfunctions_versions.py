"""Handlers of versions and aliases of state machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import CAMEL
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting
from stateroom.cloud.provider import ResourceData
from stateroom.model.ownership import Existing
from stateroom.model.values import reveal

_BUSY: Final = {"ConflictException": ("alias", "version", "concurrent")}


class MachineVersionHandler(DeclaredHandler):
    """Version of a state machine, published of the revision that there is. Ref is its ARN."""

    type = "AWS::StepFunctions::StateMachineVersion"
    service = "stepfunctions"
    camel = True
    overwrites = True  # publishing a revision again answers with the version that there is
    ref = "{stateMachineVersionArn}"
    address = {"stateMachineVersionArn": "{id}"}
    creating = ApiCall(
        "publish_state_machine_version", {"stateMachineArn": "{StateMachineArn}"}, retry={"ConflictException": ()}
    )
    reading = ApiCall("describe_state_machine", {"stateMachineArn": "{id}"}, addressed=False)
    deleting = ApiCall("delete_state_machine_version", retry=_BUSY, reason="waiting until no alias uses the version")
    settings = {"Description": Setting(), "StateMachineRevisionId": Setting(name="revisionId")}
    attributes = {"Arn": "{id}"}

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return what was published, and of which machine."""
        return {**super().model(resource, answer), "StateMachineArn": resource.id.rpartition(":")[0]}

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the version of the revision that would be published."""
        machine = {"stateMachineArn": str(reveal(resource.inputs["StateMachineArn"]))}
        current = self.ask(ApiCall("describe_state_machine", machine), resource, {}) or {}
        listed = self.ask(ApiCall("list_state_machine_versions", {**machine, "maxResults": 1}), resource, {}) or {}
        for item in listed.get("stateMachineVersions") or ():
            there = resource.at(item["stateMachineVersionArn"])
            revision = (self.answer(there) or {}).get("revisionId")
            if revision and revision == current.get("revisionId"):
                return Existing(there.id)
        return None


class MachineAliasHandler(DeclaredHandler):
    """Alias of versions of a state machine. Ref is its ARN."""

    type = "AWS::StepFunctions::StateMachineAlias"
    service = "stepfunctions"
    camel = True
    ref = "{stateMachineAliasArn}"
    address = {"stateMachineAliasArn": "{id}"}
    creating = ApiCall("create_state_machine_alias", {"name": "{Name}"})
    reading = ApiCall("describe_state_machine_alias")
    updating = {"": ApiCall("update_state_machine_alias", whole=True, retry=_BUSY)}
    deleting = ApiCall("delete_state_machine_alias", retry=_BUSY)
    settings = {"Description": Setting(unset=""), "RoutingConfiguration": Setting(CAMEL)}
    attributes = {"Arn": "{id}", "Name": "{answer[name]}"}

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the alias of that name, of the machine that its versions are of."""
        inputs = reveal(resource.inputs)
        machine = str(inputs["RoutingConfiguration"][0]["StateMachineVersionArn"]).rpartition(":")[0]
        there = resource.at(f"{machine}:{inputs['Name']}")
        return Existing(there.id) if self.answer(there) is not None else None
