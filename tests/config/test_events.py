"""Events: the resources each kind makes, under the framework's ids."""

from __future__ import annotations

import pytest

from stateroom.model.resource import Template
from stateroom.model.values import Value
from tests.config.bench import HEAD, Bench, properties, types

ARN = {"Fn::GetAtt": ["CreateLambdaFunction", "Arn"]}
QUEUE = "\nresources: {Resources: {Queue: {Type: 'AWS::SQS::Queue'}, Topic: {Type: 'AWS::SNS::Topic'}}}\n"


def with_events(bench: Bench, events: str, provider: str = "") -> Template:
    head = HEAD.replace("runtime:", f"{provider} runtime:")
    return bench.compile(f"{head}functions: {{create: {{handler: app.create, events: [{events}]}}}}{QUEUE}")


def statements(template: Template) -> list[Value]:
    document = properties(template, "IamRoleLambdaExecution")["Policies"][0]["PolicyDocument"]
    return list(document["Statement"])


def test_an_http_api_is_made_once_with_a_route_for_each_event(bench: Bench) -> None:
    template = with_events(bench, "{httpApi: POST /orders}, {httpApi: {method: get, path: '/users/{id}/a-b'}}")
    assert {key: type_ for key, type_ in types(template).items() if "Api" in key} == {
        "HttpApi": "AWS::ApiGatewayV2::Api",
        "HttpApiStage": "AWS::ApiGatewayV2::Stage",
        "HttpApiIntegrationCreate": "AWS::ApiGatewayV2::Integration",
        "HttpApiRoutePostOrders": "AWS::ApiGatewayV2::Route",
        "HttpApiRouteGetUsersIdVarADashb": "AWS::ApiGatewayV2::Route",
        "CreateLambdaPermissionHttpApi": "AWS::Lambda::Permission",
    }
    assert properties(template, "HttpApi") == {"Name": "dev-shop", "ProtocolType": "HTTP"}
    assert properties(template, "HttpApiRouteGetUsersIdVarADashb")["RouteKey"] == "GET /users/{id}/a-b"
    assert properties(template, "HttpApiIntegrationCreate")["IntegrationUri"] == ARN
    assert set(template.outputs) >= {"HttpApiId", "HttpApiUrl"}


def test_cors_allows_the_methods_that_routes_use(bench: Bench) -> None:
    template = with_events(bench, "{httpApi: 'POST /a'}, {httpApi: 'GET /a'}", "httpApi: {cors: true},")
    cors = properties(template, "HttpApi")["CorsConfiguration"]
    assert cors["AllowOrigins"] == ["*"]
    assert cors["AllowMethods"] == ["OPTIONS", "POST", "GET"]
    assert "Authorization" in cors["AllowHeaders"]


def test_everything_else_goes_to_the_default_route(bench: Bench) -> None:
    template = with_events(bench, "{httpApi: '*'}")
    assert properties(template, "HttpApiRouteDefault")["RouteKey"] == "$default"


def test_two_routes_with_one_name_are_refused(bench: Bench) -> None:
    events = "[{httpApi: 'GET /a'}, {httpApi: 'GET /a/'}]"
    error = bench.refused(f"{HEAD}functions: {{create: {{handler: app.create, events: {events}}}}}")
    assert "HttpApiRouteGetA is made twice" in error.what


@pytest.mark.parametrize(
    ("arn", "suffix"),
    [
        ("!GetAtt Queue.Arn", "Queue"),
        ("arn:aws:sqs:eu-west-1:123456789012:my-orders", "Myorders"),
        ("!Sub 'arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:jobs'", "Jobs"),
        ("!Join [':', [arn, aws, sqs, x, y, jobs]]", "Jobs"),
    ],
)
def test_a_queue_is_polled_and_may_be(bench: Bench, arn: str, suffix: str) -> None:
    template = with_events(
        bench, f"{{sqs: {{arn: {arn}, batchSize: 5, functionResponseType: ReportBatchItemFailures}}}}"
    )
    mapping = properties(template, f"CreateEventSourceMappingSQS{suffix}")
    assert mapping["BatchSize"] == 5
    assert mapping["Enabled"] is True
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert statements(template)[-1] == {
        "Effect": "Allow",
        "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        "Resource": [mapping["EventSourceArn"]],
    }


def test_schedules_count_per_function_and_lists_of_rates_count_each(bench: Bench) -> None:
    template = with_events(
        bench,
        "{schedule: rate(1 hour)},"
        "{schedule: {rate: [rate(1 day), 'cron(0 12 * * ? *)'], input: {a: 1}, enabled: false}}",
    )
    first, second, third = (properties(template, f"CreateEventsRuleSchedule{n}") for n in (1, 2, 3))
    assert first == {
        "ScheduleExpression": "rate(1 hour)",
        "State": "ENABLED",
        "Targets": [{"Arn": ARN, "Id": "createSchedule"}],
    }
    assert second["Targets"][0]["Input"] == '{"a":1}'
    assert (third["ScheduleExpression"], third["State"]) == ("cron(0 12 * * ? *)", "DISABLED")
    permission = properties(template, "CreateLambdaPermissionEventsRuleSchedule3")
    assert permission["SourceArn"] == {"Fn::GetAtt": ["CreateEventsRuleSchedule3", "Arn"]}
    assert permission["Principal"] == "events.amazonaws.com"


def test_a_named_topic_is_made_and_an_existing_one_is_not(bench: Bench) -> None:
    template = with_events(
        bench, "{sns: {topicName: invoices, filterPolicy: {kind: [new]}}}, {sns: {arn: !Ref Topic, topicName: other}}"
    )
    assert properties(template, "SNSTopicInvoices") == {"TopicName": "invoices"}
    assert properties(template, "CreateSnsSubscriptionInvoices") == {
        "Endpoint": ARN,
        "Protocol": "lambda",
        "TopicArn": {"Ref": "SNSTopicInvoices"},
        "FilterPolicy": {"kind": ["new"]},
    }
    assert "SNSTopicOther" not in template.resources
    assert properties(template, "CreateLambdaPermissionOtherSNS")["SourceArn"] == {"Ref": "Topic"}


def test_a_topic_in_another_region_is_subscribed_to_there(bench: Bench) -> None:
    template = with_events(bench, "{sns: 'arn:aws:sns:eu-west-1:123456789012:far'}")
    assert properties(template, "CreateSnsSubscriptionFar")["Region"] == "eu-west-1"


@pytest.mark.parametrize(
    ("event", "what"),
    [
        ("httpApi: FETCH /a", "is not a route"),
        ("httpApi: GET a", "is not a route"),
        ("httpApi: {method: get, pth: /a}", "unknown key"),
        ("httpApi: {path: /a, method: get, authorizer: x}", "there is no authorizer x"),
        ("sqs: my-queue", "no queue"),
        ("sqs: {batchSize: 1}", "no queue"),
        ("schedule: every day", "is not a rate"),
        ("schedule: {rate: rate(1 day), input: 1, inputPath: $.a}", "exclude each other"),
        ("schedule: {rate: rate(1 day), timezone: Europe/Zurich}", "only with method: scheduler"),
        ("sns: {displayName: x}", "no topic"),
    ],
)
def test_an_event_that_cannot_be_right_is_refused_with_its_place(bench: Bench, event: str, what: str) -> None:
    error = bench.refused(f"{HEAD}functions:\n  create:\n    handler: app.create\n    events:\n      - {event}\n")
    assert what in error.what
    assert "functions.create.events[0]" in error.what
    assert error.where is not None
    assert error.where.line == 8
