"""Code of Node.js functions built with the project's own esbuild: built once for the same sources and options."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stateroom.config.compilation import Compilation
from stateroom.config.document.suggestions import suggestion
from stateroom.config.function import Function, setting
from stateroom.config.packaging.bundling.esbuild import OUTPUT, SUMMARY, BuildJob, Esbuild, find_esbuild, run_build
from stateroom.config.packaging.bundling.inputs import LOCK_FILES, Inputs
from stateroom.config.packaging.bundling.options import KNOWN, OptionError, arguments
from stateroom.config.packaging.bundling.tools import (
    TYPESCRIPT,
    build_tool,
    excluded_by_runtime,
    is_switched_off,
    target_of,
)
from stateroom.config.packaging.install_cache import cached, install_once, install_seconds
from stateroom.config.packaging.not_built import NotBuilt
from stateroom.config.project_files import COMPOSE_FILES, first_file
from stateroom.errors import ConfigError, TrustError
from stateroom.model.values import Value
from stateroom.programs.access import ProgramUse
from stateroom.programs.isolated import Site
from stateroom.programs.known import ESBUILD

_SHOWN: Final = 3  # files of one build, in messages
_FORMAT: Final = "1"  # changes when the same sources and options would give another output


@dataclass(frozen=True, slots=True)
class Entry:
    """What is built for a function: its file relative to the service's directory, and the runtime that will run it."""

    function: Function
    file: str
    runtime: str


@dataclass(frozen=True, slots=True)
class Built:
    """Output for an entry: files below `directory`, and what they import from outside (name → how)."""

    directory: Path
    files: tuple[str, ...]
    imports: Mapping[str, str]


