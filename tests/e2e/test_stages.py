"""Two services on stages of their own, deployed through the commands; and the same ones asked for elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import Shell
from tests.support.emulators import REGION, Emulator

COMPOSE = """\
provider: {region: %s}
services:
  orders: {path: orders}
  billing: {path: billing, params: {queue: "${orders.queue}", label: "${ssm:/shop/label}", owner: "${param:owner}"}}
"""
ORDERS = """\
service: orders
provider: {name: aws, stage: "${opt:stage, 'live'}", region: %s}
resources:
  Resources:
    Inbox: {Type: AWS::SQS::Queue, Properties: {QueueName: "inbox-${sls:stage}"}}
  Outputs:
    queue: {Value: !GetAtt Inbox.QueueName}
"""
BILLING = """\
service: billing
provider: {name: aws, region: %s}
resources:
  Resources:
    Receipts:
      Type: AWS::SNS::Topic
      Properties:
        TopicName: receipts-${sls:stage}
        DisplayName: ${param:queue} ${param:label} ${param:owner}
"""
ELSEWHERE = "us-east-1"


@pytest.fixture
def shop(tmp_path: Path, emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Two services, and a parameter that their Compose file asks for."""
    for name, text in (("serverless-compose.yml", COMPOSE), ("orders/serverless.yml", ORDERS)):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text % REGION)
    (tmp_path / "billing").mkdir()
    (tmp_path / "billing/serverless.yml").write_text(BILLING % REGION)
    emulator.client("ssm").put_parameter(Name="/shop/label", Value="from-ssm", Type="String")
    return Shell(tmp_path, emulator, capsys)


def queues(emulator: Emulator, region: str = REGION) -> list[str]:
    urls = emulator.client("sqs", region=region).list_queues().get("QueueUrls", [])
    return sorted(url.rsplit("/", 1)[1] for url in urls)


def receipts(emulator: Emulator, stage: str) -> str:
    sns = emulator.client("sns")
    (arn,) = [
        item["TopicArn"] for item in sns.list_topics()["Topics"] if item["TopicArn"].endswith(f"receipts-{stage}")
    ]
    return str(sns.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"])


def test_each_service_lives_on_its_own_stage_until_one_is_chosen(shop: Shell, emulator: Emulator) -> None:
    owner = ("--param", "owner=ana")
    code, _, err = shop.run("deploy", "--service", "billing", "--yes", *owner)
    assert code == 1
    assert "run: stateroom deploy --service orders --stage live" in err
    assert queues(emulator) == []

    code, out, err = shop.run("deploy", "--yes", *owner)
    assert code == 0, err
    assert "deploy of stages live, dev: 2 to create" in out
    assert queues(emulator) == ["inbox-live"]
    assert receipts(emulator, "dev") == "inbox-live from-ssm ana"
    status = shop.json("status", *owner)
    assert (status["stage"], status["different"]) == ("live, dev", False)
    assert [(item["service"], item["stage"]) for item in status["services"]] == [("orders", "live"), ("billing", "dev")]

    assert shop.run("deploy", "--yes", "--stage", "qa", *owner)[0] == 0
    assert queues(emulator) == ["inbox-live", "inbox-qa"]
    assert receipts(emulator, "qa") == "inbox-qa from-ssm ana"

    assert shop.run("remove", "--yes", *owner)[0] == 0
    assert queues(emulator) == ["inbox-qa"]


def test_what_is_deployed_in_one_region_is_not_compared_with_another(shop: Shell, emulator: Emulator) -> None:
    owner = ("--param", "owner=ana")
    emulator.client("ssm", region=ELSEWHERE).put_parameter(Name="/shop/label", Value="there", Type="String")
    assert shop.run("deploy", "--yes", *owner)[0] == 0

    for command in (("deploy", "--yes"), ("refresh", "--yes"), ("heal", "--yes"), ("remove", "--yes")):
        code, _, err = shop.run(*command, "--region", ELSEWHERE, *owner)
        assert code == 1
        assert f"orders is deployed in {REGION}, and this is for {ELSEWHERE}" in err
        assert f"--region {REGION}" in err
    assert queues(emulator) == ["inbox-live"]
    assert queues(emulator, ELSEWHERE) == []

    code, out, err = shop.run("status", "--region", ELSEWHERE, *owner)
    assert code == 1
    assert f"orders is deployed in {REGION}, and this is for {ELSEWHERE}" in err
    assert "?? orders/Inbox" in out

    assert shop.run("deploy", "--yes", "--region", ELSEWHERE, "--stage", "qa", *owner)[0] == 0
    assert queues(emulator, ELSEWHERE) == ["inbox-qa"]
    assert shop.run("status", "--exit-code", *owner)[0] == 0


def test_a_service_list_that_names_none_does_not_mean_all(shop: Shell, emulator: Emulator) -> None:
    code, _, err = shop.run("deploy", "--yes", "--service", ",", "--param", "owner=ana")
    assert code != 0
    assert "--service names no service" in err
    assert queues(emulator) == []
