"""esbuild's build options as arguments of its command.

Names and meanings are of its JavaScript interface, which plugins hand on: https://esbuild.github.io/api
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from stateroom.model.values import Secret, Value


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


_FLAGS: Final = words(
    """bundle minify minifyWhitespace minifyIdentifiers minifySyntax keepNames splitting preserveSymlinks
    ignoreAnnotations allowOverwrite sourcesContent treeShaking jsxDev jsxSideEffects"""
)
_TEXTS: Final = words(
    """platform format tsconfig charset globalName legalComments sourceRoot jsx jsxFactory jsxFragment jsxImportSource
    packages publicPath assetNames chunkNames lineLimit mangleProps reserveProps"""
)
_JOINED: Final = words("target mainFields conditions resolveExtensions dropLabels")
_REPEATED: Final = words("external inject drop pure")
_MAPS: Final = words("define loader banner footer alias outExtension supported")
# What is ours to say: where output goes, what is reported, and what only a long-lived process has.
_OURS: Final = words(
    """entryPoints outdir outfile outbase write metafile logLevel logLimit logOverride color absWorkingDir watch
    incremental"""
)
KNOWN: Final = _FLAGS | _TEXTS | _JOINED | _REPEATED | _MAPS | _OURS | {"sourcemap", "tsconfigRaw"}


class OptionError(ValueError):
    """An option that cannot be handed on; `key` is its name, the text says why."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(why)
        self.key = key


def arguments(options: Mapping[str, Value]) -> list[str]:
    """Return the arguments for options, sorted by name.

    Raises:
        OptionError: one is not known, has no such value, or is a secret: arguments are seen in the list of processes,
            and the code would have it.
    """
    result: list[str] = []
    for key in sorted(options):
        value = options[key]
        if key not in KNOWN:
            raise OptionError(key, "esbuild has no such option")
        if _has_secret(value):
            raise OptionError(key, "a secret would be readable in the code")
        if key not in _OURS and value is not None:
            result += _arguments(key, value)
    return result


def _arguments(key: str, value: Value) -> list[str]:
    name = _dashed(key)
    if key == "sourcemap":
        return _sourcemap(value)
    if key in _FLAGS:
        return [f"--{name}"] if value is True else [f"--{name}=false"] if value is False else _refuse(key, "a flag")
    if key in _TEXTS or key == "tsconfigRaw":
        return [f"--{name}={value if isinstance(value, str | int) else json.dumps(value, sort_keys=True)}"]
    if key in _MAPS:
        if not isinstance(value, Mapping):
            return _refuse(key, "a map")
        return [f"--{name}:{part}={_text(key, value[part])}" for part in sorted(map(str, value))]
    texts = [_text(key, item) for item in (value if isinstance(value, list) else [value])]
    return [f"--{name}={','.join(texts)}"] if key in _JOINED else [f"--{name}:{text}" for text in texts]


def _sourcemap(value: Value) -> list[str]:
    if value is False:
        return []
    if value is True or value == "linked":
        return ["--sourcemap"]
    kinds = ("inline", "external", "both")
    return [f"--sourcemap={value}"] if value in kinds else _refuse("sourcemap", f"true, or {', '.join(kinds)}")


def _text(key: str, value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else str(_refuse(key, "a text")[0])


def _refuse(key: str, wanted: str) -> list[str]:
    raise OptionError(key, f"not {wanted}")


def _dashed(key: str) -> str:
    return re.sub(r"[A-Z]", lambda found: f"-{found[0].lower()}", key)


def _has_secret(value: Value) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_secret, value.values()))
    return any(map(_has_secret, value)) if isinstance(value, list) else isinstance(value, Secret)
