"""Parse YAML (with CloudFormation's short tags) and JSON, keeping the source location of every key.

Scalars follow YAML's core schema as JavaScript reads it: `on` and `yes` are strings, `2012-10-17` is not a date,
and keys are always strings.
"""

from __future__ import annotations

import gc
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from stateroom.config.document.size_limit import exceeds_size_limit
from stateroom.config.document.tree import DocumentPart, Position, TreeError, line_and_column, read_tree
from stateroom.config.document.user_files import read_user_text
from stateroom.config.document.yaml_loader import loader_for
from stateroom.errors import ConfigError, SourceLocation
from stateroom.model.values import Value

KeyPath: TypeAlias = tuple[str | int, ...]
"""Where a value is in a document: ("functions", "create", "events", 0)."""


@dataclass(slots=True)
class Document:
    """Parsed file. `value` is plain data; treat it as read-only."""

    file: Path
    value: Value = None
    _root: DocumentPart | None = None

    def where(self, path: KeyPath) -> SourceLocation:
        """Return the line of the value at `path`, or of its nearest parent that is written out."""
        return _location(self.file, 0 if self._root is None else self._root.find(path))


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
    if file.suffix == ".json":
        text = _checked_json(text, file)
    try:
        root, aliases = _read(text)
    except TreeError as error:
        raise ConfigError(error.what, todo=error.todo, where=_location(file, error.at)) from None
    except yaml.YAMLError as error:
        raise _syntax_error(error, text, file) from None
    except ValueError as error:  # a number escape outside Unicode
        raise ConfigError("not valid YAML", why=str(error), where=SourceLocation(file, 1)) from None
    except RecursionError:
        raise ConfigError("nested too deeply to be read", todo="flatten it", where=SourceLocation(file, 1)) from None
    value = None if root is None else root.value
    if aliases and exceeds_size_limit(value):
        raise ConfigError("aliases that multiply without end", todo="write them out", where=SourceLocation(file, 1))
    return Document(file, value, root)


def _read(text: str) -> tuple[DocumentPart | None, bool]:
    loader: Any = None
    # A text makes many objects that stay, and no circle of them: there is nothing to collect.
    collecting = gc.isenabled()
    gc.disable()
    try:
        loader = loader_for(text)
        return read_tree(loader)
    finally:
        if collecting:
            gc.enable()
        if loader is not None:
            loader.dispose()


def _location(file: Path, at: Position) -> SourceLocation:
    line, column = line_and_column(at)
    return SourceLocation(file, line + 1, column + 1)


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
