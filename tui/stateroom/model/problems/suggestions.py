"""Suggest the closest known name in errors about unknown names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `did you mean memorySize?`, or "" when nothing is close."""
    close = _closest(name, tuple(sorted(known)))
    return f"did you mean {close}?" if close else ""


@lru_cache
def _closest(name: str, known: tuple[str, ...]) -> str:
    """Return the closest known name, or ""; cached, because one odd key may be in every function."""
    by_folded = {item.casefold(): item for item in known}
    close = difflib.get_close_matches(name.casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[close[0]] if close else ""


def misspelt(name: str, known: Iterable[str]) -> bool:
    """Tell whether a name is a known one except for case, one or two letters, or their order."""
    written, closest = name.casefold(), _closest(name, tuple(sorted(known))).casefold()
    ratio = difflib.SequenceMatcher(None, closest, written).ratio()
    return ratio > 0.8 or sorted(written) == sorted(closest)


def near_miss(name: str, known: Iterable[str]) -> str:
    """Return the known name that another one is taken to be a slip of; "" where it may be meant.

    Slips are another case, letters in another order, and one letter that is missing, doubled or another one; but not at
    the end (`dev`, `deva`) and none with a digit (`pr-1`, `pr-2`), as names of a series differ.
    """
    names = sorted(known)
    return "" if name in names else next((item for item in names if _is_slip(name, item)), "")


def _is_slip(written: str, meant: str) -> bool:
    one, other = written.casefold(), meant.casefold()
    if one == other or (len(one) > 2 and one[0] == other[0] and sorted(one) == sorted(other)):
        return not any(letter.isdigit() for letter in one) or one == other
    if min(len(one), len(other)) < 3 or one.startswith(other) or other.startswith(one):
        return False
    changes = [
        item for item in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes() if item[0] != "equal"
    ]
    if len(changes) != 1:
        return False
    _, first, last, start, end = changes[0]
    letters = one[first:last] + other[start:end]
    inside = first > 0 and (last < len(one) or end < len(other))
    return inside and max(last - first, end - start) == 1 and letters.isalpha() and max(len(one), len(other)) > 3


def suggestion(name: str, known: Iterable[str], *, limit: int = 12) -> str:
    """Return `did you mean …?`, or else the list of known names."""
    names = sorted(known)
    guess = did_you_mean(name, names)
    if guess or not names:
        return guess
    rest = f", … ({len(names)} in all)" if len(names) > limit else ""
    return f"known: {', '.join(names[:limit])}{rest}"
