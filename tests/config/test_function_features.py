"""What a function can be beyond a handler: versioned, aliased, reachable by URL, an image, in layers."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from stateroom.model.resource import Template
from tests.config.bench import FUNCTION, HEAD, Bench, properties, types


def only(template: Template, type_: str) -> str:
    """The logical id of the only resource of a type."""
    (found,) = (name for name, each in types(template).items() if each == type_)
    return found


def test_a_version_is_another_resource_as_soon_as_code_or_configuration_change(bench: Bench) -> None:
    first = bench.compile(HEAD + FUNCTION)
    name = only(first, "AWS::Lambda::Version")
    version = first.resources[name]
    assert version.retain
    (sha256,) = first.artifacts
    assert version.properties == {
        "FunctionName": {"Ref": "CreateLambdaFunction"},
        "CodeSha256": base64.b64encode(bytes.fromhex(sha256)).decode(),
    }
    assert only(bench.compile(HEAD + FUNCTION), "AWS::Lambda::Version") == name
    changed = {only(bench.compile(HEAD + FUNCTION + "    timeout: 7\n"), "AWS::Lambda::Version")}
    bench.write("app.py", "def create(event, context): return 1\n")
    changed.add(only(bench.compile(HEAD + FUNCTION), "AWS::Lambda::Version"))
    assert len(changed | {name}) == 3
    tagged = bench.compile(HEAD + FUNCTION + "    tags: {a: b}\n    reservedConcurrency: 3\n")
    assert only(tagged, "AWS::Lambda::Version") in changed, "tags and reservations are of the function, not a version"


@pytest.mark.parametrize(
    ("head", "more"),
    [(HEAD.replace("runtime:", "versionFunctions: false, runtime:"), ""), (HEAD, "    versionFunction: false\n")],
)
def test_versions_can_be_switched_off(bench: Bench, head: str, more: str) -> None:
    template = bench.compile(head + FUNCTION + more)
    assert "AWS::Lambda::Version" not in types(template).values()
    assert not template.outputs


def test_provisioned_concurrency_moves_callers_to_an_alias(bench: Bench) -> None:
    template = bench.compile(HEAD + FUNCTION + "    provisionedConcurrency: 2\n    events: [{schedule: rate(1 day)}]\n")
    alias = properties(template, "CreateProvConcLambdaAlias")
    assert alias["Name"] == "provisioned"
    assert alias["ProvisionedConcurrencyConfig"] == {"ProvisionedConcurrentExecutions": 2}
    permission = template.resources["CreateLambdaPermissionEventsRuleSchedule1"]
    assert permission.properties["FunctionName"] == {
        "Fn::Join": [":", [{"Fn::GetAtt": ["CreateLambdaFunction", "Arn"]}, "provisioned"]]
    }
    assert "CreateProvConcLambdaAlias" in permission.depends_on


def test_a_url_is_public_unless_it_asks_for_signatures(bench: Bench) -> None:
    template = bench.compile(HEAD + FUNCTION + "    url: {cors: {allowedOrigins: ['https://shop.example']}}\n")
    url = properties(template, "CreateLambdaFunctionUrl")
    assert url["AuthType"] == "NONE"
    assert url["Cors"]["AllowOrigins"] == ["https://shop.example"]
    assert url["Cors"]["AllowMethods"] == ["*"]
    assert properties(template, "CreateLambdaPermissionFnUrl")["Action"] == "lambda:InvokeFunctionUrl"
    signed = bench.compile(HEAD + FUNCTION + "    url: {authorizer: aws_iam}\n")
    assert properties(signed, "CreateLambdaFunctionUrl")["AuthType"] == "AWS_IAM"
    assert "CreateLambdaPermissionFnUrl" not in signed.resources


def test_a_layer_is_packaged_and_can_be_referred_to(bench: Bench) -> None:
    bench.write("layer/python/util.py", "ONE = 1\n")
    layers = "layers: {tools: {path: layer, compatibleRuntimes: [python3.12], allowedAccounts: ['*']}}\n"
    template = bench.compile(HEAD + FUNCTION + "    layers: [!Ref ToolsLambdaLayer]\n" + layers)
    layer = properties(template, "ToolsLambdaLayer")
    assert layer["LayerName"] == "tools"
    assert layer["Content"]["ArtifactSha256"] in template.artifacts
    assert properties(template, "ToolsWildLambdaLayerPermission")["Principal"] == "*"
    assert template.outputs["ToolsLambdaLayerQualifiedArn"].value == {"Ref": "ToolsLambdaLayer"}
    assert len(template.artifacts) == 2


def test_a_retained_layer_is_another_resource_for_every_content(bench: Bench) -> None:
    layers = "layers: {tools: {path: layer, retain: true}}\n"
    ids = set()
    for text in ("ONE = 1\n", "ONE = 2\n"):
        bench.write("layer/util.py", text)
        template = bench.compile(HEAD + layers)
        ids.add(only(template, "AWS::Lambda::LayerVersion"))
        assert template.resources[only(template, "AWS::Lambda::LayerVersion")].retain
    assert len(ids) == 2


def test_functions_packaged_alone_have_packages_of_their_own(bench: Bench) -> None:
    bench.write("one.py", "def handler(event, context): ...\n")
    text = """
    package: {individually: true, patterns: ['!**']}
    functions:
      one: {handler: one.handler, package: {patterns: [one.py]}}
      two: {handler: app.create, package: {patterns: [app.py]}}
      three: {handler: app.create, package: {patterns: [app.py]}}
    """
    template = bench.compile(HEAD + "\n".join(line[4:] for line in text.splitlines()))
    codes = {name: properties(template, f"{name}LambdaFunction")["Code"] for name in ("One", "Two", "Three")}
    assert codes["One"] != codes["Two"] == codes["Three"]
    assert len(template.artifacts) == 2


IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop@sha256:" + "a" * 64


def test_an_image_is_taken_by_its_uri(bench: Bench) -> None:
    image = f"{{uri: '{IMAGE}', command: [app.create]}}"
    template = bench.compile(HEAD + f"functions: {{create: {{image: {image}}}}}\n")
    function = properties(template, "CreateLambdaFunction")
    assert function["Code"] == {"ImageUri": IMAGE}
    assert function["PackageType"] == "Image"
    assert function["ImageConfig"] == {"Command": ["app.create"]}
    assert "Handler" not in function
    assert "Runtime" not in function
    assert not template.artifacts


@pytest.mark.parametrize(
    ("function", "what", "todo"),
    [
        ("{image: base}", "neither an ECR uri nor one of provider.ecr.images", "uri"),
        ("{image: {name: a, uri: b}}", "needs a uri or a name", ""),
        (f"{{image: '{IMAGE}', handler: app.create}}", "both a handler and an image", ""),
        ("{handler: app.create, provisionedConcurrency: 1, snapStart: true}", "SnapStart excludes", ""),
        ("{handler: app.create, runtimeManagement: sometimes}", "sometimes is not a mode", "auto"),
        ("{handler: app.create, runtimeManagement: 1.5}", "1.5 is not a mode", "auto"),
        ("{handler: app.create, destinations: {onSuccess: nobody}}", "there is no function nobody", "create"),
        ("{handler: app.create, destinations: {onSuccess: 'arn:aws:s3:::b'}}", "is no target", "queue"),
        ("{handler: app.create, fileSystemConfig: {arn: a, localMountPath: /mnt/x}}", "needs a VPC", "vpc:"),
        ("{handler: app.create, package: {artifact: 's3://b/k.zip'}}", "in S3 is not read", "download"),
    ],
)
def test_what_lambda_would_refuse_is_refused_here(bench: Bench, function: str, what: str, todo: str) -> None:
    error = bench.refused(HEAD + f"functions: {{create: {function}}}\n")
    assert what in error.what
    assert todo in error.todo
    assert error.where is not None


def test_an_image_that_must_be_built_says_that_it_is_not(bench: Bench) -> None:
    head = HEAD.replace("runtime:", "ecr: {images: {base: {path: .}}}, runtime:")
    error = bench.refused(head + "functions: {create: {image: base}}\n")
    assert "must be built" in error.what
    assert "docker" in error.why


def test_functions_may_be_a_list_of_parts(bench: Bench) -> None:
    bench.write("one.yml", "one:\n  handler: app.create\n  timeout: 3\n  environment: {A: b}\n")
    template = bench.compile(HEAD + "functions:\n  - ${file(one.yml)}\n  - two: {handler: app.create}\n")
    one = properties(template, "OneLambdaFunction")
    assert one["Timeout"] == 3
    assert one["Environment"] == {"Variables": {"A": "b"}}
    assert "TwoLambdaFunction" in template.resources
    source = template.resources["OneLambdaFunction"].source
    assert source is not None
    assert source.file.name == "one.yml"


def test_keys_of_plugins_we_do_not_know_are_left_to_them(bench: Bench) -> None:
    text = HEAD + FUNCTION + "    warmupSchedule: {enabled: true}\nplugins: [serverless-plugin-warmup]\n"
    warnings = bench.compile(text).warnings
    assert any("functions.create.warmupSchedule is ignored" in warning for warning in warnings)
    error = bench.refused(text.replace("warmupSchedule: {enabled: true}", "memorysize: 3"))
    assert "did you mean memorySize?" in error.todo


def test_development_dependencies_stay_at_home(bench: Bench, tmp_path: Path) -> None:
    bench.write("package.json", '{"dependencies": {"kept": "1"}, "devDependencies": {"lint": "1"}}')
    for name, needs in (("kept", '{"deep": "1"}'), ("deep", "{}"), ("lint", '{"deep": "1", "alone": "1"}')):
        bench.write(f"node_modules/{name}/package.json", f'{{"name": "{name}", "dependencies": {needs}}}')
        bench.write(f"node_modules/{name}/index.js", "")
    bench.write("node_modules/alone/package.json", '{"bin": {"alone": "x.js"}}')
    bench.write("node_modules/.bin/alone", "")
    bench.write("node_modules/by-hand/package.json", "{}")
    template = bench.compile(HEAD + FUNCTION)
    (artifact,) = template.artifacts.values()
    import zipfile

    names = zipfile.ZipFile(artifact.path).namelist()
    packages = {name.split("/")[1] for name in names if name.startswith("node_modules/")}
    assert packages == {"kept", "deep", "by-hand"}
    everything = bench.compile(HEAD + FUNCTION + "package: {excludeDevDependencies: false}\n")
    (artifact,) = everything.artifacts.values()
    assert "node_modules/lint/index.js" in zipfile.ZipFile(artifact.path).namelist()


def test_validation_can_be_turned_down(bench: Bench) -> None:
    text = HEAD + FUNCTION + "    memorysize: 3\n"
    assert "unknown key" in bench.refused(text).what
    warnings = bench.compile(text + "configValidationMode: warn\n").warnings
    note = "functions.create.memorysize is ignored: unknown key, did you mean memorySize? (serverless.yml:8)"
    assert warnings == (note,)


def test_an_event_that_is_left_out_forbids_a_deploy_but_not_a_look(bench: Bench) -> None:
    text = HEAD + FUNCTION + "    events:\n      - schedule:\n        rate: rate(1 hour)\n"
    built = bench.built(text)
    assert "CreateEventsRuleSchedule1" not in built.resources
    assert "functions.create.events[0]: not one event" in built.postponed[0].what
    (warning,) = bench.compile(text + "configValidationMode: warn\n").warnings
    assert warning.startswith("functions.create.events[0] is ignored: not one event, indent")


def test_what_others_wrote_into_the_file_does_not_stop_it(bench: Bench) -> None:
    text = HEAD + FUNCTION + "    owner: {team: billing}\n    awsKmsKeyArn: arn:aws:kms:a\nai: {model: x}\nlead: me\n"
    assert bench.compile(text).warnings == (
        "ai is ignored: not supported yet (serverless.yml:10)",
        "lead is ignored: unknown key (serverless.yml:11)",
        "functions.create.owner is ignored: unknown key (serverless.yml:8)",
        "functions.create.awsKmsKeyArn is ignored: not supported yet (serverless.yml:9)",
    )


def test_a_misspelt_key_is_named_even_when_what_it_leaves_out_is_missed_first(bench: Bench) -> None:
    error = bench.refused(HEAD + FUNCTION.replace("handler:", "handlr:"))
    assert (error.what, error.todo) == ("functions.create.handlr: unknown key", "did you mean handler?")


def test_tracing_that_says_nothing_is_noted(bench: Bench) -> None:
    template = bench.compile((HEAD + FUNCTION).replace("name: aws,", "name: aws, tracing: true,"))
    assert "TracingConfig" not in template.resources["CreateLambdaFunction"].properties
    (warning,) = template.warnings
    assert "provider.tracing" in warning
    assert "lambda: true" in warning


def test_what_the_file_grants_already_is_not_granted_again(bench: Bench) -> None:
    xray = "{Effect: Allow, Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: ['*']}"
    provider = f"name: aws, tracing: {{lambda: true}}, iam: {{role: {{statements: [{xray}]}}}},"
    template = bench.compile((HEAD + FUNCTION).replace("name: aws,", provider))
    (policy,) = properties(template, "IamRoleLambdaExecution")["Policies"]
    actions = [statement["Action"] for statement in policy["PolicyDocument"]["Statement"]]
    assert actions.count(["xray:PutTraceSegments", "xray:PutTelemetryRecords"]) == 1
