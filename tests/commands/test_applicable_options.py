"""Every command and every global option: it is used, or it is refused by name; never silently ignored."""

from __future__ import annotations

from pathlib import Path

import pytest

from stateroom.commands import COMMANDS
from stateroom.commands.context import Invocation
from stateroom.engine.options import WorkspaceOptions
from stateroom.model.problems.suggestions import near_miss
from tests.commands.fake import Process
from tests.commands.sst_home import PHRASE, Machine

# What the words on a command line are about, and what says it of an opened project.
VALUES = {
    "stage": "qa",
    "service": "orders",
    "param": "A=1",
    "home": "local",
    "profile": "ana",
    "region": "eu-west-1",
    "endpoint_url": "http://127.0.0.1:1",
}
FIELDS = {"service": "services", "param": "params"}
ARGUMENTS = {
    "import": ["AWS::SQS::Queue", "q"],
    "accept": ["orders/Q"],
    "rollback": ["1"],
    "show": ["1"],
    "compare": ["1"],
    "state": ["list"],
    "secret": ["list"],
    "passphrase": ["status"],
    "diff": ["orders/Q"],
}
REFUSED = {
    "bootstrap": {"service"},
    "reset": {"service"},
    "demo": set(VALUES),
    "orphans": {"service"},
    "trust --list": {"stage", "service", "param"},
    "trust --revoke": {"stage", "service", "param"},
}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[WorkspaceOptions]:
    """The options that commands have asked for."""
    found: list[WorkspaceOptions] = []
    collect = Invocation.workspace_options

    def recorded(self: Invocation) -> WorkspaceOptions:
        found.append(collect(self))
        return found[-1]

    monkeypatch.setattr(Invocation, "workspace_options", recorded)
    return found


@pytest.mark.parametrize("option", list(VALUES))
@pytest.mark.parametrize("command", [*COMMANDS, "trust --list", "trust --revoke"])
def test_an_option_is_used_or_refused(
    command: str, option: str, opened: list[WorkspaceOptions], tmp_path: Path
) -> None:
    (tmp_path / "serverless.yml").write_text("service: orders\nprovider: {name: aws}\n")
    name, *rest = command.split()
    flag = f"--{option.replace('_', '-')}"
    offline = [] if name == "demo" else ["--offline", "-C", str(tmp_path)]
    run = Process()(name, *rest, *ARGUMENTS.get(name, []), *offline, flag, VALUES[option])
    if option in REFUSED.get(command, ()):
        assert run.code == 64
        assert f"stateroom {name} takes no {flag}" in run.err
        assert not opened, "nothing was looked at"
        return
    assert f"takes no {flag}" not in run.err
    if name == "trust" and rest:
        return  # it is harmless there: nothing is opened
    value = getattr(opened[-1], FIELDS.get(option, option))
    assert value == {"service": ("orders",), "param": {"A": "1"}}.get(option, VALUES[option])


@pytest.mark.parametrize("option", ["--json", "--yes", "--offline", "--project=."])
def test_the_demo_takes_no_option_of_a_project(option: str) -> None:
    run = Process()("demo", option)
    assert run.code == 64
    assert f"takes no {option.partition('=')[0]}" in run.err


def test_without_a_project_a_home_is_chosen_by_no_stage(tmp_path: Path) -> None:
    run = Process()("bootstrap", "--stage", "qa", "--home", "local", "-C", str(tmp_path))
    assert run.code == 64
    assert "--stage goes with a project only" in run.err


def test_the_passphrase_is_exported_as_json_where_that_is_asked_for(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.deployed()
    assert machine("passphrase", "export", "--json").document == {"action": "export", "passphrase": PHRASE}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("prdo", "prod"),
        ("Prod", "prod"),
        ("prd", "prod"),
        ("prood", "prod"),
        ("stagng", "staging"),
        ("stagimg", "staging"),
        ("dve", "dev"),
        ("dev", ""),
        ("deva", ""),
        ("dev2", ""),
        ("pr-2", ""),
        ("pr-21", ""),
        ("qa", ""),
        ("test", ""),
        ("product", ""),
    ],
)
def test_a_name_is_a_slip_only_where_it_cannot_be_one_of_a_series(written: str, meant: str) -> None:
    assert near_miss(written, ["dev", "prod", "staging", "pr-1", "pr-12"]) == meant


@pytest.mark.parametrize("arguments", [["--stage", "lvie"], ["--service", "ledger/lvie"]])
@pytest.mark.parametrize("command", [["status"], ["versions"], ["secret", "list"], ["secret", "set", "Token"]])
def test_a_slip_in_the_stage_of_an_app_is_refused_and_a_new_stage_is_not(
    tmp_path: Path, command: list[str], arguments: list[str]
) -> None:
    machine = Machine(tmp_path)
    machine.deployed()
    data = machine.state().dump()
    machine.put("app", data.replace(b"ledger/qa", b"ledger/live").replace(b":qa:", b":live:"), "live")
    (machine.here / "sst.config.ts").write_text('export default $config({ app() { return { name: "ledger" } } })')
    run = machine(*command, *arguments, answers="v\n")
    assert run.code == 64
    assert "there is no stage 'lvie' of ledger" in run.err
    assert "did you mean live?" in run.err
    assert not (machine.states / "secret").exists()
    fresh = [word.replace("lvie", "new") for word in arguments]
    assert machine(*command, *fresh, answers="v\n").code == 0
