"""Deployment packages of functions and layers, shared when their files are the same."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from stateroom.config.compilation import Compilation, as_list
from stateroom.config.document import keys
from stateroom.config.document.document import KeyPath
from stateroom.config.function import Function
from stateroom.config.packaging.artifacts import package, prebuilt, zipped
from stateroom.config.packaging.bundling.bundles import Bundles, Entry
from stateroom.config.packaging.bundling.contents import bundle_files
from stateroom.config.packaging.dev_dependencies import without_dev_dependencies
from stateroom.config.packaging.globs import GlobError, check_pattern
from stateroom.config.packaging.not_built import NotBuilt
from stateroom.config.packaging.package_files import PackageFile, package_files
from stateroom.config.packaging.python_requirements import PythonRequirements
from stateroom.config.plugins import PYTHON_REQUIREMENTS, lists_plugin
from stateroom.model.resource import NOT_BUILT, Artifact
from stateroom.model.values import Value


class CodePackages:
    """Packages of one service, built on first use. Functions with the same files share one.

    Args:
        build: the compilation.
        functions: all of the service's.
    """

    def __init__(self, build: Compilation, functions: Mapping[str, Function]) -> None:
        service = build.service
        service.check(keys.PACKAGE, (), "package")
        self._build = build
        self._block = service.mapping("package")
        self._known: dict[tuple[str, ...], Artifact] = {}
        self._names: dict[str, frozenset[str]] = {}  # of the files in a package, by its SHA-256
        self._python = PythonRequirements(build) if lists_plugin(service, PYTHON_REQUIREMENTS) else None
        self._functions = functions
        self._bundles = Bundles(build, functions)
        self._layers = [
            f"!{layer['path'].strip('/').removeprefix('./')}/**"
            for layer in service.mapping("layers").values()
            if isinstance(layer, dict) and isinstance(layer.get("path"), str)
        ]

    def of(self, function: Function, runtime: str) -> Value:
        """Return the function's Code property. Raises ConfigError."""
        service, path = self._build.service, (*function.path, "package")
        service.check(keys.PACKAGE, (), *path)
        own = function.config.get("package") or {}
        if artifact := self.artifact_of(function):
            return self._given(artifact, (*path, "artifact") if own.get("artifact") else ("package", "artifact"))
        individually = own.get("individually")
        if function.key in self._bundles.entries:
            return self._bundled(self._bundles.entries[function.key])
        if not individually and not self._block.get("individually"):
            if own.get("patterns") or own.get("include") or own.get("exclude"):
                todo = "add package.individually: true"
                self._build.warn(f"{function.key}: patterns of a function mean nothing in a shared package: {todo}")
            own = {}
        module = self.module_of(function)
        python = self._python if runtime.startswith("python") else None
        try:
            beside = python.beside(function, runtime, module) if python else ()
        except NotBuilt as needed:
            return self._unhashed(needed)
        self._check_patterns(self._block, ("package",))
        self._check_patterns(own, path)
        patterns = [*self._layers, *_patterns(self._block, own)]
        return self._code(self._zipped(service.root, patterns, below=module, beside=beside))

    def _bundled(self, entry: Entry) -> Value:
        """Return the Code of a function that esbuild builds. Raises ConfigError."""
        settings, root = self._build.settings, self._build.service.root
        own: Value = entry.function.config.get("package") or {}
        alone = own.get("individually") or self._block.get("individually")
        together = [entry] if alone else self._bundles.entries.values()
        apart = (settings.build_dir.resolve(), *settings.homes)
        patterns = _patterns(self._block, {})
        self._check_patterns(self._block, ("package",))
        for one in together:
            self._check_patterns(one.function.config.get("package") or {}, (*one.function.path, "package"))
            patterns += _patterns({}, one.function.config.get("package") or {})
        try:
            files = bundle_files(self._build, self._bundles, tuple(together), patterns, apart)
        except NotBuilt as needed:
            return self._unhashed(needed)
        return self._code(self._kept(root, files))

    def waits(self, function: Function, code: Value) -> bool:
        """Tell whether a function's file is yet to be built, so that it cannot be looked for."""
        return function.key in self._bundles.entries and code == {"ArtifactSha256": NOT_BUILT}

    def environment(self, function: Function) -> dict[str, Value]:
        """Return the variables that a function's build adds to its own: source maps need to be switched on."""
        if function.key not in self._bundles.entries or not self._bundles.tool.source_maps:
            return {}
        own = self._build.service.mapping(*function.path, "environment").get("NODE_OPTIONS")
        return {"NODE_OPTIONS": f"{own} --enable-source-maps" if own else "--enable-source-maps"}

    def names(self, code: Value) -> frozenset[str] | None:
        """Return the files in a package that `of` returned; None when they are not known: it is not built here."""
        return self._names.get(code["ArtifactSha256"])

    def module_of(self, function: Function) -> str:
        """Return the directory of the function's `module:`; "" for the service's. Raises ConfigError."""
        return self._python.module_of(function) if self._python else ""

    def generated_layers(self) -> dict[str, Value]:
        """Return generated layers, in the shape of entries of `layers:`."""
        return self._python.layer() if self._python else {}

    def of_layer(self, key: str, block: Value) -> Value:
        """Return the Content of a layer: the files below its path. Raises ConfigError."""
        service, path = self._build.service, ("layers", key)
        if self._python and key in self.generated_layers():
            try:
                root, *more = self._python.of_layer()
            except NotBuilt as needed:
                return self._unhashed(needed)
            settings = self._build.settings
            everything = package(root, ("**",), settings.build_dir, beside=more, at="python/", homes=settings.homes)
            return self._code(everything)
        own = block.get("package") or {}
        service.check(keys.PACKAGE, (), *path, "package")
        if own.get("artifact"):
            return self._given(own["artifact"], (*path, "package", "artifact"))
        root = service.root / str(block.get("path") or "")
        if block.get("path") and not root.exists() and not self._build.settings.sources:
            return self._unhashed(NotBuilt(f"{block['path']} of the layer {key} is not there", "build it first"))
        if not block.get("path") or not root.is_dir():
            why = f"looked for {root}" if block.get("path") else ""
            todo = "give the directory of its files; build it first, where a command makes it"
            raise service.error("no such directory", *path, "path", why=why, todo=todo)
        self._check_patterns(own, (*path, "package"))
        return self._code(self._zipped(root, _patterns({}, own)))

    def _check_patterns(self, block: Value, path: KeyPath) -> None:
        """Raise ConfigError with the line of a pattern that is not read."""
        for key in ("exclude", "include", "patterns"):
            for index, pattern in enumerate(as_list(block.get(key))):
                try:
                    check_pattern(str(pattern))
                except GlobError as error:
                    shown = f"{pattern[:60]}…" if len(pattern) > 60 else pattern
                    todo = "write it as several patterns"
                    raise self._build.service.error(
                        f"{shown} is not a pattern", *path, key, index, why=str(error), todo=todo
                    ) from None

    def _unhashed(self, needed: NotBuilt) -> Value:
        self._build.warn(str(needed))
        self._build.not_built = self._build.not_built or f"not built: {needed.todo}"
        return {"ArtifactSha256": NOT_BUILT}

    def _zipped(self, root: Path, patterns: list[str], *, below: str = "", beside: tuple[Path, ...] = ()) -> Artifact:
        wanted = (str(root), below, *map(str, beside), *patterns)
        if wanted not in self._known:
            if self._block.get("excludeDevDependencies") is not False:
                patterns = [*patterns, *without_dev_dependencies(root)]
            settings = self._build.settings
            apart = (settings.build_dir.resolve(), *settings.homes)
            files = package_files(root, patterns, below=below, beside=beside, apart=apart)
            self._known[wanted] = self._kept(root, files)
        return self._known[wanted]

    def _kept(self, root: Path, files: Sequence[PackageFile]) -> Artifact:
        artifact = zipped(root, files, self._build.settings.build_dir)
        self._names[artifact.sha256] = frozenset(name for name, _, _ in files)
        return artifact

    def artifact_of(self, function: Function) -> str:
        """Return the package that the user has built for a function; "" for none."""
        own = function.config.get("package") or {}
        shared = None if own.get("individually") else self._block.get("artifact")
        return str(own.get("artifact") or shared or "")

    def _given(self, name: Value, path: KeyPath) -> Value:
        """Return the code of the user's own package. Raises ConfigError."""
        text, build = str(name), self._build
        if text.startswith("s3://") or ".amazonaws.com/" in text:
            todo = "download it first and name the file"
            raise build.service.error("an artifact in S3 is not read", *path, todo=todo)
        file = build.service.root / text
        if not file.exists():
            if not build.settings.sources:
                return self._unhashed(NotBuilt(f"{text} is not there", "build it first"))
            todo = "build it first, or correct package.artifact"
            raise build.service.error(f"{text} is not there", *path, why=f"looked for {file}", todo=todo)
        artifact = prebuilt(file, build.settings.build_dir)
        try:
            with zipfile.ZipFile(artifact.path) as archive:
                self._names[artifact.sha256] = frozenset(archive.namelist())
        except (OSError, zipfile.BadZipFile) as error:
            raise build.service.error(f"{text} is not a zip", *path, why=str(error), todo="build it again") from None
        return self._code(artifact)

    def _code(self, artifact: Artifact) -> Value:
        self._build.artifacts[artifact.sha256] = artifact
        return {"ArtifactSha256": artifact.sha256}


def _patterns(shared: Value, own: Value) -> list[str]:
    """Order the globs: exclusions, then inclusions, the function's own after the service's."""
    blocks = (shared, own)
    return [
        *(f"!{pattern}" for block in blocks for pattern in as_list(block.get("exclude"))),
        *(pattern for block in blocks for key in ("include", "patterns") for pattern in as_list(block.get(key))),
    ]
