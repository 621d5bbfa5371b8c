"""Files of a package of bundles: the output, what patterns take in, and the packages that stay outside of bundles."""

from __future__ import annotations

import fnmatch
import json
import tempfile
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Final

from stateroom.config.compilation import Compilation
from stateroom.config.function import setting
from stateroom.config.packaging.bundling.bundles import Built, Bundles, Entry
from stateroom.config.packaging.bundling.node_modules import (
    MissingPackageError,
    find_package,
    gathered,
    manifest,
    package_contents,
    package_of,
)
from stateroom.config.packaging.bundling.options import words
from stateroom.config.packaging.bundling.tools import excluded_by_runtime
from stateroom.config.packaging.package_files import PackageFile, package_files
from stateroom.errors import ConfigError

_MANIFEST: Final = "package.json"
# Modules of Node itself, which need no package: https://nodejs.org/api/modules.html#built-in-modules
_BUILT_IN: Final = words(
    """assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain
    events fs http http2 https inspector module net os path perf_hooks process punycode querystring readline repl
    stream string_decoder sys timers tls trace_events tty url util v8 vm wasi worker_threads zlib"""
)


def bundle_files(
    build: Compilation,
    bundles: Bundles,
    entries: Sequence[Entry],
    patterns: Sequence[str],
    apart: Collection[Path],
) -> tuple[PackageFile, ...]:
    """Return the files of the package of some entries, sorted by name.

    Args:
        build: the compilation.
        bundles: the service's builds.
        entries: of the functions that share the package.
        patterns: of `package.patterns`: unlike in other packages, what no pattern names is left out.
        apart: directories that are never packaged.

    Raises:
        NotBuilt: it is not to be built now.
        ConfigError: it cannot be built, or would fail at its first call: what it imports is neither in the package nor
            in its runtime.
    """
    found: dict[str, Path] = {}
    if any(not pattern.startswith("!") for pattern in patterns):
        taken = package_files(build.service.root, ("!**", *patterns), apart=apart)
        found |= {name: path for name, path, _ in taken}
    if bundles.tool.own_manifest and _MANIFEST not in found:
        found |= _own_manifest(build)
    outputs = [(entry, bundles.built(entry)) for entry in entries]
    for _, built in outputs:
        found |= {name: built.directory / name for name in built.files}
    found |= _packages(build, bundles, outputs)
    for entry, built in outputs:
        _check_format(build, bundles, entry, found)
        _check_imports(build, entry, built, found)
    return tuple((name, found[name], found[name].stat()) for name in sorted(found))


def _packages(build: Compilation, bundles: Bundles, outputs: Sequence[tuple[Entry, Built]]) -> dict[str, Path]:
    """Return the files of packages that stay outside: those that are imported, or that the options name."""
    root, found = build.service.root, dict[str, Path]()
    for entry, built in outputs:
        exclude = bundles.exclude(entry.runtime)
        if "*" in exclude:
            continue
        given = bundles.tool.options.get("external") or []
        named = [str(name) for name in (given if isinstance(given, list) else [given])]
        # What the runtime has stays out, unless it is named: a pattern is for the bundle, no wish for a package.
        inherent = excluded_by_runtime(entry.runtime)
        imports = [name for name in built.imports if not _matches(package_of(name), inherent)]
        names = [package_of(name) for name in (*named, *imports) if not name.startswith(("node:", ".", "/"))]
        names = [name for name in names if not _matches(name, exclude) and name not in _BUILT_IN]
        try:
            for place, directory in gathered(root, names).items():
                found |= {f"{place}/{name}": path for name, path in package_contents(directory)}
        except MissingPackageError as error:
            path = (*entry.function.path, "handler")
            raise build.service.error(
                "not everything is installed", *path, why=str(error), todo="run npm install"
            ) from None
    return found


def _check_imports(build: Compilation, entry: Entry, built: Built, found: Collection[str]) -> None:
    """Warn of what a function imports and may not find; raise ConfigError where it cannot even be loaded without."""
    inherent = excluded_by_runtime(entry.runtime)
    places = {name.partition("node_modules/")[2] for name in found if name.startswith("node_modules/")}
    packaged = {package_of(name) for name in places}
    for name, how in built.imports.items():
        package = package_of(name)
        if name.startswith("node:") or package in _BUILT_IN or package in packaged or _matches(package, inherent):
            continue
        if name.startswith((".", "/")):
            if how == "import-statement" and not _is_packaged(entry, name, found):
                todo = "set bundle: true, or take it in with package.patterns"
                raise _fails(build, entry, f"imports {name}, which is not bundled and not in the package", todo)
            continue
        text = f"{entry.file} imports {package}, which is neither in the package nor in {entry.runtime}"
        if how != "import-statement" or setting(build, entry.function, "layers"):
            build.warn(f"{entry.function.key}: {text}")
            continue
        there = find_package(build.service.root, package)
        todo = "take it out of exclude, or add the layer that has it" if there else f"run npm install {package}"
        raise _fails(build, entry, f"imports {package}, which is neither in the package nor in the runtime", todo)


def _is_packaged(entry: Entry, name: str, found: Collection[str]) -> bool:
    parts: list[str] = [*Path(entry.file).parent.parts]
    for part in name.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    path = "/".join(parts)
    return any(f"{path}{end}" in found for end in ("", ".js", ".cjs", ".mjs", ".json", "/index.js"))


def _check_format(build: Compilation, bundles: Bundles, entry: Entry, found: dict[str, Path]) -> None:
    """Raise ConfigError when Node.js would take a file for the other kind of module."""
    if bundles.tool.options.get("format") != "esm" or bundles.tool.extension != ".js":
        return
    if _MANIFEST not in found or manifest(found[_MANIFEST].parent).get("type") != "module":
        todo = "set outputFileExtension: .mjs, or take in a package.json with type: module"
        raise _fails(build, entry, "becomes an ES module in a .js file, which Node.js takes for CommonJS", todo)


def _fails(build: Compilation, entry: Entry, text: str, todo: str) -> ConfigError:
    path, why = (*entry.function.path, "handler"), "the function would fail at its first call"
    return build.service.error(f"{entry.file} {text}", *path, why=why, todo=todo)


def _own_manifest(build: Compilation) -> dict[str, Path]:
    """Return a package.json that says what kind of modules a service's are, and nothing of what it depends on."""
    kind = manifest(build.service.root).get("type")
    if kind not in ("module", "commonjs"):
        return {}
    directory = build.settings.build_dir / "esbuild" / str(kind)
    file, text = directory / _MANIFEST, json.dumps({"type": kind}) + "\n"
    if not file.is_file() or file.read_text("utf-8") != text:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=directory, delete=False) as aside:
            aside.write(text)
        Path(aside.name).replace(file)
    return {_MANIFEST: file}


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
