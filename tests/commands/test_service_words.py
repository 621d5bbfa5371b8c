"""`stateroom <service> <command>` is `stateroom <command> --service <service>`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stateroom.cli import build_parser, split
from stateroom.commands import COMMANDS
from tests.commands.fake import Process, Run

COMPOSE = "services: {orders: {path: orders}, users: {path: users}, status: {path: status}}\n"
SERVICE = "service: {}\nprovider: {{name: aws}}\nresources: {{Resources: {{Queue: {{Type: AWS::SQS::Queue}}}}}}\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Compose project of three services, one of them called like a command."""
    (tmp_path / "serverless-compose.yml").write_text(COMPOSE)
    for name in ("orders", "users", "status"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "serverless.yml").write_text(SERVICE.format(name))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(line: str, *, terminal: bool = False) -> Run:
    return Process(terminal=terminal)(*line.split())


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "order", ["orders {}", "orders --stage prod {}", "--stage prod orders {}", "-y orders -s prod {} --json"]
)
def test_a_word_before_any_command_is_its_service(command: str, order: str) -> None:
    line = order.format(command).split()
    found = split(line)
    assert found == (command, "orders", [word for word in line if word not in ("orders", command)])


def test_the_service_is_what_the_option_would_say(shop: Path) -> None:
    wanted = said("deploy --service orders --stage prod --yes").settings
    assert wanted[0]["services"] == ("orders",)
    for line in ("orders deploy --stage prod --yes", "orders --stage prod deploy --yes", "-s prod --yes orders deploy"):
        assert said(line).settings == wanted
    assert said("orders deploy --service users").settings[0]["services"] == ("orders", "users")
    assert said("orders,users deploy").settings[0]["services"] == ("orders", "users")


def test_it_is_so_in_a_project_elsewhere_and_in_a_directory_of_a_service(
    shop: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert said(f"-C {shop} users versions").settings[0]["services"] == ("users",)
    monkeypatch.chdir(shop / "orders")
    assert said("users versions").settings[0]["services"] == ("users",)


@pytest.mark.parametrize("command", ["print --format json", "compile --format json"])
def test_a_real_project_answers_for_that_service_alone(
    shop: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = said(f"users {command}")
    assert run.code == 0, run.err
    assert run.out == said(f"{command} --service users").out
    assert "orders" not in json.dumps(run.document)


def test_a_name_of_a_command_is_the_command(shop: Path) -> None:
    assert said("status --json").settings[0]["services"] == ()
    assert said("status --service status").settings[0]["services"] == ("status",)
    refused = said("status deploy")
    assert refused.code == 64
    assert "takes no argument 'deploy'" in refused.err


@pytest.mark.parametrize(
    ("line", "says", "todo"),
    [
        ("odrers deploy", "'odrers' is neither a command nor a service of the project", "did you mean orders?"),
        ("deplyo status", "'deplyo' is neither a command nor a service of the project", "did you mean deploy?"),
        ("orders,usrs deploy", "'usrs' is neither", "did you mean users?"),
        ("billing deploy", "'billing' is neither", "the project has: orders, users, status"),
        ("orders deplyo", "there is no command 'deplyo'", "did you mean deploy?"),
        ("odrers deplyo", "'odrers' is neither", "did you mean orders?"),
        ("deplyo orders", "'deplyo' is neither", "did you mean deploy?"),
        ("./orders deploy", "./orders is a directory, not a service", "stateroom deploy --project ./orders"),
        ("odrers", "neither a command nor a directory, nor a service of the project", "did you mean orders?"),
    ],
)
def test_an_unknown_word_gets_the_closest_of_commands_and_services(shop: Path, line: str, says: str, todo: str) -> None:
    run = said(line, terminal=True)
    assert run.code == 64
    assert says in run.err
    assert todo in run.err
    assert run.settings == [], "nothing was opened"


def test_a_service_alone_is_asked_what_about_it(shop: Path) -> None:
    (shop / "serverless-compose.yml").write_text("services: {orders: {path: apps/orders}}\n")
    (shop / "apps").mkdir()
    (shop / "orders").rename(shop / "apps" / "orders")
    run = said("orders", terminal=True)
    assert run.code == 64
    assert "'orders' is a service" in run.err
    assert "stateroom orders status" in run.err


def test_a_directory_alone_is_still_opened(shop: Path) -> None:
    process = Process(terminal=True)
    assert process("orders").code == 0
    assert process("./status").code == 0
    assert len(process.screens) == 2


@pytest.mark.parametrize("service", ["service: shop", "service: {name: shop}"])
def test_a_single_service_has_its_name_too(service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "serverless.yml").write_text(f"{service}\nprovider: {{name: aws}}\n")
    monkeypatch.chdir(tmp_path)
    assert said("shop status").settings[0]["services"] == ("shop",)
    assert "did you mean shop?" in said("shpo status").err


def test_a_name_that_a_variable_says_is_left_to_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "serverless.yml").write_text("service: ${env:NAME}\nprovider: {name: aws}\n")
    monkeypatch.chdir(tmp_path)
    assert said("shop status").settings[0]["services"] == ("shop",)


def test_without_a_project_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert said("orders status").settings[0]["services"] == ("orders",)


def test_help_is_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert said("orders deploy --help").code == 0
    assert capsys.readouterr().out.startswith("usage: stateroom deploy")
    assert said("orders --help").code == 0
    assert "stateroom SERVICE COMMAND is stateroom COMMAND --service SERVICE." in capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_a_service(command: str) -> None:
    options = {action.dest for action in build_parser(command)._actions}
    assert "service" in options
