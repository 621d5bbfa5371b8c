"""How many API calls a refresh of N resources of each kind takes: pages where a list answers, else single reads.

Resources are made on ministack; then all of one kind are read as a refresh reads them, and, as the second tier, what
hangs on them undeclared (policies, URLs, filters). Calls are counted where botocore sends them.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from harness import Report, Row, clean_environment, environment, finish, parser, progress
from operations import counted

from stateroom.cloud.aws.provider import AwsProvider
from stateroom.cloud.children import Recorded
from stateroom.cloud.provider import Owner, ReadRequest, run
from stateroom.cloud.session import open_aws

REGION: Final = "eu-west-1"
_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
_TABLE: Final = {
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
}
_FUNCTION: Final = {"Handler": "app.handler", "Runtime": "python3.12", "Code": {"ArtifactSha256": "0" * 64}}
# Type → the property that names one, and its other properties.
KINDS: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "AWS::IAM::Role": ("RoleName", {"AssumeRolePolicyDocument": _TRUST}),
    "AWS::Lambda::Function": ("FunctionName", _FUNCTION),
    "AWS::Logs::LogGroup": ("LogGroupName", {}),
    "AWS::SQS::Queue": ("QueueName", {}),
    "AWS::SNS::Topic": ("TopicName", {}),
    "AWS::DynamoDB::Table": ("TableName", _TABLE),
    "AWS::Events::Rule": ("Name", {"ScheduleExpression": "rate(1 day)"}),
    "AWS::S3::Bucket": ("BucketName", {}),
}


def main() -> int:
    parse = parser(__doc__, rounds=1)
    parse.add_argument("--size", type=int, metavar="N", help="of each kind; default 50, --quick 5")
    options = parse.parse_args()
    size = options.size or (5 if options.quick else 50)
    from stateroom.demo.emulator import emulator

    report = Report(f"API calls of a refresh of {size} of each kind, on ministack")
    with emulator() as cloud, environment(clean_environment(AWS_ENDPOINT_URL=cloud.endpoint_url)):
        provider = open_aws(
            region=REGION, profile=None, endpoint_url=cloud.endpoint_url, artifacts={"0" * 64: _package()}.__getitem__
        )
        for type_ in KINDS:
            progress(type_)
            _measure(report, provider, type_, _make(provider, type_, size))
    return finish(report, options)


def _package() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): return event\n")
    return buffer.getvalue()


def _make(provider: AwsProvider, type_: str, size: int) -> list[Recorded]:
    named, rest = KINDS[type_]
    made = []
    for number in range(size):
        name = f"calls-{type_.rpartition('::')[2].lower()}-{number}"
        inputs = {named: name, **rest}
        if type_ == "AWS::Lambda::Function":
            identity = provider.identity()
            inputs["Role"] = f"arn:aws:iam::{identity.account}:role/calls-role-0"
        live = run(provider.create(type_, inputs, Owner("calls", "dev", name, "a" * 32)))
        made.append(Recorded(name, type_, live.physical_id, inputs))
    return made


def _measure(report: Report, provider: AwsProvider, type_: str, made: list[Recorded]) -> None:
    with counted() as calls:
        requests = [ReadRequest(item.key, item.type, item.physical_id, item.inputs) for item in made]
        found = [reading for reading in provider.read_many(requests, lambda: False) if reading.live]
    if len(found) != len(made):
        raise SystemExit(f"{type_}: {len(found)} of {len(made)} were read")
    with counted() as second:
        list(provider.children.read(made, lambda: False))
    report.rows.append(Row(type_, calls.total(), unit=""))
    report.rows.append(Row(f"{type_}: second tier", second.total(), unit=""))
    report.notes.append(f"{type_}: {_listed(calls)}" + (f"; second tier {_listed(second)}" if second else ""))


def _listed(calls: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in calls.most_common())


if __name__ == "__main__":
    sys.exit(main())
