"""Decode a home's objects to snapshots: cipher lookup, and errors that explain a damaged state."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from stateroom.errors import PassphraseError, StateError
from stateroom.model.resource import Snapshot
from stateroom.state.checkpoint.codec import Carried, decode
from stateroom.state.object_names import ObjectNames
from stateroom.state.repository.placement import refuse_misplaced
from stateroom.state.secrets.cipher import Cipher
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.stores.store import Blob

_RESTORE = "`stateroom versions` lists earlier states; `stateroom rollback --state-only N` restores one"


class SnapshotReader:
    """Reader of one home's states. `url` is the home in the keyring, `label` in messages; both lazy."""

    def __init__(self, label: Callable[[], str], url: Callable[[], str], passphrase: PassphraseSource) -> None:
        self._label = label
        self._url = url
        self._passphrase = passphrase
        self._ciphers: dict[tuple[str, str], Cipher] = {}
        self.used = False  # whether a state was read

    def user(self, app: str, stage: str) -> str:
        """Return the keyring's user name for a state's passphrase."""
        return f"{self._url()}#{app}/{stage}"

    def cipher(self, names: ObjectNames) -> Cipher:
        """Return the cipher for new secrets: with the state's salt, if the state was read."""
        key = names.app, names.stage
        if key not in self._ciphers:
            label = f"{names.app}/{names.stage}"
            self._ciphers[key] = Cipher(
                lambda new: self._passphrase.resolve(self.user(*key), create=new),
                label,
                other=lambda wrong: self._passphrase.other(self.user(*key), wrong),
                proved=lambda right: self._passphrase.proved(self.user(*key), right),
            )
        return self._ciphers[key]

    def cipher_for(self, names: ObjectNames, salt: str) -> Cipher:
        """Return the cipher for values encrypted with a salt."""
        cipher = self.cipher(names)
        if not salt or salt == cipher.salt:
            return cipher
        found = cipher.for_salt(salt)
        if not cipher.salt:
            self._ciphers[names.app, names.stage] = found
        return found

    def decode(self, names: ObjectNames, key: str, blob: Blob) -> Snapshot:
        """Decode an object to a snapshot.

        Raises:
            MisplacedStateError: it is the current state, and another one's.
            StateError: it is damaged, or another service's; names the object.
            PassphraseError: it holds secrets, and the passphrase is missing or wrong.
        """
        if key == names.state:
            refuse_misplaced(blob, names)
        try:
            snapshot = decode(blob.data, self.cipher(names))
        except PassphraseError:
            raise
        except StateError as error:
            self._refuse(key, error.what + (f": {error.why}" if error.why else ""), error.todo)
        if (snapshot.service, snapshot.stage) != (names.app, names.stage):
            self._refuse(key, f"it is the state of {snapshot.service}/{snapshot.stage}")
        self.used = True
        if isinstance(snapshot.carried, Carried):
            self.cipher_for(names, snapshot.carried.salt)
        return snapshot

    def _refuse(self, key: str, why: str, todo: str = "") -> NoReturn:
        raise StateError(f"{key} in {self._label()} cannot be used", why=why, todo=todo or _RESTORE)
