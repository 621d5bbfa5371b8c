"""Source maps with paths that are the same on every machine.

esbuild writes the way from its output to a source. The output is in a cache here, so that way is written as it is from
`.esbuild/.build` of the service, where serverless-esbuild has its output.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

_PLACE: Final = (".esbuild", ".build")
_SOURCES: Final = re.compile(r'^(\s*"sources": )(\[.*\])(,?)$', re.MULTILINE)
_INLINE: Final = re.compile(r"(sourceMappingURL=data:application/json;base64,)([A-Za-z0-9+/=]+)")


def make_portable(output: Path, root: Path) -> None:
    """Rewrite the source maps below a directory of esbuild's output, made for the service at `root`. Raises OSError."""
    for file in sorted(output.rglob("*")):
        if file.is_file() and file.suffix in (".map", ".js", ".mjs", ".cjs"):
            rewrite = _rewriter(file, output, root)
            text = file.read_text("utf-8", "surrogateescape")
            changed = rewrite(text) if file.suffix == ".map" else _INLINE.sub(partial(_inline, rewrite), text)
            if changed != text:
                file.write_text(changed, "utf-8", "surrogateescape", newline="")


def _rewriter(file: Path, output: Path, root: Path) -> Callable[[str], str]:
    here = os.path.realpath(file.parent)
    there = os.path.join(os.path.realpath(root), *_PLACE, file.parent.relative_to(output))  # noqa: PTH118 - text

    def moved(source: str) -> str:
        if "://" in source or os.path.isabs(source):  # noqa: PTH117 - text
            return source
        return os.path.relpath(os.path.normpath(os.path.join(here, source)), there).replace(os.sep, "/")  # noqa: PTH118

    def line(found: re.Match[str]) -> str:
        sources = [moved(source) for source in json.loads(found[2])]
        return found[1] + json.dumps(sources, ensure_ascii=False) + found[3]

    return lambda text: _SOURCES.sub(line, text, count=1)


def _inline(rewrite: Callable[[str], str], found: re.Match[str]) -> str:
    return found[1] + base64.b64encode(rewrite(base64.b64decode(found[2]).decode()).encode()).decode()
