"""Install `serverless-python-requirements`: requirements.txt into function packages or a layer.

Options and their meaning are the plugin's: https://github.com/serverless/serverless-python-requirements. An install is
made once for the same requirements, runtime and architecture, and kept next to the packages.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stateroom.config.compilation import Compilation
from stateroom.config.document import keys
from stateroom.config.document.document import KeyPath
from stateroom.config.function import Function, setting
from stateroom.config.packaging import pip
from stateroom.config.packaging.globs import GlobError, matches
from stateroom.config.packaging.install_cache import cached, install_once, install_seconds, origin
from stateroom.config.packaging.not_built import NotBuilt
from stateroom.config.packaging.requirement_sources import PATH, Required, RequirementSources
from stateroom.config.packaging.requirements_file import absolute_lines, local_path, named_files, requirements_digest
from stateroom.config.packaging.wheels import needs_building
from stateroom.config.project_files import COMPOSE_FILES, first_file
from stateroom.errors import SourceLocation, StateroomError, TrustError
from stateroom.model.values import Value
from stateroom.programs.access import ProgramUse
from stateroom.programs.isolated import Site, run_strip
from stateroom.programs.known import PIP

LAYER: Final = "pythonRequirements"
_FORMAT: Final = "2"  # changes when the same requirements would be installed otherwise
_NO_DEPLOY: Final[tuple[str, ...]] = ()  # the plugin's default since its version 5: what is required is packaged
_SLIM: Final = ("**/*.py[co]", "**/__pycache__*", "**/*.dist-info*")
# Parts between slashes, none of them ".." and ** only as a whole part: nothing outside the directory is meant.
_PATTERN: Final = re.compile(r"(?:(?:\*\*|(?!\.\.(?:/|$))(?:(?!\*\*)[^/])+)(?:/(?!$)|$))+")
_REFUSED: Final = {
    "zip": "remove it, and import unzip_requirements; see slim: and layer: when the package is too large",
    "installFolderAsPackage": "name the folder in the requirements file: .",
    **dict.fromkeys(
        ("dockerImage", "dockerFile", "dockerSsh", "dockerPrivateKey", "dockerEnv", "dockerExtraFiles"),
        "remove it: no docker is run; wheels for Lambda are installed, and vendor: takes what has none",
    ),
}


class NotInstalled(NotBuilt):
    """Requirements are not installed yet, and installing is not allowed now.

    Args:
        file: their file.
        todo: what installs them.
    """

    def __init__(self, file: str, todo: str) -> None:
        super().__init__(f"{file} is not installed yet, so its packages are not built", todo)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What pip is given: lines, arguments, and which of the arguments are the user's own."""

    required: Required
    lines: list[str]
    arguments: list[str]
    extra: list[str]


