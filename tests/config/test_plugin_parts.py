"""Plugins of the framework whose part of a service is compiled here as they do it."""

from __future__ import annotations

import pytest

from stateroom.model.resource import Template
from stateroom.model.values import Secret, Value
from tests.config.bench import FUNCTION, Bench, properties, types


def head(plugin: str, custom: str = "", provider: str = "") -> str:
    given = f"custom: {custom}\n" if custom else ""
    return (
        f"service: shop\nprovider: {{name: aws, runtime: python3.12, region: eu-west-1{provider}}}\n"
        f"plugins: [{plugin}]\n{given}"
    )


def variables(template: Template) -> dict[str, Value]:
    found: dict[str, Value] = properties(template, "CreateLambdaFunction")["Environment"]["Variables"]
    return found


# ---- serverless-dotenv-plugin

DOTENV = "serverless-dotenv-plugin"


def test_variables_of_env_files_are_secrets_of_every_function(bench: Bench) -> None:
    bench.write(".env", "A=1\nB=2\n")
    bench.write(".env.development", "A=of the stage\n")
    template = bench.compile(head(DOTENV, provider=", environment: {A: config, C: config}") + FUNCTION)
    assert variables(template) == {"A": Secret("of the stage"), "B": Secret("2"), "C": "config"}
    assert template.warnings == ()


def test_the_stage_chooses_the_file_and_the_environment_comes_first(bench: Bench) -> None:
    bench.write(".env", "A=1\nB=$A/${A}/${GONE:-else}/\\$A\n")
    bench.write(".env.prod", "A=prod\n")
    bench.write("serverless.yml", head(DOTENV) + FUNCTION)
    assert variables(bench.compile(head(DOTENV) + FUNCTION, stage="prod"))["B"] == Secret("prod/prod/else/$A")
    bench.environment["A"] = "mine"
    assert variables(bench.compile(stage="prod"))["A"] == Secret("mine")
    bench.environment["NODE_ENV"] = "other"
    bench.write(".env.other", "ONLY=1\n")
    assert "ONLY" in variables(bench.compile(stage="prod"))


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ("{include: [A]}", {"A"}),
        ("{exclude: [A]}", {"B"}),
        ("{path: other.env}", {"D"}),
        ("{basePath: config/}", {"E"}),
        ("{path: [other.env, gone.env]}", {"D"}),
    ],
)
def test_its_options_choose(bench: Bench, options: str, names: set[str]) -> None:
    bench.write(".env", "A=1\nB=2\n")
    bench.write("other.env", "D=1\n")
    bench.write("config/.env", "E=1\n")
    assert set(variables(bench.compile(head(DOTENV, f"{{dotenv: {options}}}") + FUNCTION))) == names


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("{required: {file: true}}", "there is no .env file"),
        ("{required: {env: [A, B]}}", "not set: A, B"),
        ("{dotenvParser: parser.js}", "not supported"),
        ("{path: ../outside.env}", "outside of the project"),
    ],
)
def test_what_it_cannot_do_is_said(bench: Bench, options: str, said: str) -> None:
    (bench.root.parent / "outside.env").write_text("A=1\n")
    assert said in bench.refused(head(DOTENV, f"{{dotenv: {options}}}") + FUNCTION).what


@pytest.mark.parametrize("text", ["STATEROOM_PASSPHRASE=x\n", "A=${AWS_SECRET_ACCESS_KEY}\n"])
def test_no_file_carries_keys_and_passphrases_away(bench: Bench, text: str) -> None:
    bench.environment |= {"STATEROOM_PASSPHRASE": "hush", "AWS_SECRET_ACCESS_KEY": "hush"}
    bench.write(".env", text)
    assert "is not passed on" in bench.refused(head(DOTENV) + FUNCTION).what


def test_a_value_that_names_itself_comes_to_an_end(bench: Bench) -> None:
    bench.write(".env", "A=$A\nB=$B$B\n")
    assert set(variables(bench.compile(head(DOTENV) + FUNCTION))) == {"A", "B"}


# ---- settings of one property


