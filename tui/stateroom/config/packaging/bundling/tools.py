"""What builds a service's handlers, and with which options of esbuild: a plugin of the framework, or version 4 itself.

Sources: https://github.com/floydspace/serverless-esbuild, https://www.serverless.com/framework/docs/providers/aws/guide/building
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from stateroom.config.compilation import Compilation, as_list
from stateroom.config.document.document import KeyPath
from stateroom.config.packaging.bundling.node_modules import manifest
from stateroom.config.packaging.bundling.options import words
from stateroom.config.plugins import ESBUILD, lists_plugin
from stateroom.model.values import Value

TYPESCRIPT: Final = (".ts", ".tsx", ".mts", ".cts", ".jsx")  # Lambda loads none of them
_JAVASCRIPT: Final = (".js", ".mjs", ".cjs")
_NODE: Final = re.compile(r"nodejs(\d+)\.x")
# Options of the plugin that are no options of esbuild's.
_PLUGINS_OWN: Final = words(
    """concurrency zipConcurrency exclude nativeZip packager packagePath watch keepOutputDirectory packagerOptions
    installExtraArgs outputFileExtension outputBuildFolder outputWorkFolder nodeExternals skipBuild skipRebuild
    skipBuildExcludeFns stripEntryResolveExtensions disposeContext"""
)
_CODE: Final = {
    "plugins": "they are JavaScript, which would run",
    "config": "it is JavaScript, which would run",
    "configFile": "it is JavaScript, which would run",
    "nodeExternals": "a plugin in JavaScript reads it",
    "skipBuild": "what an earlier run of the framework left is not read",
}
_TODO: Final = "remove it, or build first and name the result with package.artifact"
# Other plugins that build → where their settings are, and which of them esbuild has, by its name for them.
_OTHERS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "serverless-webpack": ("webpack", {"forceExclude": "exclude"}),
    "serverless-bundle": (
        "bundle",
        {"externals": "external", "forceExclude": "exclude", "sourcemaps": "sourcemap", "tsConfig": "tsconfig"},
    ),
    "serverless-plugin-typescript": ("serverlessPluginTypescript", {"tsConfigFileLocation": "tsconfig"}),
    "serverless-plugin-optimize": ("optimize", {"external": "external", "exclude": "exclude"}),
}


@dataclass(frozen=True, slots=True)
class BuildTool:
    """How handlers are built.

    Args:
        name: as users know it.
        path: of its settings.
        options: of esbuild.
        exclude: packages that are neither in the bundle nor in the package; None for what the runtime has.
        extension: of the output.
        suffixes: of handlers' files, in the order in which they are looked for.
        every: whether JavaScript is built as well; else it is packaged as it is.
        required: whether it is an error that esbuild is not installed, for JavaScript too.
        source_maps: whether functions are told to use source maps.
        own_manifest: whether the package has the service's package.json, which says what kind of modules they are.
    """

    name: str
    path: KeyPath
    options: Mapping[str, Value] = field(default_factory=dict)
    exclude: tuple[str, ...] | None = None
    extension: str = ".js"
    suffixes: tuple[str, ...] = (".ts", ".js", ".jsx", ".tsx", ".mts", ".cts", ".mjs", ".cjs")
    every: bool = True
    required: bool = True
    source_maps: bool = False
    own_manifest: bool = False


def build_tool(build: Compilation) -> BuildTool:
    """Return what builds the handlers of a service's Node.js functions. Raises ConfigError."""
    if lists_plugin(build.service, ESBUILD):
        return _of_plugin(build)
    for name, (key, settings) in _OTHERS.items():
        if lists_plugin(build.service, name):
            given = build.service.lookup("custom", key)
            given = given if isinstance(given, dict) else {}
            options = {ours: given[theirs] for theirs, ours in settings.items() if given.get(theirs) is not None}
            exclude = options.pop("exclude", None)
            excluded = None if exclude is None else tuple(map(str, as_list(exclude)))
            defaults = {"bundle": True, "platform": "node"}
            return BuildTool(name, ("custom", key), {**defaults, **options}, excluded, required=False)
    return _built_in(build)


