"""Whatever is written into a project file, the answer is a Template or a ConfigError."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stateroom.config.compiler import CompileOptions, compile_service
from stateroom.config.document.document import parse
from stateroom.config.document.intrinsics import service_outputs
from stateroom.config.project import open_project
from stateroom.config.resources.template import resolve, resource_ids
from stateroom.config.variables.expression import ExpressionError, parse_text
from stateroom.errors import ConfigError
from stateroom.model.remote import ParameterRequest, ParameterValue, RemoteAnswer, RemoteRequest, StackOutputs
from tests.support.examples import examples

QUICK = settings(examples(200), suppress_health_check=list(HealthCheck))
_WORDS = """a b name handler events Ref Fn::Sub Fn::GetAtt Fn::Join Fn::Select Fn::Split Fn::Base64
    Fn::ServiceOutput Fn::If Type Properties Resources Outputs Value AWS::SQS::Queue definition StartAt
    States Task Next End Choices Catch Branches role statements Effect arn rate cors path method stage
    dev params default secrets protect stateroom patterns artifact environment tags timeout Pass
    Parallel Map Choice ItemProcessor Resource Parameters FunctionName sns sqs schedule httpApi
    topicName redrivePolicy filterPolicy input inputTransformer app.create Arn Iterator TopicArn
    arn:aws:states:::lambda:invoke arn:aws:states:::sqs:sendMessage.waitForTaskToken QueueUrl DependsOn
    DeletionPolicy schedule: 0 1 true"""
WORDS = st.sampled_from(_WORDS.split())
EXPRESSIONS = st.sampled_from(
    [
        "${self:custom.a}",
        "${self:custom}",
        "${self:}",
        "${opt:stage, 'x'}",
        "${env:A, null}",
        "${param:p}",
        "${file(./x.yml):a.b}",
        "${file(serverless.yml)}",
        "${sls:stage}",
        "${strToBool(true)}",
        "${AWS::Region}",
        "${a.b}",
        "${self:custom.${self:custom.b}}",
        "a-${self:custom.a}-${aws:accountId}",
        "${",
        "${:}",
        "${a:b,}",
        "${ssm:/secret}",
        "a-${ssm:/secret}",
        "${ssm:/json}",
        "${ssm:/list}",
        "${cf:stack.Output, 'x'}",
        "${s3:bucket/key}",
        "rate(1 day)",
        "#{AWS::Region}",
    ]
)
SCALARS = st.one_of(
    WORDS, EXPRESSIONS, st.none(), st.booleans(), st.integers(-5, 5000), st.floats(), st.text(max_size=6)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=15,
)
_TOP = """service provider functions resources stepFunctions custom package plugins params stages useDotenv
    frameworkVersion layers nonsense"""
TOP = _TOP.split()
_FUNCTION_KEYS = """name environment events timeout memorySize role tags package vpc dependsOn layers"""
FUNCTION_KEYS = _FUNCTION_KEYS.split()
EVENTS = st.lists(st.dictionaries(st.sampled_from(["httpApi", "sqs", "sns", "schedule", "s3"]), VALUES, max_size=1))
FUNCTIONS = st.dictionaries(
    st.sampled_from(["create", "f-1"]),
    st.fixed_dictionaries(
        {"handler": st.just("app.create")},
        optional={**{key: VALUES for key in FUNCTION_KEYS if key != "events"}, "events": st.one_of(EVENTS, VALUES)},
    ),
)
RESOURCE = st.fixed_dictionaries(
    {"Type": st.one_of(st.just("AWS::SQS::Queue"), VALUES)},
    optional={"Properties": VALUES, "DependsOn": VALUES, "DeletionPolicy": VALUES},
)
STATE = st.fixed_dictionaries(
    {"Type": st.sampled_from(["Task", "Pass", "Choice", "Parallel", "Map", "Wait", "Succeed", "x"])},
    optional=dict.fromkeys(
        ("Next", "End", "Resource", "Parameters", "Choices", "Catch", "Branches", "Iterator"), VALUES
    ),
)
MACHINE = st.fixed_dictionaries(
    {"definition": st.fixed_dictionaries({"StartAt": WORDS, "States": st.dictionaries(WORDS, STATE, max_size=3)})},
    optional=dict.fromkeys(("name", "id", "role", "events", "tags", "loggingConfig", "iamRoleStatements"), VALUES),
)
HTTP_API = st.fixed_dictionaries({}, optional={"cors": VALUES, "payload": VALUES, "name": VALUES})
PROVIDER = st.fixed_dictionaries(
    {"name": st.just("aws"), "runtime": st.just("python3.12")},
    optional=dict.fromkeys(("stage", "environment", "tags", "iam", "memorySize", "role", "vpc"), VALUES)
    | {"httpApi": HTTP_API},
)
DOCUMENTS = st.fixed_dictionaries(
    {"service": st.just("shop"), "provider": PROVIDER},
    optional={
        "functions": st.one_of(FUNCTIONS, VALUES),
        "resources": st.fixed_dictionaries(
            {}, optional={"Resources": st.dictionaries(WORDS, RESOURCE, max_size=3), "Outputs": VALUES}
        ),
        "stepFunctions": st.fixed_dictionaries({"stateMachines": st.dictionaries(WORDS, MACHINE, max_size=2)}),
        "custom": VALUES,
        "package": VALUES,
        "plugins": VALUES,
        "params": VALUES,
    },
)


class Far:
    """Answers whatever is asked for."""

    def read(self, requests: Sequence[RemoteRequest]) -> Mapping[RemoteRequest, RemoteAnswer]:
        return {request: self._answer(request) for request in requests}

    def _answer(self, request: RemoteRequest) -> RemoteAnswer:
        if isinstance(request, ParameterRequest):
            if request.name == "/list":
                return ParameterValue("StringList", "a,b")
            return ParameterValue("SecureString", '{"a": {"b": 1}}' if request.name == "/json" else "hunter2")
        return {"Output": "o"} if isinstance(request, StackOutputs) else "text"


def compile_in(directory: str, text: str, name: str = "serverless.yml") -> None:
    root = Path(directory)
    (root / "app.py").write_text("def create(event, context): ...\n")
    (root / name).write_text(text, encoding="utf-8", errors="surrogatepass")
    with contextlib.suppress(ConfigError):
        project = open_project(root, options={}, environment={})
        for service in project.services:
            compile_service(project, service, CompileOptions(None, None, {}, {}, {}, root / ".stateroom", Far()))


@QUICK
@given(DOCUMENTS)
def test_a_document_of_plausible_shape_compiles_or_is_refused(document: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        compile_in(directory, json.dumps(document, ensure_ascii=True), "serverless.yml")


@QUICK
@given(st.dictionaries(st.sampled_from(TOP), VALUES, max_size=6))
def test_a_document_of_any_shape_compiles_or_is_refused(document: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        compile_in(directory, yaml.safe_dump(document, allow_unicode=True))


@QUICK
@given(st.dictionaries(st.sampled_from(["services", "stages", "params", "custom", "provider"]), VALUES, max_size=4))
def test_a_compose_file_of_any_shape_opens_or_is_refused(document: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        compile_in(directory, yaml.safe_dump(document), "serverless-compose.yml")


@QUICK
@given(st.text(alphabet=st.sampled_from("ab:-{}[]!&*<>|'\"#\t\n ,?%@`$"), max_size=60))
def test_text_of_any_kind_parses_or_is_refused(text: str) -> None:
    with contextlib.suppress(ConfigError):
        parse(text, Path("serverless.yml"))
    with contextlib.suppress(ConfigError):
        parse(text, Path("serverless.json"))


@QUICK
@given(st.text(alphabet=st.sampled_from("${}():,'\"ab.0 \\\0!"), max_size=40))
def test_an_expression_of_any_kind_parses_or_is_refused(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        parse_text("${" + text + "}")


class Anything:
    """Answers every reference with its name."""

    def ref(self, logical_id: str) -> str:
        return logical_id

    def attribute(self, logical_id: str, name: str) -> str:
        return name

    def pseudo(self, name: str) -> str:
        return name

    def dynamic(self, text: str) -> str:
        return text

    def service_output(self, service: str, name: str) -> str:
        return name


@QUICK
@given(VALUES)
def test_intrinsics_of_any_shape_resolve_or_are_refused(value: Any) -> None:
    for function in (lambda: resolve(value, Anything()), lambda: resource_ids(value), lambda: service_outputs(value)):
        with contextlib.suppress(ConfigError):
            function()


def test_depth_without_end_is_refused_and_does_not_crash_the_parser() -> None:
    for text in ("[" * 100_000, "- " * 100_000, '{"a":' * 100_000):
        with contextlib.suppress(ConfigError):
            parse(text, Path("serverless.yml"))
            raise AssertionError("parsed")
