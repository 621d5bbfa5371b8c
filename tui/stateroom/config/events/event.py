"""One event of one function, and what the kinds have in common."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from stateroom.config.build import Build
from stateroom.config.document import KeyPath
from stateroom.config.function import Function
from stateroom.config.intrinsics import SERVICE_OUTPUT, intrinsic
from stateroom.config.naming import permission_id
from stateroom.config.service import Service
from stateroom.config.shapes import Shapes, mismatch
from stateroom.errors import ConfigError
from stateroom.model.values import Value


@dataclass(frozen=True, slots=True)
class Event:
    """An event as written. `number` counts the function's events of this kind from 1."""

    function: Function
    kind: str
    value: Value
    number: int
    path: KeyPath

    def error(self, service: Service, what: str, *path: str, why: str = "", todo: str = "") -> ConfigError:
        """An error about this event, or a key in it."""
        return service.error(what, *self.path, *path, why=why, todo=todo)

    def options(self, service: Service, shorthand: str, shapes: Shapes, later: Collection[str]) -> dict[str, Value]:
        """The event's keys; a value that is not a map of keys stands for `shorthand`. Raises ConfigError."""
        if isinstance(self.value, Mapping) and not intrinsic(self.value):
            service.check(shapes, later, *self.path)
            return dict(self.value)
        if self.value is None or mismatch(shapes.get(shorthand, "text"), self.value):
            raise self.error(service, f"no {shorthand}", todo=f"write - {self.kind}: <{shorthand}>")
        return {shorthand: self.value}


def permit(build: Build, event: Event, suffix: str, principal: str, source_arn: Value) -> None:
    """Let a service's events invoke the function; once for each suffix."""
    logical_id = permission_id(event.function.key, suffix)
    if logical_id in build.resources:
        return
    properties = {
        "FunctionName": event.function.arn,
        "Action": "lambda:InvokeFunction",
        "Principal": principal,
        "SourceArn": source_arn,
    }
    build.add(logical_id, "AWS::Lambda::Permission", properties, event.path)


def name_in_arn(arn: Value) -> str | None:
    """What to call an ARN in logical ids: its last part, the logical id it refers to, or the output's name."""
    if isinstance(arn, str):
        return re.split(r"[:/]", arn)[-1] or None
    name = intrinsic(arn)
    argument = arn[name] if name else None
    if name == "Fn::GetAtt":
        return argument.split(".")[0] if isinstance(argument, str) else _text(argument, 0)
    if name == SERVICE_OUTPUT:
        return _text(argument, 1)
    if name == "Fn::Join":
        pieces = argument[1] if isinstance(argument, list) and len(argument) == 2 else None
        return name_in_arn(pieces[-1]) if isinstance(pieces, list) and pieces else None
    if name == "Fn::Sub":
        text = argument[0] if isinstance(argument, list) and argument else argument
        return name_in_arn(text) if isinstance(text, str) else None
    return argument if isinstance(argument, str) and name in ("Ref", "Fn::ImportValue") else None


def _text(items: Value, index: int) -> str | None:
    return items[index] if isinstance(items, list) and len(items) > index and isinstance(items[index], str) else None
