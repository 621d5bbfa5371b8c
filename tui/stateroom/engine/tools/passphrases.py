"""Manage the passphrase of a state: its places, whether it fits, lost and leaked ones."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from os import urandom

from stateroom.engine.tools.state_tools import StateTools
from stateroom.errors import NewerStateError, PassphraseError, ReadOnlyError, StateError
from stateroom.model.values import Secret
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.secrets.cipher import Passphrase, unlock
from stateroom.state.secrets.os_keyring import Keyring, KeyringUnusableError
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.secrets.secrets_file import SecretsFile


@dataclass(frozen=True, slots=True)
class PassphrasePlace:
    """Place of a passphrase, and what was found there."""

    source: str  # "environment", "keyring", "SSM", "home"
    kept: bool
    fits: bool | None  # None: there is nothing to check it against, or nothing is kept
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verifier:
    """Check of a state's passphrase: the check value of its salt, and SST's secrets."""

    salt: str
    secrets: SecretsFile

    def fits(self, passphrase: Passphrase) -> bool | None:
        """Tell whether a passphrase is correct; None when nothing was ever encrypted."""
        phrase: str = passphrase.phrase.reveal()
        if self.salt and unlock(phrase, self.salt) is None:
            return False
        if self.secrets.store.get(self.secrets.key) is None:
            return True if self.salt else None
        try:
            SecretsFile(self.secrets.store, self.secrets.key, self.secrets.label, lambda _: passphrase).read()
        except PassphraseError:
            return False
        return True


class Passphrases:
    """Passphrase of one service on one stage (`tools.app`, `tools.stage`)."""

    def __init__(self, tools: StateTools) -> None:
        self._tools = tools
        self._keys = tools.home.keys
        self._source: PassphraseSource = self._keys.passphrases
        self.place = f"{tools.app}/{tools.stage}"
        self.user = self._keys.user(tools.app, tools.stage)

    def verifier(self) -> Verifier:
        """Return the check of the state, or of its newest good version when it is damaged."""
        documents = self._tools.home.documents
        blob = documents.read(self._tools.app, self._tools.stage)
        salt = ""
        try:
            salt = CheckpointDocument.parse(blob.data).salt if blob else ""
        except NewerStateError:
            raise
        except StateError:
            past = next(documents.older(self._tools.app, self._tools.stage), None)
            salt = past.document.salt if past else ""
        return Verifier(salt, self._keys.secrets(self._tools.app, self._tools.stage))

    def status(self) -> tuple[PassphrasePlace, ...]:
        """Return every place, in lookup order."""
        verifier = self.verifier()
        return tuple(
            PassphrasePlace(
                found.source,
                found.passphrase is not None,
                verifier.fits(found.passphrase) if found.passphrase else None,
                found.passphrase.detail if found.passphrase else found.problem,
            )
            for found in self._source.candidates(self.user)
        )

    def fitting(self) -> Passphrase | None:
        """Return the first correct passphrase; the first one found when nothing can be checked."""
        verifier = self.verifier()
        found = (item.passphrase for item in self._source.candidates(self.user))
        return next((item for item in found if item and verifier.fits(item) is not False), None)

    def set(self, phrase: str) -> None:
        """Store a passphrase in the keyring, after checking it.

        Raises:
            PassphraseError: it is not the one of this state, or the keyring cannot keep it.
        """
        self._refuse_read_only()
        if not phrase:
            raise PassphraseError("an empty passphrase protects nothing", why="nothing was stored")
        if self.verifier().fits(Passphrase(Secret(phrase), "given")) is False:
            raise PassphraseError(
                f"the passphrase that was given is not the one of {self.place}",
                why="it does not open the state's own check value; nothing was stored",
                todo="give the passphrase that it was deployed with",
            )
        self._kept(lambda keyring: keyring.set(self.user, phrase))

    @property
    def only_in_keyring(self) -> bool:
        """Whether secrets exist and the keyring is the only lasting place of their passphrase."""
        elsewhere = [item for item in self.status() if item.source not in ("keyring", "environment") and item.fits]
        return not elsewhere and self.verifier().fits(Passphrase(Secret(""), "given")) is not None

    @property
    def keyring(self) -> str:
        """Return the keyring's own name, or why none can be used."""
        try:
            return self._source.keyring.name() if self._source.keyring else "no keyring is used"
        except KeyringUnusableError as error:
            return str(error)

    def forget(self, *, even_the_last: bool = False) -> None:
        """Delete the passphrase from the keyring.

        Raises:
            PassphraseError: it is kept nowhere else, and `even_the_last` was not said; or the keyring refuses.
        """
        self._refuse_read_only()
        if not even_the_last and self.only_in_keyring:
            raise PassphraseError(
                f"the keyring is the only place that keeps the passphrase of {self.place}",
                why="without it the state's secrets cannot be read by anyone",
                todo="`stateroom passphrase export` first; then --force forgets it",
            )
        self._kept(lambda keyring: keyring.delete(self.user))

    def restore(self) -> str:
        """Restore a deleted passphrase to the team's vault from any place that has it.

        Returns the vault's name for it.

        Raises:
            PassphraseError: there is no vault, none fits, or the vault has one already.
        """
        self._refuse_read_only()
        vault = self._source.vault
        if vault is None:
            raise PassphraseError("this home shares no passphrases", why="there is nowhere to restore one to")
        name, there = vault.name(self.place), vault.get(self.place)
        verifier = self.verifier()
        if there is not None and verifier.fits(Passphrase(Secret(there), vault.origin)) is not False:
            raise PassphraseError(f"{name} is there already", why="and it fits", todo="there is nothing to restore")
        candidates = [item.passphrase for item in self._source.candidates(self.user) if item.passphrase]
        right = next((item for item in candidates if verifier.fits(item)), None)
        if right is None:
            tried = ", ".join(map(str, candidates)) or "no source has one"
            raise PassphraseError(
                f"nothing was restored to {name}",
                why=f"tried: {tried}; none opens the state of {self.place}" if candidates else tried,
                todo="set STATEROOM_PASSPHRASE to the one that it was deployed with and run this again",
            )
        phrase: str = right.phrase.reveal()
        if there is None:
            vault.create(self.place, phrase)
        else:
            vault.replace(self.place, phrase)
        if vault.get(self.place) != phrase:
            raise PassphraseError(f"{name} does not hold what was just written", todo="try again")
        return name

    def export(self) -> Secret:
        """Return the passphrase for the user's own vault. Raises PassphraseError when none fits."""
        found = self.fitting()
        if found is None:
            raise PassphraseError(
                f"there is no passphrase of {self.place} that fits",
                todo="`stateroom passphrase status` shows where one was looked for",
            )
        return found.phrase

    def _kept(self, work: Callable[[Keyring], None]) -> None:
        keyring = self._source.keyring
        try:
            if keyring is None:
                raise KeyringUnusableError("no keyring is used")
            work(keyring)
            self._source.look_again(self.user)
        except KeyringUnusableError as error:
            raise PassphraseError(
                "the keyring was not changed",
                why=str(error),
                todo="unlock or install one (Secret Service, KWallet, Keychain); STATEROOM_PASSPHRASE does without",
            ) from error

    def _refuse_read_only(self) -> None:
        if self._tools.read_only:
            raise ReadOnlyError("nothing was changed", why="--read-only was given", todo="leave --read-only out")


def fresh_phrase() -> str:
    """Generate a passphrase: base64 of 32 random bytes, as SST requires."""
    return b64encode(urandom(32)).decode()
