"""The guide through a reset: nothing is removed that was not shown, saved and agreed to; it goes on where it was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.requests import Cockpit
from stateroom.engine.reset.guided_reset import HomeReset
from stateroom.engine.reset.steps import ResetStep
from stateroom.errors import StateError
from stateroom.ui.screens.problem_screen import ProblemScreen
from stateroom.ui.screens.reset.reset_guide import Moment, ResetGuide
from stateroom.ui.screens.reset.reset_screen import ResetScreen
from tests.engine.homes import bucket_of, buckets_in, contents, lived_in, tomorrow, wipe
from tests.support.emulators import Emulator
from tests.ui.driver import Driver, opened
from tests.ui.fake import INFO, FakeCockpit
from tests.ui.fake_home import ACCOUNT, OLD, FakeHome

SIZES = [(80, 24), (120, 40)]


@asynccontextmanager
async def guided(
    home: FakeHome | None = None, *, size: tuple[int, int] = (120, 40), cockpit: FakeCockpit | None = None
) -> AsyncIterator[Driver]:
    """The guide, opened with R."""
    used = home or FakeHome()
    async with opened(cockpit, size=size, home=lambda: used) as screen:
        await screen.press("1", "R")
        try:
            yield screen
        finally:
            used.gate.set()


def guide(screen: Driver) -> ResetGuide:
    assert isinstance(screen.app.screen, ResetScreen)
    return screen.app.screen.guide


def done(screen: Driver) -> int:
    return screen.text("#steps").count("✓")


@pytest.mark.parametrize("size", SIZES)
async def test_it_opens_with_every_step_and_with_whose_states_are_in_it(size: tuple[int, int]) -> None:
    async with guided(size=size) as screen:
        steps = screen.text("#steps")
        assert [title for title in (step.title for step in ResetStep) if title in steps] == [
            step.title for step in ResetStep
        ]
        assert "! deletes" in steps
        await screen.press("pagedown") if size[1] < 30 else None
        found = screen.text("#found")
        assert "ledger" in found
        assert "locked by ben@ci-7" in found or size[0] < 100
        assert "420 versions, 9,800,000 bytes" in found
        assert done(screen) == 0


async def test_the_backup_begins_with_a_key_and_the_number_is_typed_before_anything_is_removed() -> None:
    home = FakeHome()
    async with guided(home) as screen:
        await screen.press("enter")
        assert home.done == {ResetStep.SAVE}
        assert done(screen) == 1
        assert "no way back" in screen.text("#notice")
        assert "sst-20261121T100200" in screen.text("#notice")
        await screen.press("y", "enter")
        assert f"It is {ACCOUNT}" in screen.text("#notice")
        assert home.done == {ResetStep.SAVE}
        await screen.press("backspace", *ACCOUNT, "enter")
        assert home.done == set(ResetStep)
        assert done(screen) == 8
        assert "The backup stays in" in screen.text("#summary")
        assert "did sweep" in screen.text("#found")


async def test_while_steps_remove_the_headline_does_not_say_that_nothing_is_removed() -> None:
    home = FakeHome()
    async with guided(home) as screen:
        home.gate.clear()
        await screen.press("enter", settle=False)
        await screen.until(lambda: "120 of 420" in screen.text("#progress"))
        assert "it removes nothing" in screen.text("#summary")
        home.gate.set()
        await screen.settle()
        assert "nothing is removed yet" in screen.text("#summary")
        home.gate.clear()
        await screen.press(*ACCOUNT, "enter", settle=False)
        await screen.until(lambda: "2 of 8" in screen.text("#progress"))
        assert "what is removed below is in the backup" in screen.text("#summary")
        home.gate.set()
        await screen.settle()


@pytest.mark.parametrize("step", list(ResetStep)[2:])
async def test_a_reset_that_goes_on_after_something_was_removed_says_so(step: ResetStep) -> None:
    begun = {earlier for earlier in ResetStep if list(ResetStep).index(earlier) <= list(ResetStep).index(step)}
    home = FakeHome(begun="2026-11-21T10:02:00Z", done=begun - {ResetStep.SWEEP})
    home.agreed = True
    async with guided(home) as screen:
        home.gate.clear()
        await screen.press("enter", settle=False)
        await screen.until(lambda: guide(screen).working)
        assert "removes nothing" not in screen.text("#summary")
        assert "nothing is removed" not in screen.text()
        home.gate.set()
        await screen.settle()


async def test_leaving_at_the_question_removes_nothing_and_opens_nothing_again() -> None:
    home, cockpit = FakeHome(), FakeCockpit()
    async with guided(home, cockpit=cockpit) as screen:
        await screen.press("enter")
        await screen.press("escape")
        assert home.done == {ResetStep.SAVE}
        assert screen.app.screen is screen.deck
        assert cockpit.surveys == 1


async def test_after_a_reset_everything_is_opened_and_read_again() -> None:
    opened_times: list[int] = []
    home = FakeHome()

    def factory() -> Cockpit:
        opened_times.append(1)
        return FakeCockpit()

    async with opened(factory=factory, home=lambda: home) as screen:
        await screen.press("1", "R")
        await screen.press("enter")
        await screen.press(*ACCOUNT, "enter")
        await screen.press("escape")
        assert len(opened_times) == 2  # the buckets have other names now
        assert "orders" in screen.text("#services")
        assert "12345" in screen.text("#title")


async def test_progress_is_counted_while_a_step_runs_and_stopping_ends_at_a_safe_point() -> None:
    home = FakeHome()
    home.gate.clear()
    async with guided(home) as screen:
        await screen.press("enter", settle=False)
        await screen.until(lambda: "120 of 420" in screen.text("#progress"))
        assert "1 of 8 · back up" in screen.text("#progress")
        await screen.press("escape", settle=False)
        await screen.until(lambda: guide(screen).moment is Moment.HALTED)
        text = screen.text("#found")
        assert "the reset was stopped at step 1 of 8" in text
        assert "nothing is lost" in text
        assert "enter looks again and goes on" in screen.text(".keys")
        home.gate.set()
        await screen.press("enter")
        assert guide(screen).moment is Moment.READY
        await screen.press("escape")
        assert screen.app.screen is screen.deck


@pytest.mark.parametrize("size", SIZES)
async def test_an_unfinished_reset_says_where_it_is_and_goes_on_without_asking_again(size: tuple[int, int]) -> None:
    finished = {ResetStep.SAVE, ResetStep.CLOSE, ResetStep.REMOVE, ResetStep.MAKE}
    home = FakeHome(begun="2026-11-21T10:02:00+00:00", agreed=True, done=finished)
    async with guided(home, size=size) as screen:
        summary = " ".join(screen.text("#summary").split())
        assert "An unfinished reset from 2026-11-21 10:02 UTC is at step 5 of 8 · restore" in summary
        assert done(screen) == 4
        await screen.press("enter")
        assert home.done == set(ResetStep)


async def test_only_what_is_missing_can_be_put_back_after_asking() -> None:
    home = FakeHome(missing=True)
    async with guided(home) as screen:
        assert "1 thing is missing" in screen.text("#summary")
        assert "gone" in screen.text("#found")
        await screen.press("m", "enter")  # No has the focus
        assert home.repaired == 0
        await screen.press("m")
        assert f"bucket {OLD}: gone" in screen.text()
        await screen.press("y")
        assert home.repaired == 1
        assert f"made {OLD} again" in screen.text("#found")
        assert home.done == set()


async def test_closing_the_program_stops_a_reset_and_waits_for_it() -> None:
    home = FakeHome()
    home.gate.clear()
    async with guided(home) as screen:
        await screen.press("enter", settle=False)
        await screen.until(lambda: "120 of 420" in screen.text("#progress"))
        screen.deck.engine.close()
        assert not screen.deck.engine.busy
        assert home.done == set()


@pytest.mark.parametrize(
    ("home", "changes", "reason"),
    [
        (FakeHome("nothing points at a directory"), {}, "nothing points at a directory"),
        (FakeHome(), {"read_only": True}, "read-only"),
        (FakeHome(), {"protected": frozenset({"dev"})}, "stage dev is protected"),
    ],
)
async def test_where_it_makes_no_sense_the_key_says_why(home: FakeHome, changes: dict[str, Any], reason: str) -> None:
    cockpit = FakeCockpit(info_=replace(INFO, **changes))
    async with opened(cockpit, home=lambda: home) as screen:
        await screen.press("1", "R")
        assert screen.app.screen is screen.deck
        assert any(reason in toast for toast in screen.toasts)


async def test_a_look_that_fails_says_why_and_can_be_tried_again() -> None:
    home = FakeHome(look_error=StateError("AWS cannot be reached", why="the network is down", todo="try again"))
    async with guided(home) as screen:
        assert "AWS cannot be reached" in screen.text("#found")
        home.look_error = None
        await screen.press("enter")
        assert guide(screen).moment is Moment.READY


LOST = StateError("the bucket sst-state-x is gone", todo="`stateroom reset --only missing` repairs it")


async def test_a_lost_bucket_names_the_key_that_repairs_it() -> None:
    cockpit = FakeCockpit(unreadable={"orders": LOST.lines()})
    async with opened(cockpit, home=FakeHome) as screen:
        await screen.press("1", "down")
        assert "R does that here, step by step" in screen.text("#resources")


async def test_a_project_that_cannot_be_opened_for_want_of_its_home_can_be_repaired() -> None:
    attempts: list[int] = []
    home = FakeHome(missing=True)

    def factory() -> Cockpit:
        attempts.append(1)
        if home.missing:
            raise LOST
        return FakeCockpit()

    async with opened(factory=factory, home=lambda: home) as screen:
        assert isinstance(screen.app.screen, ProblemScreen)
        assert "R  look at the home and repair it" in screen.text()
        await screen.press("R")
        await screen.press("m", "y")
        await screen.press("escape")
        assert "orders" in screen.text("#services")
        assert len(attempts) == 2


def real_home(emulator: Emulator, directory: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], HomeReset]:
    """A Serverless home in an emulator, a day after whatever was made in it."""
    clock: Callable[[], datetime] = tomorrow
    monkeypatch.setattr("stateroom.engine.opening.factory.utc_now", clock)
    environment = {"HOME": str(directory), "XDG_STATE_HOME": str(directory / "state")}
    options = WorkspaceOptions(
        home="serverless", region="eu-west-1", endpoint_url=emulator.endpoint_url, environment=environment
    )
    return lambda: HomeReset(options, directory, clock)


async def test_a_real_home_is_reset_from_the_screen_and_loses_nothing(
    moto: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived_in(moto, tmp_path)
    old, before = bucket_of(moto), contents(moto, bucket_of(moto))
    async with opened(home=real_home(moto, tmp_path, monkeypatch)) as screen:
        await screen.press("1", "R")
        assert "billing-dev" in screen.text("#found")
        await screen.press("enter")
        await screen.press(*ACCOUNT, "enter")
        assert "The backup stays in" in screen.text("#summary")
        assert done(screen) == 8
    assert old not in buckets_in(moto)
    assert contents(moto, bucket_of(moto)) == before


async def test_a_real_bucket_that_is_gone_is_made_again(
    moto: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived_in(moto, tmp_path)
    lost = bucket_of(moto)
    wipe(moto, lost)
    async with opened(home=real_home(moto, tmp_path, monkeypatch)) as screen:
        await screen.press("1", "R")
        assert guide(screen).moment is Moment.BROKEN
        await screen.press("m", "y")
        assert guide(screen).moment is Moment.DONE
    assert lost in buckets_in(moto)