def excluded_by_runtime(runtime: str) -> tuple[str, ...]:
    """Return the packages that Lambda has, as patterns: https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html"""
    found = _NODE.fullmatch(runtime)
    return ("aws-sdk",) if found and int(found[1]) < 18 else ("@aws-sdk/*", "@smithy/*")


def target_of(runtime: str) -> str:
    """Return esbuild's name for what a runtime runs."""
    found = _NODE.fullmatch(runtime)
    return f"node{found[1]}" if found else "node18"


def _of_plugin(build: Compilation) -> BuildTool:
    path: KeyPath = ("custom", "esbuild")
    given = build.service.mapping(*path)
    _check_code(build, given, path)
    if as_list((given.get("packagerOptions") or {}).get("scripts")):
        why = "no scripts are run"
        raise build.service.error("not supported", *path, "packagerOptions", "scripts", why=why, todo=_TODO)
    options = {key: value for key, value in given.items() if key not in _PLUGINS_OWN}
    exclude = tuple(map(str, as_list(given.get("exclude", ["aws-sdk"]))))
    extension = str(given.get("outputFileExtension") or ".js")
    modules = options.get("format") == "esm" or (options.get("platform") == "neutral" and not options.get("format"))
    if (modules and extension == ".cjs") or (not modules and extension == ".mjs"):
        todo = "write .mjs with format: esm, .cjs with format: cjs"
        raise build.service.error(f"{extension} is no file of that format", *path, "outputFileExtension", todo=todo)
    if extension != ".js":
        options["outExtension"] = {".js": extension}
    defaults = {"bundle": True, "platform": "node", "target": target_of(_runtime(build))}
    suffixes = given.get("resolveExtensions") or BuildTool("", ()).suffixes
    return BuildTool("serverless-esbuild", path, {**defaults, **options}, exclude, extension, tuple(suffixes))


def _built_in(build: Compilation) -> BuildTool:
    """Return how version 4 of the framework builds: TypeScript always, JavaScript where `build.esbuild` is there."""
    path: KeyPath = ("build", "esbuild")
    block = build.service.lookup("build")
    given: Any = block.get("esbuild") if isinstance(block, dict) else None
    settings: dict[str, Value] = given if isinstance(given, dict) else {}
    _check_code(build, settings, path)
    own = ("exclude", "buildConcurrency", "sourcemap")
    options = {key: value for key, value in settings.items() if key not in own}
    wanted = settings.get("sourcemap", True)
    detailed = wanted if isinstance(wanted, dict) else {}
    options["sourcemap"] = detailed.get("type", True) if isinstance(wanted, dict) else wanted
    exclude = settings.get("exclude")
    kind = {"format": "esm"} if manifest(build.service.root).get("type") == "module" else {}
    return BuildTool(
        "the framework's build",
        path,
        {"bundle": True, "platform": "node", **kind, **options},
        None if exclude is None else tuple(map(str, as_list(exclude))),
        suffixes=(".js", ".ts", ".cjs", ".mjs", ".cts", ".mts", ".jsx", ".tsx"),
        every=block == "esbuild" or given is True or isinstance(given, dict),
        source_maps=wanted is True or detailed.get("setNodeOptions") is True,
        own_manifest=True,
    )


def is_switched_off(build: Compilation, function_build: Value) -> bool:
    """Tell whether a file says that the framework's own build is not to run."""
    block = build.service.lookup("build")
    off = isinstance(block, dict) and block.get("esbuild") is False
    return off or function_build not in (None, "", "esbuild")


def _runtime(build: Compilation) -> str:
    return build.service.text("provider", "runtime") or ""


def _check_code(build: Compilation, given: Mapping[str, Value], path: KeyPath) -> None:
    for key, why in _CODE.items():
        if given.get(key):
            raise build.service.error("not supported", *path, key, why=why, todo=_TODO)