def test_log_groups_keep_what_custom_says(bench: Bench) -> None:
    own = "  keep: {handler: app.create, logRetentionInDays: 7}\n"
    template = bench.compile(head("serverless-plugin-log-retention", "{logRetentionInDays: 30}") + FUNCTION + own)
    days = {name: properties(template, f"{name}LogGroup")["RetentionInDays"] for name in ("Create", "Keep")}
    assert days == {"Create": 30, "Keep": 7}
    error = bench.refused(head("serverless-plugin-log-retention", "{logRetentionInDays: soon}") + FUNCTION)
    assert "custom.logRetentionInDays" in error.what


@pytest.mark.parametrize(
    ("provider", "own", "mode"),
    [("", "true", "Active"), ("", "false", "PassThrough"), (", tracing: true", "null", "Active")],
)
def test_tracing_is_switched_on_where_it_is_true(bench: Bench, provider: str, own: str, mode: str) -> None:
    template = bench.compile(
        head("serverless-plugin-tracing", provider=provider)
        + f"functions: {{create: {{handler: app.create, tracing: {own}}}}}\n"
    )
    assert properties(template, "CreateLambdaFunction")["TracingConfig"] == {"Mode": mode}
    assert template.warnings == ()


def test_the_rest_api_gets_binary_types(bench: Bench) -> None:
    events = "functions: {create: {handler: app.create, events: [http: GET /x]}}\n"
    template = bench.compile(head("serverless-apigw-binary", "{apigwBinary: {types: [image/png]}}") + events)
    assert properties(template, "ApiGatewayRestApi")["BinaryMediaTypes"] == ["image/png"]


# ---- serverless-dynamodb-autoscaling

TABLE = """
resources:
  Resources:
    Things: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PROVISIONED}}
"""


def test_capacities_scale_a_table_and_its_index(bench: Bench) -> None:
    custom = "{capacities: [{table: Things, index: by-day, read: {maximum: 9, usage: 0.5}}]}"
    template = bench.compile(head("serverless-dynamodb-autoscaling", custom) + FUNCTION + TABLE)
    target = properties(template, "shopAutoScalingTargetReadThingsDevEuwest1")
    assert (target["MinCapacity"], target["MaxCapacity"]) == (5, 9)
    policy = properties(template, "shopTableScalingPolicyReadThingsDevEuwest1")
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 50
    index = properties(template, "shopAutoScalingTargetReadThingsBydayDevEuwest1")
    assert index["ScalableDimension"] == "dynamodb:index:ReadCapacityUnits"
    assert template.warnings == ()


# ---- serverless-domain-manager

DOMAINS = "serverless-domain-manager"
REST = "functions: {create: {handler: app.create, events: [http: GET /x]}}\n"
BOTH = "functions: {create: {handler: app.create, events: [http: GET /x, httpApi: GET /y]}}\n"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/x"


def test_a_deploy_maps_the_api_to_a_domain_that_is_there(bench: Bench) -> None:
    template = bench.compile(head(DOMAINS, "{customDomain: {domainName: api.example.org, basePath: v1}}") + REST)
    mapping = properties(template, "CustomDomainApiExampleOrgV1RestMapping")
    assert mapping == {
        "BasePath": "v1",
        "DomainName": "api.example.org",
        "RestApiId": {"Ref": "ApiGatewayRestApi"},
        "Stage": "dev",
    }
    assert "AWS::ApiGateway::DomainName" not in types(template).values()
    assert "api.example.org is not made" in template.warnings[0]


def test_with_auto_domain_a_deploy_makes_it_with_its_records(bench: Bench) -> None:
    options = f"{{domainName: api.example.org, autoDomain: true, certificateArn: '{CERTIFICATE}', hostedZoneId: Z1}}"
    template = bench.compile(head(DOMAINS, f"{{customDomain: {options}}}") + REST)
    found = types(template)
    assert found["CustomDomainApiExampleOrg"] == "AWS::ApiGateway::DomainName"
    assert properties(template, "CustomDomainApiExampleOrg")["EndpointConfiguration"] == {"Types": ["EDGE"]}
    assert properties(template, "CustomDomainApiExampleOrgRecordAAAA")["HostedZoneId"] == "Z1"
    name = properties(template, "CustomDomainApiExampleOrgRestMapping")["DomainName"]
    assert name == {"Ref": "CustomDomainApiExampleOrg"}
    waits = template.resources["CustomDomainApiExampleOrgRestMapping"].depends_on
    assert set(waits) < set(found), "a mapping waits for the API's deployment"
    assert waits