class PythonRequirements:
    """Plugin settings and installs of one service; defaults without `custom.pythonRequirements`."""

    def __init__(self, build: Compilation) -> None:
        self._build = build
        self._service = build.service
        self._service.check(keys.PYTHON_REQUIREMENTS, (), *PATH)
        self._options = self._service.mapping(*PATH)
        for key, todo in _REFUSED.items():
            if _on(self._options.get(key)):
                raise self._service.error("not supported", *PATH, key, todo=todo)
        self._in_layer = bool(self._options.get("layer"))
        self._sources = RequirementSources(build, self._no_deploy())
        self._found: dict[tuple[str, str, str], Path | None] = {}

    def beside(self, function: Function, runtime: str, module: str) -> tuple[Path, ...]:
        """Return the directories that are merged into the function's package.

        Raises:
            NotInstalled: they are not there, and are not to be installed now.
            ConfigError
        """
        if self._in_layer:
            return ()
        architecture = setting(self._build, function, "architecture") or "x86_64"
        installed = self._installed(module, runtime, str(architecture))
        vendors = (
            self._vendor(self._options.get("vendor"), (*PATH, "vendor")),
            self._vendor(function.config.get("vendor"), (*function.path, "vendor")),
        )
        return tuple(directory for directory in (installed, *vendors) if directory is not None)

    def module_of(self, function: Function) -> str:
        """Return the directory of a function's `module:`; "" for the service's. Raises ConfigError."""
        own: Mapping[str, Value] = function.config.get("package") or {}
        value = self._service.text(*function.path, "module") or ""
        if not own.get("individually") and not self._service.lookup("package", "individually"):
            return ""
        module = "/".join(part for part in value.split("/") if part not in ("", "."))
        if ".." in module.split("/") or not (self._service.root / module).is_dir():
            todo = "give a directory of the service"
            raise self._service.error("no such directory", *function.path, "module", todo=todo)
        return module

    def layer(self) -> dict[str, Value]:
        """Return the layer of `layer:` as an item of `layers:`; {} without one."""
        if not self._in_layer:
            return {}
        given = self._options["layer"]
        if isinstance(given, dict):
            self._service.check(keys.LAYER, (), *PATH, "layer")
        runtime = self._service.text("provider", "runtime")
        block = {
            "name": f"{self._service.prefix}-python-requirements",
            "description": "Python requirements generated by serverless-python-requirements.",
            "compatibleRuntimes": [runtime] if runtime else None,
        }
        return {LAYER: {**block, **(given if isinstance(given, dict) else {})}}

    def of_layer(self) -> tuple[Path, ...]:
        """Return the directories that go below python/ in that layer. Raises ConfigError."""
        provider = self._service.mapping("provider")
        runtime = self._service.text("provider", "runtime") or ""
        if not runtime.startswith("python"):
            todo = "write provider.runtime, such as python3.12"
            raise self._service.error("a layer of requirements needs a Python runtime", *PATH, "layer", todo=todo)
        installed = self._installed("", runtime, str(provider.get("architecture") or "x86_64"))
        vendor = self._vendor(self._options.get("vendor"), (*PATH, "vendor"))
        found = tuple(directory for directory in (installed, vendor) if directory is not None)
        if not found:
            raise self._service.error("nothing is required", *PATH, "layer", todo="add requirements, or remove layer:")
        return found

    def _installed(self, module: str, runtime: str, architecture: str) -> Path | None:
        """Return the install directory of a module's requirements; None without requirements. Looks once for each."""
        wanted = (module, runtime, architecture)
        if wanted not in self._found:
            self._found[wanted] = self._find(module, runtime, architecture)
        return self._found[wanted]

    def _find(self, module: str, runtime: str, architecture: str) -> Path | None:
        required = self._sources.of(module)
        if required is None:
            return None
        if not re.fullmatch(r"python3\.\d{1,3}", runtime):
            why = f"requirements are installed for python3, and the runtime is {runtime}"
            raise self._service.error("no such Python", "plugins", why=why, todo="write a runtime such as python3.13")
        always = _on(self._options.get("dockerizePip"))
        cross = pip.cross_arguments(runtime, architecture, always=always)
        addresses, extra = pip.without_addresses(self._texts("pipCmdExtraArgs"))
        lines = [*addresses, *required.lines]
        wanted = _Wanted(required, lines, [*cross, *extra, *required.arguments], extra)
        entry = self._build.settings.build_dir / "python" / self._key(wanted, runtime, architecture)
        return cached(entry) or self._install(wanted, entry)

    def _key(self, wanted: _Wanted, runtime: str, architecture: str) -> str:
        """Return a digest of everything that decides what is installed."""
        root = self._service.root
        local = any(local_path(root, line) for line in wanted.lines)
        facts: list[Any] = [_FORMAT, runtime, architecture, wanted.arguments, requirements_digest(wanted.lines, root)]
        facts += [self._no_deploy(), [self._options.get(key) for key in ("slim", "strip", "slimPatterns")]]
        facts += [self._options.get("slimPatternsAppendDefaults"), origin(self._build.settings.environment)]
        facts += [str(root) if local else ""]  # what is built from a project's files is that project's alone
        return hashlib.sha256(json.dumps(facts, default=repr).encode()).hexdigest()

    def _install(self, wanted: _Wanted, entry: Path) -> Path:
        settings, file = self._build.settings, wanted.required.file
        shown = os.path.relpath(file, self._service.root)
        seconds = install_seconds(self._service)
        refusal = settings.programs.ask(self._use(wanted, shown))
        building = needs_building(wanted.lines, wanted.extra, self._service.root)
        if settings.sources and settings.install and refusal:
            what = f"{self._service.key}: {shown} is not installed, which pip would do"
            raise TrustError(what, todo=refusal, where=SourceLocation(file, 1))
        if refusal or not settings.install:
            raise NotInstalled(shown, refusal or "`stateroom diff` installs it")
        if building and not settings.sources:
            raise NotInstalled(shown, f"{building} is built from source, which `stateroom deploy` does")
        settings.watch.tell(f"installing {shown}")
        try:
            return self._made(wanted, entry, seconds, sources=bool(building))
        except pip.NoWheelError as error:
            if not settings.sources:
                raise NotInstalled(shown, f"{error.why}; `stateroom deploy` builds what has no wheel") from None
        settings.watch.tell(f"building what {shown} requires from source")
        return self._made(wanted, entry, seconds, sources=True)

    def _made(self, wanted: _Wanted, entry: Path, seconds: float, *, sources: bool) -> Path:
        settings, where = self._build.settings, SourceLocation(wanted.required.file, 1)
        site = Site(settings.programs.root, settings.environment, settings.watch.cancelled)

        def install(target: Path) -> None:
            lines = absolute_lines(wanted.lines, self._service.root)
            pip.install(lines, target, wanted.arguments, site=site, where=where, seconds=seconds, sources=sources)
            pip.remove(target, self._no_deploy())
            if _on(self._options.get("slim")):
                self._slim(target, site)

        made = install_once(entry, install, settings.watch.cancelled)
        if made is None:
            raise pip.stopped_error(where)
        return made

    def _use(self, wanted: _Wanted, shown: str) -> ProgramUse:
        """Return what pip is wanted for, and the files that decide what it does."""
        required, service = wanted.required, self._service
        compose = first_file(self._build.settings.programs.root, COMPOSE_FILES)
        documents = (service.resolver.document.file, *service.resolver.documents, *([compose] if compose else ()))
        named = named_files(wanted.lines, service.root)
        files = dict.fromkeys(file.resolve() for file in (*documents, required.file, *required.more, *named))
        return ProgramUse(PIP, f"install {shown} of {service.key}", tuple(files))

    def _slim(self, target: Path, site: Site) -> None:
        given = self._texts("slimPatterns")
        defaults = () if given and self._options.get("slimPatternsAppendDefaults") in (False, "false") else _SLIM
        for pattern in (*defaults, *given):
            if not _PATTERN.fullmatch(pattern):
                todo = "write patterns such as **/tests/*"
                raise self._service.error(f"{pattern} is not a pattern", *PATH, "slimPatterns", todo=todo)
            try:
                gone = [path for path in target.rglob("*") if matches(pattern, path.relative_to(target).as_posix())]
            except GlobError as error:
                raise self._service.error(
                    f"{pattern} is not a pattern", *PATH, "slimPatterns", why=str(error)
                ) from None
            for path in sorted(gone, reverse=True):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        if self._options.get("strip") in (False, "false"):
            return
        with suppress(OSError, StateroomError):  # without strip libraries stay as they are
            for library in target.rglob("*.so"):
                run_strip(library, site)

    def _vendor(self, value: Value, path: KeyPath) -> Path | None:
        if not value:
            return None
        directory = self._service.root / str(value)
        if not directory.is_dir():
            todo = "give the directory of the vendored libraries"
            raise self._service.error("no such directory", *path, why=f"looked for {directory}", todo=todo)
        return directory

    def _no_deploy(self) -> list[str]:
        return self._texts("noDeploy") if self._options.get("noDeploy") is not None else list(_NO_DEPLOY)

    def _texts(self, key: str) -> list[str]:
        value: Any = self._options.get(key) or []
        return [value] if isinstance(value, str) else list(value)


def _on(value: Value) -> bool:
    return value not in (None, False, "false", "non-linux", [], {}, "")
