"""Import against emulators: what somebody made by hand becomes a resource of the project, as it is."""

from __future__ import annotations

import json

from tests.e2e.conftest import Shell

QUEUE = "corner-inbox"
NAMED = """\
      Properties:
        QueueName: corner-inbox
        VisibilityTimeout: 60
"""


def made_by_hand(shell: Shell, seconds: str = "45") -> str:
    """A queue that somebody made in the console, with a tag of theirs; its URL."""
    shell.edit("      Properties:\n        VisibilityTimeout: 60\n", NAMED)
    queues = shell.emulator.client("sqs")
    url = queues.create_queue(QueueName=QUEUE, Attributes={"VisibilityTimeout": seconds}, tags={"cost": "42"})
    return str(url["QueueUrl"])


def tags(shell: Shell, url: str) -> dict[str, str]:
    found: dict[str, str] = shell.emulator.client("sqs").list_queue_tags(QueueUrl=url).get("Tags", {})
    return found


def test_an_import_shows_what_differs_asks_and_records_it_as_it_is(shell: Shell) -> None:
    url = made_by_hand(shell)

    code, out, err = shell.run("import", "AWS::SQS::Queue", url, "--home", "local", "--dry-run")
    assert code == 0, err
    assert "= adopt" in out
    assert "VisibilityTimeout: config 60, the cloud has 45" in out
    assert "stateroom:resource" not in tags(shell, url)

    code, _, err = shell.run("import", "AWS::SQS::Queue", url, "--home", "local")
    assert code == 1, "there is nobody to ask"
    assert "--yes" in err
    assert shell.run("import", "Inbox", url, "--home", "local", "--yes", "--read-only")[0] == 1
    assert "stateroom:resource" not in tags(shell, url)

    code, out, err = shell.run("import", "AWS::SQS::Queue", url, "--home", "local", "--yes")
    assert code == 0, err
    assert tags(shell, url)["stateroom:resource"] == "Inbox"
    assert tags(shell, url)["cost"] == "42"
    attributes = shell.emulator.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "45"
    assert "import" in shell.run("versions", "--home", "local")[1]

    assert shell.run("deploy", "--home", "local", "--yes")[0] == 0
    attributes = shell.emulator.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "60"
    assert shell.run("diff", "--home", "local")[0] == 0


def test_an_import_in_json_ends_with_its_result(shell: Shell) -> None:
    url = made_by_hand(shell)

    lines = shell.run("import", "corner/Inbox", url, "--home", "local", "--yes", "--json")[1].splitlines()
    planned, result = json.loads(lines[0]), json.loads(lines[-1])
    assert planned["plan"]["operation"] == "import"
    assert [step["action"] for step in planned["plan"]["services"][0]["steps"]] == ["adopt"]
    assert (result["operation"], result["ok"], result["done"]) == ("import", True, 1)


def test_what_cannot_be_imported_says_what_to_do(shell: Shell) -> None:
    made_by_hand(shell)

    code, _, err = shell.run("import", "AWS::SQS::Queue", "corner-nothing", "--home", "local", "--yes")
    assert code == 64
    assert "there is no AWS::SQS::Queue corner-nothing" in err
    code, _, err = shell.run("import", "AWS::SQS::Que", QUEUE, "--home", "local", "--yes")
    assert code == 64
    assert "did you mean AWS::SQS::Queue" in err
    assert shell.run("import", "Inbox", QUEUE, "--home", "local", "--yes")[0] == 0, "a queue by its name"
    code, _, err = shell.run("import", "Inbox", QUEUE, "--home", "local", "--yes")
    assert code == 64
    assert "in the state already" in err
