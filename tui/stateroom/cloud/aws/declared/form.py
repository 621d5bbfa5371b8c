"""Forms of a value: CloudFormation's in properties, the API's in calls and answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from stateroom.cloud.aws.shapes import from_json, lower_first, to_json, upper_first
from stateroom.cloud.normalise.properties import canonical
from stateroom.cloud.schema.catalog import facts
from stateroom.model.values import Secret, Value


@dataclass(frozen=True, slots=True)
class Form:
    """Conversion of one property's value, both ways."""

    to_api: Callable[[Any], Any]
    from_api: Callable[[Any], Any]


def _as_is(value: Value) -> Value:
    return value


def to_text(value: Value) -> str:
    """Return a value as APIs with text attributes take it: "true", "30", compact JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return to_json(value) if isinstance(value, Mapping | list | tuple) else str(value)


def to_flag(value: Value) -> bool:
    """Return a flag of a flag or its text, "true" or "false" in any case."""
    return value if isinstance(value, bool) else str(value).lower() == "true"


def _number(value: Any) -> int | float:
    number = float(value)
    return int(number) if number.is_integer() else number


def _time(value: Value) -> Value:
    return value.isoformat() if isinstance(value, datetime) else value


def _document(text: Value) -> Value:
    return from_json(text) if text else {}


def typed(type_: str, name: str) -> Form:
    """Return the form of a property whose numbers, flags and texts, nested ones too, are made what its schema says."""
    return Form(lambda value: canonical({name: value}, facts(type_)).get(name, value), _as_is)


AS_IS: Final = Form(_as_is, _as_is)
NUMBER: Final = Form(_number, _number)  # a config may quote it
FLAG: Final = Form(to_flag, to_flag)
TEXT: Final = Form(to_text, str)
NUMBER_AS_TEXT: Final = Form(to_text, _number)
FLAG_AS_TEXT: Final = Form(to_text, to_flag)
DOCUMENT: Final = Form(to_json, _document)  # JSON text to the API, an object to CloudFormation
CAMEL: Final = Form(lower_first, upper_first)  # nested keys with a small first letter in the API
TIME: Final = Form(_as_is, _time)
SECRET: Final = Form(_as_is, Secret)
