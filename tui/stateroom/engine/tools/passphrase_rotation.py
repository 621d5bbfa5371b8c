"""Rotate the passphrase of a state, its versions and its secrets.

The new one is stored before anything is encrypted with it, and both are known until the end. Each file's own check
value tells which of the two it has, so that an interrupted rotation is completed by running it again.
"""

from __future__ import annotations

from dataclasses import dataclass

from stateroom.engine.tools.passphrases import Passphrases, fresh_phrase
from stateroom.engine.tools.state_tools import StateTools
from stateroom.errors import NewerStateError, PassphraseError, StateError
from stateroom.model.values import Secret
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.secrets.cipher import Cipher, Passphrase, fresh_salt, unlock
from stateroom.state.secrets.os_keyring import KeyringUnusableError
from stateroom.state.secrets.secrets_file import SecretsFile
from stateroom.state.secrets.vault import NEXT
from stateroom.state.stores.store import Store
from stateroom.state.tools.move import reencrypt


@dataclass(slots=True)
class Rotated:
    """Result of a rotation."""

    files: int = 0  # states and versions that were encrypted again
    left: int = 0  # versions that neither passphrase opens; they were left as they are
    secrets: bool = False
    kept_in: tuple[str, ...] = ()


def rotate(tools: StateTools) -> Rotated:
    """Rotate a state's passphrase, under its lock.

    Raises:
        PassphraseError: the present passphrase is not known, or nothing can keep a new one.
        StateError: an interrupted operation has to be finished first.
        ReadOnlyError, LockedError: nothing was changed.
    """
    rotation = _Rotation(tools)
    tools.exclusively("passphrase rotate", rotation.run)
    return rotation.result


def is_interrupted(tools: StateTools) -> bool:
    """Tell whether an earlier rotation was interrupted."""
    return _Rotation(tools).pending() is not None


class _Rotation:
    """One rotation on its way."""

    def __init__(self, tools: StateTools) -> None:
        self._tools = tools
        self._passphrases = Passphrases(tools)
        self._keys = tools.home.keys
        self._names = tools.home.documents.names(tools.app, tools.stage)
        self._anew = (b"", b"")  # the state's bytes before and after: the version that it is stays the same bytes
        self.result = Rotated()

    def run(self) -> None:
        """Do it, with the lock held."""
        tools = self._tools
        if tools.home.leftover(tools.app, tools.stage) is not None:
            raise StateError(
                "an interrupted operation left a journal that is encrypted with the present passphrase",
                todo="run its command again, then rotate",
            )
        pending = self.pending()
        old = self._passphrases.fitting()
        if old is None and pending is None:
            raise PassphraseError(
                f"the present passphrase of {self._passphrases.place} is not known",
                why="what it encrypted cannot be encrypted anew without it",
                todo="set STATEROOM_PASSPHRASE to it; `stateroom passphrase status` shows where it was looked for",
            )
        new = pending or fresh_phrase()
        if pending is None:
            self._keep(NEXT, new)
        phrases = [phrase for phrase in self._known(old) if phrase != new]
        store = tools.home.documents.store
        current = store.get(self._names.state)
        self._anew = current.data if current else b"", b""
        for key in (*store.list(self._names.snapshots), self._names.state):
            self._encrypt_anew(store, key, phrases, new)
        self._secrets(phrases, new)
        self.result.kept_in = self._keep("", new)
        self._forget_pending()

    def _known(self, old: Passphrase | None) -> list[str]:
        """Return every passphrase that may be in use."""
        source = self._keys.passphrases
        found = [item.passphrase for item in source.candidates(self._passphrases.user)]
        texts: list[str] = [item.phrase.reveal() for item in (old, *found) if item]
        return list(dict.fromkeys(texts))

    def _encrypt_anew(self, store: Store, key: str, phrases: list[str], new: str) -> None:
        blob = store.get(key)
        try:
            document = CheckpointDocument.parse(blob.data) if blob else None
        except NewerStateError:
            raise
        except StateError:
            document = None  # a damaged file holds nothing that could be opened
        if blob is None or document is None or not document.salt or unlock(new, document.salt):
            return
        right = next((phrase for phrase in phrases if unlock(phrase, document.salt)), None)
        if right is None:
            if key == self._names.state:
                raise PassphraseError(f"no passphrase opens the state of {self._passphrases.place}")
            self.result.left += 1
            return
        data = self._anew[1] if blob.data == self._anew[0] else b""
        if not data:
            before, after = self._cipher(right, document.salt), self._cipher(new, fresh_salt(new))
            latest = reencrypt(document.latest, before, after)
            latest["secrets_providers"] = {"type": "passphrase", "state": {"salt": after.salt}}
            data = document.with_latest(latest).dump()
        if blob.data == self._anew[0]:
            self._anew = blob.data, data
        store.put(key, data, if_match=blob.etag)
        self.result.files += 1

    def _secrets(self, phrases: list[str], new: str) -> None:
        file = self._keys.secrets(self._tools.app, self._tools.stage)
        current = file.store.get(file.key)
        if current is None:
            return
        for phrase in (new, *phrases):
            try:
                values = self._file(file, phrase).read()
            except PassphraseError:
                continue
            if phrase != new:
                file.store.put(file.key, self._file(file, new).sealed(values), if_match=current.etag)
                self.result.secrets = True
            return
        raise PassphraseError(
            f"no passphrase opens the secrets of {self._passphrases.place}",
            why="`stateroom passphrase status` says more",
        )

    def _file(self, file: SecretsFile, phrase: str) -> SecretsFile:
        passphrase = Passphrase(Secret(phrase), "given")
        return SecretsFile(file.store, file.key, file.label, lambda _: passphrase)

    def _cipher(self, phrase: str, salt: str) -> Cipher:
        return Cipher(lambda _: Passphrase(Secret(phrase), "given"), self._passphrases.place, salt)

    def pending(self) -> str | None:
        """Return the new passphrase of an interrupted rotation, if there is one."""
        source = self._keys.passphrases
        if source.vault:
            return source.vault.get(f"{self._passphrases.place}{NEXT}")
        try:
            return source.keyring.get(f"{self._passphrases.user}{NEXT}") if source.keyring else None
        except KeyringUnusableError:
            return None

    def _keep(self, suffix: str, phrase: str) -> tuple[str, ...]:
        """Store a passphrase in the vault, and in the keyring if possible; one of them must succeed."""
        source, kept, problem = self._keys.passphrases, [], "there is no keyring"
        if source.vault:
            source.vault.replace(f"{self._passphrases.place}{suffix}", phrase)
            kept.append(source.vault.name(f"{self._passphrases.place}{suffix}"))
        try:
            if source.keyring and not (suffix and kept):
                source.keyring.set(f"{self._passphrases.user}{suffix}", phrase)
                kept.append("keyring")
        except KeyringUnusableError as error:
            problem = str(error)
        if not kept:
            raise PassphraseError("nothing can keep a new passphrase", why=problem, todo="install or unlock a keyring")
        return tuple(kept)

    def _forget_pending(self) -> None:
        source = self._keys.passphrases
        if source.vault:
            source.vault.delete(f"{self._passphrases.place}{NEXT}")
        elif source.keyring:
            source.keyring.delete(f"{self._passphrases.user}{NEXT}")
