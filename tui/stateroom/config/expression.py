"""The grammar of `${source(params):address, fallback}`.

A `${…}` is a variable only when it has a colon or a pair of parentheses; `${AWS::Region}`, `${Queue.Arn}` and the
like belong to CloudFormation and stay as they are. Fallbacks are separated by commas outside quotes, parentheses and
inner variables.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from stateroom.config.numbers import decimal
from stateroom.model.values import Value

_NOT_OURS = re.compile(r"AWS::|PROP|iot:|!")
_CALL = re.compile(r"([A-Za-z_][\w-]*)(?:\((.*)\))?(?::(.*))?", re.DOTALL)
_INNER = re.compile(r"\0(\d+)\0")
_MAX_DEPTH = 50


class ExpressionError(ValueError):
    """A variable that does not follow the grammar; the message says why, `todo` how to write it."""

    def __init__(self, message: str, todo: str = "") -> None:
        super().__init__(message)
        self.todo = todo


@dataclass(frozen=True, slots=True)
class Literal:
    """A quoted text, a number, true, false or null."""

    value: Value


@dataclass(frozen=True, slots=True)
class Call:
    """`source(params):address`; params is None without parentheses, address is None without a colon."""

    source: str
    params: Text | None
    address: Text | None


@dataclass(frozen=True, slots=True)
class Expression:
    """One `${…}`: the first alternative that has a value wins."""

    alternatives: tuple[Literal | Call | Expression, ...]
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
        end = _closing(text, found)
        if end < 0:
            if _is_variable(text[found + 2 :]):
                raise ExpressionError(f"{text[found : found + 40]} is not closed", "add the missing }")
            break
        body = text[found + 2 : end]
        plain += text[start:found]
        if _is_variable(body):
            if plain:
                pieces.append(plain)
            plain = ""
            pieces.append(_expression(body, depth))
        else:
            plain += text[found : end + 1]
        start = end + 1
    plain += text[start:]
    if plain:
        pieces.append(plain)
    return tuple(pieces)


def _is_variable(body: str) -> bool:
    return (":" in body or ("(" in body and ")" in body)) and not _NOT_OURS.match(body)


def _closing(text: str, start: int) -> int:
    """The index of the brace that closes the `${` at start, or -1."""
    depth, index = 0, start
    while index < len(text):
        if text.startswith("${", index):
            depth += 1
            index += 1
        elif text[index] == "}":
            depth -= 1
            if depth == 0:
                return index
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
    parts, depth, quote, start = [], 0, "", 0
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote and text[index - 1] != "\\" else quote
        elif char in "'\"" and not text[start:index].strip():
            quote = char
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == "," and depth <= 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def _alternative(part: str, inner: list[Expression]) -> Literal | Call | Expression:
    whole = _INNER.fullmatch(part)
    if whole:
        return inner[int(whole.group(1))]
    if part[:1] in ("'", '"'):
        return Literal(_quoted(part))
    match = _CALL.fullmatch(part)
    if match and (match.group(2) is not None or match.group(3) is not None):
        source, params, address = match.groups()
        return Call(source, _rehydrate(params, inner), _rehydrate(address, inner))
    try:
        return Literal(json.loads(part, parse_float=decimal))
    except ValueError:
        shown = _INNER.sub("${…}", part)
        raise ExpressionError(
            f"{shown or 'an empty fallback'} is neither source:address nor a quoted text",
            f"write '{shown}' in quotes if it is meant as text" if shown else "remove the comma",
        ) from None


def _quoted(part: str) -> str:
    if len(part) < 2 or part[-1] != part[0]:
        raise ExpressionError("a quote is not closed", "close it")
    if _INNER.search(part):
        raise ExpressionError("a variable inside a quoted fallback", "leave the quotes away: ${a:x, ${b:y}}")
    if part[0] == "'":
        return part[1:-1]
    try:
        return str(json.loads(part))
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
