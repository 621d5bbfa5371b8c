"""Parse and format numbers as JavaScript does: 2.0 is 2, and 0.000001 has no exponent."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

_LEAST: Final = 1e-6  # below this, and from _MOST on, numbers are written with an exponent
_MOST: Final = 10**21


def parse_number(text: str) -> int | float:
    """Parse a decimal notation; an int when there is no fraction. Raises ValueError."""
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < _MOST else number


def format_number(number: int | float) -> str:
    """Format a number as text: 0.000001 is not 1e-06."""
    if isinstance(number, float) and _LEAST <= abs(number) < _MOST:
        return format(Decimal(repr(number)), "f")
    return str(number)
