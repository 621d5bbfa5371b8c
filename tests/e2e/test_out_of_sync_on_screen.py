"""SST's three out-of-sync stories, through the screen's keys, on both emulators."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from stateroom.engine.cockpit import open_project_cockpit
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.requests import OperatingCockpit
from tests.e2e.conftest import FUNCTION, Shell
from tests.ui.driver import Driver, opened


def factory(shell: Shell) -> Callable[[], OperatingCockpit]:
    options = WorkspaceOptions(endpoint_url=shell.emulator.endpoint_url, environment=dict(os.environ))
    return lambda: open_project_cockpit(shell.directory, options)


def row(driver: Driver, name: str) -> str:
    """The resource's line in the list."""
    return next(line for line in driver.lines("#resources") if name in line)


async def do(driver: Driver, key: str) -> str:
    """Press an operation's key, read the plan that it shows, and say yes."""
    await driver.press(key)
    plan = driver.text()
    await driver.press("y")
    await driver.settle()
    return plan


async def test_change_the_resource(shell: Shell) -> None:
    async with opened(factory=factory(shell)) as driver:
        await do(driver, "d")
        shell.set_timeout(20)
        await driver.press("ctrl+r")
        assert " ! " in row(driver, "HelloLambdaFunction")
        await driver.press("d")
        assert "Nothing to do" in driver.text()
        await driver.press("escape")
    assert shell.function()["Timeout"] == 20


async def test_change_the_config(shell: Shell) -> None:
    async with opened(factory=factory(shell)) as driver:
        await do(driver, "d")
        shell.set_timeout(20)
        shell.edit("timeout: 10", "timeout: 30")
        await driver.press("ctrl+r")
        assert "~! " in row(driver, "HelloLambdaFunction")
        plan = await do(driver, "d")
        assert re.search(r"Timeout +10 +▸20 +▸30", plan)
        assert "!" not in row(driver, "HelloLambdaFunction")
        assert "~" not in row(driver, "HelloLambdaFunction")
    assert shell.function()["Timeout"] == 30


async def test_remove_the_resource(shell: Shell) -> None:
    async with opened(factory=factory(shell)) as driver:
        await do(driver, "d")
        shell.delete_function()
        shell.edit("timeout: 10", "timeout: 60")
        await driver.press("ctrl+r")
        assert "~x " in row(driver, "HelloLambdaFunction")
        await do(driver, "d")
        assert "no longer exists; refresh drops it from state" in driver.text()
        plan = await do(driver, "r")
        assert "2 to drop from state" in plan
        await do(driver, "d")
    assert shell.function()["FunctionName"] == FUNCTION
    assert shell.function()["Timeout"] == 60
    assert shell.run("diff")[0] == 0
