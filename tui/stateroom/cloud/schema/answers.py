"""What is known of a type's answers: what they leave out, add, order and spell in another way than it was written."""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, Final, TypeAlias

from stateroom.cloud.schema.facts import Facts
from stateroom.cloud.schema.habits import (
    ADDED,
    CASELESS,
    CASELESS_NAMES,
    CASELESS_SERVICES,
    IDENTIFIERS,
    IDENTITIES,
    PREFIXES,
    SEQUENCES,
    SETS,
    UNREAD,
    UNREAD_NAMES,
    VALUE_NAMES,
)
from stateroom.model.diff import Path
from stateroom.model.values import Value

_FILE: Final = FilePath(__file__).parent / "data" / "answers.json.gz"
Pattern: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerHabits:
    """Knowledge about the answers of one type. Paths hold `*` for list items."""

    type: str
    unread: frozenset[Pattern] = frozenset()
    ordered: frozenset[Pattern] = frozenset()
    caseless: frozenset[Pattern] = frozenset()
    fixed: frozenset[Pattern] = frozenset()  # create-only
    tags: str = ""
    added: frozenset[Pattern] = frozenset()  # lists to which the server adds items of its own

    def is_unread(self, path: Path) -> bool:
        """Tell whether AWS never gives this back."""
        return UNREAD_NAMES.fullmatch(_name(path)) is not None or any(_begins(path, pattern) for pattern in self.unread)

    def is_ordered(self, path: Path, items: Sequence[Value]) -> bool:
        """Tell whether the order of the list at a path means something; items with an identity are found by it."""
        if _name(path) in SEQUENCES:
            return True
        if items and all(isinstance(item, Mapping) and not item.keys().isdisjoint(IDENTITIES) for item in items):
            return False
        return not SETS.fullmatch(_name(path)) and any(_matches(path, pattern) for pattern in self.ordered)

    def is_caseless(self, path: Path) -> bool:
        """Tell whether the service writes the text at a path in another case."""
        name, own = _name(path), CASELESS.get(self.type)
        if CASELESS_NAMES.fullmatch(name) or any(_matches(path, pattern) for pattern in self.caseless):
            return True
        if CASELESS_SERVICES.fullmatch(self.type) and IDENTIFIERS.fullmatch(name):
            return True
        return own is not None and own.search(".".join(map(str, path))) is not None

    def forms(self, declared: Value, path: Path) -> Iterator[Value]:
        """Yield a declared value as it is, and as the service calls it."""
        yield declared
        for known, prefixes in PREFIXES.get(self.type, {}).items():
            if isinstance(declared, str) and _matches(path, tuple(known.split("."))):
                yield from (f"{prefix}{declared}" for prefix in prefixes)

    def adds_items(self, declared: Sequence[Value], path: Path) -> bool:
        """Tell whether items that nobody declared are the server's: in what is a map of entries, and in known lists."""
        entries = bool(declared) and all(
            isinstance(item, Mapping) and bool(VALUE_NAMES & item.keys()) for item in declared
        )
        return entries or any(_matches(path, pattern) for pattern in self.added)

    def is_fixed(self, path: Path) -> bool:
        """Tell whether the value at a path, or a part of it, is set at creation only; tags never are by themselves."""
        return path[:1] != (self.tags,) and any(all(map(_same_part, pattern, path)) for pattern in self.fixed)


def says_nothing(value: Value) -> bool:
    """Tell whether a declared value is what an answer leaves out: nothing, off, none, or AWS's -1 for "no limit"."""
    return not value or value in (-1, "-1", "0", "false", "NONE", "None", "none")


def _name(path: Path) -> str:
    return next((str(part) for part in reversed(path) if part != "*"), "")


def _begins(path: Path, pattern: Pattern) -> bool:
    return len(pattern) <= len(path) and all(map(_same_part, pattern, path))


def _matches(path: Path, pattern: Pattern) -> bool:
    return len(pattern) == len(path) and all(map(_same_part, pattern, path))


def _same_part(pattern: str, part: str | int) -> bool:
    return pattern in ("*", part) or part == "*"


@functools.cache
def _vendored() -> Mapping[str, Mapping[str, list[str]]]:
    content: dict[str, Any] = json.loads(gzip.decompress(_FILE.read_bytes()))
    types: Mapping[str, Mapping[str, list[str]]] = content["types"]
    return types


@functools.cache
def ordered_lists(type_: str) -> frozenset[Pattern]:
    """Return the lists of a type whose order means something, as the registry says."""
    return _patterns(_vendored().get(type_, {}).get("o", ()))


def answers(facts: Facts) -> AnswerHabits:
    """Return what is known of a type's answers."""
    return _answers(facts.schema.type, facts.schema.create_only, facts.readable, facts.tags, vendored=bool(facts.shape))


@functools.cache
def _answers(
    type_: str, create_only: frozenset[str], readable: tuple[str, ...], tags: str, *, vendored: bool
) -> AnswerHabits:
    known = _vendored().get(type_, {})
    return AnswerHabits(
        type_,
        unread=_patterns([*(path for path in known.get("w", ()) if path not in readable), *UNREAD.get(type_, ())]),
        ordered=ordered_lists(type_),
        caseless=_patterns(known.get("h", ())),
        added=_patterns(ADDED.get(type_, ())),
        fixed=_patterns({*create_only, *(() if vendored else known.get("c", ()))}),
        tags=tags,
    )


def _patterns(paths: Iterable[str]) -> frozenset[Pattern]:
    return frozenset(tuple(path.split(".")) for path in paths)
