"""A first deploy that makes a passphrase says so: colleagues and CI will need it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stateroom.cloud.session import open_aws
from stateroom.engine.execution.provisions import prepare_secrets
from stateroom.errors import PassphraseError
from stateroom.model.plan import Action, Step
from stateroom.model.resource import Template
from stateroom.model.values import Secret
from stateroom.state.home import Home
from stateroom.state.homes.local import local_home
from stateroom.state.secrets.passphrase_source import PassphraseSource
from tests.engine.lab import HOLDER, QUEUE
from tests.state.test_passphrase import MemoryKeyring

TARGET = Template("orders", "shop-orders", "dev", "eu-west-1", {})
SECRET = Step("orders/Q", "orders", "Q", QUEUE, Action.CREATE, inputs={"Key": Secret("hunter2")})
PLAIN = Step("orders/Q", "orders", "Q", QUEUE, Action.CREATE, inputs={"Key": "plain"})

AWS = open_aws(region="eu-west-1", profile=None, endpoint_url="http://127.0.0.1:1", artifacts=lambda _: b"")


def home(directory: Path, source: PassphraseSource) -> Home:
    return local_home(directory, source, holder=HOLDER, clock=lambda: datetime.now(UTC))


def test_a_new_passphrase_is_told_once_and_only_if_it_was_made(tmp_path: Path) -> None:
    fresh = home(tmp_path, PassphraseSource(environment={}, keyring=MemoryKeyring()))
    assert prepare_secrets(fresh, TARGET, (PLAIN,), AWS) == ""
    told = prepare_secrets(fresh, TARGET, (SECRET,), AWS)
    assert "only this machine's keyring has it" in told
    assert "stateroom passphrase export" in told
    assert prepare_secrets(fresh, TARGET, (SECRET,), AWS) == ""


def test_a_passphrase_of_the_environment_is_not_told(tmp_path: Path) -> None:
    given = home(tmp_path, PassphraseSource(environment={"STATEROOM_PASSPHRASE": "x"}, keyring=MemoryKeyring()))
    assert prepare_secrets(given, TARGET, (SECRET,), AWS) == ""


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        ("AWS::Cognito::UserPoolClient", {"GenerateSecret": True}),
        ("AWS::Cognito::UserPoolIdentityProvider", {"ProviderDetails": {"client_secret": "plain"}}),
        ("AWS::SSM::Parameter", {"Type": "SecureString", "Value": "plain"}),
    ],
)
def test_a_secret_that_aws_will_answer_needs_a_passphrase_before_anything_is_made(
    tmp_path: Path, type_: str, inputs: dict[str, Any]
) -> None:
    """No config has it: it would be found out when the resource is there and cannot be recorded."""
    without = home(tmp_path, PassphraseSource(environment={}))
    step = Step("orders/It", "orders", "It", type_, Action.CREATE, inputs=inputs)
    with pytest.raises(PassphraseError):
        prepare_secrets(without, TARGET, (step,), AWS)
    other = replace(step, inputs={"GenerateSecret": False, "Type": "String", "ProviderDetails": {"client_id": "us"}})
    assert prepare_secrets(without, TARGET, (other, replace(step, action=Action.DELETE)), AWS) == ""
