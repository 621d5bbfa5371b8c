"""Passphrases and secrets on the screen: where they are and what can be done, and never what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.keyrings import Chain, chain
from tests.commands.sst_home import PHRASE, Machine
from tests.ui.driver import Driver, opened
from tests.ui.sst_app import ledger_machine, opener

__all__ = ["chain"]

SIZES = [(80, 24), (120, 40)]


@pytest.fixture
def machine(tmp_path: Path, chain: Chain) -> Machine:
    return ledger_machine(tmp_path)


async def of_qa(screen: Driver, key: str) -> None:
    await screen.press("1", "G", key)


def user(machine: Machine) -> tuple[str, str]:
    return "stateroom", f"{machine.states.as_uri()}#ledger/qa"


@pytest.mark.parametrize("size", SIZES)
async def test_every_place_of_a_passphrase_is_shown_with_whether_it_fits(
    machine: Machine, chain: Chain, size: tuple[int, int]
) -> None:
    chain.kept[user(machine)] = "stale"
    async with opened(factory=opener(machine), size=size) as screen:
        await of_qa(screen, "P")
        places = [line.split() for line in screen.lines("#places")]
        assert places[0] == ["environment", "none"]
        assert places[1] == ["keyring", "does", "not", "fit"]
        assert places[2][:2] == ["home", "fits"]
        assert "keyring: keyrings Chain" in screen.text("#places")
        assert "stale" not in screen.text()
        assert PHRASE not in screen.text()


async def test_the_keyring_takes_only_the_right_one_and_nobody_sees_it(machine: Machine, chain: Chain) -> None:
    async with opened(factory=opener(machine)) as screen:
        await of_qa(screen, "P")
        await screen.press("s", *"wrong", "enter")
        assert "is not the one of ledger/qa" in screen.text("#notice")
        assert chain.kept == {}
        await screen.press("s")
        await screen.pilot.press(*("equals_sign" if letter == "=" else letter for letter in PHRASE))
        assert PHRASE[:8] not in screen.text()
        await screen.press("enter")
        assert "Kept in the keyring, and read back." in screen.text("#summary")
        assert chain.kept == {user(machine): PHRASE}


async def test_forgetting_needs_the_name_typed_and_says_when_it_is_the_last_one(machine: Machine, chain: Chain) -> None:
    chain.kept[user(machine)] = PHRASE
    (machine.states / "passphrase" / "ledger" / "qa.json").unlink()
    async with opened(factory=opener(machine)) as screen:
        await of_qa(screen, "P")
        await screen.press("f")
        assert "the only place that keeps it" in screen.text("#notice")
        await screen.press("y", "enter")
        assert "That is not ledger/qa" in screen.text("#notice")
        assert chain.kept
        await screen.press("escape")  # out of the field
        assert "ledger/qa" in screen.text(".title")
        await screen.press("f", *"ledger", "slash", *"qa", "enter")
        assert "has forgotten it" in screen.text("#summary")
        assert chain.kept == {}
        await screen.press("f")
        assert "none to forget" in screen.text("#notice")


async def test_read_only_looks_and_changes_nothing(machine: Machine, chain: Chain) -> None:
    async with opened(factory=opener(machine, read_only=True), read_only=True) as screen:
        await of_qa(screen, "P")
        await screen.press("s", *"abc", "enter")
        assert "--read-only was given" in screen.text("#notice")


@pytest.mark.parametrize("size", SIZES)
async def test_an_apps_secrets_are_listed_by_name_and_stay_masked(machine: Machine, size: tuple[int, int]) -> None:
    machine("secret", "set", "StripeKey", "--service", "ledger/qa", answers="sk_hunter2\n")
    machine("secret", "set", "Shared", "--service", "ledger/qa", "--fallback", answers="for all\n")
    async with opened(factory=opener(machine), size=size) as screen:
        await of_qa(screen, "S")
        text = screen.text("#names")
        assert "ledger/qa\n" in text
        assert "StripeKey=***" in text
        assert "for every stage that has none of its own" in text
        assert "Shared=***" in text
        assert "hunter2" not in screen.text()
        assert "2 secrets" in screen.text("#summary")


async def test_secrets_that_cannot_be_decrypted_say_why(machine: Machine) -> None:
    machine("secret", "set", "StripeKey", "--service", "ledger/qa", answers="sk_hunter2\n")
    (machine.states / "passphrase" / "ledger" / "qa.json").unlink()
    async with opened(factory=opener(machine)) as screen:
        await of_qa(screen, "S")
        assert "They cannot be read" in screen.text("#summary")
        assert "passphrase" in screen.text("#names")


async def test_homes_without_such_secrets_say_where_theirs_come_from() -> None:
    async with opened() as screen:
        await screen.press("1", "down", "S")
        assert any("${ssm:…}" in toast for toast in screen.toasts)
        await screen.press("P")  # and a cockpit without states says so in the dialog
        assert "there are no states to work on here" in screen.text()
