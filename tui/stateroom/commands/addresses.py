"""ADDRESS and PATH arguments: one resource, and attributes inside it."""

from __future__ import annotations

import argparse
import json
import re

from stateroom.commands.context import Invocation
from stateroom.engine.requests import Request
from stateroom.errors import UsageError
from stateroom.model.diff import Path
from stateroom.model.plan import Operation

_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
PATH_HELP = 'as diff shows it: Environment.Variables.URL, Policies[0].PolicyName; or JSON: ["Tags", "a.b"]'


def add_arguments(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """ADDRESS and PATH…."""
    parser.add_argument(
        "address",
        nargs=None if required else "?",
        metavar="ADDRESS",
        help="a resource: orders/OrdersQueue or OrdersQueue",
    )
    parser.add_argument("attributes", nargs="*", metavar="PATH", help=f"only these attributes, {PATH_HELP}")


def request(context: Invocation, operation: Operation) -> Request:
    """Build the request for ADDRESS and PATH…, or for the --target ones when no address is given.

    Raises:
        UsageError: both were given, or a path cannot be read.
    """
    options = context.options
    if options.address and context.targets:
        raise UsageError("an ADDRESS and --target were given", todo="name the resources one way or the other")
    targets = (options.address,) if options.address else context.targets
    return Request(operation, context.services, targets, tuple(map(parse_path, options.attributes)))


def parse_path(text: str) -> Path:
    """`Policies[0].PolicyName` as ("Policies", 0, "PolicyName"); a JSON list of keys where a key has a dot in it.

    Raises:
        UsageError: it is neither.
    """
    if text.startswith("["):
        return _parse_json(text)
    parts: list[str | int] = []
    position = 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            raise _unreadable(text)
        parts.append(int(match[2]) if match[2] is not None else match[1])
        position = match.end()
        if text[position : position + 1] == ".":
            position += 1
            if text[position : position + 1] in ("", ".", "["):
                raise _unreadable(text)
        elif position < len(text) and text[position] != "[":
            raise _unreadable(text)
    if not parts:
        raise _unreadable(text)
    return tuple(parts)


def _parse_json(text: str) -> Path:
    try:
        parts = json.loads(text)
    except ValueError:
        raise _unreadable(text) from None
    if not parts or not isinstance(parts, list) or not all(type(part) in (str, int) for part in parts):
        raise _unreadable(text)
    return tuple(parts)


def _unreadable(text: str) -> UsageError:
    return UsageError(f"{text!r} is not the path of an attribute", todo=f"write it {PATH_HELP}")
