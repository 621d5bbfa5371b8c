"""Functions, their names, roles and environments; and what is wrong with them, before AWS says so."""

from __future__ import annotations

import pytest

from stateroom.config.compiler import compile_service
from stateroom.config.plugin_verdicts import VERDICTS, Fate, Verdict
from stateroom.model.values import Secret
from tests.config.bench import FUNCTION, HEAD, Bench, properties, types


def test_a_function_comes_with_its_log_group_and_the_shared_role(bench: Bench) -> None:
    template = bench.compile(HEAD + FUNCTION)
    (version,) = (name for name, type_ in types(template).items() if type_ == "AWS::Lambda::Version")
    assert types(template) == {
        "CreateLogGroup": "AWS::Logs::LogGroup",
        "CreateLambdaFunction": "AWS::Lambda::Function",
        version: "AWS::Lambda::Version",
        "IamRoleLambdaExecution": "AWS::IAM::Role",
    }
    (sha256,) = template.artifacts
    assert properties(template, "CreateLambdaFunction") == {
        "Code": {"ArtifactSha256": sha256},
        "FunctionName": "shop-dev-create",
        "Handler": "app.create",
        "Runtime": "python3.12",
        "MemorySize": 1024,
        "Timeout": 6,
        "Role": {"Fn::GetAtt": ["IamRoleLambdaExecution", "Arn"]},
    }
    assert template.resources["CreateLambdaFunction"].depends_on == ("CreateLogGroup",)
    assert properties(template, "CreateLogGroup") == {"LogGroupName": "/aws/lambda/shop-dev-create"}
    assert template.outputs["CreateLambdaFunctionQualifiedArn"].value == {"Ref": version}


def test_names_follow_the_frameworks_rule(bench: Bench) -> None:
    template = bench.compile(HEAD + "functions: {my-fn_one: {handler: app.create, name: own}}")
    assert "MyDashfnUnderscoreoneLambdaFunction" in template.resources
    assert properties(template, "MyDashfnUnderscoreoneLambdaFunction")["FunctionName"] == "own"
    assert properties(template, "MyDashfnUnderscoreoneLogGroup")["LogGroupName"] == "/aws/lambda/own"


def test_a_function_adds_to_what_the_provider_sets(bench: Bench) -> None:
    text = """
    service: shop
    provider:
      name: aws
      runtime: python3.12
      memorySize: 256
      timeout: 20
      logRetentionInDays: 14
      environment: {A: provider, B: provider, N: 1, T: true, GONE: null}
      tags: {team: shop}
    functions:
      create:
        handler: app.create
        timeout: 30
        description: makes orders
        environment: {B: function, URL: !Ref Queue}
        tags: {part: api}
    resources: {Resources: {Queue: {Type: AWS::SQS::Queue}}}
    """
    template = bench.compile(text)
    function = properties(template, "CreateLambdaFunction")
    assert (function["MemorySize"], function["Timeout"], function["Description"]) == (256, 30, "makes orders")
    assert function["Environment"] == {
        "Variables": {"A": "provider", "B": "function", "N": "1", "T": "true", "URL": {"Ref": "Queue"}}
    }
    assert function["Tags"] == [{"Key": "part", "Value": "api"}, {"Key": "team", "Value": "shop"}]
    assert properties(template, "CreateLogGroup")["RetentionInDays"] == 14


def test_the_shared_role_allows_logs_and_what_the_user_adds(bench: Bench) -> None:
    statements = "[{Effect: Allow, Action: ['dynamodb:PutItem'], Resource: '*'}]"
    text = HEAD.replace("runtime:", f"iam: {{role: {{statements: {statements}}}}}, runtime:") + FUNCTION
    role = properties(bench.compile(text), "IamRoleLambdaExecution")
    (policy,) = role["Policies"]
    assert policy["PolicyName"] == "shop-dev-lambda"
    create, put, own = policy["PolicyDocument"]["Statement"]
    assert create["Action"] == ["logs:CreateLogStream", "logs:CreateLogGroup", "logs:TagResource"]
    assert put["Action"] == ["logs:PutLogEvents"]
    assert own["Action"] == ["dynamodb:PutItem"]
    assert role["RoleName"] == {"Fn::Sub": "shop-dev-${AWS::Region}-lambdaRole"}


