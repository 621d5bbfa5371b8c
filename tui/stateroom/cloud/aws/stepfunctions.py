"""Handler of AWS::StepFunctions::StateMachine.

The API spells CloudFormation's nested keys with a small first letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import Form
from stateroom.cloud.aws.declared.handler import DeclaredHandler
from stateroom.cloud.aws.declared.setting import Setting, settings_of
from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.aws.shapes import from_json, lower_first, to_json, upper_first, without_empty
from stateroom.cloud.aws.stepfunctions_activity import STATES_TAGS, ActivityHandler
from stateroom.cloud.aws.stepfunctions_versions import MachineAliasHandler, MachineVersionHandler
from stateroom.cloud.provider import ResourceData
from stateroom.errors import CloudError
from stateroom.model.problems.problem import Problem
from stateroom.model.values import Properties, Value

# A role that was just made, or a policy on it, takes a while to be known to Step Functions.
_ROLE_UNKNOWN: Final = (
    "authorized to assume the provided role",
    "not authorized to create managed-rule",
    "log destination",
)
_UNSETTLED: Final[Mapping[str, Sequence[str]]] = {
    "AccessDeniedException": _ROLE_UNKNOWN,
    "InvalidArn": _ROLE_UNKNOWN,
    "InvalidDefinition": _ROLE_UNKNOWN,
    "InvalidLoggingConfiguration": ("log destination",),
    "ConflictException": (),
}
_CONFIGURATION: Final = Form(lower_first, lambda value: without_empty(upper_first(value)))


class StateMachineHandler(DeclaredHandler):
    """State machine. Ref is its ARN."""

    type = "AWS::StepFunctions::StateMachine"
    service = "stepfunctions"
    camel = True
    ref = "arn:{partition}:states:{region}:{account}:stateMachine:{StateMachineName}"
    address = {"stateMachineArn": "{id}"}
    looks_first = True  # CreateStateMachine answers with a machine that exists if it is defined alike
    creating = ApiCall(
        "create_state_machine",
        retry={**_UNSETTLED, "StateMachineDeleting": ()},
        reason="waiting for Step Functions: for the role to be known, or the name to be free",
    )
    reading = ApiCall("describe_state_machine")
    updating = {
        "": ApiCall("update_state_machine", retry=_UNSETTLED, reason="waiting for Step Functions to know the role")
    }
    deleting = ApiCall("delete_state_machine")
    leaving = {"status": frozenset({"DELETING"})}
    gone = ("waiting for the state machine's executions to end", 900)  # a standard machine is DELETING until then
    exists = ("StateMachineAlreadyExists",)
    settings = {
        **settings_of("Definition", "DefinitionString", "DefinitionSubstitutions", name="definition", unset={}),
        "EncryptionConfiguration": Setting(_CONFIGURATION, {"type": "AWS_OWNED_KEY"}),
        "LoggingConfiguration": Setting(
            _CONFIGURATION, {"level": "OFF", "includeExecutionData": False, "destinations": []}
        ),
        "RoleArn": Setting(),
        "StateMachineName": Setting(name="name"),
        "StateMachineType": Setting(name="type"),
        "TracingConfiguration": Setting(_CONFIGURATION, {"enabled": False}),
    }
    attributes = {"Arn": "{id}", "Name": "{answer[name]}"}
    tagging = STATES_TAGS

    def problems(self, inputs: Properties) -> Iterator[Problem]:
        """Refuse a machine without a definition of its own."""
        if not inputs.keys() & {"Definition", "DefinitionString", "DefinitionS3Location"}:
            yield Problem("the state machine has no definition", "write DefinitionString or Definition")

    def adjusted(self, call: ApiCall, resource: ResourceData, settings: dict[str, Any]) -> dict[str, Any]:
        """Build the definition of the properties that it is written in."""
        if call is self.creating or "definition" in settings:
            settings["definition"] = definition_text(resource.inputs)
        return settings

    def model(self, resource: ResourceData, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings, with the definition as object or text like the inputs."""
        found = super().model(resource, answer)
        written = {
            name: found.pop(name, None) for name in ("Definition", "DefinitionString", "DefinitionSubstitutions")
        }
        if "Definition" in resource.inputs:
            return {**found, "Definition": from_json(written["Definition"])}
        return {**found, "DefinitionString": written["DefinitionString"]}


def definition_text(inputs: Properties) -> str:
    """Return the definition text, with `${name}` of DefinitionSubstitutions replaced.

    Raises CloudError for a definition that lies in S3, which CloudFormation alone would fetch.
    """
    value: Value = inputs.get("DefinitionString") or inputs.get("Definition")
    if not value:
        raise CloudError(
            f"state machine {inputs.get('StateMachineName', '')} has no definition",
            why="neither DefinitionString nor Definition is set; DefinitionS3Location is not supported",
            todo="write the definition into the config, or have it included from a file",
        )
    text = to_json(value)
    for name, substitute in (inputs.get("DefinitionSubstitutions") or {}).items():
        # As CloudFormation does it: plain text in plain text, escaped because it lands inside a JSON string.
        escaped = to_json([substitute if isinstance(substitute, str) else to_json(substitute)])[2:-2]
        text = re.sub(r"\$\{" + re.escape(name) + r"\}", lambda _, escaped=escaped: escaped, text)  # type: ignore[misc]
    return text


HANDLERS: tuple[HandlerFactory, ...] = (
    StateMachineHandler,
    ActivityHandler,
    MachineVersionHandler,
    MachineAliasHandler,
)
