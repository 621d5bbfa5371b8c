"""Signs that only the screen draws, and ASCII replacements of the same width."""

from __future__ import annotations

from stateroom.presentation.text import asciify

ODD = "▸"
MARKED = "•"
HOLDS_MARKED = "◦"
OPEN = "▾"
FOLDED = "▸"
BAR_FULL = "█"
BAR_EMPTY = "░"

# What Textual draws: borders, the ends of a scroll bar. A password's dots are our mark.
_BORDERS = dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼", "+") | dict.fromkeys("─━▔▁", "-") | dict.fromkeys("│┃▌▐▎▊▏▕", "|")
_ENDS = dict.fromkeys("▂▃▄▅▆▇▀", " ")
_OWN = {MARKED: "*", BAR_FULL: "#", BAR_EMPTY: ".", "●": "*", HOLDS_MARKED: "o", OPEN: "v", "↵": "<", "–": "-"}
_ASCII = str.maketrans(_BORDERS | _ENDS | _OWN)


def ascii_form(text: str) -> str:
    """Replace every sign that stateroom and Textual draw by an ASCII one of the same width."""
    return text if text.isascii() else asciify(text.translate(_ASCII))
