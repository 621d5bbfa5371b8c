"""SST's three out-of-sync stories and ours, told with nothing but commands, on each emulator.

Every claim about the cloud is checked against the emulator's own answers.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from stateroom.cli import main
from stateroom.commands.environment import ProcessEnvironment
from tests.commands.fake import Run, Stream
from tests.support.emulators import REGION, Emulator

CONFIG = """\
service: shop
provider: {{name: aws, region: {region}}}
resources:
  Resources:
    Jobs:
      Type: AWS::SQS::Queue
      Properties: {{QueueName: shop-jobs, VisibilityTimeout: {timeout}}}
    Events:
      Type: AWS::SNS::Topic
      Properties: {{TopicName: shop-events}}
"""


class Shop:
    """A project in a directory, a cloud, and commands run on both."""

    def __init__(self, directory: Path, cloud: Emulator) -> None:
        self._directory, self._cloud = directory, cloud
        self.sqs = cloud.client("sqs")
        self.write(30)

    def write(self, timeout: int) -> None:
        (self._directory / "serverless.yml").write_text(CONFIG.format(region=REGION, timeout=timeout))

    def run(self, *arguments: str) -> Run:
        out, err = Stream(), Stream()
        environment = {**os.environ, "STATEROOM_PASSPHRASE": "correct horse"}
        given = [*arguments, "-C", str(self._directory), "--endpoint-url", self._cloud.endpoint_url]
        code = main(given, ProcessEnvironment(out=out, err=err, input=Stream(), environment=environment))
        return Run(code, out.getvalue(), err.getvalue(), [], [])

    def operate(self, *arguments: str) -> Any:
        """Run an operation that must succeed; its result."""
        run = self.run(*arguments, "--yes", "--json")
        assert run.code == 0, run.err
        return run.lines[-1]

    def timeout(self) -> str | None:
        """What the cloud says, or None when the queue is gone."""
        urls = self.sqs.list_queues().get("QueueUrls", [])
        if not urls:
            return None
        answer = self.sqs.get_queue_attributes(QueueUrl=urls[0], AttributeNames=["VisibilityTimeout"])
        return str(answer["Attributes"]["VisibilityTimeout"])

    def change_the_cloud(self, timeout: int) -> None:
        url = self.sqs.get_queue_url(QueueName="shop-jobs")["QueueUrl"]
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(timeout)})

    def delete_from_the_cloud(self) -> None:
        self.sqs.delete_queue(QueueUrl=self.sqs.get_queue_url(QueueName="shop-jobs")["QueueUrl"])

    def columns(self) -> dict[str, Any]:
        """VisibilityTimeout of config, state and cloud as diff gives them; empty when in step."""
        document = self.run("diff", "--json").document
        found = [
            attribute
            for resource in document["resources"]
            for attribute in resource["attributes"]
            if attribute["name"] == "VisibilityTimeout"
        ]
        return {side: found[0].get(side) for side in ("mark", "config", "state", "cloud")} if found else {}


@pytest.fixture
def shop(tmp_path: Path, emulator: Emulator) -> Shop:
    """The shop, deployed."""
    project = Shop(tmp_path, emulator)
    assert project.operate("deploy")["done"] == 2
    return project


def test_a_second_deploy_finds_nothing_to_do(shop: Shop) -> None:
    assert shop.operate("deploy")["done"] == 0
    assert shop.run("diff").code == 0
    assert shop.run("status", "--exit-code").code == 0


def test_change_the_resource_and_deploy_finds_nothing_to_do(shop: Shop) -> None:
    shop.change_the_cloud(99)
    assert shop.columns() == {"mark": "!", "config": 30, "state": 30, "cloud": 99}
    assert shop.operate("deploy")["done"] == 0
    assert shop.timeout() == "99"
    shop.operate("refresh")
    assert shop.columns() == {"mark": "~", "config": 30, "state": 99, "cloud": 99}
    shop.operate("deploy")
    assert shop.timeout() == "30"
    assert shop.columns() == {}


def test_change_the_config_and_deploy_brings_all_three_back(shop: Shop) -> None:
    shop.write(45)
    assert shop.columns() == {"mark": "~", "config": 45, "state": 30, "cloud": 30}
    shop.operate("deploy")
    assert shop.timeout() == "45"
    assert shop.columns() == {}


def test_remove_the_resource_and_deploy_fails_until_refresh_drops_it(shop: Shop) -> None:
    shop.delete_from_the_cloud()
    shop.write(45)
    failed = shop.run("deploy", "--yes", "--json")
    assert failed.code == 1
    assert failed.lines[-1]["failed"] == 1
    assert failed.lines[-1]["errors"][0]["address"] == "shop/Jobs"
    shop.operate("refresh")
    assert shop.timeout() is None
    shop.operate("deploy")
    assert shop.timeout() == "45"
    assert shop.run("diff").code == 0


def test_heal_puts_the_cloud_back_and_accept_takes_it_over(shop: Shop) -> None:
    shop.change_the_cloud(99)
    shop.operate("heal", "Jobs", "VisibilityTimeout")
    assert shop.timeout() == "30"
    shop.change_the_cloud(77)
    shop.operate("accept", "shop/Jobs", "VisibilityTimeout")
    assert shop.columns() == {"mark": "~", "config": 30, "state": 77, "cloud": 77}


def test_rollback_brings_back_the_cloud_or_only_the_state(shop: Shop) -> None:
    shop.write(45)
    shop.operate("deploy")
    shop.operate("rollback", "1", "--state-only")
    assert shop.timeout() == "45"
    shop.operate("rollback", "2")
    assert shop.timeout() == "45"
    shop.operate("rollback", "1")
    assert shop.timeout() == "30"


def test_remove_leaves_nothing_in_the_cloud(shop: Shop) -> None:
    shop.operate("remove")
    assert shop.timeout() is None
    assert json.loads(shop.run("status", "--json").out)["services"][0]["counts"] == {"+": 2}
    assert shop.operate("remove")["done"] == 0
