"""Variables that AWS, git and Terraform answer: together, once, secrets as secrets; a clear word when nobody does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from stateroom.config.compiler import CompileOptions, compile_service
from stateroom.errors import CloudError, ConfigError
from stateroom.model.remote import (
    Account,
    ParameterRequest,
    ParameterValue,
    RemoteAnswer,
    RemoteRequest,
    StackOutputs,
    StoredObject,
    WebDocument,
)
from stateroom.model.values import Secret, Value
from tests.config.bench import HEAD, Bench

TERRAFORM = {"outputs": {"url": {"value": "https://q"}, "t": {"value": {"arn": "A", "l": ["x"]}}}}
SENSITIVE = {"outputs": {"password": {"value": "hunter2", "sensitive": True}}}


@dataclass
class Far:
    """Answers from a table, and remembers what it was asked."""

    answers: Mapping[RemoteRequest, RemoteAnswer]
    asked: list[list[RemoteRequest]] = field(default_factory=list)

    def read(self, requests: Sequence[RemoteRequest]) -> Mapping[RemoteRequest, RemoteAnswer]:
        self.asked.append(list(requests))
        return {request: self.answers.get(request) for request in requests}


FAR = Far(
    {
        ParameterRequest("eu-west-1", "/plain"): ParameterValue("String", "{not json"),
        ParameterRequest("eu-west-1", "/list"): ParameterValue("StringList", "a,b"),
        ParameterRequest("eu-west-1", "/secret"): ParameterValue("SecureString", "hunter2"),
        ParameterRequest("eu-west-1", "/json"): ParameterValue("SecureString", '{"user": "u", "port": 5}'),
        ParameterRequest("us-east-1", "/far"): ParameterValue("String", "far"),
        ParameterRequest("eu-west-1", "/sealed", decrypt=False): ParameterValue("String", "AQ=="),
        ParameterRequest("eu-west-1", "/denied"): CloudError(
            "AccessDenied", why="no ssm:GetParameters", todo="ask for it"
        ),
        StackOutputs("eu-west-1", "net"): {"Vpc": "vpc-1"},
        StackOutputs("us-east-1", "net"): {"Vpc": "vpc-2"},
        StoredObject("b", "a/b.txt"): "text",
        StoredObject("b", "a/b.txt", "us-east-1"): "text",
        StoredObject("tf", "s.tfstate", "eu-central-1"): json.dumps(TERRAFORM),
        WebDocument("https://tf", "me", Secret("pw")): json.dumps(SENSITIVE),
        Account(): "123456789012",
        ParameterRequest("ap-south-1", "/p", profile="other"): ParameterValue("String", "elsewhere"),
    }
)
RESOLVERS = """
stages:
  default:
    resolvers:
      mine: {type: aws, region: us-east-1, names: {type: ssm, region: eu-west-1}, files: {type: s3, bucketName: b}}
      other: {type: aws, region: ap-south-1, profile: other}
      terraform: {type: terraform, backend: s3, bucket: tf, key: s.tfstate, region: eu-central-1}
      web: {type: terraform, backend: http, address: 'https://tf', username: me, password: pw}
      old: {type: terraform, backend: remote}
      keys: {type: aws, accessKeyId: x}
      safe: {type: vault}
