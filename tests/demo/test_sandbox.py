"""Nothing of the caller's accounts, endpoints or proxies reaches the demo, and the demo reaches only its own cloud."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stateroom.demo.sandbox import REGION, safe_environment, sandbox
from stateroom.errors import StateroomError
from tests.support.emulators import Emulator


class Trap:
    """A listener that nobody should ever call."""

    def __init__(self) -> None:
        self.calls = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.calls += 1
            connection.close()

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def trap() -> Iterator[Trap]:
    trap = Trap()
    yield trap
    trap.close()


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trap: Trap) -> Path:
    """A caller whose every setting leads to the trap; returns the file that its credential process would write."""
    touched = tmp_path / "credential-process-ran"
    config = (
        f"[default]\nregion = us-gov-west-1\nendpoint_url = {trap.url}\ncredential_process = touch {touched}\n"
        f"[profile work]\nregion = us-gov-west-1\nendpoint_url = {trap.url}\nservices = traps\n"
        f"credential_process = touch {touched}\n"
        f"[services traps]\nsqs =\n  endpoint_url = {trap.url}\n"
    )
    home = tmp_path / "home"
    (home / ".aws").mkdir(parents=True)
    (home / ".aws" / "config").write_text(config)
    (home / ".aws" / "credentials").write_text(f"[work]\ncredential_process = touch {touched}\n")
    settings = {
        "HOME": str(home),
        "AWS_PROFILE": "work",
        "AWS_DEFAULT_PROFILE": "work",
        "AWS_CONFIG_FILE": str(home / ".aws" / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / ".aws" / "credentials"),
        "AWS_ENDPOINT_URL": trap.url,
        "AWS_ENDPOINT_URL_SQS": trap.url,
        "AWS_ENDPOINT_URL_S3": trap.url,
        "AWS_ENDPOINT_URL_STS": trap.url,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{trap.url}/credentials",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": trap.url,
        "AWS_EC2_METADATA_DISABLED": "false",
        "HTTP_PROXY": trap.url,
        "http_proxy": trap.url,
        "HTTPS_PROXY": trap.url,
        "ALL_PROXY": trap.url,
        "STATEROOM_STAGE": "prod",
        "STATEROOM_PASSPHRASE": "the caller's own",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    return touched


def _list_everything(session: Any, **arguments: Any) -> None:
    session.client("sts", **arguments).get_caller_identity()
    session.client("sqs", **arguments).list_queues()
    session.client("lambda", **arguments).list_functions()
    session.client("s3", **arguments).list_buckets()
    session.client("ssm", **arguments).describe_parameters()


def test_a_hostile_caller_leads_nowhere(ministack: Emulator, trap: Trap, hostile: Path) -> None:
    import boto3

    with sandbox(ministack.endpoint_url) as place:
        for arguments in ({}, {"endpoint_url": ministack.endpoint_url}):
            session = boto3.Session()
            assert session.region_name == REGION
            _list_everything(session, **arguments)
        place.client("sqs").list_queues()
    assert trap.calls == 0
    assert not hostile.exists()


@pytest.mark.emulator
def test_outside_the_sandbox_the_same_caller_falls_into_the_trap(hostile: Path) -> None:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    with pytest.raises((BotoCoreError, ValueError)):
        boto3.Session(profile_name="work").client("sqs", config=Config(retries={"max_attempts": 0})).list_queues()
    assert hostile.exists()


def test_the_engine_s_own_door_leads_nowhere_either(ministack: Emulator, trap: Trap, hostile: Path) -> None:
    from stateroom.cloud.session import open_aws

    with sandbox(ministack.endpoint_url) as place:
        provider = open_aws(region=REGION, profile=None, endpoint_url=place.endpoint_url, artifacts=lambda _sha256: b"")
        assert provider.identity().account == "000000000000"
        queue = provider.read("AWS::SQS::Queue", f"{ministack.endpoint_url}/000000000000/none", {})
    assert queue is None
    assert trap.calls == 0
    assert not hostile.exists()


def test_the_caller_s_environment_comes_back(hostile: Path) -> None:
    def crash() -> None:
        with sandbox("http://127.0.0.1:9"):
            assert "AWS_PROFILE" not in os.environ
            raise RuntimeError

    before = dict(os.environ)
    with pytest.raises(RuntimeError):
        crash()
    assert dict(os.environ) == before


def test_harmless_variables_stay() -> None:
    kept = safe_environment({"TERM": "xterm", "NO_COLOR": "1", "LANG": "C.UTF-8"}, "http://127.0.0.1:9")
    assert (kept["TERM"], kept["NO_COLOR"], kept["LANG"]) == ("xterm", "1", "C.UTF-8")


def test_its_representation_shows_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN", "hidden-in-the-environment")
    with sandbox("http://127.0.0.1:9") as place:
        assert "hidden-in-the-environment" not in repr(place)


def test_the_project_is_a_copy_that_goes_away() -> None:
    with sandbox("http://127.0.0.1:9") as place:
        assert (place.project / "serverless-compose.yml").is_file()
        assert not list(place.project.rglob("__pycache__"))
    assert not place.project.parent.exists()


def test_the_demo_trusts_the_project_that_it_made_and_no_other() -> None:
    with sandbox("http://127.0.0.1:9") as place:
        assert place.environment["STATEROOM_TRUST"] == str(place.project.resolve())
    assert "STATEROOM_TRUST" not in safe_environment({"STATEROOM_TRUST": "/"}, "http://127.0.0.1:9")


def test_keep_leaves_the_project(tmp_path: Path) -> None:
    with sandbox("http://127.0.0.1:9", keep=tmp_path / "new" / "shop") as place:
        (place.project / "mine.txt").write_text("mine")
    assert sorted(path.name for path in (tmp_path / "new" / "shop").iterdir() if path.is_dir()) == [
        "billing",
        "fulfilment",
        "orders",
    ]
    assert (tmp_path / "new" / "shop" / "mine.txt").exists()


def test_keep_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("precious")
    with pytest.raises(StateroomError, match="not empty"), sandbox("http://127.0.0.1:9", keep=tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_keep_of_an_existing_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("precious")
    with pytest.raises(StateroomError), sandbox("http://127.0.0.1:9", keep=file):
        pass
    assert file.read_text() == "precious"