def test_no_shared_role_when_every_function_has_its_own(bench: Bench) -> None:
    template = bench.compile(HEAD + FUNCTION + "    role: arn:aws:iam::123456789012:role/own\n")
    assert "IamRoleLambdaExecution" not in template.resources
    assert properties(template, "CreateLambdaFunction")["Role"] == "arn:aws:iam::123456789012:role/own"


def test_secrets_are_secret_from_here_on(bench: Bench) -> None:
    bench.environment = {"PAYMENT_KEY": "sk_live_1"}
    text = FUNCTION + "    environment: {PAYMENT_KEY: '${env:PAYMENT_KEY}', A_TOKEN: t, PLAIN: p}\n"
    template = bench.compile(HEAD + text + "custom: {stateroom: {secrets: [PAYMENT_KEY, '*_TOKEN']}}\n")
    variables = properties(template, "CreateLambdaFunction")["Environment"]["Variables"]
    assert variables == {"PAYMENT_KEY": Secret("sk_live_1"), "A_TOKEN": Secret("t"), "PLAIN": "p"}
    assert "sk_live_1" not in repr(template)


def test_a_missing_handler_file_is_found_before_the_deploy(bench: Bench) -> None:
    bench.write("src/orders.py", "")
    error = bench.refused(HEAD + FUNCTION.replace("app.create", "src/order.create"))
    assert "src/order.py does not exist" in error.what
    assert error.where is not None
    assert (error.where.file.name, error.where.line) == ("serverless.yml", 7)
    assert str(bench.root / "src/order.py") in error.why
    assert "src/orders.py" in error.todo


NODE = "service: shop\nprovider: {name: aws, runtime: nodejs20.x}\n"


def test_a_handler_that_its_package_leaves_out_is_found_before_the_deploy(bench: Bench) -> None:
    error = bench.refused(HEAD + FUNCTION + "package: {patterns: ['!app.py']}\n")
    assert "app.py is not in the package" in error.what
    assert "package.patterns" in error.todo


def test_a_handler_beside_the_service_is_in_the_package_that_its_pattern_makes(bench: Bench) -> None:
    """The check looks into the package, not into the directory (case `parent-pattern`)."""
    bench.write("src/h.js", "")
    bench.write(
        "sls/serverless.yml", NODE + "package: {patterns: [../src/h.js]}\nfunctions: {f: {handler: src/h.go}}\n"
    )
    project = bench.open(bench.root / "sls")
    assert compile_service(project, "shop", bench.settings("dev")).resources["FLambdaFunction"]


@pytest.mark.parametrize("suffix", [".ts", ".mts", ".tsx", ".jsx"])
def test_a_handler_that_has_to_be_built_first_is_not_deployed_as_it_is(bench: Bench, suffix: str) -> None:
    """Node.js of Lambda loads no TypeScript: it would fail at its first call (case `typescript`)."""
    bench.write(f"src/h{suffix}", "")
    error = bench.refused(NODE + "functions: {f: {handler: src/h.handler}}\n")
    assert f"src/h{suffix} needs a build" in error.what
    assert "package.artifact" in error.todo


def test_a_handler_that_a_layer_may_have_is_only_a_warning(bench: Bench) -> None:
    layers = "layers: ['arn:aws:lambda:eu-west-1:123456789012:layer:wrapper:1']"
    bench.write("serverless.yml", NODE + f"functions: {{f: {{handler: /opt/nodejs/wrapper.handler, {layers}}}}}\n")
    template = compile_service(bench.open(), "shop", bench.settings("dev"))
    assert any("layers must have it" in warning for warning in template.warnings)


