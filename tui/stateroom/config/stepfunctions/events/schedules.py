"""Compile `schedule` events of a state machine to rules or Scheduler schedules, with a shared role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.document.suggestions import suggestion
from stateroom.config.events.schedule import rule_properties
from stateroom.config.naming import normalised
from stateroom.config.stepfunctions import keys
from stateroom.config.stepfunctions.events.inputs import policy_name, retry_policy, starting_role, target_input
from stateroom.config.stepfunctions.machine import Machine
from stateroom.model.values import Value

_PRINCIPALS: Final = {"eventBus": "events.amazonaws.com", "scheduler": "scheduler.amazonaws.com"}
_ONE_METHOD_ONLY: Final = {"scheduler": ("timezone",), "eventBus": ("inputPath", "inputTransformer")}


def compile_schedules(build: Compilation, machine: Machine, paths: Sequence[KeyPath]) -> None:
    """Add the machine's schedules, one for each path in the config. Raises ConfigError."""
    role_id = f"{normalised(machine.key)}ScheduleToStepFunctionsRole"
    principals: list[str] = []
    for number, path in enumerate(paths, 1):
        options = _options(build, path)
        role = options.get("role")
        principal = _PRINCIPALS[options["method"]]
        if not role and principal not in principals:
            principals.append(principal)
        target = {
            "Arn": machine.arn,
            "RoleArn": role or {"Fn::GetAtt": [role_id, "Arn"]},
            **target_input(build.service, options, path),
            **retry_policy(build.service, path),
        }
        _schedule(build, machine, options, target, number, path)
    if principals:
        starting_role(build, machine, role_id, principals, policy_name(build, machine, "schedule"), paths[0])


def _options(build: Compilation, path: KeyPath) -> dict[str, Value]:
    """Return the event's keys; a plain value is the rate, method is always set. Raises ConfigError."""
    service = build.service
    value = service.lookup(*path)
    if not isinstance(value, Mapping) or intrinsic(value):
        return {"rate": value, "method": "eventBus"}
    service.check(keys.SCHEDULE, (), *path)
    method = value.get("method") or "eventBus"
    if not isinstance(method, str) or method not in _PRINCIPALS:
        raise service.error(f"{method} is not known", *path, "method", todo=suggestion(str(method), _PRINCIPALS))
    for other, names in _ONE_METHOD_ONLY.items():
        for name in names if other != method else ():
            if value.get(name):
                todo = f"remove {name}, or change method"
                raise service.error(f"only with method: {other}", *path, name, todo=todo)
    return {**value, "method": method}


def _schedule(
    build: Compilation,
    machine: Machine,
    options: Mapping[str, Value],
    target: dict[str, Value],
    number: int,
    path: KeyPath,
) -> None:
    key = normalised(machine.key)
    try:
        properties = rule_properties(options.get("rate"), dict(options), [])
    except ValueError as error:
        todo = "such as rate(5 minutes) or cron(0 12 * * ? *)"
        raise build.service.error(str(error), *path, todo=todo) from None
    if options["method"] == "eventBus":
        properties["Targets"] = [{**target, "Id": f"{machine.key}StepFunctionsSchedule"}]
        build.add(f"{key}StepFunctionsEventsRuleSchedule{number}", "AWS::Events::Rule", properties, path)
        return
    del properties["Targets"]
    properties |= {
        "Target": target,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ScheduleExpressionTimezone": options.get("timezone"),
    }
    build.add(f"{key}StepFunctionsSchedulerSchedule{number}", "AWS::Scheduler::Schedule", properties, path)