class Bundles:
    """Builds of one service.

    Args:
        build: the compilation.
        functions: all of the service's.
    """

    def __init__(self, build: Compilation, functions: Mapping[str, Function]) -> None:
        self._build = build
        self._service = build.service
        self.tool = build_tool(build)
        self._esbuild = find_esbuild(build.service.root)
        self._known: dict[tuple[str, ...], tuple[Path, dict[str, Any]]] = {}
        found = {key: self._find(function) for key, function in functions.items()}
        self.entries = {key: entry for key, entry in found.items() if entry is not None}

    def built(self, entry: Entry) -> Built:
        """Return the output for an entry; those of the same options are built together.

        Raises:
            NotBuilt: it is not there, and is not to be built now.
            TrustError: a deploy needs it, and esbuild may not run.
            ConfigError: it cannot be built.
        """
        options = self._arguments(entry.runtime)
        if options not in self._known:
            together = sorted({one.file for one in self.entries.values() if self._arguments(one.runtime) == options})
            self._known[options] = self._outputs(tuple(together), options, entry)
        directory, summary = self._known[options]
        facts = summary[entry.file]
        return Built(directory, tuple(facts["files"]), facts["imports"])

    def exclude(self, runtime: str) -> tuple[str, ...]:
        """Return the packages that are neither in bundles nor in packages, as patterns."""
        return excluded_by_runtime(runtime) if self.tool.exclude is None else self.tool.exclude

    def _find(self, function: Function) -> Entry | None:
        """Return what is to be built for a function; None when its files are packaged as they are."""
        config, runtime = function.config, str(setting(self._build, function, "runtime") or "nodejs24.x")
        handler, own = config.get("handler"), config.get("package") or {}
        if not isinstance(handler, str) or not runtime.startswith("nodejs") or own.get("artifact"):
            return None
        if self._service.lookup("package", "artifact") and not own.get("individually"):
            return None
        if config.get("skipEsbuild") or (self.tool.own_manifest and is_switched_off(self._build, config.get("build"))):
            return None
        stem = os.path.normpath(str(config.get("esbuildEntrypoint") or handler).rpartition(".")[0])
        files = (f"{stem}{suffix}" for suffix in self.tool.suffixes)
        file = next((file for file in files if (self._service.root / file).is_file()), "")
        typed = file.endswith(TYPESCRIPT)
        wanted = typed or (
            (config.get("build") == "esbuild" or self.tool.every) and (self.tool.required or self._esbuild)
        )
        return Entry(function, file, runtime) if file and wanted else None

    def _arguments(self, runtime: str) -> tuple[str, ...]:
        """Return esbuild's arguments for functions of a runtime. Raises ConfigError."""
        options = dict(self.tool.options)
        options.setdefault("target", target_of(runtime))
        exclude = self.exclude(runtime)
        if options.get("bundle"):
            given = options.get("external") or []
            options["external"] = [*(given if isinstance(given, list) else [given]), *(set(exclude) - {"*"})]
            options["external"] = sorted({str(name) for name in options["external"]})
        else:
            options.pop("external", None)
        try:
            return tuple(arguments(options))
        except OptionError as error:
            known = suggestion(error.key, KNOWN) if error.key not in KNOWN else "correct it"
            raise self._service.error(str(error), *self.tool.path, error.key, todo=known) from None

    def _outputs(self, files: tuple[str, ...], options: tuple[str, ...], entry: Entry) -> tuple[Path, dict[str, Any]]:
        esbuild = self._esbuild
        if esbuild is None:
            raise self._not_installed(entry)
        root, base = self._service.root, self._build.settings.build_dir / "esbuild"
        facts = [_FORMAT, str(root), esbuild.version, options, files]
        key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
        directory = self._remembered(base, key) or self._make(files, options, esbuild, base, key, entry)
        return directory / OUTPUT, json.loads((directory / SUMMARY).read_text("utf-8"))

    def _remembered(self, base: Path, key: str) -> Path | None:
        """Return the output that was built from what the sources are now; None when there is none."""
        memo = base / f"{key}.inputs"
        try:
            known = json.loads(memo.read_text("utf-8"))
            inputs = Inputs(self._service.root, tuple(known["files"]), tuple(known["directories"]))
            stamp = inputs.stamp()
            content = known["content"] if known["stamp"] == stamp else inputs.content()
            found = cached(base / _entry(key, content))
        except (OSError, ValueError, LookupError, TypeError):
            return None
        if found is not None and known["stamp"] != stamp:
            _write(memo, {**inputs.document(), "stamp": stamp, "content": content})
        return found

    def _make(
        self, files: tuple[str, ...], options: tuple[str, ...], esbuild: Esbuild, base: Path, key: str, entry: Entry
    ) -> Path:
        settings, service = self._build.settings, self._service
        where = service.where(*entry.function.path, "handler")
        more = f" and {len(files) - _SHOWN} more" if len(files) > _SHOWN else ""
        shown = ", ".join(files[:_SHOWN]) + more
        refusal = settings.programs.ask(self._use(shown, esbuild))
        if settings.sources and settings.install and refusal:
            raise TrustError(f"{service.key}: {shown} is not built, which esbuild would do", todo=refusal, where=where)
        if refusal or not settings.install:
            raise NotBuilt(f"{shown} is not built yet", refusal or "`stateroom diff` builds it")
        settings.watch.tell(f"building {shown}")
        site = Site(settings.programs.root, settings.environment, settings.watch.cancelled)
        bundled = "--bundle" in options
        tsconfig = self.tool.options.get("tsconfig")
        job = BuildJob(service.root, files, options, str(tsconfig) if tsconfig else None, bundled, where)
        try:
            base.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=base, prefix=".partial-", ignore_cleanup_errors=True) as aside:
                fresh = Path(aside) / "files"
                inputs = run_build(job, esbuild, fresh, site, install_seconds(service))
                content = inputs.content()
                made = install_once(base / _entry(key, content), fresh.rename, settings.watch.cancelled)
            _write(base / f"{key}.inputs", {**inputs.document(), "stamp": inputs.stamp(), "content": content})
        except OSError as error:
            why = f"{error.filename or base}: {error.strerror or error}"
            todo = "check the directory's permissions and the free space"
            raise ConfigError(f"{shown} cannot be built", why=why, todo=todo, where=where) from None
        if made is None:
            raise ConfigError("the build was stopped", where=where)
        return made

    def _not_installed(self, entry: Entry) -> Exception:
        what = f"the handler's file {entry.file} needs a build"
        todo = "run npm install --save-dev esbuild; or build first and point handler or package.artifact at the result"
        if not self._build.settings.sources:
            return NotBuilt(f"{what}, and esbuild is not in node_modules", todo)
        why = "esbuild is not in node_modules, and Lambda loads .js, .mjs and .cjs: it would fail at its first call"
        return self._service.error(what, *entry.function.path, "handler", why=why, todo=todo)

    def _use(self, shown: str, esbuild: Esbuild) -> ProgramUse:
        """Return what esbuild is wanted for, and the files that decide what it does."""
        service, root = self._service, self._build.settings.programs.root
        compose = first_file(root, COMPOSE_FILES)
        documents = (service.resolver.document.file, *service.resolver.documents, *([compose] if compose else ()))
        places = dict.fromkeys((service.root, root, *service.root.parents))
        manifests = [place / name for place in places for name in ("package.json", *LOCK_FILES)]
        found = [file for file in manifests if file.is_file() and place_of(file, root)]
        files = dict.fromkeys(file.resolve() for file in (*documents, *found, *esbuild.files))
        return ProgramUse(ESBUILD, f"build {shown} of {service.key}", tuple(files))


def place_of(file: Path, root: Path) -> bool:
    """Tell whether a file is in the project, or beside the node_modules that the project uses."""
    return file.is_relative_to(root) or (file.parent / "node_modules").is_dir()


def _entry(key: str, content: str) -> str:
    return hashlib.sha256(f"{key} {content}".encode()).hexdigest()


def _write(memo: Path, document: Mapping[str, Value]) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=memo.parent, suffix=".partial")
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        json.dump(document, handle)
    Path(temporary).replace(memo)
