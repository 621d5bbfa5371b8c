"""Compile `stepFunctions:` to state machines, activities and their dependent resources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from stateroom.config.asl import check_definition
from stateroom.config.compilation import Compilation, as_list
from stateroom.config.document.intrinsics import scalar_text
from stateroom.config.function import Function
from stateroom.config.naming import normalised
from stateroom.config.stepfunctions import keys
from stateroom.config.stepfunctions.alarms import compile_alarms
from stateroom.config.stepfunctions.definition import definition_text, with_local_functions
from stateroom.config.stepfunctions.events.events import compile_machine_events
from stateroom.config.stepfunctions.machine import Machine, read_machines
from stateroom.config.stepfunctions.notifications import compile_notifications
from stateroom.config.stepfunctions.permissions.role import compile_role
from stateroom.errors import ConfigError
from stateroom.model.values import Value

_LOG_GROUP: Final = re.compile(r"arn:[^:]+:logs:[^:]*:[^:]*:log-group:[^:]+")


def compile_state_machines(build: Compilation, functions: Mapping[str, Function]) -> None:
    """Add every state machine and activity. Raises ConfigError."""
    build.service.check(keys.STEP_FUNCTIONS, (), "stepFunctions")
    machines = read_machines(build)
    for machine in machines:
        for warning in check_definition(build.service, machine.definition, (*machine.path, "definition")):
            build.warn(warning)
        if not machine.config.get("role"):
            compile_role(build, machine, functions)
        _compile(build, machine, functions)
    _activities(build)
    for machine in machines:
        compile_alarms(build, machine)
    compile_notifications(build, machines, functions)
    compile_machine_events(build, machines, functions)


def _compile(build: Compilation, machine: Machine, functions: Mapping[str, Function]) -> None:
    config = machine.config
    given = with_local_functions(config.get("role"), functions)
    properties = {
        "DefinitionString": definition_text(build, machine, functions),
        "RoleArn": given or {"Fn::GetAtt": [machine.role_id, "Arn"]},
        "StateMachineName": machine.name,
        "StateMachineType": config.get("type"),
        "Tags": _tags(build, machine) or None,
        "TracingConfiguration": _tracing(config.get("tracingConfig")),
        "LoggingConfiguration": _logging(config.get("loggingConfig")),
        "EncryptionConfiguration": _encryption(config.get("encryptionConfig")),
    }
    own = () if given else (machine.role_id,)
    build.add(
        machine.logical_id,
        "AWS::StepFunctions::StateMachine",
        properties,
        machine.path,
        depends_on=(*own, *as_list(config.get("dependsOn"))),
        retain=bool(config.get("retain")),
    )
    if not build.service.lookup("stepFunctions", "noOutput"):
        build.add_output(_output_id(machine), machine.arn, "Current StateMachine Arn")


def _output_id(machine: Machine) -> str:
    return f"{machine.logical_id}Arn"


def _tags(build: Compilation, machine: Machine) -> list[dict[str, Value]]:
    service = build.service
    inherited = service.mapping("provider", "tags") if machine.config.get("inheritGlobalTags") is not False else {}
    tags = {**inherited, **service.mapping(*machine.path, "tags")}
    return [{"Key": key, "Value": _tag(build, machine, key, value)} for key, value in sorted(tags.items())]


def _tag(build: Compilation, machine: Machine, key: str, value: Value) -> Value:
    if isinstance(value, Mapping):
        return value
    try:
        return "" if value is None else scalar_text(key, value)
    except ConfigError:
        raise build.service.error("a tag is a text", *machine.path, "tags", key, todo="write a text") from None


def _tracing(config: Value) -> Value:
    return {"Enabled": config.get("enabled") or False} if isinstance(config, dict) else None


def _logging(config: Value) -> Value:
    if not isinstance(config, dict):
        return None
    groups = [{"CloudWatchLogsLogGroup": {"LogGroupArn": _group(arn)}} for arn in config.get("destinations") or ()]
    return {
        "Level": config.get("level") or "OFF",
        "IncludeExecutionData": config.get("includeExecutionData") or False,
        **({"Destinations": groups} if groups else {}),
    }


def _group(arn: Value) -> Value:
    """Append `:*` to a log group's ARN, as the Step Functions API requires."""
    return f"{arn}:*" if isinstance(arn, str) and _LOG_GROUP.fullmatch(arn) else arn


def _encryption(config: Value) -> Value:
    if not isinstance(config, dict):
        return None
    key = config.get("KmsKeyId")
    return {
        "KmsDataKeyReusePeriodSeconds": int(config.get("KmsDataKeyReusePeriodSeconds") or 900),
        "Type": config.get("Type") or "AWS_OWNED_KEY",
        **({"KmsKeyId": {"Fn::Sub": key} if isinstance(key, str) else key} if key else {}),
    }


def _activities(build: Compilation) -> None:
    for index, name in enumerate(as_list(build.service.lookup("stepFunctions", "activities"))):
        logical_id = f"{normalised(name)}StepFunctionsActivity"
        build.add(logical_id, "AWS::StepFunctions::Activity", {"Name": name}, ("stepFunctions", "activities", index))
        build.add_output(f"{logical_id}Arn", {"Ref": logical_id}, "Current StateMachine Arn")
