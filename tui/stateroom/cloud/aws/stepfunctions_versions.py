"""Handlers of versions and aliases of state machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import CAMEL
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting
from stateroom.cloud.aws.stepfunctions_shifting import WHOLE, Routes, Shift
from stateroom.cloud.provider import ResourceData, Task
from stateroom.model.ownership import Existing
from stateroom.model.problems.problem import Problem
from stateroom.model.resource import Live
from stateroom.model.values import Properties, reveal

_PREFERENCE: Final = "DeploymentPreference"
_ROUTING: Final = "RoutingConfiguration"
_VERSION: Final = "StateMachineVersionArn"
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
    """Alias of versions of a state machine. Ref is its ARN.

    With a DeploymentPreference the alias is shifted from version to version; its reading has the preference's version.
    """

    type = "AWS::StepFunctions::StateMachineAlias"
    reader_version = 2
    service = "stepfunctions"
    camel = True
    settable = frozenset({"DeploymentPreference", "Description", "Name", "RoutingConfiguration", "StateMachineArn"})
    ref = "{stateMachineAliasArn}"
    address = {"stateMachineAliasArn": "{id}"}
    creating = ApiCall("create_state_machine_alias", {"name": "{Name}"})
    reading = ApiCall("describe_state_machine_alias")
    updating = {"": ApiCall("update_state_machine_alias", whole=True, retry=_BUSY)}
    deleting = ApiCall("delete_state_machine_alias", retry=_BUSY)
    settings = {"Description": Setting(unset=""), "RoutingConfiguration": Setting(CAMEL)}
    attributes = {"Arn": "{id}", "Name": "{answer[name]}", "StateMachineArn": "{before}"}

    def problems(self, inputs: Properties) -> Iterator[Problem]:
        """Refuse an alias that would route to nothing, or in two ways."""
        if len(inputs.keys() & {_PREFERENCE, _ROUTING}) != 1:
            yield Problem(f"an alias has either {_ROUTING} or {_PREFERENCE}", "write one of the two")

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Let a new alias begin with its preference's version."""
        preference = resource.inputs.get(_PREFERENCE)
        if call is self.creating and preference:
            return {"routingConfiguration": _routing({preference[_VERSION]: WHOLE}), **settings}
        return settings

    def update(self, resource: ResourceData) -> Task[Live | None]:
        """Write what changed, then shift."""
        yield from super().update(resource)
        preference = reveal(resource.inputs).get(_PREFERENCE)
        if preference and _PREFERENCE in resource.changed:
            answer, name = self.answer(resource) or {}, resource.id.rpartition(":")[2]
            yield from Shift(name, preference, partial(_route, self, resource), self._alarming).run(_routes(answer))
        return None

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the routing, or the preference with the version that has most of the executions."""
        found, preference = super().model(resource, answer), resource.inputs.get(_PREFERENCE)
        routes = _routes(answer)
        if preference and routes:
            del found[_ROUTING]
            found[_PREFERENCE] = {**preference, _VERSION: max(routes, key=routes.__getitem__)}
        return found

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the alias of that name, of the machine that its versions are of."""
        inputs = reveal(resource.inputs)
        version = inputs.get(_PREFERENCE) or inputs[_ROUTING][0]
        there = resource.at(f"{str(version[_VERSION]).rpartition(':')[0]}:{inputs['Name']}")
        return Existing(there.id) if self.answer(there) is not None else None

    def _alarming(self, names: Sequence[str]) -> list[str]:
        answer = self._clients("cloudwatch").describe_alarms(
            AlarmNames=list(names), AlarmTypes=["MetricAlarm", "CompositeAlarm"], StateValue="ALARM"
        )
        both = (*(answer.get("MetricAlarms") or ()), *(answer.get("CompositeAlarms") or ()))
        return [str(item["AlarmName"]) for item in both]


def _route(table: DeclaredHandler, resource: ResourceData, routes: Routes) -> Task[None]:
    update = table.updating[""]
    yield from table.send(update, {**table.arguments(update, resource), "routingConfiguration": _routing(routes)})


def _routing(routes: Routes) -> list[dict[str, Any]]:
    return [{"stateMachineVersionArn": version, "weight": share} for version, share in routes.items()]


def _routes(answer: Mapping[str, Any]) -> dict[str, int]:
    return {item["stateMachineVersionArn"]: int(item["weight"]) for item in answer.get("routingConfiguration") or ()}