"""


def compiled(bench: Bench, expressions: str, far: Far | None = FAR, more: str = "") -> dict[str, Value]:
    """What the outputs come to that `name: expression` lines ask for."""
    lines = "".join(f"    {line}\n" for line in expressions.strip().splitlines())
    head = HEAD.replace("name: aws", "name: aws, region: eu-west-1")
    names = [line.split(":")[0] for line in expressions.strip().splitlines()]
    outputs = "".join(f"    {name}: {{Value: '${{self:custom.of.{name}}}'}}\n" for name in names)
    bench.write("serverless.yml", f"{head}{more}custom:\n  of:\n{lines}resources:\n  Outputs:\n{outputs}")
    project = bench.open()
    settings: CompileOptions = replace(bench.settings(), remote=far)
    template = compile_service(project, "shop", settings)
    return {name: output.value for name, output in template.outputs.items()}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("${ssm:/plain}", "{not json"),
        ("${ssm:/list}", ["a", "b"]),
        ("${ssm(raw):/list}", "a,b"),
        ("${ssm:/secret}", Secret("hunter2")),
        ("a-${ssm:/secret}-b", Secret("a-hunter2-b")),
        ("${ssm:/json}", {"user": Secret("u"), "port": Secret(5)}),
        ("${ssm(raw):/json}", Secret('{"user": "u", "port": 5}')),
        ("${ssm(us-east-1):/far}", "far"),
        ("${ssm(noDecrypt):/sealed}", "AQ=="),
        ("${ssm:/nope, 'fallback'}", "fallback"),
        ("${aws:ssm:/plain}", "{not json"),
        ("${cf:net.Vpc}", "vpc-1"),
        ("${cf(us-east-1):net.Vpc}", "vpc-2"),
        ("${cf:net.Nope, 'none'}", "none"),
        ("${cf:nope.Vpc, 'none'}", "none"),
        ("${s3:b/a/b.txt}", "text"),
        ("${aws:s3:s3://b/a/b.txt}", "text"),
        ("${s3:b/nope, 'none'}", "none"),
        ("${aws:accountId}", "123456789012"),
        ("${aws:partition}", "aws"),
        ("arn:${aws:partition}:x:${aws:region}:${aws:accountId}", "arn:aws:x:eu-west-1:123456789012"),
        ("${mine:ssm:/far}", "far"),
        ("${mine:names:/plain}", "{not json"),
        ("${mine:files:a/b.txt}", "text"),
        ("${mine:region}", "us-east-1"),
        ("${other:ssm:/p}", "elsewhere"),
        ("${terraform:outputs:url}", "https://q"),
        ("${terraform:outputs:t.arn}", "A"),
        ("${terraform:outputs:t.l.0}", "x"),
        ("${terraform:outputs:nope, 'none'}", "none"),
        ("${web:outputs:password}", Secret("hunter2")),
    ],
)
def test_an_expression_comes_to(bench: Bench, expression: str, value: Value) -> None:
    result = compiled(bench, f'it: "{expression}"', more=RESOLVERS)["it"]
    assert (result, type(result)) == (value, type(value))


@pytest.mark.parametrize(
    ("expression", "says", "todo"),
    [
        ("${ssm:/nope}", "has no value", ""),
        ("${ssm:/denied}", "${ssm:/denied} cannot be read: AccessDenied; no ssm:GetParameters", "ask for it"),
        ("${ssm:/denied, 'x'}", "cannot be read", ""),
        ("${cf:net}", "names no output", "stack-name.OutputName"),
        ("${s3:b}", "names no object", ""),
        ("${old:outputs:x}", "the backend remote is not supported", "s3"),
        ("${terraform:x}", "x is not an output", "terraform:outputs:name"),
        ("${keys:ssm:/x}", "accessKeyId is not supported", "profile"),
        ("${safe:a}", "resolvers of type vault are not supported", ""),
        ("${doppler:a}", "needs Doppler", "env"),
        ("${self:custom.${ssm:/secret}}", "contains a secret", ""),
    ],
)
def test_an_expression_that_cannot_be_answered_says_why(bench: Bench, expression: str, says: str, todo: str) -> None:
    with pytest.raises(ConfigError) as caught:
        compiled(bench, f'it: "{expression}"', more=RESOLVERS)
    assert says in caught.value.what
    assert todo in caught.value.todo
    assert caught.value.where is not None
    assert "hunter2" not in str(caught.value)


def test_what_is_named_outright_is_asked_for_together_and_once(bench: Bench) -> None:
    far = Far(FAR.answers)
    lines = """
