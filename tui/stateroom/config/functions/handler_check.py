"""Check that a function's handler file is in its package, before its first call fails on it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from stateroom.config.document.document import KeyPath
from stateroom.config.document.suggestions import suggestion
from stateroom.config.service import Service
from stateroom.errors import ConfigError

# Start of the runtime's name → suffixes of the files its handlers are in. Other runtimes are compiled elsewhere.
_SUFFIXES: Final = {
    "python": (".py", "/__init__.py"),
    "nodejs": (".js", ".mjs", ".cjs"),
    "ruby": (".rb",),
}
_SOURCES: Final = (".ts", ".mts", ".cts", ".tsx", ".jsx")  # of nodejs, when they are built
_RUNTIMES: Final = ("python", "nodejs", "ruby", "java", "dotnet", "go", "provided")


@dataclass(frozen=True, slots=True)
class HandlerFile:
    """A function's handler. `stem` is its file without suffix; `suffixes` those that its runtime loads."""

    path: KeyPath
    text: str
    stem: str
    name: str
    suffixes: tuple[str, ...]
    compiled: tuple[str, ...] = ()  # files of a compiled language, one of which is in the package; * is any name

    @classmethod
    def of(cls, service: Service, key: str, runtime: object) -> HandlerFile:
        """Return a function's handler.

        Raises:
            ConfigError: the function has no handler, or the runtime is none.
        """
        path = ("functions", key, "handler")
        handler = service.text(*path)
        if not handler:
            raise service.error("no handler", *path, todo="add one, such as handler: src/create.handler")
        if not isinstance(runtime, str) or not runtime.startswith(_RUNTIMES):
            own = service.lookup("functions", key, "runtime")
            where = ("functions", key, "runtime") if own else ("provider", "runtime")
            raise service.error(f"{runtime} is not a Lambda runtime", *where, todo="such as python3.12 or nodejs20.x")
        suffixes = next((value for prefix, value in _SUFFIXES.items() if runtime.startswith(prefix)), ())
        file, dot, name = handler.rpartition(".")
        if suffixes and (not dot or not file or not name or "\0" in handler):
            todo = "write file.function, such as src/create.handler"
            raise service.error(f"{handler} is not a handler", *path, todo=todo)
        stem = file.replace(".", "/") if runtime.startswith("python") else file
        return cls(path, handler, stem.removeprefix("./"), name, suffixes, _compiled(runtime, handler))


def missing_file(
    service: Service,
    handler: HandlerFile,
    packaged: Collection[str] | None,
    module: str = "",
    *,
    artifact: str = "",
    similar: bool = True,
) -> ConfigError | None:
    """Return the error for a handler whose file is not in its package, and which a build may yet put there.

    Args:
        service: for the error's location.
        handler: of the function.
        packaged: names of the files in the package; None when it was not made here.
        module: the directory of the service that becomes the package's root.
        artifact: the user's own package, "" when it is made here.
        similar: suggest similar files.
    """
    if not handler.suffixes:
        return _uncompiled(service, handler, packaged, artifact)
    root = service.root / module
    names = [f"{handler.stem}{suffix}" for suffix in handler.suffixes]
    if artifact:
        lacking = packaged is not None and not any(name in packaged for name in names)
        return _not_in(service, handler, names[0], artifact) if lacking else None
    there = [name for name in names if (root / name).is_file()]
    if any(name in packaged for name in names) if packaged is not None else there:
        return None
    if there:
        what, why = f"the handler's file {there[0]} is not in the package", "the patterns leave it out"
        return service.error(what, *handler.path, why=why, todo="take it in with package.patterns")
    source = next((f"{handler.stem}{end}" for end in _SOURCES if (root / f"{handler.stem}{end}").is_file()), "")
    if source and handler.suffixes == _SUFFIXES["nodejs"]:
        return _unbuilt(service, handler, source)
    near = _similar(root, names[0], handler.suffixes) if similar else ""
    return service.error(
        f"the handler's file {names[0]} does not exist",
        *handler.path,
        why=f"looked for {root / names[0]}",
        todo=near or f"create {names[0]} with a function {handler.name}, or correct the handler",
    )


def _compiled(runtime: str, handler: str) -> tuple[str, ...]:
    """Return the files of a handler in a compiled language, as its runtime looks for them; () for other languages.

    https://docs.aws.amazon.com/lambda/latest/dg/java-handler.html, …/csharp-handler.html, …/runtimes-custom.html
    """
    if runtime.startswith("java"):
        return (f"{handler.partition('::')[0].replace('.', '/')}.class", "*.jar")
    if runtime.startswith("dotnet"):
        return (f"{handler.partition('::')[0]}.dll",)
    if runtime.startswith("go"):
        return (handler.removeprefix("./"),)
    return ("bootstrap",) if runtime.startswith("provided") else ()


def _uncompiled(
    service: Service, handler: HandlerFile, packaged: Collection[str] | None, artifact: str
) -> ConfigError | None:
    wanted = handler.compiled
    if not wanted or packaged is None or any(fnmatchcase(name, pattern) for name in packaged for pattern in wanted):
        return None
    if artifact:
        return _not_in(service, handler, wanted[0], artifact)
    why = "its runtime looks for it there: the function would fail at its first call"
    todo = "build it first, and name the result with package.artifact, or take it in with package.patterns"
    return service.error(f"{wanted[0]} is not in the package", *handler.path, why=why, todo=todo)


def _not_in(service: Service, handler: HandlerFile, name: str, artifact: str) -> ConfigError:
    why, todo = "the function would fail at its first call", "build the package again, or correct the handler"
    return service.error(f"the handler's file {name} is not in {artifact}", *handler.path, why=why, todo=todo)


def _unbuilt(service: Service, handler: HandlerFile, source: str) -> ConfigError:
    """Return the error for a handler in a language that Lambda's Node.js does not load."""
    return service.error(
        f"the handler's file {source} needs a build",
        *handler.path,
        why="Lambda loads .js, .mjs and .cjs: the function would fail at its first call",
        todo="let esbuild build it, or build it first and point handler or package.artifact at the result",
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
