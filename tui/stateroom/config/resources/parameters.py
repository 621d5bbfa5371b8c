"""Values of `resources.Parameters`: `provider.stackParameters`, else their defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from stateroom.config.compilation import Compilation, as_list
from stateroom.config.document.document import KeyPath
from stateroom.model.values import Secret, Value

_STORED: Final = "AWS::SSM::Parameter::Value<"


@dataclass(frozen=True, slots=True)
class StoredParameter:
    """Parameter with its value in SSM under `name`; a list is stored as text with commas."""

    name: str
    is_list: bool
    secret: bool

    def value(self, text: str) -> Value:
        """Convert SSM's text to the parameter's value."""
        value: Value = _items(text) if self.is_list else text
        return Secret(value) if self.secret else value


def parameters_of(build: Compilation) -> dict[str, Value]:
    """Return the parameters' values; a StoredParameter for those in SSM. Raises ConfigError."""
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
        hidden = block.get("NoEcho") in (True, "true")
        if type_.startswith(_STORED):
            values[name] = StoredParameter(str(value), _is_list(type_.removeprefix(_STORED).removesuffix(">")), hidden)
            continue
        if _is_list(type_):
            value = _items(value) if isinstance(value, str) else as_list(value)
        values[name] = Secret(value) if hidden else value
    return values


def _section_path(build: Compilation, section: str, name: str) -> KeyPath:
    blocks = build.service.lookup("resources")
    if isinstance(blocks, list):
        for index, block in enumerate(blocks):
            if isinstance(block, dict) and name in (block.get(section) or {}):
                return ("resources", index, section, name)
    return ("resources", section, name)


def _is_list(type_: str) -> bool:
    return type_ == "CommaDelimitedList" or type_.startswith("List<")


def _items(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]
