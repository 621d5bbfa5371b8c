"""Names that do not exist are refused by every command that takes them, with the closest one that does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stateroom.commands import COMMANDS
from stateroom.engine.requests import Cockpit
from tests.commands.fake import Process, Run
from tests.engine.lab import QUEUE, Config, Lab

_PROJECT = """service: shop
provider: {name: aws, runtime: python3.12}
resources: {Resources: {Queue: {Type: AWS::SQS::Queue}}}
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Two deployed services; the environment of a queue has drifted."""
    queues: dict[str, tuple[str, dict[str, Any]]] = {
        "Queue": (QUEUE, {"QueueName": "q", "Env": {"A": 1}, "Size": 2}),
        "Other": (QUEUE, {"QueueName": "o"}),
    }
    resources = {"orders": queues, "billing": {"Bill": (QUEUE, {"QueueName": "b"})}}
    made = Lab(tmp_path_factory.mktemp("names"), Config(resources))
    made.run()
    made.cloud.by_owner("Queue").properties["Env"] = {"A": 2}
    return made


def run(cockpit: Cockpit, line: str) -> Run:
    return Process(cockpit)(*line.split(), "--yes")  # type: ignore[arg-type]


RESOURCES = [
    *(f"{command} --target {{}}" for command in ("status", "diff", "plan", "deploy", "refresh", "heal", "remove")),
    "diff {}",
    "heal {}",
    "accept {}",
    "heal {} Size",
    "accept {} Size",
    "plan heal {}",
    "plan --adopt {}",
    "deploy --adopt {}",
    "rollback 1 --service orders --target {}",
]


@pytest.mark.parametrize("line", RESOURCES)
@pytest.mark.parametrize(("name", "meant"), [("Queeu", "Queue"), ("orders/Queeu", "Queue")])
def test_a_misspelt_resource_is_refused_with_a_suggestion(lab: Lab, line: str, name: str, meant: str) -> None:
    before = dict(lab.cloud.things)
    done = run(lab.cockpit, line.format(name))
    assert done.code == 64
    assert "there is no resource" in done.err
    assert "did you mean " in done.err
    assert f"{meant}?" in done.err
    assert lab.cloud.things == before


@pytest.mark.parametrize("action", ["show Queeu", "remove Queeu", "move Queeu --to billing"])
def test_a_misspelt_resource_of_a_state_is_refused_with_a_suggestion(lab: Lab, action: str) -> None:
    done = run(lab.cockpit, f"state {action} --service orders")
    assert done.code == 1
    assert "there is no resource Queeu in the state" in done.err
    assert "did you mean Queue?" in done.err


@pytest.mark.parametrize("command", ["heal", "accept", "plan heal"])
@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("Sise", ("Queue has no attribute Sise", "did you mean Size?")),
        ("Env.B", ("Queue has no attribute Env.B", "did you mean Env.A?")),
        ("Env[0]", ("Queue has no attribute Env[0]", "known: Env.A")),
        ("Size.Deeper", ("Queue has no attribute Size.Deeper", "stateroom diff")),
        ("Zzz", ("Queue has no attribute Zzz", "known: Env, QueueName, Size")),
        ("Arn", ("Arn of Queue is outside the config", "stateroom refresh")),
        ("Env.A.B", ("Env.A is compared as a whole", "name Env.A")),
    ],
)
def test_an_attribute_that_there_is_not_is_refused(lab: Lab, command: str, path: str, says: tuple[str, ...]) -> None:
    done = run(lab.cockpit, f"{command} Queue {path}")
    assert done.code == 64
    for text in says:
        assert text in done.err


@pytest.mark.parametrize("path", ["Env.A", "Env"])
def test_an_attribute_and_all_that_is_inside_it_can_be_healed_and_accepted(lab: Lab, path: str) -> None:
    for command in ("heal", "accept"):
        assert "Env.A: " in run(lab.cockpit, f"{command} Queue {path} --dry-run").out
    assert "no drift could be seen in Size of Queue" in run(lab.cockpit, "heal Queue Size").out


def test_an_attribute_of_what_is_not_recorded_or_missing_as_a_whole_is_refused(tmp_path: Path) -> None:
    lab = Lab(tmp_path, Config({"orders": {"Q": (QUEUE, {"QueueName": "q", "Size": 1})}}))
    assert "it is not in the state" in run(lab.cockpit, "accept Q Size").err
    lab.run()
    del lab.cloud.things[QUEUE, "q"]
    for command in ("accept", "heal"):
        done = run(lab.cockpit, f"{command} Q Size")
        assert done.code == 1
        assert "Q is missing in the cloud as a whole" in done.err


SERVICES = [
    *("status", "diff", "plan", "deploy", "refresh", "heal", "remove", "versions", "outputs", "unlock", "show 1"),
    *("accept Queue", "rollback 1", "compare 1", "secret list", "passphrase status"),
    *(f"state {action}" for action in ("list", "show Queue", "export", "repair", "remove Queue", "prune --keep 1")),
]


@pytest.mark.parametrize("line", [*(f"{item} --service odrers" for item in SERVICES), "state pending odrers"])
def test_a_misspelt_service_is_refused_with_a_suggestion(lab: Lab, line: str) -> None:
    done = run(lab.cockpit, line)
    assert done.code == 64
    assert "there is no service 'odrers'" in done.err
    assert "did you mean orders?" in done.err


@pytest.mark.parametrize("line", ["state move Queue --to biling --service orders", "diff odrers/Queue"])
def test_a_misspelt_service_elsewhere_is_refused(lab: Lab, line: str) -> None:
    done = run(lab.cockpit, line)
    assert done.code == 64
    assert any(f"did you mean {name}?" in done.err for name in ("billing", "orders/Queue"))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "serverless.yml").write_text(_PROJECT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "says"),
    [
        *((f"{command} --service shpo", "did you mean shop?") for command in ("compile", "print", "graph", "trust")),
        ("print --path provider.nmae", "did you mean name?"),
        ("print --path zzz", "run: stateroom print"),
        ("graph --format dto", "did you mean dot?"),
        ("plan delpoy", "did you mean deploy?"),
        ("state lsit", "did you mean list?"),
    ],
)
def test_names_of_the_files_are_refused_with_a_suggestion(project: Path, line: str, says: str) -> None:
    done = Process()(*line.split())
    assert done.code == 64
    assert says in done.err


@pytest.mark.parametrize(
    "line", ["show 99", "rollback 99", "plan rollback 99", "compare 99", "compare 1 99", "show @nothing"]
)
def test_a_version_that_there_is_not_is_refused_with_those_that_there_are(lab: Lab, line: str) -> None:
    done = run(lab.cockpit, f"{line} --service orders")
    assert done.code == 64
    assert "has no version" in done.err
    assert "versions that exist: 1" in done.err


TAKE_TARGETS = {"status", "diff", "plan", "deploy", "refresh", "heal", "accept", "remove", "rollback"}
ARGUMENTS = {
    "import": "AWS::SQS::Queue q",
    "show": "1",
    "compare": "1",
    "state": "list",
    "secret": "list",
    "passphrase": "status",
}


@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - TAKE_TARGETS))
def test_a_command_for_whole_services_takes_no_target(lab: Lab, command: str) -> None:
    """It would otherwise answer about more than was asked for."""
    done = run(lab.cockpit, f"{command} {ARGUMENTS.get(command, '')} --target orders/Queue")
    assert done.code == 64
    assert f"stateroom {command} takes no --target" in done.err
