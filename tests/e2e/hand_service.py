"""A service with one of each thing that somebody changes by hand, and the changes: all of them at once."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.emulators import REGION, Emulator

CONFIG = f"""\
service: hand
plugins: [serverless-step-functions]
provider:
  name: aws
  runtime: python3.12
  region: {REGION}
  memorySize: 256
  timeout: 10
  logRetentionInDays: 14
  httpApi: {{cors: true}}
  apiGateway:
    apiKeys: [friends]
    usagePlan: {{throttle: {{burstLimit: 5, rateLimit: 2}}}}
functions:
  hello:
    handler: app.handler
    environment: {{A: '1'}}
    tags: {{team: shop}}
    maximumRetryAttempts: 1
    events:
      - httpApi: GET /hello
      - http: {{path: hello, method: get, authorizer: aws_iam}}
      - sqs: !GetAtt Inbox.Arn
      - schedule: {{rate: rate(1 hour), input: {{by: config}}}}
  few: {{handler: app.handler, reservedConcurrency: 3, url: {{authorizer: aws_iam}}}}
  plain: {{handler: app.handler}}
  gone: {{handler: app.handler}}
stepFunctions:
  stateMachines:
    pack: {{name: hand-pack, definition: {{StartAt: Done, States: {{Done: {{Type: Succeed}}}}}}}}
resources:
  Resources:
    Dead: {{Type: AWS::SQS::Queue, Properties: {{QueueName: hand-dead}}}}
    Inbox:
      Type: AWS::SQS::Queue
      Properties:
        QueueName: hand-inbox
        VisibilityTimeout: 60
        DelaySeconds: 5
        RedrivePolicy: {{deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}}
    Again: {{Type: AWS::SQS::Queue, Properties: {{QueueName: hand-again, VisibilityTimeout: 90}}}}
    Guarded: {{Type: AWS::SQS::Queue, Properties: {{QueueName: hand-guarded}}}}
    GuardedPolicy:
      Type: AWS::SQS::QueuePolicy
      Properties:
        Queues: [!Ref Guarded]
        PolicyDocument:
          Version: '2012-10-17'
          Statement:
            - {{Sid: news, Effect: Allow, Principal: {{Service: sns.amazonaws.com}}, Action: 'sqs:SendMessage',
               Resource: !GetAtt Guarded.Arn}}
    News: {{Type: AWS::SNS::Topic, Properties: {{TopicName: hand-news, DisplayName: news}}}}
    ToGuarded:
      Type: AWS::SNS::Subscription
      Properties:
        {{TopicArn: !Ref News, Protocol: sqs, Endpoint: !GetAtt Guarded.Arn, FilterPolicy: {{kind: [order]}}}}
    Own:
      Type: AWS::IAM::Role
      Properties:
        RoleName: hand-own
        AssumeRolePolicyDocument: &trust
          Version: '2012-10-17'
          Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: 'sts:AssumeRole'}}]
        Policies:
          - PolicyName: own
            PolicyDocument:
              Version: '2012-10-17'
              Statement: [{{Effect: Allow, Action: 's3:GetObject', Resource: '*'}}]
    Bare: {{Type: AWS::IAM::Role, Properties: {{RoleName: hand-bare, AssumeRolePolicyDocument: *trust}}}}
    Items:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: hand-items
        BillingMode: PAY_PER_REQUEST
        AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]
        KeySchema: [{{AttributeName: id, KeyType: HASH}}]
    Files:
      Type: AWS::S3::Bucket
      Properties:
        BucketName: hand-files
        PublicAccessBlockConfiguration: {{BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true,
          RestrictPublicBuckets: true}}
    Open: {{Type: AWS::S3::Bucket, Properties: {{BucketName: hand-open}}}}
    Nightly:
      Type: AWS::Scheduler::Schedule
      Properties:
        Name: hand-nightly
        ScheduleExpression: rate(1 day)
        FlexibleTimeWindow: {{Mode: 'OFF'}}
        State: ENABLED
        Target: {{Arn: !GetAtt Dead.Arn, RoleArn: !GetAtt Own.Arn, Input: '{{"by": "config"}}'}}
    Live: {{Type: AWS::Lambda::Alias,
      Properties: {{FunctionName: !Ref PlainLambdaFunction, FunctionVersion: '$LATEST', Name: live}}}}
