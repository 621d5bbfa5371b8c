"""Values of a YAML document, and where each is written, from one walk over the parser's events.

A tree of nodes, as PyYAML composes it, takes twice the time and three times the memory. What such a tree refuses is
refused here with PyYAML's own words: undefined and repeated anchors, a second document.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from yaml.composer import ComposerError
from yaml.events import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, StreamEndEvent

from stateroom.config.document.size_limit import MAX_VALUES
from stateroom.config.document.yaml_loader import MERGE, plain, scalar
from stateroom.model.values import Value

Position: TypeAlias = int
"""Line and column, both from 0, in one number."""

_COLUMN_BITS: Final = 32


def line_and_column(position: Position) -> tuple[int, int]:
    """Unpack a position."""
    return position >> _COLUMN_BITS, position & (1 << _COLUMN_BITS) - 1


def _packed(mark: Any) -> Position:
    return int(mark.line << _COLUMN_BITS | mark.column)


@dataclass(slots=True)
class DocumentPart:
    """Map, list, or scalar that needs more than a line: its value and position, the positions of its entries by key or
    by number, and the parts among those.

    The position of a map's entry is that of its key. `tag` is the long name of a short tag: `Fn::Sub`.
    """

    value: Value
    at: Position
    keys: dict[str, Position] | None = None
    items: list[Position] | None = None
    parts: dict[str | int, DocumentPart] | None = None
    tag: str = ""

    def find(self, path: tuple[str | int, ...]) -> Position:
        """Return the position of the value at `path`, or of its nearest parent that is written out."""
        at, part = self.at, self
        for step in path:
            if part.keys is not None and str(step) in part.keys:
                step = str(step)
                at = part.keys[step]
            elif part.items is not None and isinstance(step, int) and 0 <= step < len(part.items):
                at = part.items[step]
            elif part.tag and step == part.tag:
                continue
            else:
                break
            inner = (part.parts or {}).get(step)
            if inner is None:
                break
            part = inner
        return at


class TreeError(Exception):
    """Something that YAML allows and a project may not have: what, where, and what to do."""

    def __init__(self, what: str, at: Position, todo: str) -> None:
        super().__init__(what)
        self.what, self.at, self.todo = what, at, todo


def read_tree(loader: Any) -> tuple[DocumentPart | None, bool]:
    """Read the one document of a PyYAML loader; None for an empty one. Tells, too, whether it has aliases.

    Raises:
        TreeError: it has what a project may not have.
        yaml.YAMLError: it is not YAML.
        RecursionError: it is nested too deeply.
    """
    return _TreeReader(loader).read()


class _TreeReader:
    def __init__(self, loader: Any) -> None:
        self._next = loader.get_event
        self._anchors: dict[str, tuple[DocumentPart | None, Any]] = {}  # None while it is being read
        self._texts: dict[str, str] = {}  # of anchored scalars, which may stand for keys
        self._merged = 0
        self._aliases = False

    def read(self) -> tuple[DocumentPart | None, bool]:
        self._next()  # the stream begins
        start = self._next()
        if isinstance(start, StreamEndEvent):
            return None, False
        root = self._part(self._next())
        self._next()  # the document ends
        end = self._next()
        if not isinstance(end, StreamEndEvent):
            raise ComposerError(
                "expected a single document in the stream",
                start.start_mark,
                "but found another document",
                end.start_mark,
            )
        return root, self._aliases

    def _part(self, event: Any) -> DocumentPart:
        """Read the part that begins with the event."""
        if isinstance(event, AliasEvent):
            return self._alias(event)
        anchor = event.anchor
        if anchor is not None:
            if anchor in self._anchors:
                raise ComposerError(
                    f"found duplicate anchor {anchor!r}; first occurrence",
                    self._anchors[anchor][1],
                    "second occurrence",
                    event.start_mark,
                )
            self._anchors[anchor] = (None, event.start_mark)
        part = DocumentPart(None, _packed(event.start_mark))
        if isinstance(event, ScalarEvent):
            part.value = _scalar_value(event)
            if anchor is not None:
                self._texts[anchor] = event.value
        elif isinstance(event, MappingStartEvent):
            self._map(part)
        else:
            self._list(part)
        if (event.tag or "").startswith("!") and event.tag != "!":
            _tagged(part, event)
        if anchor is not None:
            self._anchors[anchor] = (part, event.start_mark)
        return part

    def _alias(self, event: Any) -> DocumentPart:
        if event.anchor not in self._anchors:
            raise ComposerError(None, None, f"found undefined alias {event.anchor!r}", event.start_mark)
        self._aliases = True
        part, mark = self._anchors[event.anchor]
        if part is None:
            raise TreeError("an alias that contains itself", _packed(mark), "write the value out")
        return part

    def _list(self, part: DocumentPart) -> None:
        values: list[Value] = []
        positions: list[Position] = []
        parts: dict[str | int, DocumentPart] = {}
        event = self._next()
        while not isinstance(event, SequenceEndEvent):
            if type(event) is ScalarEvent and event.tag is None and event.anchor is None:
                values.append(plain(event.value) if event.implicit[0] else event.value)
                positions.append(_packed(event.start_mark))
            else:
                inner = parts[len(values)] = self._part(event)
                values.append(inner.value)
                positions.append(inner.at)
            event = self._next()
        part.value, part.items, part.parts = values, positions, parts or None

    def _map(self, part: DocumentPart) -> None:
        values: dict[str, Value] = {}
        positions: dict[str, Position] = {}
        parts: dict[str | int, DocumentPart] = {}
        merged: list[tuple[DocumentPart, Position]] = []
        event = self._next()
        while not isinstance(event, MappingEndEvent):
            at = _packed(event.start_mark)
            key = self._key(event)
            event = self._next()
            if key is None:
                merged.append((self._part(event), at))
            elif key in positions:
                first = line_and_column(positions[key])[0] + 1
                raise TreeError(f"duplicate key {key}", at, f"it is on line {first} already: keep one of them")
            else:
                positions[key] = at
                if type(event) is ScalarEvent and event.tag is None and event.anchor is None:
                    values[key] = plain(event.value) if event.implicit[0] else event.value
                else:
                    inner = parts[key] = self._part(event)
                    values[key] = inner.value
            event = self._next()
        part.value, part.keys, part.parts = values, positions, parts or None
        if merged:
            self._merge(part, values, merged)

    def _key(self, event: Any) -> str | None:
        """Return the text of a key; None for `<<`."""
        if isinstance(event, ScalarEvent):
            if event.anchor is not None:
                self._part(event)
            merges = event.tag == MERGE or (event.value == "<<" and event.implicit[0])
            return None if merges else str(event.value)
        if isinstance(event, AliasEvent):
            self._alias(event)
            if event.anchor in self._texts:
                return self._texts[event.anchor]
        raise TreeError(
            "a key that is not plain text", _packed(event.start_mark), "write the key as one word or quoted text"
        )

    def _merge(self, part: DocumentPart, own: dict[str, Value], merged: list[tuple[DocumentPart, Position]]) -> None:
        """Put the entries of other maps before the part's own ones. The first map that has a key gives its value."""
        whole = DocumentPart(own, part.at, part.keys, parts=part.parts)
        entries: dict[str, DocumentPart] = {}
        for source, at in [*merged, (whole, part.at)]:
            for found in _maps(source):
                self._merged += len(found.keys or ())
                if self._merged > MAX_VALUES:
                    raise TreeError("aliases that multiply without end", at, "write them out")
                for key in found.keys or ():
                    entries[key] = found if found is whole else entries.get(key, found)
        part.value = {key: found.value[key] for key, found in entries.items()}
        part.keys = {key: (found.keys or {})[key] for key, found in entries.items()}
        inner = {key: (found.parts or {}).get(key) for key, found in entries.items()}
        part.parts = {key: each for key, each in inner.items() if each is not None} or None


