"""Evaluate parameters, mappings and conditions while compiling.

There is no stack, so after this no Ref to a parameter, no Fn::FindInMap and no Fn::If is left, and resources with a
false condition are gone. Values that only AWS knows are read when needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from stateroom.config.compilation import Compilation, as_list
from stateroom.config.document.document import KeyPath
from stateroom.config.document.intrinsics import DYNAMIC, intrinsic, scalar_text, split_placeholders, sub_parts
from stateroom.config.document.suggestions import suggestion
from stateroom.config.resources.dynamic_references import OPENING, with_answers
from stateroom.config.resources.imports import Imports
from stateroom.config.resources.parameters import StoredParameter, parameters_of
from stateroom.config.resources.pseudo_parameters import known_pseudo
from stateroom.config.resources.remote_intrinsics import RemoteIntrinsics
from stateroom.config.variables.expression import ExpressionError, NotAskedVariableError
from stateroom.errors import ConfigError
from stateroom.model.values import UNKNOWN, Secret, Value

# Function → why it cannot be decided here, and what to do.
_OF_STACKS: Final = {
    "Fn::Transform": ("macros run inside CloudFormation only", "write out what it would make"),
}
_LOGIC: Final = frozenset({"Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals", "Condition"})


class ConditionEvaluator:
    """Evaluated sections of one service. Every method raises ConfigError for what cannot be decided."""

    def __init__(self, build: Compilation, imports: Imports) -> None:
        self._build = build
        self._imports = imports
        self._parameters = parameters_of(build)
        self._outside = RemoteIntrinsics(build, imports, self._parameters)
        self._mappings: Mapping[str, Any] = build.sections.get("Mappings") or {}
        self._conditions: Mapping[str, Any] = build.sections.get("Conditions") or {}
        self._decided: dict[str, bool | None] = {}  # None while it is being decided
        self._path: KeyPath = ("resources",)
        self._answering: Mapping[str, Callable[[Value], Value]] = {
            "Fn::If": self._if,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAZs": self._zones,
            "Fn::ImportValue": self._import,
        }

    def holds(self, name: Value) -> bool:
        """Tell whether a condition is true."""
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
        """Return a copy of a value at `path` without parameters, mappings and conditions."""
        self._path = path
        return self._reduced(value)

    def pseudo(self, name: str) -> Value:
        """Return a pseudo parameter that must be known now; UNKNOWN when only a deploy knows it."""
        if name == "AWS::AccountId":
            return self._asking(self._outside.account)
        return known_pseudo(self._build.service, name)

    def _truth(self, value: Value) -> bool:
        name = intrinsic(value) or ("Condition" if isinstance(value, Mapping) and set(value) == {"Condition"} else "")
        if name not in _LOGIC:
            raise self._error("not a condition", todo="use Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition")
        argument = value[name]
        if name == "Condition":
            return self.holds(argument)
        items = as_list(argument)
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
        """Return a value that is known now as text, as CloudFormation compares values."""
        reduced = self._resolved(self._reduced(value))
        if isinstance(reduced, Mapping | list):
            raise self._error("a condition compares what is not known yet", why=f"{value}", todo="compare parameters")
        return scalar_text("Fn::Equals", reduced)

    def _resolved(self, value: Value) -> Value:
        known = self._known(value)
        if known is UNKNOWN:
            todo = "use parameters, AWS::Region, AWS::AccountId or AWS::StackName there"
            raise self._error("it has to be known before anything is deployed", why=f"{value}", todo=todo)
        return known.reveal() if isinstance(known, Secret) else known

    def _known(self, value: Value) -> Value:
        """Evaluate a reduced value; UNKNOWN when only a deploy knows it."""
        from stateroom.config.resources.template import resolve

        return resolve(value, _Known(self))

    def _reduced(self, value: Value) -> Value:
        if isinstance(value, str):
            return self._text(value) if OPENING in value else value
        if isinstance(value, Secret):
            inner = self._reduced(value.reveal())
            return inner if isinstance(inner, Secret) else Secret(inner)
        if isinstance(value, list):
            return [self._reduced(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        name = intrinsic(value)
        if name == "Ref" and isinstance(value["Ref"], str) and value["Ref"] in self._parameters:
            return self._parameter(value["Ref"])
        if name in ("Fn::Sub", "Fn::Join"):
            return self._composed(name, value[name])
        if name in _OF_STACKS:
            raise self._error(f"{name} is not supported", why=_OF_STACKS[name][0], todo=_OF_STACKS[name][1])
        if name is not None and name in self._answering:
            return self._answering[name](value[name])
        return {key: self._reduced(item) for key, item in value.items()}

    def _composed(self, name: str, argument: Value) -> Value:
        """Reduce Fn::Sub or Fn::Join; a dynamic reference with unknown parts is left for the deploy."""
        reduced = self._sub(argument) if name == "Fn::Sub" else {name: self._reduced(argument)}
        if not _opens(reduced[name]):
            return reduced
        known = self._known(reduced)
        return {DYNAMIC: reduced} if known is UNKNOWN else self._reduced(known)

    def _text(self, text: str) -> Value:
        return self._asking(lambda: with_answers(text, self._build.service.region, self._outside.ask))

    def _zones(self, argument: Value) -> Value:
        region = self._resolved(self._reduced(argument))
        return self._asking(lambda: self._outside.zones(str(region or self._build.service.region)))

    def _import(self, argument: Value) -> Value:
        name = str(self._resolved(self._reduced(argument)))
        return self._imports.of(name) or self._asking(lambda: self._outside.export(name))

    def _parameter(self, name: str) -> Value:
        value = self._parameters[name]
        return self._asking(lambda: self._outside.stored(value)) if isinstance(value, StoredParameter) else value

    def _asking(self, ask: Callable[[], Value]) -> Value:
        try:
            return ask()
        except NotAskedVariableError as error:
            return {DYNAMIC: error.shown}
        except ExpressionError as error:
            raise self._error(str(error), todo=error.todo) from None

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
                reduced[name] = self._parameter(name)
        return {"Fn::Sub": [text, reduced]} if reduced else {"Fn::Sub": text}

    def _error(self, what: str, *, why: str = "", todo: str = "") -> ConfigError:
        return self._build.service.error(what, *self._path, why=why, todo=todo)


def _opens(argument: Value) -> bool:
    """Tell whether a dynamic reference begins in the argument of a Fn::Sub or Fn::Join."""
    if isinstance(argument, str):
        return OPENING in argument
    if isinstance(argument, Mapping):
        argument = argument.values()
    elif not isinstance(argument, list):
        return False
    return any(
        OPENING in item if isinstance(item, str) else isinstance(item, list | dict) and _opens(item)
        for item in argument
    )


class _Known:
    """References known while compiling: pseudo parameters, including the account id."""

    def __init__(self, decisions: ConditionEvaluator) -> None:
        self._decisions = decisions

    def ref(self, logical_id: str) -> Value:  # noqa: ARG002
        return UNKNOWN

    def attribute(self, logical_id: str, name: str) -> Value:  # noqa: ARG002
        return UNKNOWN

    def pseudo(self, name: str) -> Value:
        return self._decisions.pseudo(name)

    def service_output(self, service: str, name: str) -> Value:  # noqa: ARG002
        return UNKNOWN

    def dynamic(self, text: str) -> Value:  # noqa: ARG002
        return UNKNOWN
