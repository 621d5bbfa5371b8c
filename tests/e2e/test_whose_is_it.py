"""What a colleague, a stranger or a stack has made is refused in the plan, and stays as it is, whatever is answered."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.e2e.conftest import Shell, fresh_shell
from tests.support.emulators import Emulator
from tests.support.inventory import inventory

GROUP = "/aws/lambda/corner-dev-hello"
SHARED = """\
resources:
  Resources:
    Customers:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: customers
        BillingMode: PAY_PER_REQUEST
        KeySchema: [{AttributeName: id, KeyType: HASH}]
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
"""


@pytest.fixture(autouse=True)
def local_homes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each checkout has a home of its own."""
    monkeypatch.setenv("STATEROOM_HOME", "local")


def held(shell: Shell) -> frozenset[str]:
    """Everything that the cloud holds, by its own account."""
    return inventory(shell.emulator)


def colleague(shell: Shell, tmp_path: Path) -> Shell:
    """The same project on another machine: its files, and no state."""
    directory = tmp_path / "colleague" / "corner"
    shutil.copytree(shell.directory, directory, ignore=shutil.ignore_patterns(".stateroom"))
    return Shell(directory, shell.emulator, shell.capsys)


def test_a_colleagues_live_stage_is_neither_changed_nor_removed(shell: Shell, tmp_path: Path) -> None:
    """Case two-homes-copy: two homes with one project; the table with its data is the first one's."""
    text = shell.config.read_text()
    shell.config.write_text(text.replace("resources:\n  Resources:\n", SHARED))
    assert shell.run("deploy", "--yes", "--home", "local")[0] == 0
    shell.emulator.client("dynamodb").put_item(TableName="customers", Item={"id": {"S": "1"}})
    other = colleague(shell, tmp_path)
    other.edit("timeout: 10", "timeout: 25")
    before = held(shell)

    code, out, err = other.run("deploy", "--dry-run", "--home", "local")
    assert code == 1
    assert "Timeout: 10 → 25" in out, "the plan shows which values would change"
    assert out.count("! refuse") >= 4
    assert "deployed as corner/dev from another state in directory" in out
    assert "--home" in err

    assert other.run("deploy", "--yes", "--home", "local")[0] == 1
    assert other.run("remove", "--yes", "--home", "local")[0] == 0
    assert held(shell) == before
    assert shell.function()["Timeout"] == 10
    assert shell.run("diff", "--home", "local")[0] == 0


def test_a_strangers_log_group_is_not_created_and_not_deleted(shell: Shell) -> None:
    """Case stranger-log-group."""
    logs = shell.emulator.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="precious")
    before = held(shell)

    code, out, err = shell.run("deploy", "--yes", "--home", "local")
    assert code == 1
    assert "created" not in out
    assert "corner/HelloLogGroup is not this state's" in err
    assert "delete the existing" not in err
    assert shell.run("remove", "--yes", "--home", "local")[0] == 0
    assert held(shell) == before


def test_a_strangers_log_group_is_taken_over_when_it_is_named(shell: Shell) -> None:
    shell.emulator.client("logs").create_log_group(logGroupName=GROUP)
    plan = shell.run("deploy", "--dry-run", "--adopt", "corner/HelloLogGroup", "--home", "local")[1]
    assert "= adopt" in plan
    assert shell.run("deploy", "--yes", "--adopt", "corner/HelloLogGroup", "--home", "local")[0] == 0
    assert shell.run("diff", "--home", "local")[0] == 0

    removal = shell.run("remove", "--dry-run", "--home", "local")[1]
    line = next(line for line in removal.splitlines() if "HelloLogGroup" in line)
    assert "adopted on 20" in line
    assert "not made by stateroom" in line


def test_a_stacks_log_group_stays_the_stacks(
    tmp_path: Path, ministack: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    """Case cfn-stack-log-group. moto tags no log group of a stack, and finds no stack by a physical id."""
    shell = fresh_shell(tmp_path, ministack, capsys)
    template = {"Resources": {"Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": GROUP}}}}
    stacks = shell.emulator.client("cloudformation")
    stacks.create_stack(StackName="corner-dev", TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_create_complete").wait(
        StackName="corner-dev", WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    before = held(shell)

    code, out, err = shell.run("deploy", "--yes", "--home", "local")
    assert code == 1
    assert "created" not in out
    assert "corner-dev" in out + err
    assert "--adopt" not in err, "what a stack has is taken over by way of the stack only"
    assert shell.run("deploy", "--yes", "--adopt", "corner/HelloLogGroup", "--home", "local")[0] == 1
    assert shell.run("remove", "--yes", "--home", "local")[0] == 0
    assert held(shell) == before
