"""`stepFunctions:` → state machines, their roles and schedules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from stateroom.config import keys
from stateroom.config.asl import check_definition
from stateroom.config.build import Build, listed, pairs
from stateroom.config.document import KeyPath
from stateroom.config.events.schedule import SCHEDULE, rule_properties, target_input
from stateroom.config.function import Function
from stateroom.config.iam import inline_policy
from stateroom.config.intrinsics import intrinsic
from stateroom.config.json_text import json_text, with_pseudo_parameters
from stateroom.config.naming import machine_id, normalised
from stateroom.config.resources import resource_names
from stateroom.config.stepfunctions_iam import statements_for
from stateroom.model.resource import Output
from stateroom.model.values import Value

_PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z0-9_-]+)(?:\.Arn)?\}")
_SCHEDULE_LATER: Final = frozenset({"role", "retryPolicy", "method", "timezone"})
_TRACING: Final = ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")
_LOGGING: Final = (
    "CreateLogDelivery",
    "GetLogDelivery",
    "UpdateLogDelivery",
    "DeleteLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "DescribeResourcePolicies",
    "DescribeLogGroups",
)


def compile_state_machines(build: Build, functions: Mapping[str, Function]) -> None:
    """Add every state machine with its role, output and schedules. Raises ConfigError."""
    service = build.service
    service.check(keys.STEP_FUNCTIONS, keys.STEP_FUNCTIONS_LATER, "stepFunctions")
    machines = service.mapping("stepFunctions", "stateMachines")
    for key in machines:
        path = ("stepFunctions", "stateMachines", key)
        service.check(keys.MACHINE, keys.MACHINE_LATER, *path)
        service.check(keys.TRACING, (), *path, "tracingConfig")
        service.check(keys.LOGGING, (), *path, "loggingConfig")
        _machine(build, functions, key, path)


def _machine(build: Build, functions: Mapping[str, Function], key: str, path: KeyPath) -> None:
    service = build.service
    config = service.mapping(*path)
    name = service.text(*path, "name")
    logical_id = machine_id(key, name, service.text(*path, "id"))
    raw = config.get("definition")
    if raw is None:
        todo = "write StartAt: and States: below definition:, or take them from ${file(machine.yml)}"
        raise service.error("no definition", *path, todo=todo)
    if config.get("role") and config.get("iamRoleStatements"):
        raise service.error("role and iamRoleStatements exclude each other", *path, todo="keep one of them")
    for warning in check_definition(service, raw, (*path, "definition")):
        build.warn(warning)
    definition = with_local_functions(raw, functions)
    known = resource_names(build) | build.resources.keys()
    role: Value = config.get("role")
    if role is None:
        _role(build, logical_id, definition, path)
        role = {"Fn::GetAtt": [f"{logical_id}Role", "Arn"]}
    inherited = service.mapping("provider", "tags") if config.get("inheritGlobalTags", True) else {}
    properties = {
        "DefinitionString": json_text(definition, indent=2, known=known),
        "RoleArn": role,
        "StateMachineName": name,
        "StateMachineType": config.get("type"),
        "Tags": pairs({**inherited, **service.mapping(*path, "tags")}) or None,
        "TracingConfiguration": _tracing(config.get("tracingConfig")),
        "LoggingConfiguration": _logging(config.get("loggingConfig")),
    }
    own = () if config.get("role") else (f"{logical_id}Role",)
    depends_on = (*own, *listed(config.get("dependsOn")))
    retain = bool(config.get("retain"))
    build.add(logical_id, "AWS::StepFunctions::StateMachine", properties, path, depends_on=depends_on, retain=retain)
    if not service.lookup("stepFunctions", "noOutput"):
        build.outputs[f"{logical_id}Arn"] = Output({"Ref": logical_id}, "Current StateMachine Arn")
    _events(build, key, logical_id, path)


def with_local_functions(value: Value, functions: Mapping[str, Function]) -> Value:
    """The definition with functions named by their keys: `Fn::GetAtt: [hello, Arn]`, `Ref: hello`, `${hello.Arn}`."""
    name = intrinsic(value)
    if name == "Ref" and value["Ref"] in functions:
        return functions[value["Ref"]].arn
    if name == "Fn::GetAtt":
        argument = value[name]
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if isinstance(parts, list) and len(parts) == 2 and isinstance(parts[0], str) and parts[0] in functions:
            return {"Fn::GetAtt": [functions[parts[0]].logical_id, parts[1]]}
        return value
    if isinstance(value, Mapping):
        return {key: with_local_functions(item, functions) for key, item in value.items()}
    if isinstance(value, list):
        return [with_local_functions(item, functions) for item in value]
    if isinstance(value, str) and "${" in value:
        return _PLACEHOLDER.sub(lambda match: _placeholder(match, functions), value)
    return value


def _placeholder(match: re.Match[str], functions: Mapping[str, Function]) -> str:
    function = functions.get(match.group(1))
    return f"${{{function.logical_id}.Arn}}" if function else match.group()


def _role(build: Build, logical_id: str, definition: Value, path: KeyPath) -> None:
    service = build.service
    config = service.mapping(*path)
    # Pseudo parameters come first, or the policy would keep a literal #{AWS::Region}.
    statements = statements_for(with_pseudo_parameters(definition), build)
    if config.get("tracingConfig"):
        statements.append(_allow([f"xray:{action}" for action in _TRACING]))
    if config.get("loggingConfig"):
        statements.append(_allow([f"logs:{action}" for action in _LOGGING]))
    statements += config.get("iamRoleStatements") or []
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": {"Fn::Sub": "states.${AWS::Region}.amazonaws.com"}},
        "Action": "sts:AssumeRole",
    }
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [inline_policy(f"{service.stage}-{service.app}-statemachine", statements)] if statements else None,
        "Path": service.lookup("provider", "iam", "role", "path"),
        "PermissionsBoundary": service.lookup("provider", "rolePermissionsBoundary"),
    }
    build.add(f"{logical_id}Role", "AWS::IAM::Role", properties, path)


def _allow(actions: list[str]) -> Value:
    return {"Effect": "Allow", "Action": actions, "Resource": "*"}


def _tracing(config: Value) -> Value:
    return {"Enabled": bool(config.get("enabled", False))} if isinstance(config, dict) else None


def _logging(config: Value) -> Value:
    if not isinstance(config, dict):
        return None
    groups = [{"CloudWatchLogsLogGroup": {"LogGroupArn": arn}} for arn in config.get("destinations") or ()]
    return {
        "Level": config.get("level", "OFF"),
        "IncludeExecutionData": bool(config.get("includeExecutionData", False)),
        **({"Destinations": groups} if groups else {}),
    }


def _events(build: Build, key: str, logical_id: str, path: KeyPath) -> None:
    service = build.service
    for index, item in enumerate(service.lookup(*path, "events") or ()):
        where = (*path, "events", index)
        if not isinstance(item, dict) or len(item) != 1:
            raise service.error("not one event", *where, todo="each - begins one event with one kind")
        (kind,) = item
        if kind != "schedule":
            todo = "use schedule, or start the machine from a function"
            raise service.error(f"the event {kind} is not supported yet on state machines", *where, todo=todo)
        _schedule(build, key, logical_id, (*where, kind), index + 1)


def _schedule(build: Build, key: str, logical_id: str, path: KeyPath, number: int) -> None:
    service = build.service
    value = service.lookup(*path)
    if isinstance(value, dict) and not intrinsic(value):
        service.check(SCHEDULE, _SCHEDULE_LATER, *path)
        options = dict(value)
    else:
        options = {"rate": value}
    prefix = normalised(key)
    role_id = f"{prefix}ScheduleToStepFunctionsRole"
    if role_id not in build.resources:
        _schedule_role(build, key, logical_id, role_id, path)
    target = {
        "Arn": {"Ref": logical_id},
        "Id": f"{key}StepFunctionsSchedule",
        "RoleArn": {"Fn::GetAtt": [role_id, "Arn"]},
    }
    try:
        rule = rule_properties(options.get("rate"), options, [{**target, **target_input(options)}])
    except ValueError as error:
        raise service.error(str(error), *path, todo="such as rate(5 minutes) or cron(0 12 * * ? *)") from None
    build.add(f"{prefix}StepFunctionsEventsRuleSchedule{number}", "AWS::Events::Rule", rule, path)


def _schedule_role(build: Build, key: str, logical_id: str, role_id: str, path: KeyPath) -> None:
    service = build.service
    trust = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
    start = {"Effect": "Allow", "Action": ["states:StartExecution"], "Resource": {"Ref": logical_id}}
    name = f"{service.stage}-{service.region}-{service.app}-{key}-schedule"
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [inline_policy(name, [start])],
    }
    build.add(role_id, "AWS::IAM::Role", properties, path)
