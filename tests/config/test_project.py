"""Projects: which services there are, in which order, and what they pass to each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from stateroom.config.project import open_project
from stateroom.errors import ConfigError
from tests.config.bench import FUNCTION, HEAD, Bench, properties

OUTPUT = {"Fn::ServiceOutput": ["orders", "queueUrl"]}


def compose(bench: Bench, text: str, *services: str) -> None:
    bench.write("serverless-compose.yml", text)
    for service in services:
        bench.write(f"{service}/serverless.yml", HEAD.replace("shop", f"shop-{service}"))


def why_not(bench: Bench) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        bench.open()
    return caught.value


def test_a_single_service_is_a_project(bench: Bench) -> None:
    bench.write("serverless.yml", HEAD.replace("name: aws", "name: aws, stage: staging"))
    project = bench.open(bench.root / "serverless.yml")
    assert (project.name, project.compose, project.stages) == ("shop", False, {"shop": "staging"})
    assert list(project.services) == ["shop"]
    assert project.protected_stages == {"prod", "production"}


def test_compose_goes_before_a_single_service(bench: Bench) -> None:
    bench.write("serverless.yml", HEAD)
    compose(bench, "services: {orders: {path: orders}}", "orders")
    assert bench.open().compose


def test_services_come_in_the_order_of_their_dependencies(bench: Bench) -> None:
    text = """
    services:
      c: {path: c, dependsOn: b}
      b: {path: b, params: {url: "${a.url}"}}
      a: {path: a}
    """
    compose(bench, text, "a", "b", "c")
    project = bench.open()
    assert list(project.services) == ["a", "b", "c"]
    assert project.services["b"].depends_on == ("a",)
    assert project.services["c"].depends_on == ("b",)


def test_a_circle_of_services_is_named(bench: Bench) -> None:
    compose(bench, 'services: {a: {path: a, dependsOn: b}, b: {path: b, params: {x: "${a.x}"}}}', "a", "b")
    error = why_not(bench)
    assert error.why == "a → b → a"
    assert error.where is not None


@pytest.mark.parametrize(
    ("text", "what", "todo"),
    [
        ('services: {a: {path: a, params: {x: "${orderz.x}"}}, orders: {path: o}}', "no service orderz", "orders"),
        ("services: {a: {path: a, dependsOn: orderz}, orders: {path: o}}", "no service orderz", "orders"),
        ("services: {a: {pth: a}}", "services.a.path: no path", "path: in place of pth:"),
        ("services: {a: {}}", "no path", "path"),
        ("services: {a: {path: a, params: [1]}}", "not a map", "params"),
        ("service: {}", "no services", "services: in place of service:"),
        ('services: {a: {path: a, params: {x: "${a.b.c}"}}}', "does not name an output", ""),
        ('services: {a: {path: a, params: {x: "${a}"}}}', "does not name an output", "${a.name}"),
        # (case `report-compose-96`)
        ('services: {a: {path: a, params: {x: "${services/b.u}"}}, b: {path: services/b}}', "services/b.u", "b"),
    ],
)
def test_a_wrong_compose_file_says_what_was_meant(bench: Bench, text: str, what: str, todo: str) -> None:
    compose(bench, text)
    error = why_not(bench)
    assert what in error.what
    assert todo in error.todo
    assert error.where is not None


def test_no_project_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        open_project(tmp_path, options={}, environment={})
    assert str(tmp_path) in caught.value.what
    assert "serverless-compose.yml" in caught.value.why
    (tmp_path / "serverless.ts").touch()
    with pytest.raises(ConfigError, match=r"serverless\.ts is a program"):
        open_project(tmp_path, options={}, environment={})


def test_outputs_of_other_services_stay_symbolic(bench: Bench) -> None:
    text = """
    services:
      orders: {path: orders}
      billing:
        path: billing
        params: {queueUrl: "${orders.queueUrl}", page: "https://x/${orders.queueUrl}/y", size: 3}
    """
    compose(bench, text, "orders")
    bench.write("billing/app.py", "")
    environment = """
    environment:
      PLAIN: ${param:queueUrl}
      AROUND: ${param:page}
      MORE: <${param:queueUrl}>
      SUB: !Sub "${AWS::Region}/${param:queueUrl}"
      SIZE: ${param:size}
    """
    indented = environment.replace("\n", "\n    ")
    bench.write("billing/serverless.yml", HEAD + FUNCTION + indented.replace("        environment", "    environment"))
    template = bench.compile(service="billing")
    variables = properties(template, "CreateLambdaFunction")["Environment"]["Variables"]
    assert variables["PLAIN"] == OUTPUT
    assert variables["AROUND"] == {"Fn::Join": ["", ["https://x/", OUTPUT, "/y"]]}
    assert variables["MORE"] == {"Fn::Join": ["", ["<", OUTPUT, ">"]]}
    assert variables["SUB"] == {"Fn::Sub": ["${AWS::Region}/${Value1}", {"Value1": OUTPUT}]}
    assert variables["SIZE"] == "3"


def test_a_name_cannot_depend_on_another_services_output(bench: Bench) -> None:
    text = 'services: {orders: {path: orders}, billing: {path: billing, params: {x: "${orders.x}"}}}'
    compose(bench, text, "orders")
    bench.write("billing/serverless.yml", HEAD + FUNCTION + "    name: fn-${param:x}\n")
    error = bench.refused(service="billing")
    assert "functions.create.name: not a literal text" in error.what
    assert "before anything is deployed" in error.why


def test_protected_stages_come_from_the_config(bench: Bench) -> None:
    compose(bench, "services: {a: {path: a}, b: {path: b}}", "b")
    bench.write("a/serverless.yml", HEAD + "custom: {stateroom: {protect: [live]}}\n")
    assert bench.open().protected_stages == {"live"}


def test_each_service_has_its_own_stage(bench: Bench) -> None:
    compose(bench, "provider: {stage: prod}\nservices: {a: {path: a}, b: {path: b}, c: {path: c}}")
    for name, stage in (("a", "${opt:stage, 'qa'}"), ("b", "live")):
        bench.write(f"{name}/serverless.yml", HEAD.replace("name: aws", f'name: aws, stage: "{stage}"'))
    bench.write("c/serverless.yml", HEAD)
    assert bench.open().stages == {"a": "qa", "b": "live", "c": "dev"}
    bench.options = {"stage": "prod"}
    assert set(bench.open().stages.values()) == {"prod"}


def test_one_broken_service_does_not_keep_the_others_from_opening(bench: Bench) -> None:
    compose(bench, "services: {a: {path: a}, b: {path: b}}", "a")
    bench.write("b/serverless.yml", "a: [")
    assert set(bench.open().services) == {"a", "b"}
    assert bench.compile(service="a").service == "a"
    assert "not valid YAML" in bench.refused(service="b").what


def test_a_stage_that_only_the_command_line_tells_is_asked_for_there(bench: Bench) -> None:
    text = "service: shop\nprovider: {name: aws, stage: '${opt:stage}'}\n"
    assert "opt:stage" in bench.refused(text).what
    bench.options = {"stage": "qa"}
    assert bench.open().stages == {"shop": "qa"}
    assert bench.compile(stage="qa").stage == "qa"
