"""The other Compose, `@osls/compose`: its graph, and what it starts for each service, with a stand-in to be started.

It runs `serverless` once and again for every service. The stand-in writes down how it was called, answers with the
outputs of `outputs.json` in the service's directory, and fails where there is a file `fails`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.oracle.peer import PeerError, environment, installation, without_network

PACKAGE = "@osls/compose@1.9.2"
_STAND_IN = """#!/usr/bin/env node
const fs = require('fs'), path = require('path'), args = process.argv.slice(2)
const at = path.basename(process.cwd())
const tell = what => fs.appendFileSync(process.env.SEEN, JSON.stringify({what, at, args}) + '\\n')
if (args[0] === '--version') { console.log('osls version: 3.77.1'); process.exit(0) }
tell('start')
if (fs.existsSync('fails')) { console.log('Error:\\nit was not to be'); process.exit(1) }
if (args[0] === 'info') {
  const outputs = fs.existsSync('outputs.json') ? JSON.parse(fs.readFileSync('outputs.json', 'utf8')) : {}
  console.log('Stack Outputs:')
  for (const [name, value] of Object.entries(outputs)) console.log(`  ${name}: ${JSON.stringify(value)}`)
}
tell('end')
"""
_GRAPH = """
const root = process.argv[1] + '/node_modules/@osls/compose/src/'
const Service = require(root + 'ComponentsService.js'), read = require(root + 'configuration/read.js')
const resolved = require(root + 'configuration/resolve-variables.js'), file = process.cwd() + '/serverless-compose.yml'
const graph = async () => {
  const configuration = await read(file)
  await resolved(configuration, file, 'qa')
  const service = new Service({root: process.cwd()}, configuration, {})
  await service.init()
  const found = Object.entries(service.allComponents).map(([name, item]) => [name, item.dependencies])
  console.log(JSON.stringify(Object.fromEntries(found)))
}
graph().catch(error => { console.error(error.message); process.exit(1) })
"""


@dataclass(frozen=True)
class Call:
    """One command that it started for a service: the directory's name, the command, options, `--param`s."""

    service: str
    command: str
    options: Mapping[str, str]
    params: Mapping[str, str]


@dataclass(frozen=True)
class Seen:
    """What was started, in order; `rows` are starts and ends as (what, service, command)."""

    calls: tuple[Call, ...]
    rows: tuple[tuple[str, str, str], ...]
    code: int
    said: str

    def of(self, command: str) -> list[Call]:
        """Return the calls of one command, in the order in which they began."""
        return [call for call in self.calls if call.command == command]


@cache
def install_compose() -> Path:
    """Compose, installed once, and the stand-in beside it. Raises CalledProcessError when npm cannot."""
    root = installation(PACKAGE)
    stand_in = root / "stand-in" / "serverless"
    stand_in.parent.mkdir(exist_ok=True)
    stand_in.write_text(_STAND_IN)
    stand_in.chmod(0o755)
    return root


def graph(project: Path, more: Mapping[str, str]) -> dict[str, list[str]]:
    """Service → those that it waits for. Raises PeerError: Compose refuses the file."""
    command = [*without_network(), "node", "-e", _GRAPH, str(install_compose())]
    done = subprocess.run(
        command, cwd=project, env={**environment(), **more}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise PeerError(done.stderr)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def run(project: Path, *arguments: str, more: Mapping[str, str] | None = None) -> Seen:
    """Run Compose in a project; its own state of an earlier run is forgotten before a deploy."""
    root = install_compose()
    log = project / ".seen"
    log.unlink(missing_ok=True)
    if arguments[0] == "deploy":
        shutil.rmtree(project / ".serverless", ignore_errors=True)
    variables = environment()
    variables |= {"SEEN": str(log), "PATH": f"{root / 'stand-in'}:{variables['PATH']}", **(more or {})}
    script = root / "node_modules" / "@osls" / "compose" / "bin" / "serverless-compose"
    command = [*without_network(), "node", str(script), *arguments]
    done = subprocess.run(command, cwd=project, env=variables, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    rows = tuple((line["what"], line["at"], line["args"][0]) for line in lines)
    calls = tuple(_call(line["at"], line["args"]) for line in lines if line["what"] == "start")
    return Seen(calls, rows, done.returncode, done.stdout + done.stderr)


def _call(service: str, arguments: list[str]) -> Call:
    options: dict[str, str] = {}
    params: dict[str, str] = {}
    rest = [item for item in arguments[1:] if item != "--verbose"]
    for name, value in zip(rest[::2], rest[1::2], strict=True):
        if name == "--param":
            key, _, text = value.partition("=")
            params[key] = text
        else:
            options[name.removeprefix("--")] = value
    return Call(service, arguments[0], options, params)
