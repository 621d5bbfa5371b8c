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


def suggestion(name: str, known: Iterable[str], *, limit: int = 12) -> str:
    """Return `did you mean …?`, or else the list of known names."""
    names = sorted(known)
    guess = did_you_mean(name, names)
    if guess or not names:
        return guess
    rest = f", … ({len(names)} in all)" if len(names) > limit else ""
    return f"known: {', '.join(names[:limit])}{rest}"
