"""Values of intrinsics that only AWS knows, requested together when the first is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.intrinsics import calls_in
from stateroom.config.resources.dynamic_references import OPENING, requests_in
from stateroom.config.resources.imports import Imports
from stateroom.config.resources.parameters import StoredParameter
from stateroom.config.variables.expression import ExpressionError, NotAskedVariableError
from stateroom.config.variables.remote import Remote
from stateroom.model.remote import (
    Account,
    AvailabilityZones,
    Exports,
    ParameterRequest,
    ParameterValue,
    RemoteAnswer,
    RemoteRequest,
)
from stateroom.model.values import Secret, Value

_OFFLINE: Final = "give credentials and a network; `stateroom compile` prints it as it is written"


class RemoteIntrinsics:
    """Remote values of one service. Every method raises ExpressionError for a missing or unreadable one."""

    def __init__(self, build: Compilation, imports: Imports, parameters: Mapping[str, Value]) -> None:
        self._build = build
        self._region = build.service.region
        self._imports = imports
        self._parameters = parameters
        self._remote = Remote(build.settings.remote)

    def ask(self, request: RemoteRequest, shown: str) -> RemoteAnswer:
        """Return the answer to a request; `shown` names the requester in errors."""
        try:
            return self._remote.read(request, shown, self._foreseen)
        except NotAskedVariableError:
            raise
        except ExpressionError as error:
            raise ExpressionError(str(error), _OFFLINE if self._remote.values is None else error.todo) from None

    def account(self) -> Value:
        """Return the account id."""
        return self.ask(Account(region=self._region), "AWS::AccountId")

    def zones(self, region: str) -> Value:
        """Return the availability zones of a region."""
        found = self.ask(AvailabilityZones(region), f"Fn::GetAZs of {region}")
        return list(found) if isinstance(found, tuple) else []

    def export(self, name: str) -> Value:
        """Return the export of a stack, for a name that no service of the project exports."""
        shown = f"Fn::ImportValue of {name}, which no service of this project exports,"
        found = self.ask(Exports(self._region), shown)
        if not isinstance(found, Mapping) or name not in found:
            raise ExpressionError(
                f"nothing exports {name}: no service of this project, and no stack in {self._region}",
                "correct the name, or add its service to serverless-compose.yml",
            )
        return found[name]

    def stored(self, parameter: StoredParameter) -> Value:
        """Return the value of an SSM parameter."""
        shown = f"the SSM parameter {parameter.name}"
        found = self.ask(ParameterRequest(self._region, parameter.name), shown)
        if not isinstance(found, ParameterValue):
            raise ExpressionError(f"there is no SSM parameter {parameter.name} in {self._region}", "correct its name")
        value = parameter.value(found.value)
        return Secret(value) if found.type == "SecureString" and not isinstance(value, Secret) else value

    def _foreseen(self) -> Iterator[RemoteRequest]:
        """Yield every request of the service that is written out."""
        for parameter in self._parameters.values():
            if isinstance(parameter, StoredParameter):
                yield ParameterRequest(self._region, parameter.name)
        conditions = self._build.sections.get("Conditions") or {}
        if any(name == "Ref" and argument == "AWS::AccountId" for name, argument in calls_in(conditions)):
            yield Account(region=self._region)
        values = [resource.properties for resource in self._build.resources.values()]
        values += [output.value for output in self._build.outputs.values()]
        for name, argument in calls_in(values):
            if name == "Fn::GetAZs" and argument in ("", {"Ref": "AWS::Region"}):
                yield AvailabilityZones(self._region)
            elif name == "Fn::ImportValue" and isinstance(argument, str) and self._imports.of(argument) is None:
                yield Exports(self._region)
        for text in _texts(values):
            try:
                yield from requests_in(text, self._region)
            except ExpressionError:
                continue  # reported when it is needed


def _texts(value: Value) -> Iterator[str]:
    """Yield texts with dynamic references in them."""
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str) and OPENING in item and "${" not in item:
            yield item
        elif isinstance(item, Secret):
            todo.append(item.reveal())
        elif isinstance(item, Mapping):
            todo.extend(item.values())
        elif isinstance(item, list | tuple):
            todo.extend(item)
