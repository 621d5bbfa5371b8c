"""Read `Pipfile.lock`: https://pipenv.pypa.io/en/latest/pipfile.html"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stateroom.config.document.user_files import read_user_text
from stateroom.config.packaging.locks.locked import Locked, lines_of, local

_DEFAULT_SOURCE = "pypi"  # what pipenv calls the index that pip asks anyway


def pipenv_lines(lock: Path, root: Path, left_out: list[str]) -> list[str]:
    """Return the default section as lines for pip.

    Raises OSError, ValueError, KeyError, TypeError, AttributeError.
    """
    document: dict[str, Any] = json.loads(read_user_text(lock))
    sources = (document.get("_meta") or {}).get("sources") or ()
    indexes = [source["url"] for source in sources if source.get("name") != _DEFAULT_SOURCE]
    return lines_of([_locked(name, one, lock, root) for name, one in document["default"].items()], indexes, left_out)


def _locked(name: str, entry: dict[str, Any], lock: Path, root: Path) -> Locked:
    address = entry.get("file") or ""
    if "git" in entry:
        address = f"git+{entry['git']}@{entry['ref']}"
        address += f"#subdirectory={entry['subdirectory']}" if entry.get("subdirectory") else ""
    elif "path" in entry:
        address = local(lock, root, entry["path"])
    return Locked(
        name,
        str(entry.get("version", "")).removeprefix("=="),
        entry.get("markers") or "",
        tuple(entry.get("hashes") or ()),
        tuple(entry.get("extras") or ()),
        address,
    )
