"""Projects as the framework's own guides write them, deployed whole, by the commands that the guides give."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from stateroom.engine.opening.which_home import HOME_VARIABLE
from tests.e2e.conftest import Shell
from tests.support.emulators import REGION, Emulator
from tests.support.inventory import inventory

QUEUE = """\
service: service-a
provider: {{name: aws, region: {region}}}
resources:
  Resources: {{Jobs: {{Type: AWS::SQS::Queue}}}}
  Outputs: {{queueUrl: {{Value: !Ref Jobs}}}}
"""
WORKER = """\
service: service-b
provider: {{name: aws, region: {region}, runtime: python3.12}}
functions:
  send:
    handler: app.handler
    environment: {{QUEUE_URL: "${{param:queueUrl}}"}}
"""
COMPOSE = """\
services:
  service-a:
    path: service-a
  service-b:
    path: service-b
    params:
      queueUrl: ${service-a.queueUrl}
"""
OWN_BUCKET = """\
state: my-s3-state-resolver
stages:
  default:
    resolvers:
      my-aws-account:
        type: aws
        my-s3-state-resolver:
          type: s3
          bucketName: my-custom-state-bucket
"""
ARN = "arn:aws:lambda:#{AWS::Region}:#{AWS::AccountId}:function:${self:service}-${opt:stage}"
MACHINE = """\
service: example-stepf
provider:
  name: aws
  runtime: python3.12
  region: {region}
  environment: {{AWS_ENDPOINT_URL: "{endpoint}"}}
  iamRoleStatements:
    - Effect: "Allow"
      Action: ["ec2:*", "s3:*"]
      Resource: ["*"]
functions:
  startEC2: {{handler: handler.start_ec2}}
  writeS3: {{handler: handler.write_s3}}
stepFunctions:
  stateMachines:
    hellostepfunc1:
      events: [{{http: {{path: startEC2, method: post}}}}]
      definition:
        Comment: "A sample application"
        StartAt: StartEC2
        States:
          StartEC2:
            Type: Task
            Resource: "{arn}-startEC2"
            Next: WriteS3
          WriteS3:
            Type: Task
            Resource: "{arn}-writeS3"
            End: true
plugins: [serverless-step-functions, serverless-pseudo-parameters]
"""
STEPS = """\
import boto3

def start_ec2(event, context):
    return {"started": event["instanceId"]}

def write_s3(event, context):
    boto3.client("s3").put_object(Bucket="sls-logs-bucket", Key="success", Body=event["started"].encode())
    return "a log was written"
"""
TRIGGERED = """\
service: example-stepf-s3
provider:
  name: aws
  runtime: python3.12
  region: {region}
  environment: {{AWS_ENDPOINT_URL: "{endpoint}"}}
  iamRoleStatements: [{{Effect: "Allow", Action: ["states:StartExecution"], Resource: ["*"]}}]
functions:
  startExecution:
    handler: handler.start
    events: [{{s3: photos}}]
    environment:
      statemachine_arn: ${{self:resources.Outputs.MyStateMachine.Value}}
  hello: {{handler: handler.hello}}
stepFunctions:
  stateMachines:
    hellostepfunc1:
      name: MyStateMachine
      definition:
        StartAt: HelloWorld1
        States:
          HelloWorld1:
            Type: Task
            Resource: "{arn}-hello"
            End: true
resources:
  Outputs:
    MyStateMachine:
      Description: The ARN of the example state machine
      Value: {{Ref: MyStateMachine}}
plugins: [serverless-step-functions, serverless-pseudo-parameters]
"""
STARTS = """\
import os
import boto3

def start(event, context):
    return boto3.client("stepfunctions").start_execution(stateMachineArn=os.environ["statemachine_arn"])["executionArn"]

def hello(event, context):
    return "hello"
