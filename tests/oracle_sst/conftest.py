"""The real `sst` on this machine, without Pulumi and without an account: STATEROOM_ORACLE=1 turns it on.

It needs node and npm. The binary comes through npm, unless STATEROOM_ORACLE_SST names one.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

RELEASE = "4.17.1"
_CONFIG = """\
/// <reference path="./.sst/platform/config.d.ts" />
export default $config({
  app() { return { name: "ledger", home: "%s" }; },
  async run() {},
});
"""
_QUIET = {
    "SST_SKIP_DEPENDENCY_CHECK": "1",
    "NO_BUN": "1",
    "SST_TELEMETRY_DISABLED": "1",
    "SST_SKIP_APPSYNC": "1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
_KEPT = ("PATH", "TMPDIR", "LANG", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")


@dataclass(frozen=True)
class Sst:
    """The binary, in an app's directory."""

    binary: Path
    directory: Path
    home: Path
    more: Mapping[str, str]

    def __call__(self, *arguments: str, typed: str = "", ok: bool = True) -> str:
        """Standard output and error of a command."""
        environment = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("npm_")}
        done = subprocess.run(
            [self.binary, *arguments],
            cwd=self.directory,
            env=environment | _QUIET | {"HOME": str(self.home)} | dict(self.more),
            input=typed,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        text = done.stdout + done.stderr
        if ok:
            assert done.returncode == 0, text + self.log()
        return text

    def log(self) -> str:
        """The end of its own log."""
        file = self.directory / ".sst" / "log" / "sst.log"
        return "\n".join(file.read_text().splitlines()[-10:]) if file.exists() else ""

    @property
    def states(self) -> Path:
        """Where its local home lies."""
        return self.home / ".config" / "sst" / "state"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ask for the oracle to be wanted."""
    here = Path(__file__).parent
    missing = [name for name in ("node", "npm") if shutil.which(name) is None]
    reason = "STATEROOM_ORACLE is not 1" if os.environ.get("STATEROOM_ORACLE") != "1" else ""
    reason = reason or (f"{', '.join(missing)} missing" if missing else "")
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.timeout(600))
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real thing."""
    if named := os.environ.get("STATEROOM_ORACLE_SST"):
        return Path(named)
    system = {"Linux": "linux", "Darwin": "darwin"}[platform.system()]
    package = f"sst-{system}-{'arm64' if platform.machine() in ('arm64', 'aarch64') else 'x64'}"
    directory = tmp_path_factory.mktemp("sst")
    subprocess.run(["npm", "init", "-y"], cwd=directory, check=True, capture_output=True)
    subprocess.run(["npm", "install", f"{package}@{RELEASE}"], cwd=directory, check=True, capture_output=True)
    return directory / "node_modules" / package / "bin" / "sst"


@pytest.fixture(scope="session")
def platform_directory(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An app in which sst has once prepared itself, which takes half a minute."""
    directory, home = tmp_path_factory.mktemp("prepared"), tmp_path_factory.mktemp("prepared-home")
    (directory / "sst.config.ts").write_text(_CONFIG % "local")
    Sst(binary, directory, home, {})("secret", "list", "--stage", "qa", ok=False)
    return directory / ".sst"


def app(binary: Path, prepared: Path, directory: Path, home: str, **more: str) -> Sst:
    """An app with a home of its kind, in a fresh directory."""
    here = directory / "app"
    here.mkdir()
    (here / "sst.config.ts").write_text(_CONFIG % home)
    shutil.copytree(prepared, here / ".sst", symlinks=True)
    return Sst(binary, here, directory / "home", more)


@pytest.fixture
def sst(binary: Path, platform_directory: Path, tmp_path: Path) -> Sst:
    """sst in a fresh app with a local home; stateroom's `Machine` in the same directory shares it."""
    return app(binary, platform_directory, tmp_path, "local")
