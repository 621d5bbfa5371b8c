"""References that nothing replaces are said, with file and line; references of newer Compose files are understood."""

from __future__ import annotations

from pathlib import Path

import pytest

from stateroom.config.document.intrinsics import SERVICE_OUTPUT
from stateroom.config.project import open_project
from stateroom.errors import ConfigError
from tests.config.bench import Bench

SERVICE = """
service: shop
provider: {{name: aws, runtime: python3.12, environment: {{SHARED: "{shared}"}}}}
functions:
  one: {{handler: app.one, environment: {{OWN: "{own}"}}}}
  two: {{handler: app.one}}
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    found = Bench(tmp_path)
    found.write("app.py", "def one(event, context): ...\n")
    return found


def warnings(bench: Bench, own: str = "x", shared: str = "y") -> list[str]:
    bench.write("serverless.yml", SERVICE.format(own=own, shared=shared))
    return [text for text in bench.compile().warnings if "stays a text" in text]


@pytest.mark.parametrize(
    ("text", "todo"),
    [
        ("${orders.url}", "${param:url}"),
        ("https://${orders.url}/x", "${param:url}"),
        ("${services/tables.TableArn}", "${param:TableArn}"),
        ("${Queue.Arn}", "!GetAtt"),
        ("${AWS::Region}", "!Ref AWS::Region"),
        ("${{self:service}}", "${self:…}"),
    ],
)
def test_a_reference_in_an_environment_that_stays_a_text_is_said(bench: Bench, text: str, todo: str) -> None:
    (said,) = warnings(bench, own=text)
    assert "functions.one.environment.OWN" in said
    assert "(serverless.yml:" in said
    assert todo in said


def test_one_of_the_providers_is_said_once(bench: Bench) -> None:
    (said,) = warnings(bench, shared="${orders.url}")
    assert said.startswith("provider.environment.SHARED: ${orders.url} is no variable")


@pytest.mark.parametrize("text", ["${name}", "${HOME:-/root}", "$x", "{orders.url}", "${self:service}"])
def test_what_a_program_may_mean_itself_is_not(bench: Bench, text: str) -> None:
    assert warnings(bench, own=text) == []


def test_a_syntax_of_ones_own_has_no_effect_and_that_is_said(bench: Bench) -> None:
    bench.write("serverless.yml", "variableSyntax: x\n" + SERVICE.format(own="a", shared="b"))
    said = [text for text in bench.compile().warnings if "variableSyntax" in text]
    assert said == [
        "variableSyntax has no effect: variables are written ${self:…}, as since version 3 (serverless.yml:1)"
    ]


def compose(root: Path, params: str, service: str = "service: b\n") -> Path:
    for name, text in {"a": "service: a\n", "b": service}.items():
        (root / name).mkdir()
        (root / name / "serverless.yml").write_text(f"{text}provider: {{name: aws}}\n")
    (root / "serverless-compose.yml").write_text(
        f"services:\n  a: {{path: a}}\n  b:\n    path: b\n    params: {params}\n"
    )
    return root


def test_a_reference_to_an_output_may_be_written_as_a_variable(tmp_path: Path) -> None:
    root = compose(tmp_path, '{url: "${service:a.Url}", text: "x-${service:a.Url}"}')
    entry = open_project(root, options={}, environment={}).services["b"]
    reference = {SERVICE_OUTPUT: ["a", "Url"]}
    assert entry.params == {"url": reference, "text": {"Fn::Join": ["", ["x-", reference]]}}
    assert entry.depends_on == ("a",)


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ('{url: "${service:aa.Url}"}', "services.b.params.url: there is no service aa"),
        ('{url: "${service:a}"}', "does not name a service and one of its outputs"),
        ('{url: "${service:a.b.c}"}', "does not name a service and one of its outputs"),
    ],
)
def test_one_that_names_nothing_is_an_error_with_its_line(tmp_path: Path, params: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        open_project(compose(tmp_path, params), options={}, environment={})
    assert caught.value.where is not None
    assert caught.value.where.line == 5


def test_in_a_services_own_file_it_says_where_it_belongs(bench: Bench) -> None:
    with pytest.raises(ConfigError, match=r"\$\{service:a\.Url\} is for serverless-compose\.yml"):
        warnings(bench, own="${service:a.Url}")
