"""`serverless-dotenv-plugin`: variables of .env files become those of every function.

https://github.com/neverendingqs/serverless-dotenv-plugin. Values are secrets here: that is what such files are for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from stateroom.config.compilation import Compilation, as_list
from stateroom.config.document import keys
from stateroom.config.document.document import KeyPath
from stateroom.config.document.user_files import read_user_text
from stateroom.config.variables.sources.env import NEVER, parse_dotenv
from stateroom.model.values import Secret, Value

PATH: Final = ("custom", "dotenv")
_LARGEST: Final = 1_000_000  # bytes of a file
_VARIABLE: Final = re.compile(r"(?<!\\)\$\{?(\w+)(?::-([^}\\]*))?\}?")
_MOST_EXPANSIONS: Final = 1_000  # of one value; one that names itself would never end


def add_dotenv(build: Compilation) -> None:
    """Add the variables to `provider.environment`, over what is there.

    Raises:
        ConfigError: a file that must be there is not, leads outside of the project, or cannot be read.
    """
    service = build.service
    service.check(keys.DOTENV, (), *PATH)
    options = service.mapping(*PATH)
    if options.get("dotenvParser"):
        why = "it is JavaScript, which would run"
        raise service.error(
            "not supported", *PATH, "dotenvParser", why=why, todo="remove it, and write plain .env files"
        )
    files = _files(build, options)
    required: Value = options.get("required") or {}
    if not files and required.get("file") is True:
        todo = "write one of .env, .env.local, .env.STAGE, .env.STAGE.local"
        raise service.error("there is no .env file", *PATH, "required", "file", todo=todo)
    found = _values(build, files, expand=options.get("variableExpansion") is not False)
    environment = build.settings.environment
    missing = [name for name in as_list(required.get("env")) if not found.get(name) and not environment.get(name)]
    if missing:
        todo = "write them into .env, or set them in the environment"
        raise service.error(f"not set: {', '.join(missing)}", *PATH, "required", "env", todo=todo)
    chosen = _chosen(found, options)
    provider = service.mapping("provider")
    variables = {**service.mapping("provider", "environment"), **{name: Secret(chosen[name]) for name in chosen}}
    changed = {**provider, "environment": variables}
    build.service = replace(service, config={**service.config, "provider": changed})


def _files(build: Compilation, options: Mapping[str, Value]) -> list[Path]:
    """Return the files that are there, the one that counts most first."""
    settings, root = build.settings, build.service.root
    if options.get("path"):
        return [_inside(build, str(name), "path") for name in as_list(options["path"]) if (root / str(name)).is_file()]
    stage = settings.environment.get("NODE_ENV") or settings.options.get("env") or settings.stage
    stage = stage or settings.options.get("stage") or "development"
    names = [f".env.{stage}.local", f".env.{stage}", *([] if stage == "test" else [".env.local"]), ".env"]
    base = str(options.get("basePath") or "")
    return [_inside(build, base + name, "basePath") for name in names if (root / (base + name)).is_file()]


def _inside(build: Compilation, name: str, key: str) -> Path:
    """Return a file of the project. Raises ConfigError for another: its values would be carried away."""
    path = build.service.root / name
    if not path.resolve().is_relative_to(build.settings.programs.root.resolve()) and not path.resolve().is_relative_to(
        build.service.root.resolve()
    ):
        todo = "copy it into the project"
        raise build.service.error(f"{name} leads outside of the project", *PATH, key, todo=todo)
    return path


def _values(build: Compilation, files: Iterable[Path], *, expand: bool) -> dict[str, str]:
    """Return the variables. Expanded, what was set first stays, and the environment was before all files."""
    known = dict(build.settings.environment)
    found: dict[str, str] = {}
    for file in files:
        try:
            parsed = parse_dotenv(read_user_text(file, _LARGEST))
        except (OSError, ValueError) as error:
            path: KeyPath = PATH
            raise build.service.error(f"{file.name} cannot be read", *path, why=str(error), todo="correct it") from None
        for name in NEVER & ({*parsed} | {name for text in parsed.values() for name in _names(text)}):
            why = "it is the key to your account or states"
            raise build.service.error(f"{name} of {file.name} is not passed on", *PATH, why=why, todo="take it out")
        if expand:
            for name, text in parsed.items():
                parsed[name] = _expanded(known.get(name, text), known, parsed)
        known = {**parsed, **known}
        found |= parsed
    return found


def _names(text: str) -> list[str]:
    return [name for name, _ in _VARIABLE.findall(text)]


def _expanded(text: str, known: Mapping[str, str], parsed: Mapping[str, str]) -> str:
    """Replace `$NAME`, `${NAME}` and `${NAME:-other}`, the last first; `\\$` is a dollar sign."""
    for _ in range(_MOST_EXPANSIONS):
        *_, last = [None, *_VARIABLE.finditer(text)]
        if last is None:
            break
        value = known.get(last[1]) or last[2] or parsed.get(last[1]) or ""
        text = text[: last.start()] + value + text[last.end() :]
    return text.replace("\\$", "$")


def _chosen(found: Mapping[str, str], options: Mapping[str, Value]) -> dict[str, str]:
    include, exclude = options.get("include", "*"), as_list(options.get("exclude"))
    if include != "*":
        return {name: value for name, value in found.items() if name in as_list(include)}
    return {name: value for name, value in found.items() if name not in exclude}
