"""What is opened where: projects, apps of SST, and homes that are named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from stateroom.engine.cockpit import ProjectCockpit, open_cockpit
from stateroom.engine.foreign_cockpit import ForeignCockpit
from stateroom.engine.options import WorkspaceOptions
from stateroom.errors import ConfigError, UsageError
from tests.commands.sst_home import Machine
from tests.state.sst_states import ledger

_CONFIG = 'export default $config({ app() { return { name: "ledger", home: "local" }; }, async run() {} });'


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    found = Machine(tmp_path)
    found.deployed()
    found.put("app", ledger().dump().replace(b"ledger/qa", b"ledger/live").replace(b":qa:", b":live:"), "live")
    found.put("app", ledger().dump().replace(b"ledger", b"billing"), "qa", "billing")
    return found


def opened(
    machine: Machine, environment: Mapping[str, str] | None = None, **options: str
) -> ProjectCockpit | ForeignCockpit:
    merged = {**machine.environment, **(environment or {})}
    return open_cockpit(machine.here, WorkspaceOptions(environment=merged, **options))  # type: ignore[arg-type]


def test_an_app_of_sst_shows_its_own_stages(machine: Machine) -> None:
    (machine.here / "sst.config.ts").write_text(_CONFIG)
    assert opened(machine).info().services == ("ledger/live", "ledger/qa")


@pytest.mark.parametrize("way", ["option", "variable", "file"])
def test_a_stage_is_chosen_as_sst_chooses_it(machine: Machine, way: str) -> None:
    (machine.here / "sst.config.ts").write_text(_CONFIG)
    if way == "file":
        (machine.here / ".sst").mkdir()
        (machine.here / ".sst" / "stage").write_text("live\n")
    variables = {"SST_STAGE": "live"} if way == "variable" else {}
    options = {"stage": "live"} if way == "option" else {}
    assert opened(machine, variables, **options).info().services == ("ledger/live",)


def test_a_named_home_shows_every_app_anywhere(machine: Machine) -> None:
    info = opened(machine, home="sst-local").info()
    assert info.services == ("billing/qa", "ledger/live", "ledger/qa")
    assert info.home.startswith("sst directory")


def test_a_serverless_project_stays_one_beside_an_app_of_sst(machine: Machine) -> None:
    (machine.here / "sst.config.ts").write_text(_CONFIG)
    (machine.here / "serverless.yml").write_text("service: shop\nprovider: {name: aws}\n")
    assert isinstance(opened(machine), ProjectCockpit)
    with pytest.raises(UsageError, match="states of SST only"):
        opened(machine, home="cloudflare")


def test_an_empty_directory_is_no_project(machine: Machine) -> None:
    with pytest.raises(ConfigError):
        opened(machine)
