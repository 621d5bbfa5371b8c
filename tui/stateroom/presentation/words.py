"""Which words of a line are different from another line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

_WORD = re.compile(r"\w+|\s+|[^\w\s]")
# Comparing costs the product of both lengths: beyond these a line counts as different all over.
_MOST_WORDS = 1_000
_MOST_LINES = 40


def changed_words(line: str, others: Iterable[str]) -> tuple[tuple[str, bool], ...]:
    """`line` in pieces, each with whether it is missing from the most similar of the other lines."""
    words = _WORD.findall(line)
    kept: set[int] = set()
    best = 0
    for other in list(others)[:_MOST_LINES]:
        theirs = _WORD.findall(other)
        if max(len(words), len(theirs)) > _MOST_WORDS:
            continue
        blocks = SequenceMatcher(None, words, theirs, autojunk=False).get_matching_blocks()
        same = [index for block in blocks for index in range(block.a, block.a + block.size)]
        if (size := sum(len(words[index]) for index in same if not words[index].isspace())) > best:
            kept, best = set(same), size
    pieces: list[tuple[str, bool]] = []
    for index, word in enumerate(words):
        changed = index not in kept and not (index == 0 and word.isspace())  # an indent says nothing
        if pieces and pieces[-1][1] is changed:
            pieces[-1] = (pieces[-1][0] + word, changed)
        else:
            pieces.append((word, changed))
    return tuple(pieces)