a: ${ssm:/plain}
b: ${ssm:/list}
c: ${cf:net.Vpc}
d: ${s3:b/a/b.txt}
e: ${ssm:/plain}
f: ${cf:net.Other, 'x'}
"""
    compiled(bench, lines, far)
    (asked,) = far.asked
    assert set(asked) == {
        ParameterRequest("eu-west-1", "/plain"),
        ParameterRequest("eu-west-1", "/list"),
        StackOutputs("eu-west-1", "net"),
        StoredObject("b", "a/b.txt"),
    }


def test_other_stages_and_configs_without_such_variables_ask_for_nothing(bench: Bench) -> None:
    far = Far({})
    stages = "stages:\n  prod:\n    params: {key: '${ssm:/prod}'}\n"
    assert compiled(bench, "it: plain", far, stages) == {"it": "plain"}
    assert far.asked == []


def test_without_a_connection_the_variable_is_named_and_the_account_stays_symbolic(bench: Bench) -> None:
    with pytest.raises(ConfigError) as caught:
        compiled(bench, "it: ${cf:net.Vpc}", None)
    assert "${cf:net.Vpc} cannot be read: there is no connection to a cloud here" in caught.value.what
    assert compiled(bench, "it: ${aws:accountId}", None) == {"it": {"Ref": "AWS::AccountId"}}


def test_a_secret_stays_one_in_environments_and_inside_fn_sub(bench: Bench) -> None:
    text = f"""{HEAD.replace("name: aws", "name: aws, region: eu-west-1")}
functions:
  create:
    handler: app.create
    environment: {{A: '${{ssm:/secret}}', B: 'x-${{ssm:/secret}}', C: !Sub '${{AWS::Region}}-${{ssm:/secret}}'}}
"""
    bench.write("app.py", "")
    bench.write("serverless.yml", text)
    template = compile_service(bench.open(), "shop", replace(bench.settings(), remote=FAR))
    variables = template.resources["CreateLambdaFunction"].properties["Environment"]["Variables"]
    assert variables == {
        "A": Secret("hunter2"),
        "B": Secret("x-hunter2"),
        "C": {"Fn::Sub": ["${AWS::Region}-${Value1}", {"Value1": Secret("hunter2")}]},
    }
    assert "hunter2" not in repr(template)


@pytest.mark.emulator
def test_git_tells_where_the_repository_is(bench: Bench) -> None:
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
    for command in (("init", "-q", "-b", "trunk"), (*identity, "commit", "-q", "--allow-empty", "-m", "First\n\nBody")):
        subprocess.run(["git", *command], cwd=bench.root, check=True)
    sha = subprocess.run(["git", "rev-parse", "HEAD"], cwd=bench.root, check=True, capture_output=True, text=True)
    bench.environment = {"PATH": "/usr/bin:/bin:/usr/local/bin"}
    found = compiled(
        bench,
        "branch: ${git:branch}\nsha: ${git:sha1}\nsubject: ${git:messageSubject}\nbody: ${git:messageBody}\n"
        "dirty: ${git:isDirty}\nrepository: ${git:repository}\ntags: ${git:tags}",
        None,
    )
    assert found == {
        "branch": "trunk",
        "sha": sha.stdout.strip(),
        "subject": "First",
        "body": "Body",
        "dirty": True,
        "repository": "project",
        "tags": sha.stdout.strip(),
    }


@pytest.mark.emulator
def test_outside_a_repository_git_variables_say_so(bench: Bench) -> None:
    bench.environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "GIT_CEILING_DIRECTORIES": str(bench.root.parent)}
    with pytest.raises(ConfigError) as caught:
        compiled(bench, "it: ${git:branch}", None)
    assert "${git:branch} cannot be read" in caught.value.what


def test_a_secret_in_a_definition_leaves_no_trace_in_its_text(bench: Bench) -> None:
    state = "{Type: Pass, Result: {a: '${ssm:/secret}', b: '${ssm:/secret}', c: !Ref 'AWS::Region'}, End: true}"
    bench.write(
        "serverless.yml",
        f"{HEAD.replace('name: aws', 'name: aws, region: eu-west-1')}"
        f"stepFunctions: {{stateMachines: {{m: {{definition: {{StartAt: A, States: {{A: {state}}}}}}}}}}}\n",
    )
    template = compile_service(bench.open(), "shop", replace(bench.settings(), remote=FAR))
    definition = template.resources["MStepFunctionsStateMachine"].properties["DefinitionString"]
    text, variables = definition["Fn::Sub"]
    assert variables["secret1"] == Secret("hunter2")
    assert text.count("${secret1}") == 2
