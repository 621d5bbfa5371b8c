"""Source `${file(./custom.yml):a.b}`: another file, or a value in it."""

from __future__ import annotations

from pathlib import Path

from stateroom.config.document.document import Document, load
from stateroom.config.document.source_locations import LocatedValue
from stateroom.config.document.user_files import read_user_text
from stateroom.config.variables.expression import ExpressionError
from stateroom.config.variables.outside import check_inside
from stateroom.config.variables.resolver import MISSING, Resolver
from stateroom.config.variables.scope import Lookup
from stateroom.config.variables.sources.self_ import path_of
from stateroom.errors import ConfigError
from stateroom.model.values import Value

_DATA = frozenset({".yml", ".yaml", ".json", ".tfstate"})
_CODE = frozenset({".js", ".cjs", ".mjs", ".ts"})


def file(lookup: Lookup) -> Value:
    """Return the file's data or text. Missing files and paths fall through to the next fallback."""
    name = lookup.params.strip().strip("'\"")
    if not name or "\0" in name:
        raise ExpressionError("file() names no file", "write ${file(./name.yml)}")
    if name.startswith("~/"):
        name = lookup.scope.environment.get("HOME", "~") + name[1:]
    path = Path(lookup.resolver.directory / name)
    if path.suffix in _CODE:
        raise ExpressionError(
            f"{name} is a program", "stateroom does not run code to read a config: write its result to a .yml or .json"
        )
    if path not in lookup.resolver.documents:
        check_inside(path, lookup)
    document = _document(lookup.resolver, path)
    if document is None:
        return MISSING
    place = LocatedValue(document.value, document, ())
    return place if not lookup.address else lookup.resolver.at(path_of(lookup.address), place) or MISSING


def _document(resolver: Resolver, path: Path) -> Document | None:
    if path not in resolver.documents:
        resolver.documents[path] = _read(path)
    return resolver.documents[path]


def _read(path: Path) -> Document | None:
    try:
        if not path.exists():
            return None
        if path.suffix in _DATA:
            return load(path)
        return Document(path, read_user_text(path))
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text", todo="${file()} reads .yml, .json and text") from None
    except OSError as error:
        raise ExpressionError(f"{path} cannot be read: {error.strerror or error}", "name a file") from None
    except ConfigError as error:
        if error.where is not None:
            raise
        raise ExpressionError(f"{error.what}: {error.why}", error.todo) from None
