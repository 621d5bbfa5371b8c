"""Parse YAML (with CloudFormation's short tags) and JSON, keeping the source location of every key.

Scalars follow YAML's core schema as JavaScript reads it: `on` and `yes` are strings, `2012-10-17` is not a date,
and keys are always strings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from stateroom.config.document.size_limit import MAX_VALUES, exceeds_size_limit
from stateroom.config.document.user_files import read_user_text
from stateroom.config.document.yaml_loader import MERGE, loader_for, scalar
from stateroom.errors import ConfigError, SourceLocation
from stateroom.model.values import Value

KeyPath: TypeAlias = tuple[str | int, ...]
"""Where a value is in a document: ("functions", "create", "events", 0)."""


@dataclass(slots=True)
class Document:
    """Parsed file. `value` is plain data; treat it as read-only."""

    file: Path
    value: Value = None
    _root: yaml.Node | None = None
    _keys: dict[int, dict[str, tuple[yaml.Node, yaml.Node]]] = field(default_factory=dict)
    _built: dict[int, Value] = field(default_factory=dict)
    _count: int = 0

    def where(self, path: KeyPath) -> SourceLocation:
        """Return the line of the value at `path`, or of its nearest parent that is written out."""
        node = place = self._root
        for part in path:
            if isinstance(node, yaml.MappingNode):
                pair = self._keys.get(id(node), {}).get(str(part))
                if pair is None:
                    break
                place, node = pair
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                place = node = node.value[part]
            elif node is None or not (node.tag.startswith("!") and part == _long_name(node.tag)):
                break
        if place is None:
            return SourceLocation(self.file, 1)
        return SourceLocation(self.file, place.start_mark.line + 1, place.start_mark.column + 1)

    def _build(self, node: yaml.Node) -> Value:
        known = self._built.get(id(node), self)
        if known is not self:
            if known is _BUILDING:
                raise self._error("an alias that contains itself", node, "write the value out")
            return known
        self._built[id(node)] = _BUILDING
        value = self._construct(node)
        self._built[id(node)] = value
        return value

    def _construct(self, node: yaml.Node) -> Value:
        value: Value
        if isinstance(node, yaml.MappingNode):
            value = self._mapping(node)
        elif isinstance(node, yaml.SequenceNode):
            value = [self._build(item) for item in node.value]
        else:
            value = scalar(node)
        if not node.tag.startswith("!"):
            return value
        if node.tag not in _SHORT_TAGS:
            known = ", ".join(sorted(_SHORT_TAGS))
            raise self._error(f"unknown tag {node.tag}", node, f"CloudFormation's are {known}")
        if isinstance(node, yaml.ScalarNode):
            value = node.value
        if node.tag == "!GetAtt" and isinstance(value, str):
            logical_id, _, attribute = value.partition(".")
            value = [logical_id, attribute]
        return {_long_name(node.tag): value}

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Value]:
        own: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        merged: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key_node, value_node in node.value:
            if key_node.tag == MERGE:
                for key, pair in self._merged(value_node):
                    merged.setdefault(key, pair)
                    self._count += 1
                    if self._count > MAX_VALUES:
                        raise self._error("aliases that multiply without end", key_node, "write them out")
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._error("a key that is not plain text", key_node, "write the key as one word or quoted text")
            key = str(key_node.value)
            if key in own:
                first = own[key][0].start_mark.line + 1
                raise self._error(f"duplicate key {key}", key_node, f"it is on line {first} already: keep one of them")
            own[key] = (key_node, value_node)
        pairs = {**merged, **own}
        self._keys[id(node)] = pairs
        return {key: self._build(value_node) for key, (_, value_node) in pairs.items()}

    def _merged(self, node: yaml.Node) -> Iterator[tuple[str, tuple[yaml.Node, yaml.Node]]]:
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for source in sources:
            if not isinstance(source, yaml.MappingNode):
                raise self._error("<< merges something that is not a map", source, "merge an alias of a map")
            self._build(source)
            yield from self._keys[id(source)].items()

    def _error(self, what: str, node: yaml.Node, todo: str) -> ConfigError:
        mark = node.start_mark
        return ConfigError(what, todo=todo, where=SourceLocation(self.file, mark.line + 1, mark.column + 1))


_BUILDING = object()
_PLAIN_NAMES = {"!Ref": "Ref", "!Condition": "Condition"}
_TAG_NAMES = """Ref Condition GetAtt Sub Join Select Split Base64 FindInMap ImportValue GetAZs Cidr If Equals And Or Not
    Transform Length ToJsonString"""
_SHORT_TAGS = frozenset(f"!{name}" for name in _TAG_NAMES.split())


def _long_name(tag: str) -> str:
    return _PLAIN_NAMES.get(tag, f"Fn::{tag[1:]}")


def load(file: Path) -> Document:
    """Read a .yml, .yaml or .json file.

    Raises:
        ConfigError: the file cannot be read or parsed, or has a duplicate key; with file:line.
    """
    try:
        text = read_user_text(file)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not UTF-8 text", why=error.reason, todo="save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be read", why=error.strerror or "", todo="check that it is there") from None
    return _parsed_once(text, file)


@lru_cache(maxsize=64)
def _parsed_once(text: str, file: Path) -> Document:
    # Opening a project, finding its state and compiling it each read the file; parsing is what takes the time. Nobody
    # changes a Document, so the same text may share one.
    return parse(text, file)


def parse(text: str, file: Path) -> Document:
    """Parse text by the file's suffix; errors name `file`. Raises ConfigError."""
    document = Document(file)
    try:
        document._root = _compose(text, document)
        document.value = document._build(document._root) if document._root is not None else None
        if exceeds_size_limit(document.value):
            raise ConfigError("aliases that multiply without end", todo="write them out", where=SourceLocation(file, 1))
    except RecursionError:
        raise ConfigError("nested too deeply to be read", todo="flatten it", where=SourceLocation(file, 1)) from None
    document._built.clear()
    return document


