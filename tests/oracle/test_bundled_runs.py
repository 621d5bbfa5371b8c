"""What esbuild builds here runs when it is called. Opt-in: STATEROOM_ORACLE=1."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from stateroom.cli import main
from tests.oracle.peer import PROJECTS, available, install
from tests.oracle.test_bundled import PACKAGES
from tests.support.emulators import Emulator

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.skipif(bool(available()), reason=available() or "available"),
    pytest.mark.timeout(600),  # the first test installs the framework
]


def test_a_handler_in_typescript_is_deployed_called_and_in_step(
    ministack: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "shared"
    shutil.copytree(PROJECTS.parent / "bundled" / "shared", root)
    (root / "node_modules").symlink_to(install(*PACKAGES).root / "node_modules")
    monkeypatch.setenv("STATEROOM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STATEROOM_PASSPHRASE", "example")
    where = ["-C", str(root), "--endpoint-url", ministack.endpoint_url]
    assert main(["deploy", "--yes", "--trust", *where]) == 0, capsys.readouterr().err
    client = ministack.client("lambda")
    for key, said in {"hello": "hello Ana", "again": "dev", "old": "old"}.items():
        answer = client.invoke(FunctionName=f"shared-dev-{key}", Payload=b'{"name": "Ana"}')
        assert json.loads(answer["Payload"].read()) == said
    capsys.readouterr()
    assert main(["deploy", "--yes", "--trust", *where]) == 0
    assert "Nothing to do" in capsys.readouterr().out
