"""Sandbox of the demo: a copy of the sample project, and an environment with one endpoint."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from stateroom.errors import StateroomError
from stateroom.programs.trust_store import TRUST_VARIABLE

REGION = "eu-west-1"
STAGE = "dev"
# Prefixes and names of variables that could lead a cloud call, a state or a secret elsewhere.
_FOREIGN_PREFIXES = ("AWS_", "BOTO", "STATEROOM_", "PULUMI_", "SLS_", "SERVERLESS_")
_FOREIGN = frozenset({"http_proxy", "https_proxy", "all_proxy", "ftp_proxy", "no_proxy", "requests_ca_bundle"})


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Sample project in a directory of its own, and the emulator's address."""

    project: Path
    endpoint_url: str
    environment: Mapping[str, str] = field(repr=False)

    def client(self, service: str) -> Any:
        """Return a plain boto3 client for the emulator, for changes outside stateroom."""
        import boto3
        from botocore.config import Config

        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106
        return session.client(
            service, endpoint_url=self.endpoint_url, config=Config(inject_host_prefix=False, proxies={})
        )


def safe_environment(caller: Mapping[str, str], endpoint_url: str) -> dict[str, str]:
    """Return the caller's environment without its account, profile, proxy and endpoint settings.

    Credentials come from two dummy variables, which botocore asks before any file, role or metadata service; the
    configuration files are the null device; the endpoint is the emulator's for every service.
    """
    kept = {
        name: value
        for name, value in caller.items()
        if not name.upper().startswith(_FOREIGN_PREFIXES) and name.lower() not in _FOREIGN
    }
    return kept | {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "BOTO_CONFIG": os.devnull,
        "NO_PROXY": "*",
        "STATEROOM_HOME": "local",
        "STATEROOM_PASSPHRASE": "the demo keeps nothing worth a better one",
        # The demo must not ask, or write to, the user's keyring.
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }


@contextlib.contextmanager
def sandbox(endpoint_url: str, *, keep: Path | None = None) -> Iterator[Sandbox]:
    """Copy the sample and switch this process to the safe environment; both are undone on leaving.

    Args:
        endpoint_url: the emulator's.
        keep: copy the sample here and leave it; a temporary directory by default.

    Raises:
        StateroomError: `keep` is not an empty or new directory.
    """
    project = _kept(keep) if keep else Path(tempfile.mkdtemp(prefix="stateroom-demo-")) / "shop"
    # The project is ours, so it may start what it wants (pip, once a user has given it requirements).
    environment = safe_environment(os.environ, endpoint_url) | {TRUST_VARIABLE: str(project.resolve())}
    before = dict(os.environ)
    try:
        _copy_sample(project)
        # botocore reads the process's environment in many places, so passing a mapping around would not be enough.
        os.environ.clear()
        os.environ.update(environment)
        yield Sandbox(project, endpoint_url, environment)
    finally:
        os.environ.clear()
        os.environ.update(before)
        if not keep:
            shutil.rmtree(project.parent, ignore_errors=True)


def _kept(directory: Path) -> Path:
    directory = directory.expanduser().resolve()
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise StateroomError(
            f"{directory} is not empty",
            why="--keep writes the sample project there and overwrites nothing",
            todo="name a new or an empty directory",
        )
    return directory


def _copy_sample(project: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", ".stateroom")
    with resources.as_file(resources.files("stateroom.demo") / "sample") as sample:
        try:
            shutil.copytree(sample, project, ignore=ignored, dirs_exist_ok=True)
        except OSError as error:
            raise StateroomError(
                f"the sample project cannot be written to {project}",
                why=str(error.strerror or error),
                todo="name another directory with --keep",
            ) from None
