"""What a CloudFormation stack would decide before it makes anything: parameters, mappings, conditions.

There is no stack here, so it is decided while compiling: afterwards no Ref to a parameter, no Fn::FindInMap and no
Fn::If is left, and what a false condition excludes is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stateroom.config.build import Build, listed
from stateroom.config.document import KeyPath
from stateroom.config.imports import Imports
from stateroom.config.intrinsics import intrinsic, scalar_text, split_placeholders, sub_parts
from stateroom.config.pseudo import known_pseudo
from stateroom.config.suggest import suggestion
from stateroom.errors import ConfigError
from stateroom.model.values import UNKNOWN, Secret, Value

# Function → why it cannot be decided here, and what to do.
_OF_STACKS: Final = {
    "Fn::GetAZs": ("the zones that an account may use are its own", "write them out, such as [eu-west-1a, eu-west-1b]"),
    "Fn::Transform": ("macros run inside CloudFormation only", "write out what it would make"),
}
_LOGIC: Final = frozenset({"Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals", "Condition"})


class Decisions:
    """The answers of one service's sections. Every method raises ConfigError for what cannot be decided."""

    def __init__(self, build: Build, imports: Imports) -> None:
        self._build = build
        self._imports = imports
        self._parameters = _parameters(build)
        self._mappings: Mapping[str, Any] = build.sections.get("Mappings") or {}
        self._conditions: Mapping[str, Any] = build.sections.get("Conditions") or {}
        self._decided: dict[str, bool | None] = {}  # None while it is being decided
        self._path: KeyPath = ("resources",)

    def holds(self, name: Value) -> bool:
        """Whether a condition is true."""
        key = str(name)
        if key not in self._conditions:
            todo = suggestion(key, self._conditions) or "add it under resources.Conditions"
            raise self._error(f"there is no condition {key}", todo=todo)
        decided = self._decided.get(key, self)
        if decided is None:
            raise self._error(f"the condition {key} refers to itself", todo="break the circle")
        if not isinstance(decided, bool):
            self._decided[key] = None
            decided = self._truth(self._conditions[key])
            self._decided[key] = decided
        return decided

    def reduce(self, value: Value, path: KeyPath) -> Value:
        """A copy of a value written at `path` without what a stack would decide."""
        self._path = path
        return self._reduced(value)

    def _truth(self, value: Value) -> bool:
        name = intrinsic(value) or ("Condition" if isinstance(value, Mapping) and set(value) == {"Condition"} else "")
        if name not in _LOGIC:
            raise self._error("not a condition", todo="use Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition")
        argument = value[name]
        if name == "Condition":
            return self.holds(argument)
        items = listed(argument)
        if name == "Fn::Equals":
            if len(items) != 2:
                raise self._error("Fn::Equals is malformed", todo="it takes [first, second]")
            first, second = (self._literal(item) for item in items)
            return bool(first == second)
        if name == "Fn::Not":
            if len(items) != 1:
                raise self._error("Fn::Not is malformed", todo="it takes [condition]")
            return not self._truth(items[0])
        return all(map(self._truth, items)) if name == "Fn::And" else any(list(map(self._truth, items)))

    def _literal(self, value: Value) -> str:
        """A value that is known now, as CloudFormation compares values: as text."""
        reduced = self._resolved(self._reduced(value))
        if isinstance(reduced, Mapping | list):
            raise self._error("a condition compares what is not known yet", why=f"{value}", todo="compare parameters")
        return scalar_text("Fn::Equals", reduced)

    def _resolved(self, value: Value) -> Value:
        from stateroom.config.template import resolve

        known = resolve(value, _Known(self))
        if known is UNKNOWN:
            todo = "compare parameters, AWS::Region or AWS::StackName"
            raise self._error("a condition depends on what only the account knows", why=f"{value}", todo=todo)
        return known.reveal() if isinstance(known, Secret) else known

    def _reduced(self, value: Value) -> Value:
        if isinstance(value, list):
            return [self._reduced(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        name = intrinsic(value)
        if name == "Ref" and isinstance(value["Ref"], str) and value["Ref"] in self._parameters:
            return self._parameters[value["Ref"]]
        if name == "Fn::If":
            return self._if(value[name])
        if name == "Fn::FindInMap":
            return self._find_in_map(value[name])
        if name == "Fn::Sub":
            return self._sub(value[name])
        if name in _OF_STACKS:
            raise self._error(f"{name} is not supported", why=_OF_STACKS[name][0], todo=_OF_STACKS[name][1])
        if name == "Fn::ImportValue":
            return self._imports.of(self._resolved(self._reduced(value[name])), self._path)
        return {key: self._reduced(item) for key, item in value.items()}

    def _if(self, argument: Value) -> Value:
        if not isinstance(argument, list) or len(argument) != 3:
            raise self._error("Fn::If is malformed", todo="it takes [condition, value if true, value if false]")
        return self._reduced(argument[1 if self.holds(argument[0]) else 2])

    def _find_in_map(self, argument: Value) -> Value:
        if not isinstance(argument, list) or len(argument) not in (3, 4):
            raise self._error("Fn::FindInMap is malformed", todo="it takes [map, first key, second key]")
        value: Any = self._mappings
        for item in argument[:3]:
            key = self._literal(item)
            if not isinstance(value, Mapping) or key not in value:
                if len(argument) == 4 and isinstance(argument[3], Mapping) and "DefaultValue" in argument[3]:
                    return self._reduced(argument[3]["DefaultValue"])
                todo = suggestion(key, map(str, value)) if isinstance(value, Mapping) else "correct the keys"
                raise self._error(f"Mappings has no {key}", why=f"Fn::FindInMap: {argument[:3]}", todo=todo)
            value = value[key]
        return value

    def _sub(self, argument: Value) -> Value:
        text, variables = sub_parts(argument)
        reduced = {name: self._reduced(item) for name, item in variables.items()}
        for _, name in split_placeholders(text):
            if name in self._parameters and name not in reduced:
                reduced[name] = self._parameters[name]
        return {"Fn::Sub": [text, reduced]} if reduced else {"Fn::Sub": text}

    def _error(self, what: str, *, why: str = "", todo: str = "") -> ConfigError:
        return self._build.service.error(what, *self._path, why=why, todo=todo)


class _Known:
    """What references come to while compiling: pseudo parameters that follow from service and region."""

    def __init__(self, decisions: Decisions) -> None:
        self._service = decisions._build.service

    def ref(self, logical_id: str) -> Value:  # noqa: ARG002
        return UNKNOWN

    def attribute(self, logical_id: str, name: str) -> Value:  # noqa: ARG002
        return UNKNOWN

    def pseudo(self, name: str) -> Value:
        return known_pseudo(self._service, name)

    def service_output(self, service: str, name: str) -> Value:  # noqa: ARG002
        return UNKNOWN


def _parameters(build: Build) -> dict[str, Value]:
    """The values of the template's parameters: `provider.stackParameters`, else their defaults."""
    service = build.service
    given = {
        item.get("ParameterKey"): item.get("ParameterValue")
        for item in service.lookup("provider", "stackParameters") or ()
        if isinstance(item, dict)
    }
    values: dict[str, Value] = {}
    if isinstance(service.lookup("provider", "stackName"), str):
        values["AWS::StackName"] = service.lookup("provider", "stackName")
    for name, block in (build.sections.get("Parameters") or {}).items():
        path = _section_path(build, "Parameters", name)
        if not isinstance(block, dict):
            raise service.error("not a map", *path, todo="write Type: and Default: below it")
        value = given.get(name) if given.get(name) is not None else block.get("Default")
        type_ = str(block.get("Type") or "String")
        if value is None:
            raise service.error("no value", *path, todo="add Default:, or name it in provider.stackParameters")
        if type_.startswith("AWS::SSM::Parameter::Value"):
            todo = f"write ${{ssm:{value}}} where it is used"
            raise service.error("SSM parameters of CloudFormation are not read", *path, todo=todo)
        if type_ == "CommaDelimitedList" or type_.startswith("List<"):
            value = [part.strip() for part in value.split(",")] if isinstance(value, str) else listed(value)
        values[name] = Secret(value) if block.get("NoEcho") in (True, "true") else value
    return values


def _section_path(build: Build, section: str, name: str) -> KeyPath:
    blocks = build.service.lookup("resources")
    if isinstance(blocks, list):
        for index, block in enumerate(blocks):
            if isinstance(block, dict) and name in (block.get(section) or {}):
                return ("resources", index, section, name)
    return ("resources", section, name)
