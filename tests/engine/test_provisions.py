"""A first deploy that makes a passphrase says so: colleagues and CI will need it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from stateroom.engine.execution.provisions import prepare_secrets
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


def home(directory: Path, source: PassphraseSource) -> Home:
    return local_home(directory, source, holder=HOLDER, clock=lambda: datetime.now(UTC))


def test_a_new_passphrase_is_told_once_and_only_if_it_was_made(tmp_path: Path) -> None:
    fresh = home(tmp_path, PassphraseSource(environment={}, keyring=MemoryKeyring()))
    assert prepare_secrets(fresh, TARGET, (PLAIN,)) == ""
    told = prepare_secrets(fresh, TARGET, (SECRET,))
    assert "only this machine's keyring has it" in told
    assert "stateroom passphrase export" in told
    assert prepare_secrets(fresh, TARGET, (SECRET,)) == ""


def test_a_passphrase_of_the_environment_is_not_told(tmp_path: Path) -> None:
    given = home(tmp_path, PassphraseSource(environment={"STATEROOM_PASSPHRASE": "x"}, keyring=MemoryKeyring()))
    assert prepare_secrets(given, TARGET, (SECRET,)) == ""
