"""Each type of SST's own that a pending operation may be about is found in the cloud by what the state says of it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from stateroom.cloud.session import open_aws
from stateroom.engine.tools.pending_lookup import pending_lookup
from stateroom.engine.tools.pulumi_aws_types import CLASSIC
from stateroom.state.tools.pending_operations import Answer, Unanswered
from tests.support.emulators import REGION

pytestmark = pytest.mark.emulator

ACCOUNT = "123456789012"
LAMBDA = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:handler"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/runner"
RUNNER = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}

Made = tuple[dict[str, Any], str]  # inputs as Pulumi has them, and its id
Make = Callable[[], Made]


def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def role() -> Made:
    client("iam").create_role(RoleName="runner", AssumeRolePolicyDocument=json.dumps(RUNNER))
    return {"name": "runner"}, "runner"


def role_policy() -> Made:
    role()
    client("iam").put_role_policy(RoleName="runner", PolicyName="inline", PolicyDocument=json.dumps(RUNNER))
    return {"role": "runner", "name": "inline"}, "runner:inline"


def function() -> Made:
    role()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("index.py", "")
    client("lambda").create_function(
        FunctionName="handler",
        Runtime="python3.13",
        Role=ROLE,
        Handler="index.main",
        Code={"ZipFile": packed.getvalue()},
    )
    return {"name": "handler"}, "handler"


def alias() -> Made:
    function()
    client("lambda").create_alias(FunctionName="handler", Name="live", FunctionVersion="$LATEST")
    return {"functionName": LAMBDA, "name": "live"}, f"{LAMBDA}:live"


def permission() -> Made:
    function()
    client("lambda").add_permission(
        FunctionName="handler", StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
    )
    return {"function": LAMBDA, "statementId": "api"}, "api"


def queue() -> Made:
    client("sqs").create_queue(QueueName="jobs")
    return {"name": "jobs"}, f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/jobs"


def topic() -> Made:
    return {"name": "news"}, str(client("sns").create_topic(Name="news")["TopicArn"])


def table() -> Made:
    client("dynamodb").create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    return {"name": "orders"}, "orders"


def log_group() -> Made:
    client("logs").create_log_group(logGroupName="/aws/lambda/handler")
    return {"name": "/aws/lambda/handler"}, "/aws/lambda/handler"


def rule() -> Made:
    client("events").put_rule(Name="hourly", ScheduleExpression="rate(1 hour)")
    return {"name": "hourly", "eventBusName": "default"}, "hourly"


def target() -> Made:
    rule()
    client("events").put_targets(Rule="hourly", Targets=[{"Id": "jobs", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"}])
    return {"rule": "hourly", "targetId": "jobs"}, "hourly-jobs"


def machine() -> Made:
    role()
    definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    made = client("stepfunctions").create_state_machine(name="flow", definition=definition, roleArn=ROLE)
    return {"name": "flow"}, str(made["stateMachineArn"])


def stage() -> Made:
    api = client("apigatewayv2").create_api(Name="web", ProtocolType="HTTP")["ApiId"]
    client("apigatewayv2").create_stage(ApiId=api, StageName="$default")
    return {"apiId": api, "name": "$default"}, "$default"


def bucket() -> Made:
    client("s3").create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": REGION})
    return {"bucket": "files"}, "files"


NAMED: dict[str, Make] = {
    "aws:apigatewayv2/stage:Stage": stage,
    "aws:cloudwatch/eventRule:EventRule": rule,
    "aws:cloudwatch/eventTarget:EventTarget": target,
    "aws:cloudwatch/logGroup:LogGroup": log_group,
    "aws:dynamodb/table:Table": table,
    "aws:iam/role:Role": role,
    "aws:iam/rolePolicy:RolePolicy": role_policy,
    "aws:lambda/alias:Alias": alias,
    "aws:lambda/function:Function": function,
    "aws:lambda/permission:Permission": permission,
    "aws:s3/bucket:Bucket": bucket,
    "aws:s3/bucketV2:BucketV2": bucket,
    "aws:sfn/stateMachine:StateMachine": machine,
    "aws:sns/topic:Topic": topic,
    "aws:sqs/queue:Queue": queue,
}


def api() -> Made:
    return {"name": "web"}, str(client("apigatewayv2").create_api(Name="web", ProtocolType="HTTP")["ApiId"])


def integration() -> Made:
    _, there = api()
    made = client("apigatewayv2").create_integration(
        ApiId=there, IntegrationType="AWS_PROXY", IntegrationUri=LAMBDA, PayloadFormatVersion="2.0"
    )
    return {"apiId": there}, str(made["IntegrationId"])


def route() -> Made:
    _, there = api()
    return {"apiId": there}, str(client("apigatewayv2").create_route(ApiId=there, RouteKey="GET /")["RouteId"])


def mapping() -> Made:
    function()
    queue()
    made = client("lambda").create_event_source_mapping(
        FunctionName="handler", EventSourceArn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
    )
    return {"functionName": "handler"}, str(made["UUID"])


def subscription() -> Made:
    _, there = topic()
    client("sqs").create_queue(QueueName="jobs")
    made = client("sns").subscribe(TopicArn=there, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs")
    return {"topic": there, "protocol": "sqs"}, str(made["SubscriptionArn"])


def attachment() -> Made:
    role()
    client("iam").create_policy(PolicyName="own", PolicyDocument=json.dumps(RUNNER))
    arn = f"arn:aws:iam::{ACCOUNT}:policy/own"
    client("iam").attach_role_policy(RoleName="runner", PolicyArn=arn)
    return {"role": "runner", "policyArn": arn}, "runner-2026112110000000"


NUMBERED: dict[str, Make] = {
    "aws:apigatewayv2/api:Api": api,
    "aws:apigatewayv2/integration:Integration": integration,
    "aws:apigatewayv2/route:Route": route,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": attachment,
    "aws:lambda/eventSourceMapping:EventSourceMapping": mapping,
    "aws:sns/topicSubscription:TopicSubscription": subscription,
}


@pytest.fixture
def account() -> Iterator[None]:
    with mock_aws():
        yield


def ask(type_: str, inputs: dict[str, Any], id_: str = "") -> Answer | Unanswered:
    provider = open_aws(region=REGION, profile=None, endpoint_url=None, artifacts=lambda _: b"")
    raw = {"urn": f"urn:pulumi:qa::ledger::{type_}::Thing", "type": type_, "inputs": inputs}
    return pending_lookup(lambda: provider)(raw | ({"id": id_} if id_ else {}))


def test_every_type_of_the_table_is_tried() -> None:
    assert NAMED.keys() | NUMBERED.keys() == CLASSIC.keys()


@pytest.mark.parametrize("type_", NAMED)
@pytest.mark.usefixtures("account")
def test_what_was_being_created_under_a_name_is_found_with_pulumis_id(type_: str) -> None:
    inputs, id_ = NAMED[type_]()
    assert ask(type_, inputs) == Answer(id_)
    assert ask(type_, inputs, id_) == Answer(id_)


@pytest.mark.parametrize("type_", NUMBERED)
@pytest.mark.usefixtures("account")
def test_what_aws_numbers_is_found_by_its_id_and_never_guessed_without(type_: str) -> None:
    inputs, id_ = NUMBERED[type_]()
    assert ask(type_, inputs, id_) == Answer(id_)
    assert isinstance(ask(type_, inputs), Unanswered)


@pytest.mark.parametrize("type_", CLASSIC)
def test_what_is_not_there_any_more_is_said_to_be_gone(type_: str) -> None:
    with mock_aws():
        inputs, id_ = (NAMED | NUMBERED)[type_]()
    with mock_aws():  # everything is gone
        assert ask(type_, inputs, id_) == Answer(None)


@pytest.mark.usefixtures("account")
def test_a_name_that_is_secret_or_missing_is_not_guessed() -> None:
    answer = ask("aws:sqs/queue:Queue", {"name": {"ciphertext": "x"}})
    assert answer == Unanswered("its id is not known: AWS gives it, or the name is not in the state")


def test_a_type_that_nobody_here_reads_is_named() -> None:
    assert ask("cloudflare:index/worker:Worker", {"name": "w"}) == Unanswered(
        "stateroom reads no cloudflare:index/worker:Worker; look for it, then edit the state"
    )
