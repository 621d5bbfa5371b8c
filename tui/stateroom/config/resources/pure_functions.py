"""Intrinsic functions that depend on their arguments only: Fn::Length, Fn::ToJsonString, Fn::Cidr."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Final

from stateroom.config.document.intrinsics import malformed
from stateroom.model.values import Value

_MOST_BLOCKS: Final = 256  # what CloudFormation allows


def length(argument: Value) -> Value:
    """Return the number of items of a list. Raises ConfigError."""
    if not isinstance(argument, list):
        raise malformed("Fn::Length", "a list")
    return len(argument)


def to_json_string(argument: Value) -> Value:
    """Return a map or list as JSON text. Raises ConfigError."""
    if not isinstance(argument, Mapping | list):
        raise malformed("Fn::ToJsonString", "a map or a list")
    return json.dumps(argument, separators=(",", ":"), ensure_ascii=False)


def cidr(argument: Value) -> Value:
    """Return the first `count` blocks of a network. Raises ConfigError.

    Each block has so many bits for hosts, 8 by default.
    """
    wanted = malformed("Fn::Cidr", "[network, count] or [network, count, host bits]")
    if not isinstance(argument, list) or len(argument) not in (2, 3):
        raise wanted
    try:
        network = ipaddress.ip_network(str(argument[0]), strict=False)
        count, bits = int(argument[1]), int(argument[2] if len(argument) == 3 else 8)
        prefix = network.max_prefixlen - bits
        blocks = network.subnets(new_prefix=prefix) if prefix >= network.prefixlen else iter(())
        found = [str(block) for block in islice(blocks, count)] if 0 < count <= _MOST_BLOCKS else []
    except (ValueError, TypeError):
        raise wanted from None
    if not found or len(found) < count:
        raise malformed("Fn::Cidr", f"a count that fits: {argument[0]} has no {count} such blocks")
    return found


PURE: Final[Mapping[str, Callable[[Value], Value]]] = {
    "Fn::Cidr": cidr,
    "Fn::Length": length,
    "Fn::ToJsonString": to_json_string,
}
