"""One line of text in a terminal: how wide it is, how it is cut, and what it becomes where only ASCII prints."""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"
ABSENT_SIGN = "·"

# One cell for one cell, so that columns stay aligned after the translation.
_ASCII = str.maketrans(
    {
        "…": "~",
        "·": "-",
        "→": ">",
        "↓": "v",
        "▸": ">",
        "±": "%",
        "│": "|",
        "─": "-",
        "┼": "+",
        "✓": "+",
        "✕": "x",
        "⇄": "=",
        "−": "-",
    }
)


def asciify(text: str) -> str:
    """`text` with stateroom's own signs replaced by ASCII ones of the same width. Other characters are left alone."""
    return text if text.isascii() else text.translate(_ASCII)


def plain(text: str) -> str:
    r"""`text` as one line that does nothing to a terminal: control, bidi and odd space characters are escaped (`\n`).

    Values and names come from files and clouds that others write to, so an escape sequence must never get through.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def cells(text: str) -> int:
    """How many terminal cells `text` takes (Unicode TR 11: wide characters two, combining marks none)."""
    return len(text) if text.isascii() else sum(map(_cell, text))


def _cell(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def head(text: str, width: int) -> str:
    """Return the longest start of `text` that fits into `width` cells."""
    if text.isascii():
        return text[: max(width, 0)]
    used = 0
    for index, character in enumerate(text):
        used += _cell(character)
        if used > width:
            return text[:index]
    return text


def tail(text: str, width: int) -> str:
    """Return the longest end of `text` that fits into `width` cells."""
    if text.isascii():
        return text[len(text) - min(max(width, 0), len(text)) :]
    used = 0
    for index in range(len(text) - 1, -1, -1):
        used += _cell(text[index])
        if used > width:
            return text[index + 1 :]
    return text


def elide(text: str, width: int) -> str:
    """`text` in at most `width` cells; what is too much goes from the middle, where names differ least."""
    if cells(text) <= width:
        return text
    if width <= 1:
        return ELLIPSIS[: max(width, 0)]
    room = width - 1
    end = tail(text, room // 2)
    return head(text, room - cells(end)) + ELLIPSIS + end


def pad(text: str, width: int) -> str:
    """`text` elided or filled up with spaces to exactly `width` cells."""
    fitted = elide(text, width)
    return fitted + " " * (width - cells(fitted))


def capital(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]
