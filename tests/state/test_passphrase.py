"""Where the passphrase comes from, in which order, and what is said when there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from stateroom.errors import PassphraseError
from stateroom.model.values import Secret
from stateroom.state.home import FirstWrite
from stateroom.state.homes.local import local_home
from stateroom.state.secrets import cipher as ciphers
from stateroom.state.secrets.cipher import Cipher, Passphrase
from stateroom.state.secrets.os_keyring import KeyringUnusableError
from stateroom.state.secrets.passphrase_questions import Question
from stateroom.state.secrets.passphrase_source import PassphraseSource
from tests.state.builders import ANA, deploy, everything_in, queue, snapshot, ticking

USER = "file:///project/.stateroom#orders/dev"


class MemoryKeyring:
    """A keyring in memory; `problem` makes it unusable."""

    def __init__(self, problem: str = "", **kept: str) -> None:
        self.problem = problem
        self.kept = kept
        self.asked = 0

    def get(self, user: str) -> str | None:
        self.asked += 1
        if self.problem:
            raise KeyringUnusableError(self.problem)
        return self.kept.get(user)

    def set(self, user: str, phrase: str) -> None:
        if self.problem:
            raise KeyringUnusableError(self.problem)
        self.kept[user] = phrase

    def delete(self, user: str) -> None:
        if self.problem:
            raise KeyringUnusableError(self.problem)
        self.kept.pop(user, None)

    def name(self) -> str:
        return "memory"


def full(**kept: str) -> MemoryKeyring:
    keyring = MemoryKeyring(**kept)
    keyring.kept[USER] = "from keyring"
    return keyring


def found(source: PassphraseSource, *, create: bool = False) -> tuple[str, str]:
    passphrase = source.resolve(USER, create=create)
    return passphrase.phrase.reveal(), passphrase.origin


def test_a_given_passphrase_goes_before_everything(tmp_path: Path) -> None:
    environment = {"STATEROOM_PASSPHRASE": "from environment"}
    assert found(PassphraseSource("mine", environment=environment, keyring=full())) == ("mine", "given")


def test_the_environment_goes_before_the_keyring_in_its_own_order(tmp_path: Path) -> None:
    file = tmp_path / "phrase"
    file.write_text("from file\n")
    environment = {"PULUMI_CONFIG_PASSPHRASE_FILE": str(file)}
    keyring = full()
    assert found(PassphraseSource(environment=environment, keyring=keyring)) == ("from file", "environment")
    environment["PULUMI_CONFIG_PASSPHRASE"] = "from pulumi"
    assert found(PassphraseSource(environment=environment, keyring=keyring)) == ("from pulumi", "environment")
    environment["STATEROOM_PASSPHRASE"] = "from ours"
    assert found(PassphraseSource(environment=environment, keyring=keyring)) == ("from ours", "environment")
    assert keyring.asked == 0


def test_the_keyring_goes_before_the_prompt() -> None:
    source = PassphraseSource(environment={}, keyring=full(), prompt=lambda place: pytest.fail("asked"))
    assert found(source) == ("from keyring", "keyring")


def test_a_person_is_asked_once_for_all_services() -> None:
    asked: list[str] = []

    def prompt(question: Question) -> str:
        asked.append(question.place)
        return "typed"

    source = PassphraseSource(environment={}, keyring=MemoryKeyring(), prompt=prompt)
    assert found(source) == ("typed", "prompt")
    assert source.resolve("file:///project/.stateroom#billing/dev").phrase == Secret("typed")
    assert asked == ["orders/dev"]


def test_each_passphrase_is_looked_up_once() -> None:
    keyring = full()
    source = PassphraseSource(environment={}, keyring=keyring)
    assert found(source) == found(source)
    assert keyring.asked == 1


def test_nothing_is_asked_before_a_secret_comes_up() -> None:
    keyring = full()
    source = PassphraseSource(environment={}, keyring=keyring)
    assert source.origin == ""
    assert keyring.asked == 0


def test_a_new_passphrase_is_made_up_only_where_a_keyring_keeps_it() -> None:
    keyring = MemoryKeyring()
    phrase, origin = found(PassphraseSource(environment={}, keyring=keyring), create=True)
    assert origin == "keyring"
    assert len(phrase) == 44
    assert keyring.kept == {USER: phrase}


@pytest.mark.parametrize("keyring", [None, MemoryKeyring("no keyring here keeps secrets safely (found Keyring)")])
def test_without_a_keyring_nothing_is_made_up_and_the_way_out_is_told(keyring: MemoryKeyring | None) -> None:
    with pytest.raises(PassphraseError) as caught:
        found(PassphraseSource(environment={}, keyring=keyring), create=True)
    assert caught.value.todo.startswith("set STATEROOM_PASSPHRASE, or install a keyring")


def test_for_an_existing_state_no_passphrase_is_ever_made_up() -> None:
    keyring = MemoryKeyring()
    source = PassphraseSource(environment={}, keyring=keyring)
    with pytest.raises(PassphraseError) as caught:
        found(source)
    assert keyring.kept == {}
    assert "orders/dev" in caught.value.what
    assert USER in caught.value.why
    assert source.origin == "locked"


def test_a_locked_keyring_is_named_and_a_prompt_still_helps() -> None:
    keyring = MemoryKeyring("the keyring is locked")
    with pytest.raises(PassphraseError, match="the keyring is locked"):
        found(PassphraseSource(environment={}, keyring=keyring))
    assert found(PassphraseSource(environment={}, keyring=keyring, prompt=lambda place: "typed")) == ("typed", "prompt")


def test_nobody_at_the_prompt_is_no_passphrase() -> None:
    with pytest.raises(PassphraseError):
        found(PassphraseSource(environment={}, keyring=None, prompt=lambda place: None))


def test_an_empty_passphrase_opens_what_it_closed_but_closes_nothing_new() -> None:
    source = PassphraseSource(environment={"STATEROOM_PASSPHRASE": ""}, keyring=None)
    assert found(source) == ("", "environment")
    with pytest.raises(PassphraseError, match="is empty"):
        found(source, create=True)


def test_a_passphrase_file_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    environment = {"PULUMI_CONFIG_PASSPHRASE_FILE": str(tmp_path / "missing")}
    with pytest.raises(PassphraseError, match="cannot read the passphrase file"):
        found(PassphraseSource(environment=environment, keyring=full()))


def test_the_services_of_a_project_share_the_passphrase_that_was_made_up(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    source = PassphraseSource(environment={}, keyring=keyring)
    home = local_home(tmp_path / ".stateroom", source, holder=ANA, clock=ticking())
    deploy(home, snapshot(queue(Token=Secret("hunter2"))))
    deploy(home, snapshot(queue(Token=Secret("hunter2"))).__class__("billing", "dev", (queue(Token=Secret("x")),)))
    assert len(keyring.kept) == 2
    assert len(set(keyring.kept.values())) == 1
    phrase = next(iter(keyring.kept.values()))
    assert phrase.encode() not in everything_in(tmp_path)

    elsewhere = PassphraseSource(environment={"STATEROOM_PASSPHRASE": phrase}, keyring=None)
    home = local_home(tmp_path / ".stateroom", elsewhere, holder=ANA, clock=ticking())
    assert home.load("orders", "dev") is not None
    assert home.load("billing", "dev") is not None
    assert home.passphrase_source == "environment"


def opened_by(source: PassphraseSource, right: str) -> Cipher:
    """The cipher of a state that another passphrase than the first may have encrypted."""
    cipher = Cipher(
        lambda new: source.resolve(USER, create=new),
        "orders/dev",
        ciphers.fresh_salt(right),
        other=lambda wrong: source.other(USER, wrong),
        proved=lambda found: source.proved(USER, found),
    )
    cipher.encrypt("anything")
    return cipher


@pytest.mark.parametrize("wrong", ["environment", "keyring"])
def test_a_wrong_one_is_named_and_a_person_is_asked_until_one_fits(wrong: str) -> None:
    asked: list[str] = []
    answers = iter(["wrong again", "right"])

    def prompt(question: Question) -> str:
        asked.append(question.wrong)
        return next(answers)

    environment = {"STATEROOM_PASSPHRASE": "stale"} if wrong == "environment" else {}
    source = PassphraseSource(environment=environment, keyring=full(), prompt=prompt)
    opened_by(source, "right")
    first = {
        "environment": "the passphrase from the environment (STATEROOM_PASSPHRASE)",
        "keyring": "the passphrase from the keyring",
    }
    assert asked == [first[wrong], "the passphrase that was typed"]
    assert source.origin == "prompt"


def test_who_does_not_answer_hears_which_one_was_wrong() -> None:
    source = PassphraseSource(environment={}, keyring=full(), prompt=lambda question: None)
    with pytest.raises(PassphraseError, match="the passphrase from the keyring is not the one"):
        opened_by(source, "right")


def test_what_was_typed_for_one_state_is_tried_on_the_next_before_anyone_is_asked() -> None:
    answers = iter(["right", "another"])
    source = PassphraseSource(environment={}, keyring=full(), prompt=lambda question: next(answers))
    opened_by(source, "right")
    billing = USER.replace("orders", "billing")
    found = source.other(billing, Passphrase(Secret("stale"), "keyring"))
    assert found is not None
    assert found.phrase == Secret("right")
    assert source.other(billing, found) == Passphrase(Secret("another"), "prompt")


@pytest.mark.parametrize("keep", [True, False])
def test_one_that_was_typed_is_offered_to_the_keyring_only_once_it_has_proved_right(keep: bool) -> None:
    keyring, offered = MemoryKeyring(), list[str]()

    def offer(place: str) -> bool:
        offered.append(place)
        return keep

    answers = iter(["wrong", "right"])
    source = PassphraseSource(environment={}, keyring=keyring, prompt=lambda question: next(answers), offer=offer)
    opened_by(source, "right")
    source.proved(USER.replace("orders", "billing"), Passphrase(Secret("right"), "prompt"))
    assert offered == ["orders/dev"]  # one answer is enough for all states that it opens
    assert set(keyring.kept.values()) == ({"right"} if keep else set())
    assert len(keyring.kept) == (2 if keep else 0)
    assert source.origin == ("keyring" if keep else "prompt")


def test_a_keyring_that_cannot_keep_it_is_not_offered_and_the_question_says_so() -> None:
    asked: list[Question] = []

    def prompt(question: Question) -> str:
        asked.append(question)
        return "right"

    source = PassphraseSource(
        environment={},
        keyring=MemoryKeyring("the keyring is locked"),
        prompt=prompt,
        offer=lambda place: pytest.fail("offered"),
    )
    cipher = Cipher(
        lambda new: source.resolve(USER, create=new), "orders/dev", proved=lambda found: source.proved(USER, found)
    )
    cipher.encrypt("the first secret")
    assert asked == [Question("orders/dev", new=True, no_keyring="the keyring is locked")]


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        (PassphraseSource(environment={}, keyring=MemoryKeyring()), ["orders/dev"]),
        (PassphraseSource(environment={}, keyring=MemoryKeyring("no keyring runs")), []),
        (PassphraseSource(environment={}, keyring=None), []),
        (PassphraseSource(environment={"STATEROOM_PASSPHRASE": "x"}, keyring=MemoryKeyring()), []),
        (PassphraseSource("given", environment={}, keyring=MemoryKeyring()), []),
    ],
)
def test_a_local_home_says_which_keyring_entries_its_first_secrets_make(
    tmp_path: Path, source: PassphraseSource, parts: list[str]
) -> None:
    home = local_home(tmp_path, source, holder=ANA, clock=ticking())
    unmade = list(home.unmade(FirstWrite(secrets=(("orders", "dev"),))))
    assert [(part.role, part.kind, part.name) for part in unmade] == [
        ("passphrase", "keyring entry", name) for name in parts
    ]
    assert list(home.unmade(FirstWrite())) == []


def test_an_entry_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    home = local_home(tmp_path, PassphraseSource(environment={}, keyring=keyring), holder=ANA, clock=ticking())
    keyring.kept[f"{tmp_path.resolve().as_uri()}#orders/dev"] = "kept"
    assert list(home.unmade(FirstWrite(secrets=(("orders", "dev"),)))) == []
