"""Find and run a project's own esbuild."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stateroom.config.packaging.bundling.inputs import Inputs
from stateroom.config.packaging.bundling.node_modules import find_package, manifest
from stateroom.config.packaging.bundling.source_maps import make_portable
from stateroom.errors import ConfigError, SourceLocation
from stateroom.programs.isolated import Site, run_esbuild

_SYSTEMS: Final = {"linux": "linux", "darwin": "darwin"}
_MACHINES: Final = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
_ERROR: Final = re.compile(r"^✘ \[ERROR\] (.*)$", re.MULTILINE)
_PLACE: Final = re.compile(r"^ {4}([^\s:][^:\n]*):(\d+):\d+:$", re.MULTILINE)
_RELATIVE: Final = re.compile(r"""(?:\brequire\(|\bfrom |\bimport\(?\s*)["'](\.{1,2}/[^"']+|[^"'./][^"']*)["']""")
OUTPUT: Final = "output"
SUMMARY: Final = "summary.json"


@dataclass(frozen=True, slots=True)
class Esbuild:
    """An installed esbuild: its program, its version, and the files that are it."""

    program: Path
    version: str
    files: tuple[Path, ...]


def find_esbuild(root: Path) -> Esbuild | None:
    """Return the esbuild that Node would find for a directory; None when it is not installed.

    Its package has a program of its own, or (when its install script was not run) one in JavaScript that starts that of
    the package for this system, which is taken at once.
    """
    package = find_package(root, "esbuild")
    if package is None:
        return None
    version = str(manifest(package).get("version"))
    system = f"@esbuild/{_SYSTEMS.get(sys.platform, '')}-{_MACHINES.get(platform.machine().lower(), '')}"
    native = find_package(package, system)
    for directory in (native, package):
        program = directory / "bin" / "esbuild" if directory else None
        if directory and program and program.is_file() and str(manifest(directory).get("version")) == version:
            return Esbuild(program, version, (package / "package.json", program))
    return None


@dataclass(frozen=True, slots=True)
class BuildJob:
    """One run: entry points relative to the service's directory, and esbuild's arguments."""

    root: Path
    entries: tuple[str, ...]
    arguments: tuple[str, ...]
    tsconfig: str | None
    bundled: bool
    where: SourceLocation


def run_build(job: BuildJob, esbuild: Esbuild, target: Path, site: Site, seconds: float) -> Inputs:
    """Build into a new directory: the output, and a summary of what each entry point became.

    Raises:
        ConfigError: esbuild refuses, takes too long, or was cancelled; or files changed meanwhile.
        OSError: the directory cannot be written.
    """
    output, facts = target / OUTPUT, target / "meta.json"
    target.mkdir(parents=True)
    began = time.time_ns()
    own = [f"--outdir={output}", "--outbase=.", f"--metafile={facts}", "--log-level=error", "--color=false"]
    try:
        done = run_esbuild(esbuild.program, [*job.entries, *job.arguments, *own], site, cwd=job.root, seconds=seconds)
    except OSError as error:
        why = f"{esbuild.program}: {error.strerror}"
        raise ConfigError("esbuild cannot be started", why=why, todo="run npm install", where=job.where) from None
    if done.cancelled:
        raise ConfigError("the build was stopped", where=job.where)
    if done.code is None:
        why = "its output had no end" if done.flooded else f"it had not ended after {seconds:g} seconds"
        todo = "run it yourself to see why, or give it more time: custom.stateroom.installTimeout"
        raise ConfigError("esbuild was ended", why=why, todo=todo, where=job.where)
    if done.code != 0 or not facts.is_file():
        raise _failed(job, done.said)
    metafile = json.loads(facts.read_text("utf-8"))
    facts.unlink()
    make_portable(output, job.root)
    (target / SUMMARY).write_text(json.dumps(_summary(metafile, job, output), sort_keys=True), "utf-8")
    inputs = Inputs.of(job.root, metafile["inputs"], job.tsconfig)
    if inputs.changed_since(began):
        raise ConfigError("files changed while they were built", todo="run it again", where=job.where)
    return inputs


def _failed(job: BuildJob, said: str) -> ConfigError:
    error, place = _ERROR.search(said), _PLACE.search(said)
    where = SourceLocation(job.root / place[1], int(place[2])) if place else job.where
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    why = error[1] if error else (lines[-1:] or ["it said nothing"])[0]
    todo = "correct the file"
    if "Could not resolve" in why:
        todo = "correct the import, or run npm install where the package is to be"
    elif "node: " in why or "env: " in why:
        todo = "install node, or run npm install with install scripts"
    return ConfigError("esbuild cannot build the code", why=why, todo=todo, where=where)


def _summary(metafile: dict[str, Any], job: BuildJob, output: Path) -> dict[str, dict[str, Any]]:
    """Return, by entry point, the files that belong to it and what it imports from outside: name → how."""
    root = job.root
    by_name = {_name(path, root, output): facts for path, facts in metafile["outputs"].items()}
    summary: dict[str, dict[str, Any]] = {}
    for name, facts in by_name.items():
        if not facts.get("entryPoint"):
            continue
        files, todo = set[str](), [name]
        while todo:
            one = todo.pop()
            if one in files or not (output / one).is_file():
                continue
            files |= {one, *({f"{one}.map"} if (output / f"{one}.map").is_file() else ())}
            known = by_name.get(one, {})
            todo += (_name(item["path"], root, output) for item in known.get("imports", ()) if not item.get("external"))
            todo += [_name(known["cssBundle"], root, output)] if known.get("cssBundle") else []
        outside = _imported(metafile, facts) if job.bundled else _written(output / name)
        summary[facts["entryPoint"]] = {"output": name, "files": sorted(files), "imports": outside}
    return summary


def _imported(metafile: dict[str, Any], facts: dict[str, Any]) -> dict[str, str]:
    """Return what an output imports from outside; how its sources say it, an import statement before others."""
    found = {item["path"]: str(item["kind"]) for item in facts["imports"] if item.get("external")}
    for source in facts["inputs"]:
        for item in metafile["inputs"].get(source, {}).get("imports", ()):
            if item["path"] in found and item["kind"] == "import-statement":
                found[item["path"]] = item["kind"]
    return dict(sorted(found.items()))


def _written(file: Path) -> dict[str, str]:
    """Return what a file that was not bundled imports, as its text has it."""
    text = file.read_text("utf-8", "replace") if file.suffix in (".js", ".mjs", ".cjs") else ""
    return dict.fromkeys(sorted({found[1] for found in _RELATIVE.finditer(text)}), "import-statement")


def _name(path: str, root: Path, output: Path) -> str:
    return os.path.relpath(os.path.join(os.path.realpath(root), path), os.path.realpath(output)).replace(os.sep, "/")  # noqa: PTH118
