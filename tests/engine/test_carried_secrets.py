"""A renamed state takes its passphrase and its app's secrets along; the old ones stay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stateroom.engine.tools.carried_secrets import carry_secrets
from stateroom.engine.tools.state_tools import StateTools
from stateroom.errors import PassphraseError, StateError
from stateroom.model.values import Secret
from stateroom.state.homes.local import local_home
from stateroom.state.secrets.passphrase_source import PassphraseSource
from tests.commands.sst_home import PHRASE
from tests.engine.test_passphrases import RIGHT, MemoryVault
from tests.state.builders import ANA, deploy, home_in, queue, snapshot, ticking
from tests.state.test_passphrase import MemoryKeyring


def tools(
    directory: Path,
    *,
    vault: MemoryVault | None = None,
    keyring: MemoryKeyring | None = None,
    phrase: str | None = RIGHT,
    secret: bool = True,
) -> StateTools:
    deploy(home_in(directory, phrase or RIGHT), snapshot(queue(Token=Secret("hunter2")) if secret else queue()))
    source = PassphraseSource(phrase, environment={}, keyring=keyring)
    source = source.with_vault(vault) if vault else source
    return StateTools(local_home(directory / ".stateroom", source, holder=ANA, clock=ticking()), "orders", "dev")


def test_the_passphrase_is_kept_under_the_new_name_too(tmp_path: Path) -> None:
    vault, keyring = MemoryVault(RIGHT), MemoryKeyring()
    old = tools(tmp_path, vault=vault, keyring=keyring)
    carry_secrets(old, replace(old, stage="live"))
    assert vault.kept == {"orders/dev": RIGHT, "orders/live": RIGHT}
    assert keyring.kept == {old.home.keys.user("orders", "live"): RIGHT}


def test_a_keyring_that_cannot_be_used_stops_no_rename(tmp_path: Path) -> None:
    vault = MemoryVault(RIGHT)
    old = tools(tmp_path, vault=vault, keyring=MemoryKeyring("it is locked"))
    carry_secrets(old, replace(old, stage="live"))
    assert vault.kept["orders/live"] == RIGHT


def test_the_apps_secrets_go_along_and_those_that_are_there_are_not_overwritten(tmp_path: Path) -> None:
    old = tools(tmp_path, phrase=PHRASE)
    new, keys = replace(old, stage="live"), old.home.keys
    carry_secrets(old, new)
    assert not keys.secrets("orders", "live").exists()
    keys.secrets("orders", "dev").change(lambda _: {"Token": Secret("a")})
    carry_secrets(old, new)
    carry_secrets(old, new)  # a rename that was cut off is run again
    for stage in ("dev", "live"):
        assert {name: value.reveal() for name, value in keys.secrets("orders", stage).read().items()} == {"Token": "a"}
    keys.secrets("orders", "live").change(lambda _: {"Token": Secret("b")})
    with pytest.raises(StateError, match="orders/live has secrets of its own"):
        carry_secrets(old, new)


def test_without_its_passphrase_a_state_with_secrets_is_not_renamed_and_one_without_is(tmp_path: Path) -> None:
    sealed, plain = tools(tmp_path / "a", phrase=None), tools(tmp_path / "b", phrase=None, secret=False)
    with pytest.raises(PassphraseError):
        carry_secrets(sealed, replace(sealed, stage="live"))
    carry_secrets(plain, replace(plain, stage="live"))