@pytest.mark.parametrize(
    ("text", "what", "todo"),
    [
        (FUNCTION + "    memorysize: 3\n", "functions.create.memorysize: unknown key", "did you mean memorySize?"),
        (FUNCTION + "    timeout: long\n", "functions.create.timeout: not a whole number", ""),
        (
            FUNCTION + "    url: {cors: {allowedOrigin: x}}\n",
            "functions.create.url.cors.allowedOrigin: unknown key",
            "allowedOrigins",
        ),
        (FUNCTION + "    tenancy: {mode: x}\n", "functions.create.tenancy: not supported yet", ""),
        (FUNCTION + "    environment: [A]\n", "functions.create.environment", ""),
        (FUNCTION + "    environment: {A: [1]}\n", "functions.create.environment.A", ""),
        (FUNCTION + "    events: [nonsense]\n", "unknown event nonsense", ""),
        (FUNCTION + "    events: [{httpApi: '*', method: get}]\n", "not one event", "indent"),
        (FUNCTION + "    events: [{http: , path: /, method: get}]\n", "not one event", "indent"),
        ("functions: {create: {}}\n", "no handler", "handler:"),
        ("functions: {create: {handler: app}}\n", "app is not a handler", "file.function"),
        ("functions: {a b: {handler: app.create}}\n", "not a function name", ""),
        ("functions: {a-: {handler: app.create}, aDash: {handler: app.create}}\n", "is made twice", "rename"),
        ("fuctions: {}\n", "fuctions: unknown key", "did you mean functions?"),
        ("layers: {l: {path: nowhere}}\n", "layers.l.path: no such directory", ""),
        ("configValidationMode: error\nowner: me\n", "owner: unknown key", "known: "),
        ("provider: {}\n", "duplicate key provider", ""),
    ],
)
def test_a_mistake_is_named_with_file_and_line(bench: Bench, text: str, what: str, todo: str) -> None:
    error = bench.refused(HEAD + text)
    assert what in error.what
    assert todo in error.todo
    assert error.where is not None
    assert error.where.file.name == "serverless.yml"
    assert error.where.line > 2


def test_plugins_that_we_do_not_know_are_named_once(bench: Bench) -> None:
    text = HEAD + "plugins: [./own, ./own, serverless-step-functions]\n"
    warnings = bench.compile(text).warnings
    assert warnings == ("the plugin ./own is ignored: what it would add or change is not in this config",)


@pytest.mark.parametrize(("plugin", "verdict"), VERDICTS.items())
def test_each_known_plugin_has_the_fate_that_its_verdict_says(bench: Bench, plugin: str, verdict: Verdict) -> None:
    text = f"{HEAD}plugins: [{plugin}]\n{FUNCTION}"
    bench.write("app.py", "")
    built = bench.built(text)
    assert bool(built.postponed) is (verdict.fate is Fate.REFUSED)
    assert any(f"{plugin} is ignored: {verdict.why}" in text for text in built.warnings) is (
        verdict.fate is Fate.MISSED
    )
    accepted = bench.built(f"{text}custom: {{stateroom: {{withoutPlugins: [{plugin}]}}}}\n")
    assert accepted.postponed == []
    ignored = any(plugin in warning for warning in accepted.warnings)
    assert ignored is (verdict.fate in (Fate.MISSED, Fate.REFUSED))


def test_pseudo_parameters_of_the_plugin_are_read_when_it_is_listed(bench: Bench) -> None:
    resources = "resources: {Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: 'q-#{AWS::Region}'}}}}\n"
    template = bench.compile(HEAD + resources + "plugins: [serverless-pseudo-parameters]\n")
    assert properties(template, "Q")["QueueName"] == {"Fn::Sub": "q-${AWS::Region}"}
    assert properties(bench.compile(HEAD + resources), "Q")["QueueName"] == "q-#{AWS::Region}"
