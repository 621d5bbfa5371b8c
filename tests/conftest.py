"""Every test has its marks, runs with a scrubbed environment and can reach nothing but this machine.

`emulator` runs a test on moto and on ministack, each empty at the start; `faulty` puts a proxy in front that fails
calls on demand. Servers start when the first test asks for them, once a pytest process.
"""

from __future__ import annotations

import gc
import os
import socket
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import keyring.core
import pytest

from stateroom.cli import COLLECTOR
from tests.support import emulators
from tests.support.directories import Directories
from tests.support.emulators import CREDENTIALS, REGION, Emulator
from tests.support.examples import register_profiles
from tests.support.faults import Proxy
from tests.support.keys import CheapKeys
from tests.support.marks import PLACES, Pure, mark
from tests.support.network import LoopbackOnly
from tests.support.once import work_out_once
from tests.support.order import rank_of, spread

register_profiles()
CHEAP_KEYS = CheapKeys()
gc.set_threshold(*COLLECTOR)  # as the program does, from the first test module that is imported
# Modules with their assertions rewritten are kept whatever the environment says: each worker would rewrite them all.
sys.dont_write_bytecode = False

FOREIGN = ("AWS_", "STATEROOM_", "SLS_", "SERVERLESS_", "SST_", "PULUMI_", "XDG_")
ENVIRONMENT = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_DEFAULT_REGION": REGION,
    "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    "STATEROOM_HOME": "local",  # a test of another home says so
    **CREDENTIALS,
}
os.environ.update(ENVIRONMENT)  # once, so that a test has only to look


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what has no pure test by its place, when nothing else is wanted: it would only be imported."""
    return True if config.getoption("-m") == "pure" and collection_path.name in PLACES else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Every test gets its marks before `-m` chooses among them; workers begin with what takes long."""
    for item in items:
        mark(item)
    yield
    if worker := getattr(config, "workerinput", None):
        items[:] = spread(items, [rank_of(item.path.as_posix()) for item in items], worker["workercount"])


def pytest_collection_finish() -> None:
    """Test modules are imported, and with them the libraries that they use; they stay, so nobody collects them."""
    work_out_once()
    gc.freeze()


@pytest.fixture(scope="session")
def directories(tmp_path_factory: pytest.TempPathFactory) -> Directories:
    """Directories for the tests of this process."""
    return Directories(tmp_path_factory.mktemp("tests"))


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, directories: Directories) -> Path:
    """In place of pytest's own, which lists all others first."""
    return directories.new(request.node.name)


@pytest.fixture(autouse=True)
def scrubbed_environment(monkeypatch: pytest.MonkeyPatch, directories: Directories) -> None:
    """Nothing of the caller's accounts, profiles, keyring or settings gets into a test."""
    for name in list(os.environ):
        if name.startswith(FOREIGN) and name not in ENVIRONMENT:
            monkeypatch.delenv(name)
    for name, value in ENVIRONMENT.items():
        if os.environ.get(name) != value:
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(directories.new("home")))
    monkeypatch.delenv("NO_COLOR", raising=False)
    # The library remembers the backend that the first test of this process was given by its environment.
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackOnly]:
    """Fails the test that tries to leave this machine, even when the code under test swallows the error."""
    guard = LoopbackOnly()
    monkeypatch.setattr(socket.socket, "connect", guard.around(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guard.around(socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", guard.resolving(socket.getaddrinfo))
    yield guard
    if guard.escapes:
        pytest.fail(f"the test tried to reach {', '.join(guard.escapes)}")


@pytest.fixture(autouse=True)
def stays_pure(
    request: pytest.FixtureRequest, loopback_only: LoopbackOnly, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pure]:
    """Fails the pure test that is not, even when the code under test swallows the error."""
    guard = Pure()
    if request.node.get_closest_marker("pure"):
        guard.hold(monkeypatch)
        CHEAP_KEYS.hold(monkeypatch)
    yield guard
    if guard.escapes:
        pytest.fail(f"the test is marked pure and tried to {', '.join(guard.escapes)}")


@pytest.fixture(scope="session")
def ministack_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A running ministack; use `ministack` or `emulator` to get it empty."""
    with emulators.ministack(tmp_path_factory.mktemp("ministack")) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def moto_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A running moto server; use `moto` or `emulator` to get it empty."""
    with emulators.moto(tmp_path_factory.mktemp("moto")) as emulator:
        yield emulator


@pytest.fixture
def ministack(ministack_server: Emulator) -> Emulator:
    """ministack, empty."""
    ministack_server.reset()
    return ministack_server


@pytest.fixture
def moto(moto_server: Emulator) -> Emulator:
    """moto server, empty."""
    moto_server.reset()
    return moto_server


@pytest.fixture(params=["moto", "ministack"])
def emulator(request: pytest.FixtureRequest) -> Any:
    """Each emulator in turn, empty."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def faulty(emulator: Emulator) -> Iterator[Proxy]:
    """A fault-injecting proxy in front of each emulator in turn."""
    with Proxy(emulator.endpoint_url).running() as proxy:
        yield proxy
