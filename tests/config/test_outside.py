"""What only AWS can tell about a template: asked for together, when it is needed; secret where it is; clear offline."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stateroom.config.compiler import compile_service
from stateroom.config.template_document import compile_document
from stateroom.errors import CloudError, ConfigError
from stateroom.model.remote import (
    Account,
    AvailabilityZones,
    Exports,
    ParameterRequest,
    ParameterValue,
    RemoteAnswer,
    RemoteRequest,
    StoredSecret,
)
from stateroom.model.resource import Template
from stateroom.model.values import Secret, Value
from tests.config.bench import HEAD, Bench, properties
from tests.config.test_remote_variables import Far

REGION = "us-east-1"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:far-AbCdEf"
ANSWERS: dict[RemoteRequest, RemoteAnswer] = {
    Account(): "123456789012",
    AvailabilityZones(REGION): ("us-east-1a", "us-east-1b"),
    AvailabilityZones("eu-west-1"): ("eu-west-1a",),
    Exports(REGION): {"net-vpc": "vpc-1", "net-123456789012": "mine"},
    ParameterRequest(REGION, "/plain"): ParameterValue("String", "text"),
    ParameterRequest(REGION, "/plain:3"): ParameterValue("String", "third"),
    ParameterRequest(REGION, "/list"): ParameterValue("StringList", "a, b"),
    ParameterRequest(REGION, "/secret"): ParameterValue("SecureString", "hunter2"),
    ParameterRequest(REGION, "/denied"): CloudError("AccessDenied", why="no ssm:GetParameters", todo="ask for it"),
    StoredSecret(REGION, "db"): Secret('{"password": "pa55", "port": 5432}'),
    StoredSecret(REGION, "db", "AWSPREVIOUS"): Secret('{"password": "old"}'),
    StoredSecret("eu-west-1", ARN): Secret("whole"),
}


def far() -> Far:
    return Far(dict(ANSWERS))


def compiled(bench: Bench, resources: str, answers: Far | None) -> Template:
    bench.write("serverless.yml", f"{HEAD}resources:\n  {{{resources}}}\n")
    return compile_service(bench.open(), "shop", replace(bench.settings(), remote=answers))


def value(bench: Bench, text: str, answers: Far | None) -> Value:
    return properties(
        compiled(bench, f"Resources: {{Q: {{Type: T}}, R: {{Type: T, Properties: {{It: {text}}}}}}}", answers), "R"
    )["It"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!GetAZs ''", ["us-east-1a", "us-east-1b"]),
        ("!GetAZs {Ref: 'AWS::Region'}", ["us-east-1a", "us-east-1b"]),
        ("!Select [0, !GetAZs eu-west-1]", {"Fn::Select": [0, ["eu-west-1a"]]}),
        ("!ImportValue net-vpc", "vpc-1"),
        ("!ImportValue {Fn::Sub: 'net-${AWS::AccountId}'}", "mine"),
        ("'{{resolve:ssm:/plain}}'", "text"),
        ("'{{resolve:ssm:/plain:3}}/x'", "third/x"),
        ("'{{resolve:ssm-secure:/secret}}'", Secret("hunter2")),
        ("'u:{{resolve:secretsmanager:db:SecretString:password}}@{{resolve:ssm:/plain}}'", Secret("u:pa55@text")),
        ("'{{resolve:secretsmanager:db:SecretString:port}}'", Secret("5432")),
        ("'{{resolve:secretsmanager:db:SecretString:password:AWSPREVIOUS}}'", Secret("old")),
        (f"'{{{{resolve:secretsmanager:{ARN}}}}}'", Secret("whole")),
        ("!Sub '{{resolve:ssm:/${Name}}}'", "text"),
        ("!Join ['', ['{{resolve:ssm:', /plain, '}}']]", "text"),
        ("!Sub 'plain-${Q}'", {"Fn::Sub": "plain-${Q}"}),
        ("!Ref AWS::AccountId", {"Ref": "AWS::AccountId"}),
        ("'{{ handlebars }}'", "{{ handlebars }}"),
    ],
)
def test_each_is_answered_and_the_rest_stays_as_it_is(bench: Bench, text: str, expected: Value) -> None:
    name = "Parameters: {Name: {Type: String, Default: plain}}"
    resources = f"{name}, Resources: {{Q: {{Type: T}}, R: {{Type: T, Properties: {{It: {text}}}}}}}"
    assert properties(compiled(bench, resources, far()), "R")["It"] == expected


def test_a_reference_into_a_resource_that_is_not_there_yet_waits_for_the_deploy(bench: Bench) -> None:
    text = "!Sub '{{resolve:secretsmanager:${Q}:SecretString:password}}'"
    answers = far()
    expected = {"Fn::DynamicReference": {"Fn::Sub": "{{resolve:secretsmanager:${Q}:SecretString:password}}"}}
    assert value(bench, text, answers) == expected
    assert answers.asked == []


PARAMETERS = """Parameters: {
    One: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /plain},
    List: {Type: 'AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>', Default: /list},
    Hidden: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /plain, NoEcho: true},
    Name: {Type: 'AWS::SSM::Parameter::Name', Default: /plain},
    Unused: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /denied}
  }"""


def test_parameters_of_ssm_are_read_when_they_are_used(bench: Bench) -> None:
    used = "One: !Ref One, List: !Ref List, Hidden: !Ref Hidden, Name: !Ref Name, Sub: !Sub '${One}-'"
    template = compiled(bench, f"{PARAMETERS}, Resources: {{R: {{Type: T, Properties: {{{used}}}}}}}", far())
    assert properties(template, "R") == {
        "One": "text",
        "List": ["a", "b"],
        "Hidden": Secret("text"),
        "Name": "/plain",
        "Sub": {"Fn::Sub": ["${One}-", {"One": "text"}]},
    }


def test_a_condition_may_ask_whose_account_it_is(bench: Bench) -> None:
    conditions = "Conditions: {Ours: !Equals [!Ref AWS::AccountId, '123456789012'], Theirs: !Not [!Condition Ours]}"
    resources = "Resources: {A: {Type: T, Condition: Ours}, B: {Type: T, Condition: Theirs}}"
    assert set(compiled(bench, f"{conditions}, {resources}", far()).resources) == {"A"}


def test_all_that_can_be_foreseen_is_asked_for_at_once(bench: Bench) -> None:
    used = "A: !GetAZs '', B: !ImportValue net-vpc, C: '{{resolve:ssm:/plain}}', D: !Ref One, E: !ImportValue net-vpc"
    answers = far()
    compiled(bench, f"{PARAMETERS}, Resources: {{R: {{Type: T, Properties: {{{used}}}}}}}", answers)
    assert len(answers.asked) == 1
    assert {AvailabilityZones(REGION), Exports(REGION), ParameterRequest(REGION, "/plain")} <= set(answers.asked[0])


def test_nothing_is_asked_for_what_needs_nothing(bench: Bench) -> None:
    answers = far()
    assert value(bench, "!Sub '${AWS::AccountId}-${AWS::Region}'", answers) == {
        "Fn::Sub": "${AWS::AccountId}-${AWS::Region}"
    }
    assert answers.asked == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("!GetAZs ''", "Fn::GetAZs of us-east-1"),
        ("!ImportValue net-vpc", "Fn::ImportValue of net-vpc"),
        ("'{{resolve:ssm:/plain}}'", "{{resolve:ssm:/plain}}"),
        ("'{{resolve:secretsmanager:db}}'", "{{resolve:secretsmanager:db}}"),
        ("!If [Ours, a, b]", "AWS::AccountId"),
        ("!Ref Stored", "SSM parameter /plain"),
    ],
)
def test_offline_the_error_names_what_cannot_be_reached(bench: Bench, text: str, named: str) -> None:
    resources = (
        "Conditions: {Ours: !Equals [!Ref AWS::AccountId, x]},"
        "Parameters: {Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /plain}},"
        f"Resources: {{R: {{Type: T, Properties: {{It: {text}}}}}}}"
    )
    with pytest.raises(ConfigError) as caught:
        compiled(bench, resources, None)
    assert named in caught.value.what
    assert "no connection to a cloud" in caught.value.what
    assert caught.value.where is not None
    assert "stateroom compile" in caught.value.todo


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("!ImportValue nope", "nothing exports nope"),
        ("!ImportValue {Fn::GetAtt: [Q, Arn]}", "has to be known before anything is deployed"),
        ("'{{resolve:ssm:/nope}}'", "leads to nothing"),
        ("'{{resolve:ssm:/secret}}'", "is a SecureString"),
        ("'{{resolve:ssm:/denied}}'", "AccessDenied; no ssm:GetParameters"),
        ("'{{resolve:secretsmanager:nope}}'", "leads to nothing"),
        ("'{{resolve:secretsmanager:db:SecretString:nope}}'", "has no key nope"),
        ("'{{resolve:secretsmanager:db:SecretBinary}}'", "malformed"),
        ("'{{resolve:vault:db}}'", "unknown service"),
        ("!Ref Gone", "there is no SSM parameter /gone"),
    ],
)
def test_what_leads_nowhere_is_said_and_shows_no_secret(bench: Bench, text: str, what: str) -> None:
    gone = "Parameters: {Gone: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /gone}}"
    resources = f"{gone}, Resources: {{Q: {{Type: T}}, R: {{Type: T, Properties: {{It: {text}}}}}}}"
    with pytest.raises(ConfigError) as caught:
        compiled(bench, resources, far())
    assert what in caught.value.what
    assert caught.value.todo
    assert not any(word in str(caught.value) for word in ("hunter2", "pa55"))


def test_compile_prints_them_as_they_are_written_and_asks_nobody(bench: Bench) -> None:
    used = "A: !GetAZs '', B: !ImportValue net-vpc, C: '{{resolve:ssm:/plain}}', D: !Ref One"
    bench.write(
        "serverless.yml",
        f"{HEAD}resources:\n  {{{PARAMETERS}, Resources: {{R: {{Type: T, Properties: {{{used}}}}}}}}}\n",
    )
    document = compile_document(bench.open(), "shop", bench.settings())
    assert document["Resources"]["R"]["Properties"] == {
        "A": {"Fn::GetAZs": ""},
        "B": {"Fn::ImportValue": "net-vpc"},
        "C": "{{resolve:ssm:/plain}}",
        "D": {"Ref": "One"},
    }
    assert document["Parameters"]["One"] == {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/plain"}
