"""Resolve `${…}` in a document: lazily, once per location, with cycle detection.

A location is a value in a document. Forcing one follows its variable to another location (`self`, `file`, `param`) or
to a value; only what is needed is forced, so that `${self:custom.a}` does not depend on its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

from stateroom.config.document.document import Document, KeyPath
from stateroom.config.document.intrinsics import DYNAMIC, calls_in, intrinsic, scalar_text
from stateroom.config.document.size_limit import exceeds_size_limit
from stateroom.config.document.source_locations import CycleGuard, LocatedValue, child_of, dotted
from stateroom.config.variables.expression import (
    Call,
    Expression,
    ExpressionError,
    Literal,
    NotAskedVariableError,
    Quoted,
    Text,
    parse_text,
)
from stateroom.errors import ConfigError, SourceLocation
from stateroom.model.values import Secret, Value

_MAX_TEXT = 4_000_000  # characters; the largest thing AWS takes, a state machine, is 1 MB
MISSING: Final = object()
"""What a source answers when it has no value; the next fallback is tried."""


@dataclass(frozen=True, slots=True)
class DefaultAnswer:
    """Answer of a source that counts only when no fallback has a value either."""

    value: Value


Source: TypeAlias = Callable[["Resolver", str, str], Value]
"""One kind of `${name(params):address}`, called with address and params ("" when absent).

