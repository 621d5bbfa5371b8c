"""Handler of AWS::StepFunctions::StateMachine.

The API spells CloudFormation's nested keys with a small first letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from stateroom.cloud import tags
from stateroom.cloud.aws.calls import none_if_missing, retry_while, wait_until
from stateroom.cloud.aws.handler_base import AwsHandler, HandlerFactory
from stateroom.cloud.aws.shapes import from_json, lower_first, name_taken, to_json, upper_first, without_empty
from stateroom.cloud.aws.stepfunctions_activity import ActivityHandler
from stateroom.cloud.provider import Identified, ResourceData, Task
from stateroom.errors import CloudError
from stateroom.model.ownership import Existing
from stateroom.model.problems.error_response import error_code
from stateroom.model.problems.problem import Problem
from stateroom.model.values import Properties, Value, reveal

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
_DELETING: Final[Mapping[str, Sequence[str]]] = {"StateMachineDeleting": ()}
_DEFINITION: Final = frozenset({"Definition", "DefinitionString", "DefinitionSubstitutions"})

# Property → the API's argument, and what unsetting it means.
_CONFIGURATIONS: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "LoggingConfiguration": (
        "loggingConfiguration",
        {"level": "OFF", "includeExecutionData": False, "destinations": []},
    ),
    "TracingConfiguration": ("tracingConfiguration", {"enabled": False}),
    "EncryptionConfiguration": ("encryptionConfiguration", {"type": "AWS_OWNED_KEY"}),
}


class StateMachineHandler(AwsHandler):
    """State machine. Ref is its ARN."""

    type = "AWS::StepFunctions::StateMachine"
    settable = _DEFINITION | _CONFIGURATIONS.keys() | {"RoleArn", "StateMachineName", "StateMachineType", "Tags"}
    overwrites = True

    def problems(self, inputs: Properties) -> Iterator[Problem]:
        """Refuse a machine without a definition of its own."""
        if not inputs.keys() & {"Definition", "DefinitionString", "DefinitionS3Location"}:
            yield Problem("the state machine has no definition", "write DefinitionString or Definition")

    def create(self, resource: ResourceData) -> Task[str]:
        """Create the machine, waiting for the deletion of one of its name and for new roles."""
        inputs, api = reveal(resource.inputs), self._clients("stepfunctions")
        name = inputs["StateMachineName"]
        arguments: dict[str, Any] = {
            "name": name,
            "definition": definition_text(inputs),
            "roleArn": inputs["RoleArn"],
            "tags": _tag_list(tags.wanted(inputs, resource.owner)),
        }
        if inputs.get("StateMachineType"):
            arguments["type"] = inputs["StateMachineType"]
        for key, (argument, _) in _CONFIGURATIONS.items():
            if inputs.get(key):
                arguments[argument] = lower_first(inputs[key])
        try:
            answer = yield from retry_while(
                lambda: api.create_state_machine(**arguments),
                {**_UNSETTLED, **_DELETING},
                "waiting for Step Functions: for the role to be known, or the name to be free",
            )
        except Exception as error:
            if error_code(error) != "StateMachineAlreadyExists":
                raise
            arn = tags.ours(self.locate(resource), resource.owner)
            if arn is None:
                raise name_taken("state machine", name, error_code(error), "CreateStateMachine") from error
            yield Identified(arn)
            yield from self.update(resource.whole(arn))
            return arn
        arn = str(answer["stateMachineArn"])
        if _was_there(answer) and not tags.owned_by(self._tags(arn), resource.owner):
            raise name_taken("state machine", name, "StateMachineAlreadyExists", "CreateStateMachine")
        yield Identified(arn)
        return arn

    def read(self, resource: ResourceData) -> Properties | None:
        """Return the machine, or None, with the definition as object or text like the inputs."""
        api = self._clients("stepfunctions")
        machine = none_if_missing(lambda: api.describe_state_machine(stateMachineArn=resource.id))
        if machine is None or machine.get("status") == "DELETING":
            return None
        current_tags = none_if_missing(lambda: self._tags(resource.id))
        as_object = "Definition" in resource.inputs
        configurations = {key: upper_first(machine.get(argument)) for key, (argument, _) in _CONFIGURATIONS.items()}
        return without_empty(
            {
                "StateMachineName": machine["name"],
                "StateMachineType": machine.get("type"),
                "Definition": from_json(machine["definition"]) if as_object else None,
                "DefinitionString": None if as_object else machine["definition"],
                "RoleArn": machine["roleArn"],
                **{key: _without_empty(value) for key, value in configurations.items()},
                "Tags": tags.as_list(tags.user_tags(current_tags or {})),
                "Arn": resource.id,
                "Name": machine["name"],
            }
        )

    def update(self, resource: ResourceData) -> Task[None]:
        """Update everything that changed in one call, then the tags."""
        inputs, api = reveal(resource.inputs), self._clients("stepfunctions")
        arguments: dict[str, Any] = {}
        if resource.changed & _DEFINITION:
            arguments["definition"] = definition_text(inputs)
        if "RoleArn" in resource.changed:
            arguments["roleArn"] = inputs["RoleArn"]
        for key, (argument, default) in _CONFIGURATIONS.items():
            if key in resource.changed:
                arguments[argument] = lower_first(inputs[key]) if inputs.get(key) else default
        if arguments:
            call = lambda: api.update_state_machine(stateMachineArn=resource.id, **arguments)  # noqa: E731
            yield from retry_while(call, _UNSETTLED, "waiting for Step Functions to know the role")
        if "Tags" in resource.changed:
            self._write_tags(resource.id, tags.wanted(inputs, resource.owner))

    def delete(self, resource: ResourceData) -> Task[None]:
        """Delete and wait until gone: a standard machine is DELETING until its executions have ended."""
        api = self._clients("stepfunctions")
        none_if_missing(lambda: api.delete_state_machine(stateMachineArn=resource.id))
        describe = lambda: api.describe_state_machine(stateMachineArn=resource.id)  # noqa: E731
        yield from wait_until(
            lambda: none_if_missing(describe) is None, "waiting for the state machine's executions to end", deadline=900
        )

    def locate(self, resource: ResourceData) -> Existing | None:
        """Look for the machine of that name."""
        here, name = self._clients.identity(), reveal(resource.inputs["StateMachineName"])
        arn = f"arn:{here.partition}:states:{here.region}:{here.account}:stateMachine:{name}"
        describe = self._clients("stepfunctions").describe_state_machine
        machine = none_if_missing(lambda: describe(stateMachineArn=arn))
        if machine is None or machine.get("status") == "DELETING":
            return None
        current_tags = none_if_missing(lambda: self._tags(arn))
        return None if current_tags is None else Existing(arn, current_tags)

    def _tags(self, arn: str) -> dict[str, str]:
        return tags.from_list(self._clients("stepfunctions").list_tags_for_resource(resourceArn=arn).get("tags"))

    def _write_tags(self, arn: str, wanted: Mapping[str, str]) -> None:
        api = self._clients("stepfunctions")
        to_set, to_remove = tags.difference(self._tags(arn), wanted)
        if to_set:
            api.tag_resource(resourceArn=arn, tags=_tag_list(to_set))
        if to_remove:
            api.untag_resource(resourceArn=arn, tagKeys=list(to_remove))


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


def _was_there(answer: Mapping[str, Any]) -> bool:
    """Tell by AWS's timestamps whether CreateStateMachine returned an existing machine."""
    said = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    made: datetime = answer["creationDate"]
    return bool(said) and parsedate_to_datetime(said) - made > timedelta(seconds=30)


def _without_empty(value: Value) -> Value:
    return without_empty(value) if isinstance(value, Mapping) else value


def _tag_list(current_tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": current_tags[key]} for key in sorted(current_tags)]


HANDLERS: tuple[HandlerFactory, ...] = (StateMachineHandler, ActivityHandler)
