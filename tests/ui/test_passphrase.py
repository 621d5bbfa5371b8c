"""A state with secrets and no passphrase: the screen asks, in a thread's stead, and says why it asks again."""

from __future__ import annotations

from collections.abc import Callable

from stateroom.engine.requests import Cockpit
from stateroom.ui.prompt import PassphrasePrompt
from stateroom.ui.screens.passphrase import PassphraseScreen
from tests.ui.driver import Driver, opened
from tests.ui.fake import FakeCockpit


def workspaces(prompt: PassphrasePrompt) -> Callable[[], Cockpit]:
    """Opened afresh, a workspace has forgotten what was typed."""
    return lambda: FakeCockpit(prompt=prompt)


async def asked(screen: Driver, words: str = "Passphrase") -> None:
    await screen.until(lambda: isinstance(screen.app.screen, PassphraseScreen) and words in screen.text())


async def type_in(screen: Driver, text: str) -> None:
    await screen.pilot.press(*("space" if letter == " " else letter for letter in text), "enter")


async def test_it_asks_what_for_hides_what_is_typed_and_then_shows_all() -> None:
    prompt = PassphrasePrompt()
    async with opened(factory=workspaces(prompt), settle=False, prompt=prompt) as screen:
        await asked(screen)
        assert "shop-orders/dev" in screen.text()
        await screen.pilot.press("o", "p", "e")
        assert "•••" in screen.text()
        assert "ope " not in screen.text().replace("stateroom", "")
        await type_in(screen, "n sesame")
        await screen.settle()
        assert "orders/OrdersTable" in screen.text("#resources")
        assert "locked" not in screen.text("#services")


async def test_a_wrong_one_is_asked_for_again_with_the_reason_and_everything_is_read_anew() -> None:
    prompt = PassphrasePrompt()
    async with opened(factory=workspaces(prompt), settle=False, prompt=prompt) as screen:
        await asked(screen)
        await type_in(screen, "open barley")
        await asked(screen, "not the one that encrypted")
        await type_in(screen, "open sesame")
        await screen.settle()
        assert "orders/OrdersTable" in screen.text("#resources")


async def test_who_goes_without_sees_the_rest_and_is_asked_only_when_reading_again() -> None:
    prompt = PassphrasePrompt()
    async with opened(factory=workspaces(prompt), settle=False, prompt=prompt) as screen:
        await asked(screen)
        await screen.press("escape")
        assert "locked" in screen.lines("#services")[2]
        assert "billing/ReceiptsTopic" in screen.text("#resources")
        await screen.press("1", "down")
        assert "ctrl+r asks for the passphrase again" in screen.text("#resources")
        await screen.pilot.press("ctrl+r")
        await asked(screen)
        await type_in(screen, "open sesame")
        await screen.settle()
        assert "OrdersTable" in screen.text("#resources")


async def test_keys_work_while_nobody_answers_and_leaving_lets_the_thread_go() -> None:
    prompt = PassphrasePrompt()
    async with opened(factory=workspaces(prompt), settle=False, prompt=prompt) as screen:
        await asked(screen)
        screen.deck.session.close()
        await screen.until(lambda: not screen.deck.session.busy)


def test_without_a_screen_nobody_is_asked() -> None:
    assert PassphrasePrompt()("shop-orders/dev") is None
