"""Event of a function, and the checks, ids and permissions that all event kinds share."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.document import KeyPath
from stateroom.config.document.intrinsics import SERVICE_OUTPUT, intrinsic
from stateroom.config.document.key_types import KeyTypes, mismatch
from stateroom.config.document.suggestions import suggestion
from stateroom.config.function import Function
from stateroom.config.naming import permission_id
from stateroom.config.service import Service
from stateroom.errors import ConfigError
from stateroom.model.values import Value

ACCOUNT: Final[Value] = {"Ref": "AWS::AccountId"}
PARTITION: Final[Value] = {"Ref": "AWS::Partition"}
REGION: Final[Value] = {"Ref": "AWS::Region"}
URL_SUFFIX: Final[Value] = {"Ref": "AWS::URLSuffix"}


@dataclass(frozen=True, slots=True)
class Event:
    """Event of a function as written in the config.

    `number` counts the function's events of this kind from 1, `position` all of the function's events.
    """

    function: Function
    kind: str
    value: Value
    number: int
    position: int
    path: KeyPath
    functions: Mapping[str, Function] = field(repr=False)  # all of the service's, by key

    @property
    def key(self) -> str:
        """Key of the function."""
        return self.function.key

    @property
    def target(self) -> Value:
        """ARN to invoke: the function's, or its alias's when it has one."""
        return self.function.target

    @property
    def after(self) -> tuple[str, ...]:
        """Logical ids that must exist before the target can be invoked: its alias, if any."""
        return self.function.target_after

    def error(self, service: Service, what: str, *path: str | int, why: str = "", todo: str = "") -> ConfigError:
        """Build an error about this event, or a key in it."""
        return service.error(what, *self.path, *path, why=why, todo=todo)

    def account_needed(self, service: Service, what: str, *path: str | int) -> ConfigError:
        """Build the error for a name that only the cloud can complete: an account's number is in it."""
        why = "it has the account's number in it, and logical ids are made of it"
        todo = "give credentials and a network, or write the number out"
        return self.error(service, f"{what} is not known without a connection to the cloud", *path, why=why, todo=todo)

    def options(self, service: Service, shorthand: str, shapes: KeyTypes) -> dict[str, Value]:
        """Return the event's keys; a plain value is the value of the key `shorthand`. Raises ConfigError."""
        if isinstance(self.value, Mapping) and not intrinsic(self.value):
            return checked_options(service, shapes, *self.path)
        if not shorthand:
            raise self.error(service, "not a map", todo=f"write the keys of - {self.kind}: below it, indented")
        if self.value is None or self.value == "" or mismatch(shapes.get(shorthand, "text"), self.value):
            raise self.error(service, f"no {shorthand}", todo=f"write - {self.kind}: <{shorthand}>")
        return {shorthand: self.value}

    def required(self, service: Service, options: Mapping[str, Value], *names: str) -> None:
        """Require these keys. Raises ConfigError for a missing one."""
        for name in names:
            if options.get(name) in (None, ""):
                raise self.error(service, f"no {name}", todo=f"add {name}: to the {self.kind} event")

    def one_of(self, service: Service, options: Mapping[str, Value], name: str, known: Collection[str]) -> None:
        """Require a key's value to be one of the known ones. Raises ConfigError."""
        value = options.get(name)
        if value is not None and (not isinstance(value, str) or value not in known):
            raise self.error(service, f"{value} is not known", name, todo=suggestion(str(value), known))


def checked_options(service: Service, shapes: KeyTypes, *path: str | int) -> dict[str, Value]:
    """Return the checked map at a path; numbers and flags given as text are converted.

    Variables give text, so `"5"` becomes 5 and `"true"` true.

    Raises:
        ConfigError: a key is unknown, or a value is of the wrong kind.
    """
    service.check({key: "scalar" if kind == "flag" else kind for key, kind in shapes.items()}, (), *path)
    given = service.mapping(*path)
    return {key: _converted(service, shapes.get(key, "any"), value, (*path, key)) for key, value in given.items()}


def _converted(service: Service, kind: str, value: Value, path: KeyPath) -> Value:
    if kind == "number" and isinstance(value, str):
        return int(value)
    if kind != "flag" or value is None or isinstance(value, bool) or intrinsic(value):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise service.error("not true or false", *path, todo="write true or false")


def grouped(events: Sequence[Event]) -> list[list[Event]]:
    """Group the events by function, in the order of the functions."""
    groups: dict[str, list[Event]] = {}
    for event in events:
        groups.setdefault(event.key, []).append(event)
    return list(groups.values())


def permit(build: Compilation, event: Event, suffix: str, principal: Value, **more: Value) -> str:
    """Add a permission for a service principal to invoke the function.

    Added once for each suffix. Returns the permission's logical id.
    """
    logical_id = permission_id(event.key, suffix)
    if logical_id not in build.resources:
        add_permission(build, event, logical_id, principal, **more)
    return logical_id


def add_permission(build: Compilation, event: Event, logical_id: str, principal: Value, **more: Value) -> None:
    """Add a Lambda permission; `more` are further properties, such as SourceArn."""
    properties = {
        "FunctionName": event.target,
        "Action": "lambda:InvokeFunction",
        "Principal": principal,
        **more,
    }
    build.add(logical_id, "AWS::Lambda::Permission", properties, event.path, depends_on=event.after)


def allow(build: Compilation, actions: Sequence[str], resource: Value) -> None:
    """Grant actions to the shared execution role, if there is one."""
    build.grants.append({"Effect": "Allow", "Action": list(actions), "Resource": resource})


def fn_join(*parts: Value) -> Value:
    """Join parts with an empty delimiter."""
    return {"Fn::Join": ["", list(parts)]}


def name_in_arn(arn: Value) -> str | None:
    """Return the part of an ARN that names it in logical ids.

    That is its last part, the logical id that it refers to, or the output's name.
    """
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
