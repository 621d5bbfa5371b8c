"""A small real project, deployed through the commands to a real emulator."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.emulators import Emulator

SERVERLESS_YML = """\
service: corner
provider:
  name: aws
  runtime: python3.12
  region: {region}
  httpApi: {{cors: true}}
functions:
  hello:
    handler: app.handler
    timeout: 10
    environment:
      QUEUE_URL: !Ref Inbox
    events:
      - httpApi: GET /hello
      - sqs: !GetAtt Inbox.Arn
resources:
  Resources:
    Inbox:
      Type: AWS::SQS::Queue
      Properties:
        VisibilityTimeout: 60
  Outputs:
    inboxUrl:
      Value: !Ref Inbox
"""

HANDLER = """\
def handler(event, context):
    return {"statusCode": 200, "body": "hello"}
"""

FUNCTION = "corner-dev-hello"


@dataclass
class Shell:
    """The user at a terminal: commands, files and, behind stateroom's back, the cloud."""

    directory: Path
    emulator: Emulator
    capsys: pytest.CaptureFixture[str]

    @property
    def config(self) -> Path:
        return self.directory / "serverless.yml"

    def edit(self, before: str, after: str) -> None:
        """Change the config."""
        text = self.config.read_text()
        assert before in text
        self.config.write_text(text.replace(before, after))

    def arguments(self, *words: str) -> list[str]:
        return [*words, "-C", str(self.directory), "--endpoint-url", self.emulator.endpoint_url]

    def run(self, *words: str) -> tuple[int, str, str]:
        """Run a command; its exit code, standard output and standard error."""
        from stateroom.cli import main

        self.capsys.readouterr()
        code = main(self.arguments(*words))
        out, err = self.capsys.readouterr()
        return code, out, err

    def json(self, *words: str) -> Any:
        """What a command prints with --json."""
        _, out, _ = self.run(*words, "--json")
        return json.loads(out)

    def function(self) -> dict[str, Any]:
        """The function as the cloud itself describes it."""
        configuration: dict[str, Any] = self.emulator.client("lambda").get_function_configuration(FunctionName=FUNCTION)
        return configuration

    def set_timeout(self, seconds: int) -> None:
        """Somebody in the console."""
        self.emulator.client("lambda").update_function_configuration(FunctionName=FUNCTION, Timeout=seconds)

    def delete_function(self) -> None:
        """Somebody in the console, on a bad day."""
        self.emulator.client("lambda").delete_function(FunctionName=FUNCTION)


@pytest.fixture
def shell(tmp_path: Path, emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A project that was never deployed, and an empty cloud."""
    return fresh_shell(tmp_path, emulator, capsys)


def fresh_shell(tmp_path: Path, emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Write the project into a directory."""
    directory = tmp_path / "corner"
    directory.mkdir()
    from tests.support.emulators import REGION

    (directory / "serverless.yml").write_text(SERVERLESS_YML.format(region=REGION))
    (directory / "app.py").write_text(HANDLER)
    return Shell(directory, emulator, capsys)