Answers a value, a Place (whose own variables are resolved in turn), a DefaultAnswer, or MISSING. Raises ConfigError or
ExpressionError for an address that cannot be right.
"""

Others: TypeAlias = Callable[["Resolver", str], Source]


class Resolver:
    """Resolver of one document's variables.

    Args:
        document: the document of `self:`; `file()` paths are relative to its directory.
        sources: name to source.
        others: finds a source by a name that is not among `sources`; raises ExpressionError when there is none.
    """

    def __init__(self, document: Document, sources: Mapping[str, Source], others: Others) -> None:
        self.document = document
        self.directory = document.file.parent
        self.documents: dict[Path, Document | None] = {}  # files read by file(), by path
        self._sources = sources
        self._others = others
        self._forced: dict[tuple[int, KeyPath], LocatedValue] = {}
        self._values: dict[tuple[int, KeyPath], Value] = {}
        self._open: dict[tuple[int, KeyPath], LocatedValue] = {}

    def afresh(self, sources: Container[str], others: Others) -> Resolver:
        """Return a new resolver for the same document with an empty cache and these sources only."""
        known = {name: source for name, source in self._sources.items() if name in sources}
        return Resolver(self.document, known, others)

    def root(self) -> LocatedValue:
        """Return the document's root."""
        return LocatedValue(self.document.value, self.document, ())

    def at(self, path: KeyPath, start: LocatedValue | None = None) -> LocatedValue | None:
        """Return the location at a path below `start`, following variables; None when it does not exist."""
        place = self.force(start or self.root())
        for part in path:
            child = child_of(place, part)
            if child is None:
                return None
            place = self.force(child)
        return place

    def value(self, path: KeyPath) -> Value:
        """Return the resolved value at a path; None when there is none. Raises ConfigError."""
        place = self.at(path)
        if place is None:
            return None
        value = self.resolve(place)
        if exceeds_size_limit(value):
            raise self._error(
                place, "variables that multiply without end", todo="look for those that repeat each other"
            )
        return value

    def where(self, path: KeyPath) -> SourceLocation:
        """Return the source location of the value at a path, in the file that contains it."""
        place = self.root()
        for part in path:
            child = child_of(self._followed(place), part)
            if child is None:
                return self._followed(place).document.where((*self._followed(place).path, part))
            place = child
        return place.where()

    def _followed(self, place: LocatedValue) -> LocatedValue:
        while (target := self._forced.get(place.key)) is not None and target is not place:
            if target.key == place.key:
                return target
            place = target
        return place

    def resolve(self, place: LocatedValue) -> Value:
        """Return the value at a location with every variable in it resolved. Raises ConfigError."""
        forced = self.force(place)
        if forced.final or not isinstance(forced.value, Mapping | list):
            return forced.value
        if forced.key in self._values:
            return self._values[forced.key]
        with CycleGuard(self._open, forced):
            value = self._children(forced)
        self._values[forced.key] = value
        return value

    def _children(self, place: LocatedValue) -> Value:
        if isinstance(place.value, list):
            return [
                self.resolve(LocatedValue(item, place.document, (*place.path, index)))
                for index, item in enumerate(place.value)
            ]
        resolved = {
            key: self.resolve(LocatedValue(item, place.document, (*place.path, key)))
            for key, item in place.value.items()
        }
        return _repaired_sub(resolved) if "Fn::Sub" in resolved else resolved

    def force(self, place: LocatedValue) -> LocatedValue:
        """Follow a location's variable, if its value is one, to its target."""
        if place.final or not isinstance(place.value, str) or "${" not in place.value:
            return place
        known = self._forced.get(place.key)
        if known is not None:
            return known
        with CycleGuard(self._open, place):
            try:
                result = self._text(parse_text(place.value), place)
            except ExpressionError as error:
                raise self._error(place, str(error), todo=error.todo) from None
        self._forced[place.key] = result
        return result

    def _text(self, text: Text, place: LocatedValue) -> LocatedValue:
        if len(text) == 1:
            if isinstance(text[0], str):
                return LocatedValue(text[0], place.document, place.path, final=True)
            return self._evaluate(text[0], place)
        return LocatedValue(self._joined(text, place), place.document, place.path, final=True)

    def _joined(self, text: Text, place: LocatedValue) -> Value:
        """Join text and variables: a string, or a Fn::Join when a value is known to the cloud only."""
        pieces: list[Value] = []
        for piece in text:
            value = piece if isinstance(piece, str) else self.resolve(self._evaluate(piece, place))
            if intrinsic(value) is None and not isinstance(value, Secret):
                value = self._scalar(value, piece, place)
                if pieces and isinstance(pieces[-1], str):
                    value = pieces.pop() + value
            pieces.append(value)
            if isinstance(pieces[-1], str) and len(pieces[-1]) > _MAX_TEXT:
                raise self._error(
                    place, "text that grows without end", todo="look for variables that repeat each other"
                )
        if len(pieces) == 1:
            return pieces[0]
        literal = all(isinstance(piece, str | Secret) for piece in pieces)
        # A Fn::Sub takes what is secret as one of its variables.
        return _one_secret(pieces) if literal and not _is_sub(place.path) else {"Fn::Join": ["", pieces]}

    def _scalar(self, value: Value, piece: str | Expression, place: LocatedValue) -> str:
        shown = piece.source if isinstance(piece, Expression) else piece
        if isinstance(value, list):
            return ",".join(self._scalar(item, piece, place) for item in value)
        try:
            return "" if value is None else scalar_text(shown, value)
        except ConfigError as error:
            raise self._error(place, error.what, todo="refer to a single value inside it") from None

    def _evaluate(self, expression: Expression, place: LocatedValue) -> LocatedValue:
        last: LocatedValue | None = None  # null, or a last resort
        for alternative in expression.alternatives:
            found: LocatedValue | None
            if isinstance(alternative, Literal):
                found = LocatedValue(alternative.value, place.document, place.path, final=True)
                if alternative.value is None:
                    last = found
            elif isinstance(alternative, Quoted):
                found = LocatedValue(self._joined(alternative.text, place), place.document, place.path, final=True)
            elif isinstance(alternative, Expression):
                found = self._evaluate(alternative, place)
            else:
                found = self._call(alternative, place)
                if found is not None and isinstance(found.value, DefaultAnswer):
                    last = last or replace(found, value=found.value.value)
                    continue
            if found is not None and found.value is not None:
                return found
        if last is not None:
            return last
        raise self._error(
            place,
            f"{expression.source} has no value",
            why="nothing of that name is set, and there is no fallback",
            todo="set it, or add a fallback: ${…, 'value'}",
        )

    def _call(self, call: Call, place: LocatedValue) -> LocatedValue | None:
        source = self._sources.get(call.source) or self._others(self, call.source)
        try:
            answer = source(self, self._argument(call.address, place), self._argument(call.params, place))
        except NotAskedVariableError as error:
            answer = {DYNAMIC: error.shown}  # a deploy asks for it
        if answer is MISSING:
            return None
        if isinstance(answer, LocatedValue):
            return self.force(answer)
        return LocatedValue(answer, place.document, place.path, final=True)

    def _argument(self, text: Text | None, place: LocatedValue) -> str:
        joined = self._joined(text, place) if text else ""
        if isinstance(joined, Secret):
            raise self._error(place, "a variable's address contains a secret", todo="use a value that is none")
        if not isinstance(joined, str):
            for name, shown in calls_in(joined):
                if name == DYNAMIC:
                    raise NotAskedVariableError(str(shown))
            raise self._error(
                place,
                "a variable's address depends on a value that only the cloud knows",
                todo="use a literal value in the address",
            )
        return joined.strip()

    def _error(self, place: LocatedValue, what: str, *, why: str = "", todo: str = "") -> ConfigError:
        name = dotted(place.path)
        return ConfigError(f"{name}: {what}" if name else what, why=why, todo=todo, where=place.where())


def _one_secret(pieces: list[Value]) -> Secret:
    return Secret("".join(str(piece.reveal()) if isinstance(piece, Secret) else piece for piece in pieces))


def _is_sub(path: KeyPath) -> bool:
    return path[-1:] == ("Fn::Sub",) or path[-2:] == ("Fn::Sub", 0)


def _repaired_sub(value: dict[str, Value]) -> Value:
    """Move a Fn::Join that variables made inside a Fn::Sub to variables of the Sub."""
    argument = value["Fn::Sub"]
    text, variables = (
        (argument[0], argument[1]) if isinstance(argument, list) and len(argument) == 2 else (argument, {})
    )
    if (intrinsic(text) is None and not isinstance(text, Secret)) or not isinstance(variables, Mapping):
        return value
    pieces = text["Fn::Join"][1] if intrinsic(text) == "Fn::Join" else [text]
    named = dict(variables)
    result = ""
    for piece in pieces:
        if isinstance(piece, str):
            result += piece
        else:
            name = f"Value{len(named) + 1}"
            named[name] = piece
            result += f"${{{name}}}"
    return {**value, "Fn::Sub": [result, named]}
