"""Check that a function's handler file exists, before a deploy fails on it."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Final

from stateroom.config.document.suggestions import suggestion
from stateroom.config.service import Service
from stateroom.errors import ConfigError

# Start of the runtime's name → suffixes of the files its handlers are in. Other runtimes are compiled elsewhere.
_SUFFIXES: Final = {
    "python": (".py", "/__init__.py"),
    "nodejs": (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx"),
    "ruby": (".rb",),
}
_RUNTIMES: Final = ("python", "nodejs", "ruby", "java", "dotnet", "go", "provided")


def check_handler(
    service: Service, key: str, runtime: object, module: str = "", *, similar: bool = True
) -> ConfigError | None:
    """Return the error for a missing handler file, which a build may yet create.

    `module` is the directory of the service that is searched. `similar`: suggest similar files.

    Raises:
        ConfigError: the function has no handler, or the runtime is none.
    """
    path = ("functions", key, "handler")
    handler = service.text(*path)
    if not handler:
        raise service.error("no handler", *path, todo="add one, such as handler: src/create.handler")
    if not isinstance(runtime, str) or not runtime.startswith(_RUNTIMES):
        where = (
            ("functions", key, "runtime") if service.lookup("functions", key, "runtime") else ("provider", "runtime")
        )
        raise service.error(f"{runtime} is not a Lambda runtime", *where, todo="such as python3.12 or nodejs20.x")
    suffixes = next((value for prefix, value in _SUFFIXES.items() if runtime.startswith(prefix)), ())
    if not suffixes or service.lookup("package", "artifact") or service.lookup("functions", key, "package", "artifact"):
        return None
    file, dot, name = handler.rpartition(".")
    if not dot or not file or not name or "\0" in handler:
        raise service.error(
            f"{handler} is not a handler", *path, todo="write file.function, such as src/create.handler"
        )
    stem = file.replace(".", "/") if runtime.startswith("python") else file
    root = service.root / module
    if any((root / f"{stem}{suffix}").is_file() for suffix in suffixes):
        return None
    wanted = f"{stem}{suffixes[0]}"
    near = _similar(root, wanted, suffixes) if similar else ""
    return service.error(
        f"the handler's file {wanted} does not exist",
        *path,
        why=f"looked for {root / wanted}",
        todo=near or f"create {wanted} with a function {name}, or correct the handler",
    )


def _similar(root: Path, wanted: str, suffixes: tuple[str, ...]) -> str:
    """List similar files: the same directory first, then the same name anywhere."""
    files = []
    for directory, below, names in os.walk(root):
        below[:] = [name for name in below if name != "node_modules" and not name.startswith(".")]
        here = Path(directory).relative_to(root)
        files += [(here / name).as_posix() for name in names if name.endswith(suffixes) and not name.startswith(".")]
    files.sort()
    close = difflib.get_close_matches(wanted, files, n=3, cutoff=0.6)
    if close:
        return f"similar files: {', '.join(close)}"
    return suggestion(wanted, files, limit=5).replace("known:", "there are:") if files else ""
