"""serverless-compose.yml: parameters by stage, what a service may say about itself, and where state is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stateroom.config.compiler import compile_service
from stateroom.config.compose.state_bucket import StateBucket
from stateroom.config.identity import identify
from stateroom.errors import ConfigError
from tests.config.bench import Bench

SERVICE = (
    "service: {name}\nprovider: {{name: aws{more}}}\nresources: {{Outputs: {{it: {{Value: '${{param:it, 1}}'}}}}}}\n"
)


def service(bench: Bench, name: str, more: str = "", file: str = "serverless.yml") -> None:
    bench.write(f"{name}/{file}", SERVICE.format(name=name, more=more))


def outputs(bench: Bench, name: str, stage: str | None = None) -> object:
    return compile_service(bench.open(), name, bench.settings(stage)).outputs["it"].value


@pytest.mark.parametrize(("stage", "value"), [("dev", "of-default"), ("prod", "of-prod")])
def test_parameters_of_the_compose_file_are_by_stage(bench: Bench, stage: str, value: str) -> None:
    service(bench, "orders")
    bench.options = {"stage": stage}
    bench.write(
        "serverless-compose.yml",
        """
        stages:
          default: {params: {kind: of-default}}
          prod: {params: {kind: of-prod}}
        services:
          orders: {path: orders, params: {it: "${param:kind}"}}
        """,
    )
    assert outputs(bench, "orders", stage) == value


def test_parameters_keep_their_type_and_text_around_outputs(bench: Bench) -> None:
    service(bench, "orders")
    service(bench, "billing")
    bench.write(
        "serverless-compose.yml",
        """
        services:
          billing: {path: billing, params: {it: "https://${orders.url}/x-${orders.id}"}}
          orders: {path: orders, params: {it: 5}}
        """,
    )
    assert list(bench.open().services) == ["orders", "billing"]
    assert outputs(bench, "orders") == 5
    pieces = ["https://", {"Fn::ServiceOutput": ["orders", "url"]}, "/x-", {"Fn::ServiceOutput": ["orders", "id"]}]
    assert outputs(bench, "billing") == {"Fn::Join": ["", pieces]}


def test_a_service_names_its_file_and_region(bench: Bench) -> None:
    service(bench, "orders", ", region: us-east-1", "serverless.eu.yml")
    bench.write(
        "serverless-compose.yml", "services: {orders: {path: orders, config: serverless.eu.yml, region: eu-west-1}}"
    )
    project = bench.open()
    assert identify(project.services["orders"], bench.settings()).region == "eu-west-1"
    given = replace(bench.settings(), region="eu-north-1")
    assert identify(project.services["orders"], given).region == "eu-north-1"


def test_each_service_has_its_own_stage_until_one_is_chosen(bench: Bench) -> None:
    service(bench, "orders", ", stage: qa")
    service(bench, "billing", ", stage: beta")
    bench.write("serverless-compose.yml", "services: {orders: {path: orders}, billing: {path: billing}}")
    project = bench.open()
    own = {name: identify(entry, bench.settings()).stage for name, entry in project.services.items()}
    assert own == {"orders": "qa", "billing": "beta"}
    chosen = {name: identify(entry, bench.settings("prod")).stage for name, entry in project.services.items()}
    assert set(chosen.values()) == {"prod"}


STATE = """
state: {state}
stages:
  default:
    resolvers:
      mine:
        type: aws
        region: eu-west-1
        profile: ops
        bucket: {{type: s3, bucketName: "states-${{sls:stage}}", serverSideEncryption: AES256}}
  prod:
    resolvers:
      theirs: {{type: aws, bucket: {{type: s3, bucketName: prod-states, region: us-west-2}}}}
