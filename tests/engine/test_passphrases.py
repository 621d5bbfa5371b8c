"""The places of a passphrase: which fit, what is refused, and one that was deleted comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stateroom.engine.tools.passphrases import Passphrases
from stateroom.engine.tools.state_tools import StateTools
from stateroom.errors import PassphraseError, ReadOnlyError
from stateroom.model.values import Secret
from stateroom.state.homes.local import local_home
from stateroom.state.secrets.passphrase_source import PassphraseSource
from tests.state.builders import ANA, deploy, home_in, queue, snapshot, ticking
from tests.state.test_passphrase import MemoryKeyring

RIGHT, WRONG = "correct horse", "another horse"


class MemoryVault:
    """A team's vault in memory, which forgets what is written to it where `forgetful`."""

    origin = "SSM"

    def __init__(self, phrase: str = "", *, forgetful: bool = False) -> None:
        self.kept = {"orders/dev": phrase} if phrase else {}
        self.forgetful = forgetful
        self.done: list[str] = []

    def name(self, place: str) -> str:
        return f"/stateroom/{place}"

    def get(self, place: str) -> str | None:
        return self.kept.get(place)

    def places(self, app: str = "") -> Iterator[str]:
        return (place for place in self.kept if place.startswith(f"{app}/" if app else ""))

    def create(self, place: str, phrase: str) -> None:
        self._write("create", place, phrase)

    def replace(self, place: str, phrase: str) -> None:
        self._write("replace", place, phrase)

    def delete(self, place: str) -> None:
        self.kept.pop(place, None)

    def _write(self, what: str, place: str, phrase: str) -> None:
        self.done.append(what)
        if not self.forgetful:
            self.kept[place] = phrase


def passphrases(
    directory: Path,
    *,
    keyring: MemoryKeyring | None = None,
    vault: MemoryVault | None = None,
    environment: str = "",
    secret: bool = True,
    read_only: bool = False,
) -> Passphrases:
    """Those of a state that was deployed with the right one."""
    deploy(home_in(directory, RIGHT), snapshot(queue(Token=Secret("hunter2")) if secret else queue()))
    variables = {"STATEROOM_PASSPHRASE": environment} if environment else {}
    source = PassphraseSource(None, environment=variables, keyring=keyring)
    source = source.with_vault(vault) if vault else source
    home = local_home(directory / ".stateroom", source, holder=ANA, clock=ticking())
    return Passphrases(StateTools(home, "orders", "dev", read_only=read_only))


def test_every_place_is_told_with_whether_it_fits(tmp_path: Path) -> None:
    user = passphrases(tmp_path / "a").user.replace("/a/", "/b/")
    keyring = MemoryKeyring()
    keyring.kept[user] = WRONG
    places = passphrases(tmp_path / "b", keyring=keyring, environment=RIGHT).status()
    told = {place.source: (place.kept, place.fits) for place in places}
    assert told["environment"] == (True, True)
    assert told["keyring"] == (True, False)
    assert passphrases(tmp_path / "c", environment=RIGHT).export().reveal() == RIGHT
    with pytest.raises(PassphraseError, match="no passphrase of orders/dev that fits"):
        passphrases(tmp_path / "d", environment=WRONG).export()


def test_only_the_right_one_goes_into_the_keyring(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    subject = passphrases(tmp_path, keyring=keyring)
    for phrase, says in (("", "an empty passphrase"), (WRONG, "is not the one of orders/dev")):
        with pytest.raises(PassphraseError, match=says):
            subject.set(phrase)
    assert keyring.kept == {}
    subject.set(RIGHT)
    assert keyring.kept == {subject.user: RIGHT}
    assert subject.keyring == "memory"


def test_without_a_keyring_the_way_out_is_told(tmp_path: Path) -> None:
    with pytest.raises(PassphraseError, match="the keyring was not changed") as refused:
        passphrases(tmp_path).set(RIGHT)
    assert refused.value.why == "no keyring is used"
    assert passphrases(tmp_path / "a").keyring == "no keyring is used"
    with pytest.raises(PassphraseError) as locked:
        passphrases(tmp_path / "b", keyring=MemoryKeyring("it is locked")).set(RIGHT)
    assert locked.value.why == "it is locked"


def test_the_last_place_is_forgotten_only_by_force(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    subject = passphrases(tmp_path, keyring=keyring)
    subject.set(RIGHT)
    assert subject.only_in_keyring
    with pytest.raises(PassphraseError, match="only place that keeps the passphrase of orders/dev"):
        subject.forget()
    assert keyring.kept
    subject.forget(even_the_last=True)
    assert not keyring.kept


def test_a_place_that_is_not_the_last_is_forgotten_at_once(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    subject = passphrases(tmp_path, keyring=keyring, vault=MemoryVault(RIGHT))
    subject.set(RIGHT)
    assert not subject.only_in_keyring
    subject.forget()
    assert not keyring.kept
    assert not passphrases(tmp_path / "plain", keyring=MemoryKeyring(), secret=False).only_in_keyring


@pytest.mark.parametrize(("before", "done"), [("", "create"), (WRONG, "replace")])
def test_a_deleted_or_damaged_one_comes_back_from_any_place_that_has_it(tmp_path: Path, before: str, done: str) -> None:
    vault = MemoryVault(before)
    assert passphrases(tmp_path, vault=vault, environment=RIGHT).restore() == "/stateroom/orders/dev"
    assert (vault.kept, vault.done) == ({"orders/dev": RIGHT}, [done])


@pytest.mark.parametrize(
    ("vault", "environment", "says"),
    [
        (None, RIGHT, "this home shares no passphrases"),
        (MemoryVault(RIGHT), RIGHT, "/stateroom/orders/dev is there already"),
        (MemoryVault(), WRONG, "nothing was restored to /stateroom/orders/dev"),
        (MemoryVault(), "", "nothing was restored to /stateroom/orders/dev"),
        (MemoryVault(forgetful=True), RIGHT, "does not hold what was just written"),
    ],
)
def test_what_cannot_be_restored_is_said(
    tmp_path: Path, vault: MemoryVault | None, environment: str, says: str
) -> None:
    with pytest.raises(PassphraseError, match=says) as refused:
        passphrases(tmp_path, vault=vault, environment=environment).restore()
    assert WRONG not in str(refused.value)
    if says.startswith("nothing"):
        tried = "tried: the passphrase from the environment" if environment else "no source has one"
        assert refused.value.why.startswith(tried)


def test_read_only_changes_no_place(tmp_path: Path) -> None:
    keyring, vault = MemoryKeyring(), MemoryVault()
    subject = passphrases(tmp_path, keyring=keyring, vault=vault, environment=RIGHT, read_only=True)
    for change in (lambda: subject.set(RIGHT), lambda: subject.forget(even_the_last=True), subject.restore):
        with pytest.raises(ReadOnlyError):
            change()
    assert (keyring.kept, vault.done) == ({}, [])
