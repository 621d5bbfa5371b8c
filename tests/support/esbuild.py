"""A stand-in for esbuild: a program of a few lines that copies entry points and notes what they import."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_PROGRAM = r"""
import json, os, re, sys

options = {name: value for name, _, value in (text.partition("=") for text in sys.argv[1:] if text.startswith("--"))}
entries = [text for text in sys.argv[1:] if not text.startswith("--")]
external = [name.partition(":")[2] for name in options if name.startswith("--external:")]
with open(LOG, "a") as log:
    print(json.dumps({"cwd": os.getcwd(), "arguments": sys.argv[1:], "environment": sorted(os.environ)}), file=log)
facts = {"inputs": {}, "outputs": {}}


def read(path, inputs):
    text = open(path).read()
    if "SYNTAX ERROR" in text:
        print(f'\u2718 [ERROR] Expected ";" but found "ERROR"\n\n    {path}:3:7:\n      3 | SYNTAX ERROR')
        sys.exit(1)
    imports, whole = [], text
    for name in re.findall(r'from "([^"]*)"', text):
        if name.startswith("."):
            found = os.path.normpath(os.path.join(os.path.dirname(path), name)) + ".ts"
            imports.append({"path": found, "kind": "import-statement"})
            whole += read(found, inputs)
        else:
            imports.append({"path": name, "kind": "import-statement", "external": True})
    for name in re.findall(r'require[(]"([^"]*)"', text):
        imports.append({"path": name, "kind": "require-call", "external": True})
    inputs[path] = facts["inputs"][path] = {"imports": imports}
    return whole


for entry in entries:
    inputs = {}
    text = read(entry, inputs)
    end = options.get("--out-extension:.js", ".js")
    target = os.path.join(options["--outdir"], os.path.splitext(entry)[0] + end)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    open(target, "w").write(text)
    outside = [item for one in inputs.values() for item in one["imports"] if item.get("external")]
    name = os.path.relpath(target)
    facts["outputs"][name] = {"imports": outside, "inputs": dict.fromkeys(inputs, {}), "entryPoint": entry}
    if "--sourcemap" in options:
        source = os.path.relpath(os.path.realpath(entry), os.path.dirname(os.path.realpath(target)))
        open(target + ".map", "w").write('{\n  "sources": ' + json.dumps([source]) + ',\n  "mappings": ""\n}\n')
        facts["outputs"][name + ".map"] = {"imports": [], "inputs": {}}
json.dump(facts, open(options["--metafile"], "w"))
"""


class EsbuildStandIn:
    """An installed stand-in, and what it was asked for.

    Args:
        root: the directory whose node_modules gets it.
        version: of its package.
    """

    def __init__(self, root: Path, version: str = "0.25.0") -> None:
        self._log = root.parent / "esbuild.log"
        package = install(root, "esbuild", version=version)
        self.program = package / "bin" / "esbuild"
        self.program.parent.mkdir(exist_ok=True)
        self.program.write_text(f"#!{sys.executable} -I\nLOG = {str(self._log)!r}\n{_PROGRAM}")
        self.program.chmod(0o755)

    @property
    def runs(self) -> list[dict[str, Any]]:
        """Its runs: cwd, arguments, and the names in its environment."""
        return [json.loads(line) for line in self._log.read_text().splitlines()] if self._log.exists() else []


def install(root: Path, name: str, *, version: str = "1.0.0", needs: dict[str, str] | None = None) -> Path:
    """Put a package into a directory's node_modules; it has an index.js."""
    package = root / "node_modules" / name
    package.mkdir(parents=True, exist_ok=True)
    manifest = {"name": name, "version": version, "dependencies": needs or {}}
    (package / "package.json").write_text(json.dumps(manifest))
    (package / "index.js").write_text(f"module.exports = {version!r};\n")
    return package
