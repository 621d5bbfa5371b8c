"""The framework itself, installed from its registry into a scratch folder, packaging projects without a network."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

PACKAGES = ("osls@3.77.1", "serverless-step-functions@3.31.2", "serverless-iam-roles-per-function@3.2.0")
PROJECTS = Path(__file__).parent / "projects"
_SCRATCH = "STATEROOM_ORACLE_DIR"  # keeps the installation and its answers between runs
_IGNORED = shutil.ignore_patterns(".stateroom", ".serverless", "__pycache__")


class PeerError(Exception):
    """The framework refused a project; the text is what it said."""


@dataclass(frozen=True)
class Peer:
    """An installation. Projects are copied below it, so that its plugins are found and are not packaged."""

    root: Path

    def package(self, project: Path, *arguments: str) -> dict[str, Any]:
        """The CloudFormation template that `osls package` makes of a project; remembered by the project's content.

        Raises:
            PeerError: the framework refuses the project.
        """
        here = self.copy(project, *arguments)
        template = here / ".serverless" / "cloudformation-template-update-stack.json"
        refusal = here / ".refused"
        if refusal.exists():
            raise PeerError(refusal.read_text())
        if not template.exists():
            done = self.run(here, "package", *arguments)
            if done.returncode != 0 or not template.exists():
                refusal.write_text(done.stdout + done.stderr)
                raise PeerError(done.stdout + done.stderr)
        loaded: dict[str, Any] = json.loads(template.read_text())
        return loaded

    def copy(self, project: Path, *arguments: str) -> Path:
        """The project's copy below the installation."""
        target = self.root / "projects" / f"{project.name}-{_digest(project, arguments)}"
        if not target.exists():
            shutil.copytree(project, target, ignore=_IGNORED, dirs_exist_ok=True)
        return target

    def run(
        self, directory: Path, *arguments: str, more: Mapping[str, str] = MappingProxyType({})
    ) -> subprocess.CompletedProcess[str]:
        """Run the framework in a directory, with no network but loopback and nobody's credentials.

        `more` are further environment variables.
        """
        script = self.root / "node_modules" / "osls" / "bin" / "serverless.js"
        command = [*without_network(), "node", str(script), *arguments]
        variables = {**environment(), **more}
        return subprocess.run(command, cwd=directory, env=variables, capture_output=True, text=True, check=False)


def available() -> str:
    """Why the oracle cannot be asked, or "" when it can."""
    if os.environ.get("STATEROOM_ORACLE") != "1":
        return "set STATEROOM_ORACLE=1 to compare with the framework itself (it is installed with npm)"
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    return f"{' and '.join(missing)} not found" if missing else ""


@cache
def install(*more: str) -> Peer:
    """The framework with further packages, installed once. Raises CalledProcessError when npm cannot."""
    return Peer(installation(*PACKAGES, *more))


def installation(*packages: str) -> Path:
    """A directory with packages of npm's, installed once. Raises CalledProcessError when npm cannot."""
    scratch = Path(os.environ.get(_SCRATCH) or Path(tempfile.gettempdir()) / "stateroom-oracle").resolve()
    name = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:12]
    root = scratch / name
    if not (root / "complete").exists():
        scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=scratch) as made:  # another process may install the same
            whole = Path(made) / "whole"
            whole.mkdir()
            (whole / "package.json").write_text('{"name": "peer", "version": "1.0.0", "private": true}\n')
            options = ("--legacy-peer-deps", "--no-audit", "--no-fund", "--ignore-scripts")
            subprocess.run(["npm", "install", *options, *packages], cwd=whole, check=True, capture_output=True)
            (whole / "complete").touch()
            with suppress(OSError):  # the other one was first
                whole.rename(root)
    return root


def projects() -> list[Path]:
    """Our own projects, one a folder."""
    return sorted(path.parent for path in PROJECTS.glob("*/serverless.yml"))


@cache
def without_network() -> tuple[str, ...]:
    """What a command begins with so that it has no network but loopback; nothing where that cannot be had."""
    unshare = shutil.which("unshare")
    if unshare and subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False).returncode == 0:
        return (unshare, "-rn")
    return ()


def environment() -> dict[str, str]:
    """The environment of the framework: nobody's credentials, and no messages home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SLS_", "SERVERLESS_"))}
    return kept | {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_EC2_METADATA_DISABLED": "true",
        "SLS_NOTIFICATIONS_MODE": "off",
        "SLS_TELEMETRY_DISABLED": "1",
        "CI": "1",
    }


def _digest(project: Path, arguments: tuple[str, ...]) -> str:
    digest = hashlib.sha256(repr(arguments).encode())
    for path in sorted(project.rglob("*")):
        if path.is_file() and not {".stateroom", ".serverless", "__pycache__"} & set(path.parts):
            digest.update(f"{path.relative_to(project)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