"""


@pytest.fixture
def shell(
    tmp_path: Path, ministack: Emulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    """An account and a project that say nothing of where states are kept."""
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    return Shell(tmp_path, ministack, capsys)


def write(shell: Shell, files: dict[str, str]) -> None:
    for name, text in files.items():
        (shell.directory / name).parent.mkdir(exist_ok=True)
        (shell.directory / name).write_text(text)


def deploy(shell: Shell, *words: str) -> str:
    """Deploy; afterwards nothing is left to do and nothing has drifted."""
    code, out, err = shell.run(*words, "deploy", "--yes")
    assert code == 0, out + err
    again = "".join(shell.run("deploy", "--yes")[1:])
    assert "Nothing to do" in again
    code, shown, err = shell.run("diff")
    assert code == 0, shown + err
    return out


def remove(shell: Shell) -> None:
    """Remove; nothing of it is left in the account."""
    code, out, err = shell.run("remove", "--yes")
    assert code == 0, out + err
    s3 = shell.emulator.client("s3")
    buckets = [item["Name"] for item in s3.list_buckets()["Buckets"]]
    states = [name for name in buckets if "state" in name or "deployments" in name]
    assert [s3.list_objects_v2(Bucket=name).get("Contents", []) for name in states] == [[] for _ in states]


def project(shell: Shell, compose: str) -> None:
    write(
        shell,
        {
            "serverless-compose.yml": compose,
            "service-a/serverless.yml": QUEUE.format(region=REGION),
            "service-b/serverless.yml": WORKER.format(region=REGION),
            "service-b/app.py": "def handler(event, context):\n    return 1\n",
        },
    )


def queue_url(shell: Shell) -> str:
    found = shell.emulator.client("lambda").get_function_configuration(FunctionName="service-b-dev-send")
    return str(found["Environment"]["Variables"]["QUEUE_URL"])


def test_services_of_a_compose_project_pass_outputs_on_and_are_commanded_one_by_one(shell: Shell) -> None:
    project(shell, COMPOSE)
    deploy(shell)
    (url,) = shell.emulator.client("sqs").list_queues()["QueueUrls"]
    assert queue_url(shell) == url
    first, second = shell.json("outputs")["services"]
    assert (first["service"], first["outputs"]) == ("service-a", {"queueUrl": url})
    assert second["service"] == "service-b"

    (shell.directory / "service-b" / "app.py").write_text("def handler(event, context):\n    return 2\n")
    code, out, err = shell.run("service-b", "deploy", "--yes")
    assert code == 0, err
    assert "service-a/" not in out
    assert queue_url(shell) == url
    remove(shell)
    assert shell.emulator.client("sqs").list_queues().get("QueueUrls", []) == []


def test_states_lie_in_the_bucket_that_a_resolver_names(shell: Shell) -> None:
    project(shell, OWN_BUCKET + COMPOSE)
    s3 = shell.emulator.client("s3")
    s3.create_bucket(Bucket="my-custom-state-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket="my-custom-state-bucket", VersioningConfiguration={"Status": "Enabled"})
    deploy(shell)
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket="my-custom-state-bucket")["Contents"]]
    assert "services/stateroom/service-a_dev/state/state.json" in keys
    assert "services/stateroom/service-b_dev/state/state.json" in keys
    assert not [item for item in s3.list_buckets()["Buckets"] if item["Name"].startswith("serverless-framework-state")]
    remove(shell)


def ended(shell: Shell, arn: str) -> dict[str, Any]:
    """Wait for an execution's end."""
    states = shell.emulator.client("stepfunctions")
    for _ in range(200):
        found: dict[str, Any] = states.describe_execution(executionArn=arn)
        if found["status"] != "RUNNING":
            return found
        time.sleep(0.05)
    raise AssertionError(f"{arn} does not end")


def test_a_machine_behind_an_endpoint_starts_and_writes(shell: Shell) -> None:
    endpoint = shell.emulator.endpoint_url
    write(shell, {"serverless.yml": MACHINE.format(region=REGION, endpoint=endpoint, arn=ARN), "handler.py": STEPS})
    shell.emulator.client("s3").create_bucket(
        Bucket="sls-logs-bucket", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    before = inventory(shell.emulator)
    out = deploy(shell)

    gateway = shell.emulator.client("apigateway")
    (api,) = gateway.get_rest_apis()["items"]
    assert f"POST - https://{api['id']}.execute-api.{REGION}.amazonaws.com/dev/startEC2" in out
    (path,) = [item for item in gateway.get_resources(restApiId=api["id"])["items"] if item["path"] == "/startEC2"]
    method = gateway.get_method(restApiId=api["id"], resourceId=path["id"], httpMethod="POST")
    assert method["methodIntegration"]["uri"].endswith(":states:action/StartExecution")
    # The emulator has no integration of REST APIs with Step Functions: what the method would start is started here.
    states = shell.emulator.client("stepfunctions")
    (machine,) = states.list_state_machines()["stateMachines"]
    assert machine["stateMachineArn"] in method["methodIntegration"]["requestTemplates"]["application/json"]
    started = states.start_execution(
        stateMachineArn=machine["stateMachineArn"], input=json.dumps({"instanceId": "i-1"})
    )
    found = ended(shell, started["executionArn"])
    assert found["status"] == "SUCCEEDED", found
    body = shell.emulator.client("s3").get_object(Bucket="sls-logs-bucket", Key="success")["Body"].read()
    assert body == b"i-1"
    remove(shell)
    assert inventory(shell.emulator) == before


def test_an_object_in_a_bucket_starts_a_machine(shell: Shell) -> None:
    endpoint = shell.emulator.endpoint_url
    write(shell, {"serverless.yml": TRIGGERED.format(region=REGION, endpoint=endpoint, arn=ARN), "handler.py": STARTS})
    deploy(shell)
    s3, states = shell.emulator.client("s3"), shell.emulator.client("stepfunctions")
    (machine,) = states.list_state_machines()["stateMachines"]
    (service,) = shell.json("outputs")["services"]
    assert service["outputs"]["MyStateMachine"] == machine["stateMachineArn"]
    s3.put_object(Bucket="photos", Key="cat.png", Body=b"cat")
    for _ in range(200):
        if executions := states.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]:
            break
        time.sleep(0.05)
    (execution,) = executions
    assert ended(shell, execution["executionArn"])["status"] == "SUCCEEDED"
    s3.delete_object(Bucket="photos", Key="cat.png")
    remove(shell)
