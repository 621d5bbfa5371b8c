"""Numbers as the framework's language has them: one kind, so that 2.0 is 2, and written out up to some length."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

_LEAST: Final = 1e-6  # below this, and from _MOST on, numbers are written with an exponent
_MOST: Final = 10**21


def parse_number(text: str) -> int | float:
    """The number that a decimal notation says; an int when it is whole. Raises ValueError."""
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < _MOST else number


def format_number(number: int | float) -> str:
    """The number as text: 0.000001 is not 1e-06."""
    if isinstance(number, float) and _LEAST <= abs(number) < _MOST:
        return format(Decimal(repr(number)), "f")
    return str(number)
