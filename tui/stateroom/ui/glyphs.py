"""Signs that only the screen draws, and what stands for them in ASCII mode."""

from __future__ import annotations

from stateroom.presentation.text import asciify

ODD = "▸"
MARKED = "•"
HOLDS_MARKED = "◦"
OPEN = "▾"
FOLDED = "▸"
BAR_FULL = "█"
BAR_EMPTY = "░"

_ASCII = str.maketrans(
    {MARKED: "*", BAR_FULL: "#", BAR_EMPTY: ".", "●": "*", HOLDS_MARKED: "o", OPEN: "v", "↵": "<", "–": "-"}
)


def ascii_form(text: str) -> str:
    """Text with every sign that stateroom draws replaced by an ASCII one of the same width."""
    return text if text.isascii() else asciify(text.translate(_ASCII))
