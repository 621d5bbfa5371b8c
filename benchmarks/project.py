"""A service of any size: queues that refer to each other, as a project on disk, as a template, as a state.

Every resource has a name, four plain settings, a redrive policy that points at the queue before it (chains of ten, so
that there is a graph to order) and tags: about what a real queue has.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness import ROOT

sys.path.insert(0, str(ROOT / "tui"))

from stateroom.model.resource import Record, Resource, Snapshot, Template

APP, STAGE, REGION, ACCOUNT = "big", "dev", "eu-west-1", "000000000000"
QUEUE = "AWS::SQS::Queue"
_CHAIN = 10


def logical_id(index: int) -> str:
    """`Queue00042`."""
    return f"Queue{index:05d}"


def wanted(index: int) -> dict[str, Any]:
    """Build a queue's properties as its config has them."""
    properties: dict[str, Any] = {
        "QueueName": f"big-dev-queue-{index:05d}",
        "DelaySeconds": index % 9,
        "VisibilityTimeout": 30 + index % 60,
        "MessageRetentionPeriod": 345600,
        "ReceiveMessageWaitTimeSeconds": 10,
        "Tags": [{"Key": "team", "Value": f"team-{index % 7}"}, {"Key": "tier", "Value": "standard"}],
    }
    if index % _CHAIN:
        target = {"Fn::GetAtt": [logical_id(index - 1), "Arn"]}
        properties["RedrivePolicy"] = {"deadLetterTargetArn": target, "maxReceiveCount": 3}
    return properties


def template(size: int) -> Template:
    """Build the compiled config."""
    names = [logical_id(index) for index in range(size)]
    return Template(
        APP, APP, STAGE, REGION, {name: Resource(name, QUEUE, wanted(index)) for index, name in enumerate(names)}
    )


def record(index: int) -> Record:
    """Build the record of a deployed queue."""
    inputs = wanted(index)
    depends: tuple[str, ...] = ()
    if "RedrivePolicy" in inputs:
        inputs["RedrivePolicy"] = {**inputs["RedrivePolicy"], "deadLetterTargetArn": _arn(index - 1)}
        depends = (logical_id(index - 1),)
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{inputs['QueueName']}"
    observed = {
        **inputs,
        "Arn": _arn(index),
        "QueueUrl": url,
        "MaximumMessageSize": 262144,
        "SqsManagedSseEnabled": True,
    }
    moment = "2026-01-01T00:00:00.000000Z"
    return Record(logical_id(index), QUEUE, url, inputs, observed, depends, created=moment, modified=moment)


def _arn(index: int) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:big-dev-queue-{index:05d}"


def snapshot(size: int) -> Snapshot:
    """Build the state after a deploy of `template(size)`."""
    return Snapshot(APP, STAGE, tuple(map(record, range(size))), account=ACCOUNT, region=REGION)


def write_project(directory: Path, size: int, *, wanted_now: int | None = None) -> None:
    """Write the state of a deploy of `size` queues, and a serverless.yml that wants as many, or fewer."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "serverless.yml").write_text("".join(_yaml(size if wanted_now is None else wanted_now)))
    write_state(directory, size)


def write_state(directory: Path, size: int) -> None:
    """Store the state alone, through the project's own home."""
    from stateroom.model.version import Holder, UpdateSummary
    from stateroom.state.homes.local import local_home
    from stateroom.state.secrets.passphrase_source import PassphraseSource

    home = local_home(
        directory / ".stateroom",
        PassphraseSource("benchmark", environment={}),
        holder=Holder("bench", "localhost", 1, "stateroom"),
        clock=lambda: datetime.now(UTC),
    )
    update = home.begin(APP, STAGE, "deploy")
    home.commit(snapshot(size), expected=None, update=update, summary=UpdateSummary(created=size))


def _yaml(size: int) -> list[str]:
    lines = [f"service: {APP}\nprovider:\n  name: aws\n  runtime: python3.12\n  region: {REGION}\n"]
    lines.append("resources:\n  Resources:\n")
    for index in range(size):
        properties = wanted(index)
        redrive = properties.pop("RedrivePolicy", None)
        tags = properties.pop("Tags")
        lines.append(f"    {logical_id(index)}:\n      Type: {QUEUE}\n      Properties:\n")
        lines += [f"        {name}: {value}\n" for name, value in properties.items()]
        if redrive:
            lines.append("        RedrivePolicy:\n          maxReceiveCount: 3\n")
            lines.append(f"          deadLetterTargetArn: !GetAtt {logical_id(index - 1)}.Arn\n")
        lines.append("        Tags:\n")
        lines += [f"          - {{Key: {tag['Key']}, Value: {tag['Value']}}}\n" for tag in tags]
    return lines
