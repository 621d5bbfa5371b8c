"""ARNs with `${aws:accountId}` in them compile the same with a connection, which tells the number, and without one."""

from __future__ import annotations

import re

import pytest

from stateroom.model.resource import Template
from tests.config.bench import FUNCTION, HEAD, Bench

ACCOUNT = "123456789012"
EVENTS = {
    "authorizer-short": "http: {path: a, method: get, authorizer: 'arn:aws:lambda:us-east-1:@:function:pre-auth'}",
    "authorizer": "http: {path: a, method: get, authorizer: {type: TOKEN, arn: 'arn:aws:lambda:a:@:function:a'}}",
    "pool": "http: {path: a, method: get, authorizer: {arn: 'arn:aws:cognito-idp:r:@:userpool/r_x'}}",
    "websocket": "websocket: {route: $connect, authorizer: 'arn:aws:lambda:us-east-1:@:function:auth'}",
    "topic": "sns: arn:aws:sns:us-east-1:@:paid",
    "topic-of-another-region": "sns: {arn: 'arn:aws:sns:eu-west-1:@:paid'}",
    "dead-letters": """sns: {arn: 'arn:aws:sns:us-east-1:@:paid', redrivePolicy: {deadLetterTargetArn:
          'arn:aws:sqs:us-east-1:@:dead'}}""",
    "queue": "sqs: arn:aws:sqs:us-east-1:@:orders",
    "table": "stream: arn:aws:dynamodb:us-east-1:@:table/orders/stream/2026-01-01T00:00:00.000",
    "kinesis": "stream: {arn: 'arn:aws:kinesis:us-east-1:@:stream/orders', consumer: true}",
    "bus": "eventBridge: {eventBus: 'arn:aws:events:us-east-1:@:event-bus/orders', pattern: {source: [shop]}}",
    "msk": "msk: {arn: 'arn:aws:kafka:us-east-1:@:cluster/orders/0-1', topic: paid}",
    "alb": """alb: {listenerArn: 'arn:aws:elasticloadbalancing:us-east-1:@:listener/app/shop/50dc6c/f2f7dc',
          priority: 1, conditions: {path: /}}""",
}


def text(event: str, account: str) -> str:
    return f"{HEAD}{FUNCTION}    events:\n      - {event.replace('@', account)}\n"


@pytest.mark.parametrize("event", [pytest.param(text, id=name) for name, text in EVENTS.items()])
def test_an_event_has_the_same_ids_whether_the_account_is_known_or_not(bench: Bench, event: str) -> None:
    known = bench.compile(text(event, ACCOUNT))
    unknown = bench.compile(text(event, "${aws:accountId}"))
    assert ids(unknown) == ids(known)


def ids(template: Template) -> list[tuple[str, str]]:
    """Logical ids without digests, and types."""
    return [(re.sub("[0-9a-f]{16}$", "", name), found.type) for name, found in template.resources.items()]


def test_a_destination_is_told_by_its_arn(bench: Bench) -> None:
    arn = "arn:aws:sqs:us-east-1:${aws:accountId}:done"
    compiled = bench.compile(f"{HEAD}{FUNCTION}    destinations: {{onSuccess: '{arn}'}}\n")
    found = compiled.resources["CreateLambdaEvConf"].properties["DestinationConfig"]["OnSuccess"]["Destination"]
    assert found == {"Fn::Join": ["", ["arn:aws:sqs:us-east-1:", {"Ref": "AWS::AccountId"}, ":done"]]}


@pytest.mark.parametrize(
    "event", ["s3: 'files-@'", "s3: {bucket: 'files-@'}", "cognitoUserPool: {pool: 'users-@', trigger: PreSignUp}"]
)
def test_a_name_that_ids_are_made_of_needs_the_number(bench: Bench, event: str) -> None:
    assert len(bench.compile(text(event, ACCOUNT)).resources) > 1
    error = bench.refused(text(event, "${aws:accountId}"))
    assert "is not known without a connection to the cloud" in error.what
    assert "logical ids are made of it" in error.why