def _maps(source: DocumentPart) -> Iterator[DocumentPart]:
    """Iterate over the maps that a `<<` merges: one, or a list of them."""
    each = [source]
    if source.items is not None and not source.tag:
        known = source.parts or {}
        each = [known.get(index) or DocumentPart(None, at) for index, at in enumerate(source.items)]
    for found in each:
        if found.keys is None or found.tag:
            raise TreeError("<< merges something that is not a map", found.at, "merge an alias of a map")
        yield found


def _scalar_value(event: Any) -> Value:
    if event.tag is None or event.tag == "!":
        return plain(event.value) if event.implicit[0] else str(event.value)
    return scalar(event.value, event.tag)


def _tagged(part: DocumentPart, event: Any) -> None:
    """Make the part what CloudFormation's long form of its tag says."""
    if event.tag not in _SHORT_TAGS:
        raise TreeError(f"unknown tag {event.tag}", part.at, f"CloudFormation's are {', '.join(sorted(_SHORT_TAGS))}")
    value = event.value if isinstance(event, ScalarEvent) else part.value
    if event.tag == "!GetAtt" and isinstance(value, str):
        logical_id, _, attribute = value.partition(".")
        value = [logical_id, attribute]
    part.tag = _PLAIN_NAMES.get(event.tag, f"Fn::{event.tag[1:]}")
    part.value = {part.tag: value}


_PLAIN_NAMES: Final = {"!Ref": "Ref", "!Condition": "Condition"}
_TAG_NAMES: Final = """Ref Condition GetAtt Sub Join Select Split Base64 FindInMap ImportValue GetAZs Cidr If Equals
    And Or Not Transform Length ToJsonString"""
_SHORT_TAGS: Final = frozenset(f"!{name}" for name in _TAG_NAMES.split())
