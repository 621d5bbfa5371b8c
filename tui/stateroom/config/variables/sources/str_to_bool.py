"""Source `${strToBool(${param:enabled})}`: true or false from text."""

from __future__ import annotations

from stateroom.config.variables.expression import ExpressionError
from stateroom.config.variables.resolver import MISSING
from stateroom.config.variables.scope import Lookup
from stateroom.model.values import Value

_WORDS = {"true": True, "1": True, "false": False, "0": False}


def str_to_bool(lookup: Lookup) -> Value:
    """Return True for `true` and `1`, False for `false` and `0`."""
    text = (lookup.params or lookup.address).strip().strip("'\"").lower()
    if not text:
        return MISSING
    if text not in _WORDS:
        raise ExpressionError(f"strToBool({text}) is neither true nor false", "give it true, false, 1 or 0")
    return _WORDS[text]
