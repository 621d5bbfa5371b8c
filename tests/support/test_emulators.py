from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import emulators
from tests.support.emulators import LEASH, Emulator
from tests.support.inventory import inventory
from tests.support.network import LoopbackOnly


def test_an_emulator_starts_empty(emulator: Emulator) -> None:
    assert inventory(emulator) == frozenset()


def test_a_reset_forgets_everything(emulator: Emulator) -> None:
    emulator.client("sqs").create_queue(QueueName="left-over")
    emulator.client("sns").create_topic(Name="left-over")
    emulator.client("dynamodb").create_table(
        TableName="left-over",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert inventory(emulator) == {"sqs:queue/left-over", "sns:topic/left-over", "dynamodb:table/left-over"}

    emulator.reset()

    assert inventory(emulator) == frozenset()


def test_the_inventory_lists_the_children_of_an_api(emulator: Emulator) -> None:
    gateway = emulator.client("apigatewayv2")
    api = gateway.create_api(Name="shop", ProtocolType="HTTP")["ApiId"]
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    gateway.create_route(ApiId=api, RouteKey="GET /orders")

    kinds = {line.split("/")[0] for line in inventory(emulator)}

    assert kinds == {"apigatewayv2:api", "apigatewayv2:stage", "apigatewayv2:route"}


def test_nothing_of_the_callers_account_is_left(emulator: Emulator) -> None:
    assert os.environ["AWS_ACCESS_KEY_ID"] == "testing"
    assert os.environ["AWS_CONFIG_FILE"] == os.devnull
    assert "AWS_PROFILE" not in os.environ
    assert emulator.client("sts").get_caller_identity()["Account"] == emulator.account


@given(st.integers())
def test_properties_can_be_tested_in_the_scrubbed_environment(number: int) -> None:
    assert os.environ["AWS_REGION" if number < 0 and "AWS_REGION" in os.environ else "HOME"]


@pytest.mark.emulator
def test_leaving_the_machine_is_refused_and_remembered(loopback_only: LoopbackOnly) -> None:
    with pytest.raises(ConnectionRefusedError), socket.socket() as probe:
        probe.connect(("192.0.2.1", 80))
    with pytest.raises(ConnectionRefusedError):
        socket.getaddrinfo("example.com", 443)

    assert loopback_only.escapes == ["192.0.2.1:80", "example.com"]
    loopback_only.escapes.clear()


@pytest.mark.emulator
@pytest.mark.timeout(30)
def test_a_server_dies_with_the_process_that_started_it() -> None:
    """As when pytest itself is killed: nobody runs a finaliser, the pipe just closes."""
    sleep = "import time; time.sleep(600)"
    script = (
        f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {sleep!r}]); print('up', flush=True); {sleep}"
    )
    leash = subprocess.Popen(
        [sys.executable, str(LEASH), sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    assert leash.stdin is not None
    assert leash.stdout is not None
    assert leash.stdout.readline() == "up\n"

    leash.stdin.close()

    assert leash.stdout.read() == ""  # ends when the last of the three that hold it is gone
    assert leash.wait() != 0
    leash.stdout.close()


@pytest.mark.emulator
def test_a_server_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/usr/bin/false")
    with pytest.raises((RuntimeError, FileNotFoundError)), emulators.moto(tmp_path):
        pass