"""
HANDLER = "def handler(event, context):\n    return {}\n"
EVERYBODY = {"Sid": "everybody", "Effect": "Allow", "Principal": "*"}
FN = "hand-dev-{}".format


@dataclass(frozen=True)
class Hand:
    """Clients of an emulator, and what the changes need to know."""

    emulator: Emulator

    def __getattr__(self, service: str) -> Any:
        return self.emulator.client(service.strip("_"))

    def queue(self, name: str) -> str:
        return str(self.sqs.get_queue_url(QueueName=name)["QueueUrl"])

    def queue_arn(self, name: str) -> str:
        asked = self.sqs.get_queue_attributes(QueueUrl=self.queue(name), AttributeNames=["QueueArn"])
        return str(asked["Attributes"]["QueueArn"])

    @property
    def topic(self) -> str:
        return str(
            next(item["TopicArn"] for item in self.sns.list_topics()["Topics"] if "hand-news" in item["TopicArn"])
        )

    def function_arn(self, name: str) -> str:
        return str(self.lambda_.get_function_configuration(FunctionName=FN(name))["FunctionArn"])

    @property
    def http_api(self) -> str:
        return str(self.apigatewayv2.get_apis()["Items"][0]["ApiId"])

    @property
    def rest_api(self) -> str:
        return str(self.apigateway.get_rest_apis()["items"][0]["id"])

    def rest_resource(self, path: str) -> str:
        items = self.apigateway.get_resources(restApiId=self.rest_api)["items"]
        return str(next(item["id"] for item in items if item["path"] == path))

    @property
    def rule(self) -> str:
        return str(next(item["Name"] for item in self.events.list_rules()["Rules"] if item["Name"].startswith("hand")))

    @property
    def machine(self) -> str:
        return str(self.stepfunctions.list_state_machines()["stateMachines"][0]["stateMachineArn"])

    def in_bucket(self, name: str) -> str:
        return f"arn:aws:s3:::{name}/*"


@dataclass(frozen=True)
class Change:
    """One change: of which row, of what, how; `attribute` is how the name of its difference begins.

    `kind` is of changes-by-hand: D declared, U undeclared; `!`: shown in full by default. `not_on`: emulators that
    cannot make it or do not tell of it, by name, with the reason. `make` None: an earlier change has made it.
    `leaves`: what a heal leaves there, where AWS has no way back to nothing.
    """

    row: int
    resource: str
    attribute: str
    kind: str
    make: Callable[[Hand], object] | None
    not_on: Mapping[str, str] = field(default_factory=dict)
    leaves: Any = None

    @property
    def name(self) -> str:
        return f"{self.row}-{self.resource}-{self.attribute or 'gone'}".replace(" ", "_")


def zipped() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("app.py", "def handler(event, context):\n    return 'by hand'\n")
    return content.getvalue()


def function_change(**settings: Any) -> Callable[[Hand], object]:
    return lambda hand: hand.lambda_.update_function_configuration(FunctionName=FN("hello"), **settings)


def queue_change(name: str, **attributes: str) -> Callable[[Hand], object]:
    return lambda hand: hand.sqs.set_queue_attributes(QueueUrl=hand.queue(name), Attributes=attributes)


def policy(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def made_again(hand: Hand) -> None:
    hand.sqs.delete_queue(QueueUrl=hand.queue("hand-again"))
    hand.sqs.create_queue(QueueName="hand-again")


def schedule_change(state: str, text: str) -> Callable[[Hand], object]:
    def change(hand: Hand) -> None:
        now = hand.scheduler.get_schedule(Name="hand-nightly")
        kept = {key: now[key] for key in ("Name", "ScheduleExpression", "FlexibleTimeWindow")}
        hand.scheduler.update_schedule(**kept, State=state, Target={**now["Target"], "Input": text})

    return change
