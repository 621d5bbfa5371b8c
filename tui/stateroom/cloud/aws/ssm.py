"""Handler of AWS::SSM::Parameter. Unlike CloudFormation it makes SecureStrings, too; their values are Secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import TEXT
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting
from stateroom.cloud.aws.declared.tagging import Tagging
from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.aws.shapes import from_json
from stateroom.cloud.provider import ResourceData
from stateroom.model.problems.problem import Problem
from stateroom.model.values import Properties, Secret, is_unknown

_TYPES: Final = ("String", "StringList", "SecureString")
# Told by DescribeParameters alone, whose budget is small: asked only for configs that set one of them.
_DESCRIBED: Final = frozenset({"AllowedPattern", "Description", "Policies", "Tier"})
_NO_POLICIES: Final = "[{}]"  # takes all policies away; leaving them out keeps them (API reference, PutParameter)


class ParameterHandler(DeclaredHandler):
    """Parameter. Ref is its name."""

    type = "AWS::SSM::Parameter"
    service = "ssm"
    ref = "{Name}"
    address = {"Name": "{id}"}
    creating = ApiCall("put_parameter", {"Name": "{Name}"})
    reading = ApiCall("get_parameter", {"WithDecryption": True}, answer="Parameter")
    updating = {"": ApiCall("put_parameter", {"Overwrite": True}, whole=True)}
    deleting = ApiCall("delete_parameter")
    missing = ("InvalidResourceId",)
    exists = ("ParameterAlreadyExists",)
    tagging = Tagging(
        "add_tags_to_resource",
        "remove_tags_from_resource",
        ApiCall("list_tags_for_resource", answer="TagList"),
        address={"ResourceType": "Parameter", "ResourceId": "{id}"},
        style="list",
        as_map=True,
    )
    settings = {
        "AllowedPattern": Setting(unset=""),
        "DataType": Setting(),
        "Description": Setting(unset=""),
        "Policies": Setting(TEXT, _NO_POLICIES),
        "Tier": Setting(),
        "Type": Setting(),
        "Value": Setting(TEXT),
    }
    attributes = {"Name": "{id}", "Arn": "{answer[ARN]}"}

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Take policies away only when they went out of the config: most parameters cannot have any."""
        if settings.get("Policies") == _NO_POLICIES and "Policies" not in resource.changed:
            del settings["Policies"]
        return settings

    def answer(self, resource: ResourceData, *, even_leaving: bool = False) -> Any:
        """Return the parameter, with its description where the config sets what only that tells."""
        found = super().answer(resource, even_leaving=even_leaving)
        if found is None or not _DESCRIBED & resource.inputs.keys():
            return found
        named = [{"Key": "Name", "Option": "Equals", "Values": [resource.id]}]
        described = self._clients("ssm").describe_parameters(ParameterFilters=named)["Parameters"]
        return {**(described[0] if described else {}), **found}

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings; the value of a SecureString as a Secret, policies as the list that was asked for."""
        found = super().model(resource, {**answer, "Policies": None})
        if answer.get("Policies"):
            found["Policies"] = [from_json(item.get("PolicyText")) for item in answer["Policies"]]
        return {**found, "Value": Secret(answer["Value"])} if answer["Type"] == "SecureString" else found

    def problems(self, inputs: Properties) -> Iterator[Problem]:
        """Refuse a type that there is not."""
        kind = inputs.get("Type")
        if isinstance(kind, str) and not is_unknown(kind) and kind not in _TYPES:
            yield Problem(f"Type cannot be {kind}", f"write one of {', '.join(_TYPES)}", ("Type",))


HANDLERS: tuple[HandlerFactory, ...] = (ParameterHandler,)
