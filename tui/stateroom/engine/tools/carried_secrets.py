"""Copy secrets and passphrases when a state is renamed."""

from __future__ import annotations

from contextlib import suppress

from stateroom.engine.tools.state_tools import StateTools
from stateroom.errors import PassphraseError, StateError
from stateroom.state.secrets.os_keyring import KeyringUnusableError


def carry_secrets(old: StateTools, new: StateTools) -> None:
    """Store the passphrase and SST's secrets under the new name as well; the old ones stay.

    Raises:
        PassphraseError: the state has secrets, and their passphrase is nowhere to be found.
        StateError: they cannot be kept under the new name.
    """
    keys = old.home.keys
    try:
        passphrase = keys.passphrases.resolve(keys.user(old.app, old.stage))
    except PassphraseError:
        if old.load()[0].salt:
            raise
        return  # nothing was ever encrypted
    phrase: str = passphrase.phrase.reveal()
    if keys.passphrases.vault:
        keys.passphrases.vault.create(f"{new.app}/{new.stage}", phrase)
    if keys.passphrases.keyring:
        with suppress(KeyringUnusableError):
            keys.passphrases.keyring.set(keys.user(new.app, new.stage), phrase)
    secrets = keys.secrets(old.app, old.stage)
    if secrets.store.get(secrets.key) is None:
        return
    values = secrets.read()
    there = keys.secrets(new.app, new.stage)
    if there.store.get(there.key) is not None and there.read() != values:
        raise StateError(f"{new.app}/{new.stage} has secrets of its own", todo="remove them, or choose another name")
    there.change(lambda _: values)
