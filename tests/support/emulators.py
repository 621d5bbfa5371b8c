"""Two unrelated emulators of the cloud, each its own process on a free loopback port."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

REGION = "eu-west-1"
LEASH = Path(__file__).with_name("leash.py")
MOTO_SERVER = Path(__file__).with_name("moto_server.py")
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Emulator:
    """A running emulator: where it is, clients for it, and a way back to empty."""

    def __init__(self, name: str, endpoint_url: str, reset: Callable[[str], None], account: str) -> None:
        self.name = name
        self.endpoint_url = endpoint_url
        self.account = account
        self.region = REGION
        self._reset = reset
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, *, region: str = REGION) -> Any:
        """A boto3 client, cached; it tries each call once, so that tests see every error."""
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = make_client(service, self.endpoint_url, region)
        return self._clients[key]

    def reset(self) -> None:
        """Forget every object."""
        self._reset(self.endpoint_url)

    def __repr__(self) -> str:
        return f"<Emulator {self.name} at {self.endpoint_url}>"


def make_client(service: str, endpoint_url: str, region: str = REGION) -> Any:
    """A boto3 client for an emulator, or for a proxy in front of one, that never retries."""
    from botocore.config import Config

    return _session().client(
        service,
        endpoint_url=endpoint_url,
        region_name=region,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=Config(
            retries={"mode": "standard", "total_max_attempts": 1},
            inject_host_prefix=False,
            max_pool_connections=50,
            s3={"addressing_style": "path"},
        ),
    )


@functools.cache
def _session() -> Any:
    # One session for all clients: a second one would parse the same service descriptions again.
    import boto3

    return boto3.Session()


@contextlib.contextmanager
def ministack(directory: Path) -> Iterator[Emulator]:
    """ministack: executes Lambda code and state machines; functions are Pending before they are Active."""
    with _server(
        "ministack",
        lambda port: [sys.executable, "-m", "ministack"],
        lambda port: {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": "127.0.0.1",
            "IOT_MTLS_ENABLED": "0",  # or it listens on every interface, port 8883
            "SFTP_ENABLED": "0",
            "DOCKER_HOST": f"unix://{directory}/no-docker",
            "MINISTACK_REGION": REGION,
            "LOG_LEVEL": "WARNING",
            "STATE_DIR": str(directory / "state"),
            "S3_DATA_DIR": str(directory / "s3"),
        },
        "/_ministack/health",
        directory,
    ) as url:
        yield Emulator("ministack", url, lambda url: _post(url, "/_ministack/reset"), account="000000000000")


@contextlib.contextmanager
def moto(directory: Path) -> Iterator[Emulator]:
    """moto server: synchronous, and the only one that refuses a role that does not exist."""
    with _server(
        "moto",
        lambda port: [sys.executable, str(MOTO_SERVER), "-H", "127.0.0.1", "-p", str(port)],
        lambda port: {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true", "MOTO_ACM_VALIDATION_WAIT": "0"},
        "/moto-api/",
        directory,
    ) as url:
        settings = {"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}
        _post(url, "/moto-api/config", json.dumps(settings).encode())
        yield Emulator("moto", url, lambda url: _post(url, "/moto-api/reset"), account="123456789012")


@contextlib.contextmanager
def _server(
    name: str,
    command: Callable[[int], list[str]],
    environment: Callable[[int], dict[str, str]],
    health: str,
    directory: Path,
) -> Iterator[str]:
    directory.mkdir(parents=True, exist_ok=True)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = directory / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(LEASH), *command(port)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=clean_environment(directory) | environment(port),
            cwd=directory,
            start_new_session=True,
        )
    try:
        _wait_for(url + health, process, log)
        yield url
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=10)


def clean_environment(directory: Path) -> dict[str, str]:
    """The environment of a server: nothing of the caller's but PATH, and nobody's credentials."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "HOME": str(directory),
        "TMPDIR": str(directory),
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        **CREDENTIALS,
    }


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError:
            return  # it answers, if only to say no
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"the server at {url} did not come up:\n{log.read_text(errors='replace')[-2000:]}")


def _post(url: str, path: str, body: bytes = b"") -> None:
    request = urllib.request.Request(url + path, data=body, method="POST", headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()