def test_several_domains_each_for_its_api(bench: Bench) -> None:
    custom = f"""
  customDomains:
    - rest: {{domainName: a.example.org}}
    - http: {{domainName: b.example.org, autoDomain: true, certificateArn: '{CERTIFICATE}', createRoute53Record: false}}
    - websocket: {{domainName: c.example.org, enabled: false}}
"""
    found = types(bench.compile(head(DOMAINS, custom) + BOTH))
    assert found["CustomDomainAExampleOrgRestMapping"] == "AWS::ApiGateway::BasePathMapping"
    assert found["CustomDomainBExampleOrg"] == "AWS::ApiGatewayV2::DomainName"
    assert found["CustomDomainBExampleOrgHttpMapping"] == "AWS::ApiGatewayV2::ApiMapping"
    assert not [name for name in found if name.startswith("CustomDomainC") or "Record" in name]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("{domainName: a.example.org, apiType: http}", "no http API"),
        ("{domainName: a.example.org, autoDomain: true}", "no certificateArn"),
        ("{basePath: v1}", "no domainName"),
        ("{domainName: a.example.org, apiType: graphql}", "no kind of API"),
    ],
)
def test_what_a_domain_lacks_is_said(bench: Bench, options: str, said: str) -> None:
    assert said in bench.refused(head(DOMAINS, f"{{customDomain: {options}}}") + REST).what


# ---- serverless-plugin-aws-alerts

ALERTS = "serverless-plugin-aws-alerts"


def test_alarms_tell_the_topics_of_custom(bench: Bench) -> None:
    custom = "{alerts: {topics: {alarm: {topic: trouble, notifications: [{protocol: email, endpoint: a@x}]}}, "
    custom += "alarms: [functionErrors]}}"
    template = bench.compile(head(ALERTS, custom) + FUNCTION)
    alarm = properties(template, "CreateFunctionErrorsAlarm")
    assert (alarm["MetricName"], alarm["Threshold"], alarm["Statistic"]) == ("Errors", 1, "Sum")
    assert alarm["AlarmActions"] == [{"Ref": "AwsAlertsAlarm"}]
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "CreateLambdaFunction"}}]
    assert properties(template, "AwsAlertsAlarm")["TopicName"] == "trouble"
    assert template.warnings == ()


def test_a_function_does_without_an_alarm_that_all_have(bench: Bench) -> None:
    own = "functions: {create: {handler: app.create, alarms: [{name: functionErrors, enabled: false}]}}\n"
    template = bench.compile(head(ALERTS, "{alerts: {alarms: [functionErrors]}}") + own)
    assert "AWS::CloudWatch::Alarm" not in types(template).values()


def test_alarms_are_for_the_stages_that_want_them(bench: Bench) -> None:
    main = head(ALERTS, "{alerts: {stages: [prod], alarms: [functionErrors]}}") + FUNCTION
    assert "AWS::CloudWatch::Alarm" not in types(bench.compile(main)).values()
    assert "AWS::CloudWatch::Alarm" in types(bench.compile(main, stage="prod")).values()


def test_an_alarm_that_is_not_defined_is_named(bench: Bench) -> None:
    assert "there is no alarm slow" in bench.refused(head(ALERTS, "{alerts: {alarms: [slow]}}") + FUNCTION).what


def test_dashboards_are_said_to_be_missing(bench: Bench) -> None:
    template = bench.compile(head(ALERTS, "{alerts: {dashboards: true, alarms: []}}") + FUNCTION)
    assert "dashboards are not made" in template.warnings[0]
