"""Resolve passphrases once: given, environment, keyring, the team's vault, prompt."""

from __future__ import annotations

import os
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from stateroom.errors import PassphraseError, StateConflictError, StateError
from stateroom.model.values import Secret
from stateroom.state.secrets.cipher import Passphrase
from stateroom.state.secrets.os_keyring import Keyring, KeyringUnusableError, SystemKeyring
from stateroom.state.secrets.passphrase_questions import Answers, Prompt, Question
from stateroom.state.secrets.vault import Vault

_VARIABLES = ("STATEROOM_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE")
_FILE_VARIABLE = "PULUMI_CONFIG_PASSPHRASE_FILE"
_TODO = "set STATEROOM_PASSPHRASE, or install a keyring (Secret Service, KWallet, macOS Keychain) and try again"

SYSTEM_KEYRING: Keyring = SystemKeyring()


@dataclass(frozen=True, slots=True)
class Candidate:
    """Passphrase of one source, or None with an optional reason."""

    source: str  # "environment", "keyring", or the vault's origin
    passphrase: Passphrase | None
    problem: str = ""
    usable: bool = True


class PassphraseSource:
    """Lazy passphrase resolver, cached for the process. Writes no passphrase to disk in the clear.

    Args:
        explicit: a passphrase that the caller has; goes before everything else. "" is a passphrase too.
        environment: STATEROOM_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE, in this order.
        keyring: where passphrases are kept between sessions; None: nowhere.
        prompt: asks a person; None, or an answer of None, without a person. Its answer is kept in memory.
        offer: asks a person whether the passphrase of a place, out of the vault or typed and found right, is to be kept
            in the keyring; None: it is not.
        vault: where the team shares it; homes bring theirs.
    """

    def __init__(
        self,
        explicit: str | None = None,
        *,
        environment: Mapping[str, str],
        keyring: Keyring | None = SYSTEM_KEYRING,
        prompt: Prompt | None = None,
        offer: Callable[[str], bool] | None = None,
        vault: Vault | None = None,
    ) -> None:
        self._explicit = Secret(explicit) if explicit is not None else None
        self._offer = offer
        self.vault = vault
        self._environment = environment
        self._keyring = keyring
        self._prompt = prompt
        self._answers = Answers(prompt)
        self._found: dict[str, Passphrase] = {}
        self._lock = threading.Lock()
        self._origin = ""
        self._vault_failed = False
        self.made: set[str] = set()  # `<app>/<stage>` of each that was made for the keyring alone

    def with_vault(self, vault: Vault) -> PassphraseSource:
        """Return the same source, with the vault of a home."""
        explicit = self._explicit.reveal() if self._explicit else None
        return PassphraseSource(
            explicit,
            environment=self._environment,
            keyring=self._keyring,
            prompt=self._prompt,
            offer=self._offer,
            vault=vault,
        )

    @property
    def keyring(self) -> Keyring | None:
        """Keyring in use, or None."""
        return self._keyring

    @property
    def origin(self) -> str:
        """Source of the last passphrase; "locked" without one, "" before the first request."""
        return self._origin

    def resolve(self, user: str, *, create: bool = False) -> Passphrase:
        """Return the passphrase of `user` (`<home>#<app>/<stage>`).

        `create`: nothing is encrypted with it yet, so a new one may be generated, if a keyring can keep it.

        Raises:
            PassphraseError: there is none.
        """
        with self._lock:
            if user not in self._found:
                self._origin = "locked"
                self._found[user] = self._resolve(user, create=create)
            passphrase = self._found[user]
            if create and not passphrase.phrase.reveal():
                raise PassphraseError(f"{passphrase} is empty", why="it would protect nothing", todo=_TODO)
            self._origin = passphrase.origin
            return passphrase

    def candidates(self, user: str) -> Iterator[Candidate]:
        """Yield the passphrase of every source in order, without prompting."""
        yield Candidate("environment", _from_environment(self._environment))
        if self._keyring:
            found, problem = self._from_keyring(user)
            yield Candidate("keyring", found, problem, usable=not problem)
        if self.vault:
            found, problem = self._from_vault(user, quiet=True)
            yield Candidate(self.vault.origin, found, problem, usable=not self._vault_failed)

    def other(self, user: str, wrong: Passphrase) -> Passphrase | None:
        """Return another passphrase after a wrong one: the vault's, if changed, or a typed one."""
        if wrong.origin == "given":
            return None
        with self._lock:
            found = self._from_vault(user)[0] if wrong.origin == "keyring" else None
            if found is None or found.phrase == wrong.phrase:
                question = Question(_place(user), wrong=str(wrong), no_keyring=self._from_keyring(user)[1])
                found = self._answers.after(wrong, question)
            if found is not None:
                self._found[user] = found
                self._origin = found.origin
            return found

    def proved(self, user: str, passphrase: Passphrase) -> None:
        """Accept a passphrase as correct; a typed one is offered to the keyring."""
        offer = self._offer
        if passphrase.origin != "prompt" or self._keyring is None or offer is None:
            return
        with self._lock, suppress(KeyringUnusableError):
            usable = not self._from_keyring(user)[1]
            if usable and self._answers.to_be_kept(passphrase, lambda: offer(_place(user))):
                self._keyring.set(user, passphrase.phrase.reveal())
                self._found[user] = Passphrase(passphrase.phrase, "keyring")
                self._origin = "keyring"

    def look_again(self, user: str) -> None:
        """Forget the cached passphrase of a user, because its sources may have changed."""
        with self._lock:
            self._found.pop(user, None)

    def generate(self, user: str) -> Passphrase:
        """Generate a passphrase, 32 random bytes in base64, stored before its first use.

        It goes to the vault, if the home has one, and to the keyring. Without a vault the services of a home get the
        same one, so that one variable can open them all elsewhere.

        Raises:
            PassphraseError: nothing can keep it.
        """
        if self.vault:
            return self._shared(user, b64encode(os.urandom(32)).decode(), self.vault)
        kept = next((item for item in self._found.values() if item.origin == "keyring"), None)
        passphrase = kept or Passphrase(Secret(b64encode(os.urandom(32)).decode()), "keyring")
        try:
            if self._keyring is None:
                raise KeyringUnusableError("no keyring is used")
            self._keyring.set(user, passphrase.phrase.reveal())
            self.made.add(_place(user))
        except KeyringUnusableError as error:
            raise PassphraseError(
                "there is no passphrase to encrypt secrets with", why=f"none is set, and {error}", todo=_TODO
            ) from error
        return passphrase

    def _shared(self, user: str, phrase: str, vault: Vault) -> Passphrase:
        place = _place(user)
        try:
            vault.create(place, phrase)
        except StateConflictError:
            phrase = vault.get(place) or phrase  # another first deploy was faster
        with suppress(KeyringUnusableError):
            if self._keyring:
                self._keyring.set(user, phrase)
        return Passphrase(Secret(phrase), vault.origin, vault.name(place))

    def _resolve(self, user: str, *, create: bool) -> Passphrase:
        if self._explicit is not None:
            return Passphrase(self._explicit, "given")
        if found := _from_environment(self._environment):
            return found
        found, problem = self._from_keyring(user)
        if found is None and self.vault:
            found, missing = self._from_vault(user, quiet=bool(problem))
            problem = " and ".join(text for text in (problem, missing) if text)
            if found is None and create and not self._vault_failed:
                found = self.generate(user)
        elif found is None and create and self._keyring and not problem:
            found = self.generate(user)
        found = found or self._answers.first(Question(_place(user), new=create, no_keyring=problem))
        if found is None:
            raise PassphraseError(
                f"there is no passphrase for the secrets of {_place(user)}",
                why=f"STATEROOM_PASSPHRASE is not set, and {problem or 'the keyring has none for ' + user}",
                todo=_TODO if create else "set STATEROOM_PASSPHRASE to the one that it was deployed with",
            )
        return found

    def _from_vault(self, user: str, *, quiet: bool = False) -> tuple[Passphrase | None, str]:
        """Return the team's passphrase, or why there is none; offers it to the keyring."""
        if self.vault is None:
            return None, ""
        self._vault_failed = False
        name = self.vault.name(_place(user))
        try:
            phrase = self.vault.get(_place(user))
        except StateError as error:
            self._vault_failed = True
            return None, error.what
        if phrase is None:
            return None, f"{name} does not exist"
        if not quiet and self._keyring and self._offer and self._offer(_place(user)):
            with suppress(KeyringUnusableError):
                self._keyring.set(user, phrase)
        return Passphrase(Secret(phrase), self.vault.origin, name), ""

    def _from_keyring(self, user: str) -> tuple[Passphrase | None, str]:
        if self._keyring is None:
            return None, "no keyring is used"
        try:
            phrase = self._keyring.get(user)
        except KeyringUnusableError as error:
            return None, str(error)
        return (Passphrase(Secret(phrase), "keyring") if phrase is not None else None), ""


def makes_keyring_entry(source: PassphraseSource, user: str) -> bool:
    """Tell whether the first secret of `user` puts a new passphrase into the keyring. Asks nobody."""
    if source._explicit is not None or source.keyring is None:
        return False
    return all(item.usable and item.passphrase is None for item in source.candidates(user))


def _from_environment(environment: Mapping[str, str]) -> Passphrase | None:
    for name in _VARIABLES:
        if name in environment:
            return Passphrase(Secret(environment[name]), "environment", name)
    file = environment.get(_FILE_VARIABLE)
    if not file:
        return None
    try:
        text = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise PassphraseError(
            f"cannot read the passphrase file {file}",
            why=(error.strerror or str(error)) if isinstance(error, OSError) else "it is not text",
            todo=f"correct {_FILE_VARIABLE}, or set STATEROOM_PASSPHRASE",
        ) from error
    return Passphrase(Secret(text), "environment", _FILE_VARIABLE)


def _place(user: str) -> str:
    """Return `<app>/<stage>` of `<home>#<app>/<stage>`."""
    return user.rpartition("#")[2]
