"""Scalars of a call's arguments as the API declares them: a config may say "true" for true, and 5 for "5".

CloudFormation takes a text for a number or a boolean, and the other way round. botocore does not: it would refuse the
call. What is no scalar of the declared kind either stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_WHOLE: Final = re.compile(r"[-+]?[0-9]+")
_FLAGS: Final = {"true": True, "false": False}


def declared_scalars(params: Mapping[str, Any], model: Any, **_: Any) -> dict[str, Any] | None:
    """Return arguments with their scalars of the declared kinds (botocore's event provide-client-params)."""
    shape = model.input_shape
    return None if shape is None else _converted(params, shape)


def _converted(value: Any, shape: Any) -> Any:
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping):
        known = shape.members
        return {key: _converted(item, known[key]) if key in known else item for key, item in value.items()}
    if kind == "map" and isinstance(value, Mapping):
        return {key: _converted(item, shape.value) for key, item in value.items()}
    if kind == "list" and isinstance(value, list | tuple):
        return [_converted(item, shape.member) for item in value]
    return _scalar(value, kind)


def _scalar(value: Any, kind: str) -> Any:
    if kind == "boolean" and isinstance(value, str):
        return _FLAGS.get(value.lower(), value)
    if kind in ("integer", "long") and isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    if kind in ("float", "double") and isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    if kind == "string" and isinstance(value, bool):
        return "true" if value else "false"
    if kind == "string" and isinstance(value, int | float):
        return str(value)
    return value
