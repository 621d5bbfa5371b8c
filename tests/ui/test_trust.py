"""The screen asks whether the project may start programs: when a package is not built, and before a deploy."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stateroom.engine.cockpit import open_cockpit
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.requests import Emit, Request
from stateroom.errors import TrustError
from stateroom.model.diff import X, Y
from stateroom.model.events import ServiceSurveyed
from stateroom.model.plan import Operation, Plan
from stateroom.programs.access import ProgramUse
from stateroom.programs.known import PIP
from stateroom.ui.screens.ask_screen import AskScreen
from stateroom.ui.screens.plan_screen import PlanScreen
from tests.commands.hostile import digest_of, hostile_checkout, watching
from tests.support.emulators import Emulator
from tests.ui.driver import opened
from tests.ui.fake import INFO, FakeCockpit, resource

WANTED = ProgramUse(PIP, "install requirements.txt of orders", (Path(INFO.path) / "requirements.txt",))
NOT_BUILT = replace(
    resource("orders", "CreateLambdaFunction", "Lambda::Function"),
    x=X.UNKNOWN,
    y=Y.SAME,
    not_built="not built: `stateroom trust` allows pip to run for /shop",
)


class Wanting(FakeCockpit):
    """Wants pip, for a package of the survey or for a plan, until that is allowed."""

    lacking = False
    allowed: tuple[ProgramUse, ...] = ()

    def survey(self, emit: Emit, **more: Any) -> None:
        super().survey(emit, **more)
        if self.lacking and not self.allowed:
            emit(ServiceSurveyed("orders", (NOT_BUILT,)))

    def plan(
        self, request: Request, emit: Emit = lambda _event: None, cancelled: Callable[[], bool] = lambda: False
    ) -> Plan:
        if not self.allowed:
            self.requests.append(request)
            raise TrustError("requirements.txt is not installed", todo="`stateroom trust` allows it")
        return super().plan(request, emit, cancelled)

    def untrusted_programs(self) -> tuple[ProgramUse, ...]:
        return () if self.allowed else (WANTED,)

    def trust_programs(self, uses: tuple[ProgramUse, ...]) -> None:
        self.allowed = uses


async def test_a_deploy_asks_first_and_no_has_the_focus() -> None:
    cockpit = Wanting()
    async with opened(cockpit) as screen:
        await screen.press("d")
        assert isinstance(screen.app.screen, AskScreen)
        shown = screen.text()
        assert "pip would install requirements.txt of orders" in shown
        assert "as these files say: requirements.txt" in shown
        assert "what they build can read and write what you can" in " ".join(shown.replace("│", " ").split())
        assert screen.app.focused is not None
        assert screen.app.focused.id == "no"
        await screen.press("enter")
        assert cockpit.allowed == ()
        assert screen.deck.on_top


async def test_a_yes_is_remembered_and_the_plan_is_made() -> None:
    cockpit = Wanting()
    async with opened(cockpit) as screen:
        await screen.press("d")
        await screen.press("y")
        assert cockpit.allowed == (WANTED,)
        assert isinstance(screen.app.screen, PlanScreen)
        assert cockpit.requests == [Request(Operation.DEPLOY)] * 2
        assert cockpit.executed == []


async def test_a_package_that_is_not_built_is_asked_about_once() -> None:
    cockpit = Wanting()
    cockpit.lacking = True
    async with opened(cockpit) as screen:
        assert isinstance(screen.app.screen, AskScreen)
        await screen.press("n")
        assert cockpit.allowed == ()
        await screen.press("ctrl+r")
        assert screen.deck.on_top
        assert "?" in screen.text("#resources")


async def test_a_config_that_cannot_be_read_may_be_for_want_of_a_program() -> None:
    cockpit = Wanting()
    cockpit.unreadable = {"billing": ("${git:isDirty} is not known", "`stateroom trust` allows git to run")}
    async with opened(cockpit) as screen:
        assert isinstance(screen.app.screen, AskScreen)


async def test_after_a_yes_everything_is_read_again() -> None:
    cockpit = Wanting()
    cockpit.lacking = True
    async with opened(cockpit) as screen:
        await screen.press("y")
        assert cockpit.allowed == (WANTED,)
        assert cockpit.surveys == 2


async def test_a_project_that_wants_nothing_is_never_asked() -> None:
    async with opened(FakeCockpit()) as screen:
        assert screen.deck.on_top
        await screen.press("d")
        assert isinstance(screen.app.screen, PlanScreen)


@pytest.mark.parametrize("service", ["", "requirements"])
async def test_a_strangers_checkout_is_shown_and_nothing_of_it_runs(
    tmp_path: Path, moto: Emulator, service: str
) -> None:
    """The screen is a reader, too (cases `status-runs-pip-py`, `status-runs-gpg-program`)."""
    root = tmp_path / "checkout"
    ran = hostile_checkout(root)
    digest = digest_of(root)
    options = WorkspaceOptions(
        home=str(tmp_path / "states"),
        endpoint_url=moto.endpoint_url,
        environment={"HOME": str(tmp_path), "PATH": f"{root}:{os.environ['PATH']}"},
    )
    with watching(root, offline=False) as seen:
        async with opened(factory=lambda: open_cockpit(root / service, options)) as screen:
            assert isinstance(screen.app.screen, AskScreen), screen.text()
            assert "pip would install requirements.txt of requirements" in screen.text()
            await screen.press("enter")
            await screen.press("1", "down", "d")
            await screen.press("escape")
            await screen.press("escape")
    assert seen == []
    assert not ran.exists()
    assert digest_of(root) == digest
