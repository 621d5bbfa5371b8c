"""Closest names, for errors about names that do not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean memorySize?`, or "" when nothing is close."""
    names = sorted(known)
    by_folded = {item.casefold(): item for item in names}
    close = difflib.get_close_matches(name.casefold(), list(by_folded), n=1, cutoff=0.6)
    return f"did you mean {by_folded[close[0]]}?" if close else ""


def misspelt(name: str, known: Iterable[str]) -> bool:
    """Whether a name is one of the known ones but for its case, a letter or two, or their order."""
    folded = name.casefold()
    letters = sorted(folded)
    others = [item.casefold() for item in known]
    return any(sorted(item) == letters for item in others) or bool(
        difflib.get_close_matches(folded, others, n=1, cutoff=0.81)
    )


def suggestion(name: str, known: Iterable[str], *, limit: int = 12) -> str:
    """`did you mean …?`, or else what there is to choose from."""
    names = sorted(known)
    guess = did_you_mean(name, names)
    if guess or not names:
        return guess
    rest = f", … ({len(names)} in all)" if len(names) > limit else ""
    return f"known: {', '.join(names[:limit])}{rest}"
