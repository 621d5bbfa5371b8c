"""A resource that cannot be asked about, on an emulator behind a proxy that refuses: the service goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Shell
from tests.support.emulators import Emulator
from tests.support.faults import Action, Answer, Call, Fault, Proxy

SERVICE = """\
service: ub
provider: {{name: aws, runtime: nodejs20.x, region: eu-west-1}}
resources:
  Resources:
    Q: {{Type: 'AWS::SQS::Queue', Properties: {{QueueName: ub-q, VisibilityTimeout: {timeout}}}}}
    {more}
"""
BUCKET = "B: {Type: 'AWS::S3::Bucket', Properties: {BucketName: example-uploads}}"
TOPIC = "T: {Type: 'AWS::SNS::Topic', Properties: {TopicName: ub-t}}"


@pytest.fixture
def proxy(moto: Emulator) -> Iterator[Proxy]:
    with Proxy(moto.endpoint_url).running() as running:
        yield running


class BehindProxy(Shell):
    """The user, whose calls go through the proxy; the home is a directory."""

    endpoint_url = ""

    def arguments(self, *words: str) -> list[str]:
        return [*words, "-C", str(self.directory), "--endpoint-url", self.endpoint_url, "--home", "local"]


@pytest.fixture
def shell(tmp_path: Path, moto: Emulator, proxy: Proxy, capsys: pytest.CaptureFixture[str]) -> Shell:
    opened = BehindProxy(tmp_path, moto, capsys)
    opened.endpoint_url = proxy.endpoint_url
    return opened


def write(shell: Shell, more: str = "", timeout: int = 30) -> None:
    shell.config.write_text(SERVICE.format(more=more, timeout=timeout))


def of_bucket(answer: Answer) -> Fault:
    """Every call about the bucket meets this answer; calls about others go through."""

    def decide(call: Call) -> Action | None:
        return answer if "example-uploads" in call.path else None

    return Fault("*", decide, service="s3")


def test_a_bucket_name_of_another_account_bricks_nothing(shell: Shell, proxy: Proxy) -> None:
    """(case `brick-bucket-name-taken`)"""
    proxy.rules.append(Fault("CreateBucket", Answer("BucketAlreadyExists", status=409)))
    proxy.rules.append(of_bucket(Answer("AccessDenied", status=403)))
    write(shell)
    assert shell.run("deploy", "--yes")[0] == 0
    write(shell, BUCKET)
    code, out, err = shell.run("deploy", "--yes")
    assert code == 1
    assert "the name example-uploads is taken by another account" in err
    assert "GetBucketTagging" not in out + err
    write(shell, timeout=40)
    assert shell.run("deploy", "--yes")[0] == 0
    assert shell.run("state", "pending")[1].strip() == "Nothing is pending."
    assert shell.run("state", "repair", "--yes")[1].strip() == "Nothing to change."
    code, _, err = shell.run("remove", "--yes")
    assert (code, err) == (0, err)


def test_what_was_made_and_cannot_be_read_back_is_pending_until_it_can(shell: Shell, proxy: Proxy) -> None:
    """A permission that is missing, or a type without READ (case `no-read-queue-policy`)."""
    proxy.rules.append(Fault("GetTopicAttributes", Answer("AuthorizationError", "not authorized", status=403)))
    write(shell, TOPIC)
    assert shell.run("deploy", "--yes")[0] == 1
    (entry,) = json.loads(shell.run("state", "pending", "--json")[1])["services"][0]["operations"]
    assert (entry["address"], entry["action"]) == ("ub/T", "create")
    assert entry["physical_id"].endswith(":ub-t")
    assert "AuthorizationError" in entry["why"]
    write(shell, TOPIC, timeout=40)
    code, out, err = shell.run("deploy", "--yes")
    assert code == 1
    assert "? pending  ub/T" in out
    assert "ub/T: T was left alone" in err
    code, out, err = shell.run("remove", "--yes")
    assert code == 1
    assert "deleted   ub/Q" in out + err
    proxy.rules.clear()
    assert shell.run("state", "pending", "--ask", "--yes")[0] == 0
    assert shell.run("remove", "--yes")[0] == 0
    assert not shell.emulator.client("sns").list_topics()["Topics"]