def _compose(text: str, document: Document) -> yaml.Node | None:
    if document.file.suffix == ".json":
        text = _checked_json(text, document.file)
    loader: Any = None
    try:
        loader = loader_for(text)
        node: yaml.Node | None = loader.get_single_node()
    except yaml.YAMLError as error:
        raise _syntax_error(error, text, document.file) from None
    except ValueError as error:  # a number escape outside Unicode
        raise ConfigError("not valid YAML", why=str(error), where=SourceLocation(document.file, 1)) from None
    finally:
        if loader is not None:
            loader.dispose()
    return node


def _checked_json(text: str, file: Path) -> str:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"not valid JSON: {error.msg}", where=SourceLocation(file, error.lineno, error.colno)
        ) from None
    except ValueError as error:
        raise ConfigError(f"not valid JSON: {error}", where=SourceLocation(file, 1)) from None
    return text.replace("\t", " ")  # inside a JSON string a tab is written \t


def _syntax_error(error: yaml.YAMLError, text: str, file: Path) -> ConfigError:
    line, column, problem = 1, 1, "not YAML"
    if isinstance(error, yaml.MarkedYAMLError):
        problem = error.problem or problem
        if error.problem_mark:
            line, column = error.problem_mark.line + 1, error.problem_mark.column + 1
    elif isinstance(error, yaml.reader.ReaderError):
        problem = error.reason
    lines = text.splitlines()
    todo = "check indentation, quotes and colons on this line and the one above"
    for number in (line, line - 1):
        if 0 < number <= len(lines) and re.match(r"\s*\t", lines[number - 1]):
            line, todo = number, "indent with spaces: YAML does not allow tabs"
            break
    return ConfigError(f"not valid YAML: {problem}", todo=todo, where=SourceLocation(file, line, column))