services: {{orders: {{path: orders}}}}
"""


@pytest.mark.parametrize("written", ["bucket", "{resolver: bucket}"])
def test_state_names_a_bucket(bench: Bench, written: str) -> None:
    service(bench, "orders")
    bench.write("serverless-compose.yml", STATE.format(state=written))
    assert bench.open().state == StateBucket("states-dev", "eu-west-1", "AES256", "ops")
    bench.options = {"stage": "prod"}
    assert bench.open().state == StateBucket("prod-states", "us-west-2")


def test_a_project_without_state_names_none(bench: Bench) -> None:
    service(bench, "orders")
    bench.write("serverless-compose.yml", "services: {orders: {path: orders}}")
    assert bench.open().state is None


@pytest.mark.parametrize(
    ("text", "what", "todo"),
    [
        (STATE.format(state="buckt"), "state: there is no resolver buckt of type s3", "bucket"),
        (STATE.format(state="[a]"), "state: no resolver", ""),
        (STATE.format(state="bucket").replace("bucketName:", "name:"), "no bucketName", ""),
        ("params: {}\nstages: {}\nservices: {orders: {path: orders}}", "params and stages", "stages.<stage>.params"),
        ("services: {orders: {path: orders, region: [a]}}", "services.orders.region: not a text", "eu-west-1"),
        ("services: {orders: {path: orders, dependsOn: orderz}}", "there is no service orderz", "orders"),
        ("stages: {default: {params: [1]}}\nservices: {orders: {path: orders}}", "params: not a map", "key: value"),
        (
            "stages: {default: {params: {u: '${orders.u}'}}}\nservices: {orders: {path: orders}}",
            "cannot be given to every service",
            "services.<name>.params",
        ),
    ],
)
def test_what_cannot_be_right_is_refused_where_it_is_written(bench: Bench, text: str, what: str, todo: str) -> None:
    service(bench, "orders")
    bench.write("serverless-compose.yml", text)
    with pytest.raises(ConfigError) as caught:
        bench.open()
    assert what in caught.value.what
    assert todo in caught.value.todo
    assert caught.value.where is not None


def test_a_circle_names_its_services(bench: Bench) -> None:
    bench.write("serverless-compose.yml", "services: {a: {path: a, dependsOn: b}, b: {path: b, params: {x: '${a.y}'}}}")
    with pytest.raises(ConfigError) as caught:
        bench.open()
    assert caught.value.what == "services depend on each other in a circle"
    assert set(caught.value.why.split(" → ")) == {"a", "b"}


@pytest.mark.parametrize("name", ["serverless.ts", "serverless.js", "serverless-compose.ts"])
def test_a_program_is_one_clear_line(bench: Bench, name: str) -> None:
    bench.write(name, "export default {}")
    with pytest.raises(ConfigError) as caught:
        bench.open()
    assert caught.value.what == f"{name} is a program"
    assert "serverless print" in caught.value.todo


UNKNOWN = """
stage: dev
services:
  orders: {path: orders, dependOn: [], whatever: 1}
"""


def test_a_key_that_nothing_reads_is_a_warning_with_its_line_as_in_a_services_file(bench: Bench) -> None:
    """The project opens all the same (case `compose-unknown-key`)."""
    service(bench, "orders")
    bench.write("serverless-compose.yml", UNKNOWN)

    assert bench.open().warnings == (
        "stage has no effect: unknown key: the stage is --stage, or each service's own provider.stage "
        "(serverless-compose.yml:2)",
        "services.orders.dependOn has no effect: unknown key: did you mean dependsOn? (serverless-compose.yml:4)",
        "services.orders.whatever has no effect: unknown key (serverless-compose.yml:4)",
    )


@pytest.mark.parametrize(
    ("stage", "own", "value"),
    [
        ("dev", "", "default"),
        ("prod", "", "prod"),
        ("prod", "stages: {prod: {params: {it: own}}}\n", "own"),
        ("prod", "stages: {default: {params: {it: own}}}\n", "own"),
    ],
)
@pytest.mark.parametrize(
    "layout", ["stages: {{default: {{params: {0}}}, prod: {{params: {1}}}}}", "params: {{default: {0}, prod: {1}}}"]
)
def test_the_compose_files_params_of_the_stage_reach_each_service_and_its_own_go_before(
    bench: Bench, layout: str, stage: str, own: str, value: str
) -> None:
    """Params of the file's stages (case `compose-stages-params`)."""
    bench.write("orders/serverless.yml", own + SERVICE.format(name="orders", more=""))
    bench.write(
        "serverless-compose.yml",
        layout.format("{it: default}", "{it: prod}") + "\nservices: {orders: {path: orders}}\n",
    )
    bench.options = {"stage": stage}

    assert outputs(bench, "orders", stage) == value


def test_what_the_compose_file_passes_to_one_service_goes_before_what_it_gives_to_all(bench: Bench) -> None:
    service(bench, "orders")
    bench.write(
        "serverless-compose.yml",
        "stages: {dev: {params: {it: all}}}\nservices: {orders: {path: orders, params: {it: one}}}\n",
    )

    assert outputs(bench, "orders") == "one"


def project_of_two(bench: Bench) -> None:
    service(bench, "orders")
    service(bench, "billing")
    bench.write(
        "serverless-compose.yml",
        "stages: {dev: {params: {it: passed}}}\nservices: {orders: {path: orders}, billing: {path: billing}}\n",
    )


def test_a_services_own_directory_opens_the_compose_project_above_and_names_its_file(bench: Bench) -> None:
    project_of_two(bench)
    within = bench.open(bench.root / "billing")

    assert (within.root, within.meant) == (bench.root, ("billing",))
    assert within.title == f"billing of {bench.root.name} (../serverless-compose.yml)"
    assert compile_service(within, "billing", bench.settings("dev")).outputs["it"].value == "passed"
    assert bench.open().meant == ("orders", "billing")


@pytest.mark.parametrize("text", ["services: {orders: {path: other}}", "services: {", "services: [1]", "- 1"])
def test_a_compose_file_above_that_does_not_list_the_directory_is_not_its_project(bench: Bench, text: str) -> None:
    service(bench, "orders")
    bench.write("serverless-compose.yml", text)

    within = bench.open(bench.root / "orders")

    assert (within.root, within.compose, within.title) == (bench.root / "orders", False, "orders")


def test_a_compose_file_outside_of_the_repository_is_not_looked_for(bench: Bench) -> None:
    project_of_two(bench)
    (bench.root / "billing" / ".git").mkdir()

    assert not bench.open(bench.root / "billing").compose
