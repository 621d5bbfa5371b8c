"""What users of the framework once reported as broken, and must stay right here. Each names its case."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace

import pytest

from stateroom.config.compiler import compilation_of, compile_service
from stateroom.config.service import load_service
from stateroom.config.siblings import Siblings
from stateroom.engine.opening.project_loading import settings_of
from stateroom.engine.options import WorkspaceOptions
from stateroom.errors import ConfigError
from tests.config.bench import Bench, properties

AWS = "provider: {name: aws, runtime: nodejs20.x, region: eu-west-1}\n"
MACHINE = AWS + "plugins: [serverless-step-functions, serverless-pseudo-parameters]\n"


def test_a_service_is_named_by_a_parameter_of_the_compose_file(bench: Bench) -> None:
    """(case `report-compose-155`)"""
    bench.write("serverless-compose.yml", "services: {first: {path: svc, params: {title: from-compose}}}\n")
    bench.write("svc/serverless.yml", "service: ${param:title}\n" + AWS)
    assert compile_service(bench.open(), "first", bench.settings()).app == "from-compose"


def test_an_attribute_and_pseudo_parameters_stand_in_one_machine(bench: Bench) -> None:
    """(case `report-sfn-252`)"""
    bench.write("h.js", "")
    arn = "arn:aws:lambda:#{AWS::Region}:#{AWS::AccountId}:function:two-dev-pack"
    states = f"A: {{Type: Task, Resource: !GetAtt pick.Arn, Next: B}}, B: {{Type: Task, Resource: '{arn}', End: true}}"
    text = (
        f"service: two\n{MACHINE}functions: {{pick: {{handler: h.handler}}, pack: {{handler: h.handler}}}}\n"
        f"stepFunctions: {{stateMachines: {{M: {{name: M, definition: {{StartAt: A, States: {{{states}}}}}}}}}}}\n"
    )
    definition = json.dumps(properties(bench.compile(text), "M"))
    assert "PickLambdaFunction" in definition
    assert "${AWS::Region}" in definition
    assert "#{AWS::" not in definition


def test_a_state_with_an_empty_resource_is_an_error_with_its_line(bench: Bench) -> None:
    """(case `report-sfn-490`)"""
    bench.write("h.js", "")
    text = (
        f"service: nul\n{MACHINE}functions: {{a: {{handler: h.handler}}}}\n"
        "stepFunctions: {stateMachines: {m: {definition: {StartAt: A, "
        "States: {A: {Type: Task, Resource: , End: true}}}}}}"
    )
    error = bench.refused(text)
    assert "Resource" in error.what
    assert error.where is not None
    assert error.where.line == 5


def test_patterns_exclude_all_and_include_one_directory(bench: Bench) -> None:
    """(case `report-sls-11716`)"""
    for name in ("parts/one/h.js", "parts/two/h.js", "README.md"):
        bench.write(name, name)
    text = (
        f"service: pk\n{AWS}package: {{individually: true}}\nfunctions:\n"
        "  one: {handler: parts/one/h.handler, package: {patterns: ['!**', 'parts/one/**']}}\n"
        "  two: {handler: parts/two/h.handler, package: {patterns: ['!./parts/one/**', '!*.md', '!app.py']}}\n"
    )
    template = bench.compile(text)
    zips = {
        name: zipfile.ZipFile(template.artifacts[properties(template, name)["Code"]["ArtifactSha256"]].path).namelist()
        for name in ("OneLambdaFunction", "TwoLambdaFunction")
    }
    assert zips == {"OneLambdaFunction": ["parts/one/h.js"], "TwoLambdaFunction": ["parts/two/h.js"]}


def test_the_name_of_a_service_that_is_a_text_is_found_below_name(bench: Bench) -> None:
    """(case `report-sls-4744`)"""
    bench.write("serverless.yml", f"service: feedback\n{AWS}custom: {{t: '${{self:service.name}}-x'}}\n")
    project = bench.open()
    assert load_service(project.services["feedback"], bench.settings()).lookup("custom", "t") == "feedback-x"


def test_empty_resources_in_a_list_wipe_none_of_the_others(bench: Bench) -> None:
    """(case `report-sls-8118`)"""
    bench.write("full.yml", "Resources: {Q: {Type: 'AWS::SQS::Queue'}}\n")
    bench.write("empty.yml", "Resources:\n")
    bench.write("serverless.yml", f"service: emp\n{AWS}resources: ['${{file(full.yml)}}', '${{file(empty.yml)}}']\n")
    assert "Q" in compilation_of(bench.open(), "emp", bench.settings()).resources


# ---- ${cf:…} between services of one project


def two_services(bench: Bench, reference: str) -> None:
    bench.write("serverless-compose.yml", "services: {a: {path: a}, b: {path: b, dependsOn: a}}\n")
    bench.write("a/serverless.yml", f"service: res\n{AWS}resources: {{Outputs: {{QUrl: {{Value: u}}}}}}\n")
    bench.write("b/serverless.yml", f"service: api\n{AWS}resources: {{Outputs: {{it: {{Value: '{reference}'}}}}}}\n")


@pytest.mark.parametrize("reference", ["${cf:res-dev.QUrl}", "${cf(eu-west-1):res-dev.QUrl}", "${aws:cf:res-dev.QUrl}"])
def test_an_output_of_a_stack_that_a_service_stands_for_is_that_services(bench: Bench, reference: str) -> None:
    """(case `cf-sibling`)"""
    two_services(bench, reference)
    project = bench.open()
    settings = replace(settings_of(project, WorkspaceOptions()), build_dir=bench.root / "build")

    assert compile_service(project, "b", settings).outputs["it"].value == {"Fn::ServiceOutput": ["a", "QUrl"]}
    known = replace(settings, siblings=Siblings(settings.siblings.by_stack, lambda *_: "https://queue"))
    assert compile_service(project, "b", known).outputs["it"].value == "https://queue"


@pytest.mark.parametrize("reference", ["${cf:res-prod.QUrl}", "${cf(us-east-1):res-dev.QUrl}", "${cf:other.QUrl}"])
def test_another_stack_is_asked_for_far_away(bench: Bench, reference: str) -> None:
    two_services(bench, reference)
    project = bench.open()
    settings = replace(settings_of(project, WorkspaceOptions()), remote=None, build_dir=bench.root / "build")
    with pytest.raises(ConfigError, match="no connection to a cloud"):
        compile_service(project, "b", settings)
