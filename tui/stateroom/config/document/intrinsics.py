"""Syntax of CloudFormation's intrinsic functions: calls and their arguments.

Two are extensions. `Fn::ServiceOutput: [service, output]` is another service's output, read from that service's state.
`Fn::DynamicReference: text` is a text with `{{resolve:…}}` in it, of parts that only a deploy knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from stateroom.config.document.numbers import format_number
from stateroom.errors import ConfigError
from stateroom.model.values import Secret, Value

SERVICE_OUTPUT: Final = "Fn::ServiceOutput"
DYNAMIC: Final = "Fn::DynamicReference"
UNKNOWN_ACCOUNT: Final = "<account>"
"""What stands in a text of `arn_text` for the account's number."""
_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")


def intrinsic(value: Value) -> str | None:
    """Return the function's name if the value is an intrinsic call: `{"Ref": …}` → "Ref"."""
    if (type(value) is dict or isinstance(value, Mapping)) and len(value) == 1:  # Mapping is slow to ask for
        (key,) = value
        if key == "Ref" or (isinstance(key, str) and key.startswith("Fn::")):
            return str(key)
    return None


def arn_text(value: Value) -> str | None:
    """Return the text of an ARN or a name, with UNKNOWN_ACCOUNT where only the account's number is not known.

    That is `arn:aws:sns:eu-west-1:${aws:accountId}:topic` without a connection. None: more of it is not known.
    """
    if isinstance(value, str):
        return value
    argument = value["Fn::Join"] if intrinsic(value) == "Fn::Join" else None
    if not isinstance(argument, list) or len(argument) != 2 or argument[0] != "" or not isinstance(argument[1], list):
        return None
    pieces = [UNKNOWN_ACCOUNT if piece == {"Ref": "AWS::AccountId"} else piece for piece in argument[1]]
    return "".join(pieces) if all(isinstance(piece, str) for piece in pieces) else None


def calls_in(value: Value) -> Iterator[tuple[str, Value]]:
    """Yield every intrinsic call in a value as (name, argument), nested calls included."""
    todo = [value]
    while todo:
        item = todo.pop()
        if type(item) is str:  # most are, and nothing that is asked next is asked in less time
            continue
        if isinstance(item, Secret):
            todo.append(item.reveal())
        elif isinstance(item, Mapping):
            name = intrinsic(item)
            if name is not None:
                yield name, item[name]
            todo.extend(item.values())
        elif isinstance(item, list | tuple):
            todo.extend(item)


def references_in(value: Value) -> Iterator[tuple[str, str]]:
    """Yield (logical id, attribute) of every reference; the attribute of a Ref is ""."""
    for name, argument in calls_in(value):
        if name == "Ref" and isinstance(argument, str) and not argument.startswith("AWS::"):
            yield argument, ""
        elif name == "Fn::GetAtt":
            logical_id, attribute = get_att_parts(argument)
            yield logical_id, attribute if isinstance(attribute, str) else "*"
        elif name == "Fn::Sub":
            text, variables = sub_parts(argument)
            for _, placeholder in split_placeholders(text):
                if placeholder and placeholder not in variables and not placeholder.startswith("AWS::"):
                    logical_id, _, attribute = placeholder.partition(".")
                    yield logical_id, attribute


def get_att_parts(argument: Value) -> tuple[str, Value]:
    """Logical id and attribute name of a Fn::GetAtt. Raises ConfigError."""
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    if (
        not isinstance(argument, list | tuple)
        or len(argument) < 2
        or not isinstance(argument[0], str)
        or not argument[1]
    ):
        raise malformed("Fn::GetAtt", "[LogicalId, Attribute]")
    if len(argument) > 2:
        return argument[0], ".".join(map(str, argument[1:]))
    return argument[0], argument[1]


def sub_parts(argument: Value) -> tuple[str, Mapping[str, Value]]:
    """Text and variables of a Fn::Sub. Raises ConfigError."""
    if isinstance(argument, str):
        return argument, {}
    if (
        isinstance(argument, list | tuple)
        and len(argument) == 2
        and isinstance(argument[0], str)
        and isinstance(argument[1], Mapping)
    ):
        return argument[0], argument[1]
    raise malformed("Fn::Sub", "text, or [text, {name: value}]")


def split_placeholders(text: str) -> Iterator[tuple[str, str]]:
    """Yield (literal text, "") and ("", placeholder name); `${!X}` is the literal `${X}`."""
    end = 0
    for match in _PLACEHOLDER.finditer(text[: text.rfind("}") + 1]):  # what is not closed is looked at once
        if match.start() > end:
            yield text[end : match.start()], ""
        name = match.group(1).strip()
        if name.startswith("!"):
            yield "${" + name[1:] + "}", ""
        elif name:
            yield "", name
        else:
            yield match.group(), ""
        end = match.end()
    if end < len(text):
        yield text[end:], ""


def service_output_parts(argument: Value) -> tuple[str, str]:
    """Service and output name of a Fn::ServiceOutput. Raises ConfigError."""
    if not isinstance(argument, list | tuple) or len(argument) != 2 or not all(isinstance(i, str) for i in argument):
        raise malformed(SERVICE_OUTPUT, "[service, output]")
    return argument[0], argument[1]


def scalar_text(where: str, value: Value) -> str:
    """Format a scalar as text: `true`, `5`. Raises ConfigError for lists and maps."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return format_number(value)
    kind = "list" if isinstance(value, list | tuple) else "map" if isinstance(value, Mapping) else "missing value"
    raise ConfigError(f"{where} puts a {kind} into a string", todo="use text, a number or true/false there")


def malformed(function: str, wanted: str) -> ConfigError:
    """Build the error for a call with an argument that the function does not take."""
    return ConfigError(f"{function} is malformed", why=f"it takes {wanted}", todo=f"correct the {function}")


def service_outputs(value: Value) -> frozenset[tuple[str, str]]:
    """Return the (service, output) pairs that a value needs."""
    return frozenset(service_output_parts(argument) for name, argument in calls_in(value) if name == SERVICE_OUTPUT)
