"""Globs of `package.patterns`, compiled to regular expressions that never backtrack over what was matched before.

`*`, `?` and `[…]` stay in one directory, `**` crosses directories, `{a,b}`, `{1..3}`, `@(a|b)` and `?(a|b)` are written
out. What stands between two stars is looked for once, from the left, and kept (an atomic group): a later find of the
same piece could only leave less for the rest. So the time grows with the length of the pattern times the square of the
path's, whatever the pattern. Russ Cox, "Glob Matching Can Be Simple And Fast Too": https://research.swtch.com/glob
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final

_LONGEST: Final = 2_000  # characters of one pattern
_MOST: Final = 1_000  # patterns that one with braces stands for
_EXTGLOB: Final = re.compile(r"[!+*]\(")
_CHOICE: Final = re.compile(r"[@?]\(([^()]*)\)")
_RANGE: Final = re.compile(r"(-?\d{1,9}|[A-Za-z])\.\.(-?\d{1,9}|[A-Za-z])")
_STARS: Final = re.compile(r"(?:^|(?<=/))\*\*/|\*\*|\*")


class GlobError(ValueError):
    """A pattern that is not read; the message says why."""


@lru_cache(maxsize=1024)
def compile_glob(pattern: str) -> tuple[re.Pattern[str], ...]:
    """Compile a glob; a path matches when one of the answers matches all of it.

    Raises:
        GlobError: it is too long, stands for too many patterns, or has a group that is not read.
    """
    if len(pattern) > _LONGEST:
        raise GlobError(f"a pattern has at most {_LONGEST:,} characters")
    if _EXTGLOB.search(pattern):
        raise GlobError("!(…), +(…) and *(…) are not read")
    written = _CHOICE.sub(_braces_of_choice, pattern)
    return tuple(re.compile(_expression(one), re.DOTALL) for one in dict.fromkeys(_expanded(written)))


def check_pattern(pattern: str) -> None:
    """Check a line of `package.patterns`, which `!` may begin. Raises GlobError."""
    if pattern.startswith("!("):
        raise GlobError("!(…), +(…) and *(…) are not read")
    compile_glob(pattern.removeprefix("!").removeprefix("./"))


def matches(pattern: str, path: str) -> bool:
    """Tell whether a path, with slashes, matches a glob. A pattern that ends with / is all below that directory."""
    return any(one.fullmatch(path) for one in compile_glob(pattern))


def _braces_of_choice(found: re.Match[str]) -> str:
    nothing = "," if found[0].startswith("?") else ""
    return "{" + nothing + found[1].replace("|", ",") + "}" if nothing or "|" in found[1] else found[1]


def _expanded(pattern: str) -> list[str]:
    """Write the braces out, the leftmost first. Raises GlobError beyond _MOST."""
    done: list[str] = []
    todo = [pattern]
    while todo:
        if len(done) + len(todo) > _MOST:
            raise GlobError(f"its braces stand for more than {_MOST:,} patterns")
        text = todo.pop()
        braces = _first_braces(text)
        if braces is None:
            done.append(text)
        else:
            start, end, parts = braces
            todo += [text[:start] + part + text[end:] for part in parts]
    return done


def _first_braces(text: str) -> tuple[int, int, list[str]] | None:
    """Find the first braces with a choice in them: where they begin and end, and the parts. `{a}` is no choice."""
    openings: list[tuple[int, list[int]]] = []  # of the braces around: where, and their commas
    found: tuple[int, int, list[str]] | None = None
    for index, char in enumerate(text):
        if char == "{":
            openings.append((index, []))
        elif char == "," and openings:
            openings[-1][1].append(index)
        elif char == "}" and openings:
            start, commas = openings.pop()
            edges = [start, *commas, index]
            parts = [text[one + 1 : other] for one, other in pairwise(edges)]
            parts = parts if commas else _range(parts[0])
            if parts and (found is None or start < found[0]):
                found = (start, index + 1, parts)
                if not openings:
                    break
    return found


def _range(text: str) -> list[str]:
    """Return what `1..3` or `a..c` stands for; nothing for other text. Raises GlobError beyond _MOST."""
    found = _RANGE.fullmatch(text)
    if not found or found[1].isalpha() != found[2].isalpha():
        return []
    letters = found[1].isalpha()
    first, last = (ord(end) if letters else int(end) for end in found.groups())
    step = 1 if first <= last else -1
    if abs(last - first) >= _MOST:
        raise GlobError(f"its braces stand for more than {_MOST:,} patterns")
    return [chr(number) if letters else str(number) for number in range(first, last + step, step)]


def _expression(pattern: str) -> str:
    """Write one glob without braces as a regular expression for `fullmatch`."""
    if pattern.endswith("/"):
        pattern += "**"
    *before, last = _blocks(pattern)
    return "".join(f"(?>{star}{_block(pieces)})" for star, pieces in before) + last[0] + _block(last[1], final=True)


def _blocks(pattern: str) -> Iterator[tuple[str, list[str]]]:
    """Yield what crosses directories before a block, lazily matched, and the block's pieces between single stars."""
    star, pieces, start = "", [""], 0
    for found in _STARS.finditer(pattern):
        pieces[-1] += _literal(pattern[start : found.start()])
        start = found.end()
        if found[0] == "*":
            pieces.append("")
        else:
            yield star, pieces
            star, pieces = ("(?:[^/]*/)*?" if found[0] == "**/" else ".*?"), [""]
    pieces[-1] += _literal(pattern[start:])
    yield star, pieces


def _block(pieces: list[str], *, final: bool = False) -> str:
    """Join pieces, each looked for once from the left. The last of the final block ends where the path ends."""
    first, *others = pieces
    if not others:
        return first
    last = f"[^/]*{others.pop()}" if final else ""
    return first + "".join(f"(?>[^/]*?{piece})" for piece in others) + last


def _literal(text: str) -> str:
    """Write text with `?` and `[…]` as a regular expression. A bracket that is not closed is a character."""
    result, index = "", 0
    while index < len(text):
        char = text[index]
        end = text.find("]", index + 2) if char == "[" else -1
        if end > 0:
            result, index = result + _characters(text[index + 1 : end]), end + 1
            continue
        result += "[^/]" if char == "?" else re.escape(char)
        index += 1
    return result


def _characters(inside: str) -> str:
    negated = inside[0] in "!^"
    inner = re.sub(r"([\\\[\]^&~|])", r"\\\1", inside[1:] if negated else inside)
    try:
        re.compile(f"[{inner}]")
    except re.error:  # such as a range that ends before it begins
        return re.escape(f"[{inside}]")
    return f"(?!/)[{'^' * negated}{inner}]"
