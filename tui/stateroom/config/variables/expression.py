"""Parse the grammar of `${source(params):address, fallback}`.

A `${…}` is a variable only when a name with a colon or a pair of parentheses begins it; `${AWS::Region}`,
`${Queue.Arn}` and the like belong to CloudFormation and stay as they are, as does `\\${…}`, without its backslash.
Fallbacks are separated by commas outside quotes, parentheses and inner variables.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from stateroom.config.document.numbers import parse_number
from stateroom.model.values import Value

# What begins like this is a variable; the rest is CloudFormation's, a shell's (`${HOME:-/root}`) or a template's.
_VARIABLE = re.compile(r"\s*(?!PROP|iot:|[A-Z0-9_]+:)[A-Za-z_][\w-]*(?::(?![-+=?:])|\()")
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE]-?\d+)?")
_CALL = re.compile(r"([A-Za-z_][\w-]*)(?:\((.*)\))?(?::(.*))?", re.DOTALL)
_INNER = re.compile(r"\0(\d+)\0")
_MAX_DEPTH = 50


class ExpressionError(ValueError):
    """Syntax error of a variable; the message is the reason, `todo` the correct form."""

    def __init__(self, message: str, todo: str = "") -> None:
        super().__init__(message)
        self.todo = todo


class NotAskedVariableError(ExpressionError):
    """A value far away was not asked for; `shown` is what needs it, as the file has it."""

    def __init__(self, shown: str) -> None:
        super().__init__(f"{shown} is not known: not asked: --offline", "leave --offline out")
        self.shown = shown


@dataclass(frozen=True, slots=True)
class Literal:
    """Literal: a quoted text, a number, true, false or null."""

    value: Value


@dataclass(frozen=True, slots=True)
class Call:
    """Lookup `source(params):address`; params is None without parentheses, address without a colon."""

    source: str
    params: Text | None
    address: Text | None


@dataclass(frozen=True, slots=True)
class Quoted:
    """Quoted text with variables in it."""

    text: Text


@dataclass(frozen=True, slots=True)
class Expression:
    """Parsed `${…}`: the first alternative that has a value wins."""

    alternatives: tuple[Literal | Call | Expression | Quoted, ...]
    source: str  # as written


Text: TypeAlias = tuple[str | Expression, ...]
"""Text with variables in it, in order."""


@lru_cache(maxsize=4096)
def parse_text(text: str) -> Text:
    """Split text into plain pieces and variables.

    Raises:
        ExpressionError: a variable is not closed or does not follow the grammar.
    """
    if "${" not in text or "\0" in text:
        return (text,)
    return _pieces(text, 0)


def _pieces(text: str, depth: int) -> Text:
    if depth > _MAX_DEPTH:
        raise ExpressionError("variables are nested too deeply")
    pieces: list[str | Expression] = []
    plain, start = "", 0
    while (found := text.find("${", start)) >= 0:
        before = text[start:found]
        slashes = len(before) - len(before.rstrip("\\"))
        plain += before[: len(before) - slashes + slashes // 2]
        if slashes % 2 or not _VARIABLE.match(text, found + 2):
            plain += "${"
            start = found + 2
            continue
        end = _closing(text, found)
        if end < 0:
            raise ExpressionError(f"{text[found : found + 40]} is not closed", "add the missing }")
        if plain:
            pieces.append(plain)
        plain = ""
        pieces.append(_expression(text[found + 2 : end], depth))
        start = end + 1
    plain += text[start:]
    if plain:
        pieces.append(plain)
    return tuple(pieces)


def _closing(text: str, start: int) -> int:
    """Return the index of the brace that closes the `${` at start, or -1."""
    depth, index, last = 0, start, ""
    while index < len(text):
        char = text[index]
        if text.startswith("${", index):
            depth += 1
            index += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                return index
        elif char in "'\"" and last == ",":
            index = max(index, text.find(char, index + 1))
        last = last if char.isspace() else char
        index += 1
    return -1


def _expression(body: str, depth: int) -> Expression:
    inner: list[Expression] = []
    flat = ""
    for piece in _pieces(body, depth + 1):
        if isinstance(piece, str):
            flat += piece
        else:
            flat += f"\0{len(inner)}\0"
            inner.append(piece)
    parts = _split(flat)
    return Expression(tuple(_alternative(part.strip(), inner) for part in parts), "${" + body + "}")


def _split(text: str) -> list[str]:
    parts, depth, quote, start, blank = [], 0, "", 0, True  # blank: nothing but spaces since the last comma
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote and text[index - 1] != "\\" else quote
        elif char in "'\"" and blank:
            quote = char
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == "," and depth <= 0:
            parts.append(text[start:index])
            start, blank = index + 1, True
            continue
        blank = blank and char.isspace()
    return [*parts, text[start:]]


def _alternative(part: str, inner: list[Expression]) -> Literal | Call | Expression | Quoted:
    text = _quoted(part) if part[:1] in ("'", '"') else None
    whole = _INNER.fullmatch(part if text is None else text)
    if whole:
        return inner[int(whole.group(1))]
    if text is not None:
        return Quoted(_rehydrate(text, inner) or ()) if _INNER.search(text) else Literal(text)
    if _NUMBER.fullmatch(part):
        return Literal(parse_number(part))
    match = _CALL.fullmatch(part)
    if match and (match.group(2) is not None or match.group(3) is not None):
        source, params, address = match.groups()
        return Call(source, _rehydrate(params, inner), _rehydrate(address, inner))
    try:
        return Literal(json.loads(part))
    except ValueError:
        shown = _INNER.sub("${…}", part)
        raise ExpressionError(
            f"{shown or 'an empty fallback'} is neither source:address nor a quoted text",
            f"write '{shown}' in quotes if it is meant as text" if shown else "remove the comma",
        ) from None


def _quoted(part: str) -> str:
    if len(part) < 2 or part[-1] != part[0]:
        raise ExpressionError("a quote is not closed", "close it")
    if part[0] == "'":
        return part[1:-1]
    try:
        return str(json.loads(part, strict=False))
    except ValueError:
        return part[1:-1]


def _rehydrate(text: str | None, inner: list[Expression]) -> Text | None:
    if text is None:
        return None
    pieces: list[str | Expression] = []
    for index, piece in enumerate(_INNER.split(text)):
        if index % 2:
            pieces.append(inner[int(piece)])
        elif piece:
            pieces.append(piece)
    return tuple(pieces)
