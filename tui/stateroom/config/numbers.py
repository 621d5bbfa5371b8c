"""Numbers as the framework's language has them: it knows one kind, so that 2.0 is 2 wherever it is written out."""

from __future__ import annotations

_EXACT = 10**21  # from here on they are written with an exponent


def decimal(text: str) -> int | float:
    """The number that a decimal notation says; an int when it is whole. Raises ValueError."""
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < _EXACT else number
