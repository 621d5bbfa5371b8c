"""Secret keys of a home: passphrases, ciphers, and SST's secrets next to the states."""

from __future__ import annotations

from dataclasses import dataclass

from stateroom.state.object_names import ObjectNames
from stateroom.state.repository.kept_stages import kept_of
from stateroom.state.repository.snapshot_reader import SnapshotReader
from stateroom.state.secrets.cipher import Cipher, Passphrase
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.secrets.secrets_file import SecretsFile, key_of, secrets_key
from stateroom.state.stores.store import Store


@dataclass(frozen=True, slots=True)
class HomeKeys:
    """Keys of one home. `passphrases` is the source and store of its passphrases."""

    store: Store
    names: type[ObjectNames]
    reader: SnapshotReader
    passphrases: PassphraseSource

    def user(self, app: str, stage: str) -> str:
        """Return the keyring's user name for a state's passphrase. May ask AWS for the caller's identity."""
        return self.reader.user(app, stage)

    def cipher(self, app: str, stage: str, salt: str = "") -> Cipher:
        """Return the cipher for the secrets of a state with this salt."""
        return self.reader.cipher_for(self.names(app, stage), salt)

    def secrets(self, app: str, stage: str) -> SecretsFile:
        """Return the secrets that SST keeps for a stage, or for all of them (secrets_file.FALLBACK)."""
        return SecretsFile(
            self.store,
            secrets_key(self.names, app, stage),
            f"{app}/{stage}",
            lambda new: self._of_secrets(self.user(app, stage), new=new),
        )

    def kept(self, app: str, stage: str) -> tuple[str, ...]:
        """Return what the home keeps of a stage besides states: secrets, a passphrase, a lock."""
        return kept_of(self.store, self.names(app, stage), self.passphrases.vault)

    def _of_secrets(self, user: str, *, new: bool) -> Passphrase:
        """Return the first passphrase that SST's secrets can be encrypted with: one in the environment may be ours."""
        found = self.passphrases.resolve(user, create=new)
        if key_of(found) is not None:
            return found
        others = (item.passphrase for item in self.passphrases.candidates(user))
        return next((item for item in others if item and key_of(item) is not None), found)
