"""A state with secrets and no passphrase that opens it: the screen asks, in a thread's stead, until one does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from stateroom.state.secrets.passphrase_questions import Question
from stateroom.ui.screens.ask_screen import AskScreen
from stateroom.ui.screens.passphrase_screen import PassphraseScreen
from stateroom.ui.workers.passphrase_prompt import PassphrasePrompt
from tests.ui.driver import Driver, opened
from tests.ui.fake import FakeCockpit

ORDERS = "shop-orders/dev"


@asynccontextmanager
async def locked(question: Question | None = None) -> AsyncIterator[tuple[Driver, FakeCockpit]]:
    """The screen on a project whose orders need a passphrase, when it has asked for it."""
    prompt = PassphrasePrompt()
    cockpit = FakeCockpit(prompt=prompt, question=question or Question(ORDERS))
    async with opened(cockpit, settle=False, prompt=prompt) as screen:
        await asked(screen)
        yield screen, cockpit
        screen.deck.engine.close()


async def asked(screen: Driver, words: str = "assphrase") -> None:
    await screen.until(lambda: isinstance(screen.app.screen, PassphraseScreen) and words in screen.text())


async def offered(screen: Driver) -> None:
    await screen.until(lambda: isinstance(screen.app.screen, AskScreen))


async def type_in(screen: Driver, text: str) -> None:
    await screen.pilot.press(*("space" if letter == " " else letter for letter in text), "enter")


async def test_it_asks_what_for_hides_what_is_typed_and_then_shows_all() -> None:
    async with locked() as (screen, _):
        assert ORDERS in screen.text()
        await screen.pilot.press("o", "p", "e")
        assert "•••" in screen.text()
        assert "ope " not in screen.text().replace("stateroom", "")
        await type_in(screen, "n sesame")
        await offered(screen)
        await screen.press("n")
        assert "orders/OrdersTable" in screen.text("#resources")
        assert "locked" not in screen.text("#services")


async def test_one_that_fits_is_offered_to_the_keyring_and_no_is_the_answer_that_costs_nothing() -> None:
    for key, keeps in (("enter", False), ("escape", False), ("y", True)):
        async with locked() as (screen, cockpit):
            await type_in(screen, "open sesame")
            await offered(screen)
            assert f"Keep the passphrase of {ORDERS}?" in screen.text()
            assert "read back" in screen.text()
            assert "sesame" not in screen.text()
            await screen.press(key)
            assert cockpit.keeps is keeps


async def test_a_wrong_one_is_asked_for_again_saying_which_one_was_wrong() -> None:
    async with locked() as (screen, _):
        await type_in(screen, "open barley")
        await asked(screen, "The passphrase that was typed does not open the state of")
        await type_in(screen, "open sesame")
        await offered(screen)
        await screen.press("n")
        assert "orders/OrdersTable" in screen.text("#resources")


async def test_a_wrong_one_of_the_environment_is_named_and_another_can_be_typed() -> None:
    wrong = "the passphrase from the environment (STATEROOM_PASSPHRASE)"
    async with locked(Question(ORDERS, wrong=wrong)) as (screen, _):
        assert "The passphrase from the environment" in screen.text()
        assert "(STATEROOM_PASSPHRASE) does not open" in " ".join(screen.text().split()).replace("│ ", "")
        assert "neither in the environment" not in screen.text()


async def test_a_new_one_is_typed_twice_after_hearing_that_nobody_can_recover_it() -> None:
    problem = "the keyring is locked"
    async with locked(Question(ORDERS, new=True, no_keyring=problem)) as (screen, cockpit):
        assert "Nobody can recover it" in screen.text()
        assert problem in screen.text()
        assert "kept in memory" in screen.text()
        await type_in(screen, "open sesame")  # goes on to the second field
        assert cockpit.given is None
        await type_in(screen, "open barley")
        assert "two different ones" in screen.text()
        await type_in(screen, "open sesame")
        await type_in(screen, "open sesame")
        await offered(screen)
        assert cockpit.given == "open sesame"


async def test_who_goes_without_sees_the_rest_and_is_asked_only_when_reading_again() -> None:
    async with locked() as (screen, _):
        await screen.press("escape")
        assert "locked" in screen.lines("#services")[2]
        assert "billing/ReceiptsTopic" in screen.text("#resources")
        await screen.press("1", "down")
        assert "ctrl+r asks for the passphrase again" in screen.text("#resources")
        await screen.pilot.press("ctrl+r")
        await asked(screen)
        await type_in(screen, "open sesame")
        await offered(screen)
        await screen.press("n")
        assert "OrdersTable" in screen.text("#resources")


async def test_leaving_lets_the_thread_go_whatever_was_asked() -> None:
    async with locked() as (screen, _):
        screen.deck.engine.close()
        await screen.until(lambda: not screen.deck.engine.busy)
    async with locked() as (screen, cockpit):
        await type_in(screen, "open sesame")
        await offered(screen)
        screen.deck.engine.close()
        await screen.until(lambda: not screen.deck.engine.busy)
        assert cockpit.keeps is False


def test_without_a_screen_nobody_is_asked() -> None:
    prompt = PassphrasePrompt()
    assert prompt(Question(ORDERS)) is None
    assert prompt.offer(ORDERS) is False
