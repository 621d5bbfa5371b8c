"""The stage: found before all else, from sources that need no cloud; each service of a project has its own."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from stateroom.config.identity import identify
from stateroom.config.project import Project, open_project
from stateroom.errors import CloudError, ConfigError
from stateroom.model.remote import (
    ParameterRequest,
    ParameterValue,
    RemoteAnswer,
    RemoteRequest,
    StackOutputs,
    StoredObject,
)
from stateroom.model.values import Secret
from tests.config.bench import HEAD, Bench
from tests.config.test_remote_variables import Far

FAR: Mapping[RemoteRequest, RemoteAnswer] = {
    ParameterRequest("eu-west-1", "/kind"): ParameterValue("String", "small"),
    ParameterRequest("eu-west-1", "/secret"): ParameterValue("SecureString", "hunter2"),
    ParameterRequest("us-west-2", "/kind"): ParameterValue("String", "western"),
    ParameterRequest("eu-west-1", "/denied"): CloudError("AccessDenied", why="no ssm:GetParameters", todo="ask for it"),
    StackOutputs("eu-west-1", "net"): {"Vpc": "vpc-1"},
    StoredObject("b", "name.txt"): "states-of-ana",
}


def stage_of(bench: Bench, stage: str, more: str = "") -> str:
    bench.write("serverless.yml", f"service: shop\nprovider: {{name: aws, stage: '{stage}'}}\n{more}")
    return bench.open().stages["shop"]


@pytest.mark.parametrize(
    ("written", "stage"),
    [
        ("live", "live"),
        ("${env:STAGE}", "from-env"),
        ('${opt:stage, "qa"}', "qa"),
        ("${self:custom.stage}", "own"),
        ("${file(stage.yml):name}", "from-file"),
        ("${param:stage}", "from-param"),
        ('${strToBool("true")}', None),
        ("a-${sls:stage}", "a-dev"),
    ],
)
def test_it_comes_from_what_is_known_here(bench: Bench, written: str, stage: str | None) -> None:
    bench.environment = {"STAGE": "from-env"}
    bench.write("stage.yml", "name: from-file\n")
    more = "custom: {stage: own}\nstages: {default: {params: {stage: from-param}}}\n"
    if stage is None:
        with pytest.raises(ConfigError, match=r"provider\.stage: not a name"):
            stage_of(bench, written, more)
    else:
        assert stage_of(bench, written, more) == stage


@pytest.mark.parametrize("source", ["ssm:/stage", "cf:stack.Stage", "s3:b/stage", "aws:accountId", "mine:ssm:/stage"])
def test_what_only_a_cloud_could_tell_is_no_stage(bench: Bench, source: str) -> None:
    more = "stages: {default: {resolvers: {mine: {type: aws}}}}\n"
    with pytest.raises(ConfigError) as refused:
        stage_of(bench, f"${{{source}}}", more)
    assert refused.value.what.startswith(f"provider.stage: the stage cannot come from ${{{source.split(':')[0]}:…}}")
    assert "--stage" in refused.value.todo
    assert refused.value.where is not None
    bench.options = {"stage": "given"}
    assert bench.open().stages == {"shop": "given"}


def test_what_a_stage_is_found_with_is_found_again_for_that_stage(bench: Bench) -> None:
    """While the stage is looked for it is taken to be dev; nothing of that may stay."""
    bench.write(".env.dev", "KIND=of-dev\nSTAGE=live\n")
    bench.write(".env.live", "KIND=of-live\nSTAGE=live\n")
    bench.write(
        "serverless.yml",
        """
        service: shop
        provider: {name: aws, stage: "${self:custom.stages.${param:which}}"}
        custom: {stages: {ours: "${env:STAGE}", theirs: live}, which: "${param:which}"}
        stages: {default: {params: {which: ours}}, live: {params: {which: theirs}}}
        resources: {Outputs: {Which: {Value: "${self:custom.which}"}, Kind: {Value: "${env:KIND}"}}}
        """,
    )
    template = bench.compile()
    assert template.stage == "live"
    assert {name: output.value for name, output in template.outputs.items()} == {"Which": "theirs", "Kind": "of-live"}


def test_the_command_lines_stage_is_known_in_every_place(bench: Bench) -> None:
    text = """
    service: shop
    provider: {name: aws, stage: "${self:custom.stage}"}
    custom: {stage: "${opt:stage, 'qa'}"}
    resources: {Outputs: {A: {Value: "${self:custom.stage}"}, B: {Value: "${opt:stage}"}}}
    """
    bench.write("serverless.yml", text)
    assert [output.value for output in bench.compile().outputs.values()] == ["qa", "qa"]


def compose(bench: Bench, text: str, **services: str) -> None:
    bench.write("serverless-compose.yml", text)
    for name, more in services.items():
        bench.write(f"{name}/serverless.yml", HEAD.replace("shop", name).replace("name: aws", f"name: aws{more}"))


def opened(bench: Bench, far: Far | None = None) -> Project:
    return open_project(
        bench.root,
        options=bench.options,
        environment=bench.environment,
        params=bench.params,
        remote=lambda _profile: far,
    )


def test_a_service_whose_stage_cannot_be_told_keeps_the_others_in_view(bench: Bench) -> None:
    compose(bench, "services: {a: {path: a}, b: {path: b}}", a=", stage: '${ssm:/stage}'", b=", stage: live")
    project = opened(bench, Far({}))
    assert project.stages == {"b": "live"}
    with pytest.raises(ConfigError, match=r"the stage cannot come from \$\{ssm:…\}"):
        identify(project.services["a"], bench.settings())


def test_a_protection_that_cannot_be_read_does_not_leave_production_open(bench: Bench) -> None:
    compose(bench, "services: {a: {path: a}, b: {path: b}}", a="")
    bench.write("a/serverless.yml", HEAD + "custom: {stateroom: {protect: [live]}}\n")
    bench.write("b/serverless.yml", HEAD + "custom: {stateroom: {protect: '${ssm:/protect}'}}\n")
    assert opened(bench).protected_stages == {"live", "prod", "production"}


COMPOSE = """
provider: {region: eu-west-1}
stages:
  default:
    params: {kind: "${ssm:/kind}", sealed: "${ssm:/secret}"}
    resolvers:
      west: {type: aws, region: us-west-2, states: {type: s3, bucketName: "${s3:b/name.txt}"}}
state: states
services:
  orders:
    path: orders
    params: {kind: "${param:kind}", vpc: "${cf:net.Vpc}", west: "${west:ssm:/kind}", sealed: "${param:sealed}"}
"""


def test_the_compose_file_may_ask_the_cloud(bench: Bench) -> None:
    compose(bench, COMPOSE, orders="")
    project = opened(bench, Far(FAR))
    passed = project.services["orders"].params
    assert passed == {"kind": "small", "vpc": "vpc-1", "west": "western", "sealed": Secret("hunter2")}
    assert project.state is not None
    assert (project.state.bucket, project.state.region) == ("states-of-ana", "us-west-2")


def test_nothing_is_asked_that_no_variable_of_this_stage_asks_for(bench: Bench) -> None:
    far = Far({})
    text = "stages: {prod: {params: {x: '${ssm:/x}'}}}\nservices: {orders: {path: orders, params: {k: 1}}}"
    compose(bench, text, orders=", region: '${ssm:/region}'")
    assert opened(bench, far).stages == {"orders": "dev"}
    assert far.asked == []


def test_offline_the_variable_that_cannot_be_reached_is_named(bench: Bench) -> None:
    compose(bench, COMPOSE, orders="")
    with pytest.raises(ConfigError) as refused:
        opened(bench)
    assert "${ssm:/kind} cannot be read" in refused.value.what
    assert refused.value.where is not None
    compose(bench, COMPOSE.replace("${ssm:/kind}", "${ssm:/denied}"), orders="")
    with pytest.raises(ConfigError, match=r"\$\{ssm:/denied\} cannot be read: AccessDenied; no ssm:GetParameters"):
        opened(bench, Far(FAR))


@pytest.mark.parametrize(
    ("stage", "params", "value"),
    [
        (None, {}, "of-default"),
        ("prod", {}, "of-prod"),
        ("prod", {"kind": "given"}, "given"),
    ],
)
def test_parameters_of_the_command_line_reach_the_compose_file(
    bench: Bench, stage: str | None, params: dict[str, str], value: str
) -> None:
    text = """
    stages: {default: {params: {kind: of-default}}, prod: {params: {kind: of-prod}}}
    services: {orders: {path: orders, params: {k: "${param:kind}"}}}
    """
    compose(bench, text, orders="")
    bench.options = {"stage": stage} if stage else {}
    bench.params = params
    assert opened(bench).services["orders"].params["k"] == value


def test_the_compose_files_own_stage_is_for_its_own_variables(bench: Bench) -> None:
    text = """
    provider: {stage: prod}
    stages: {prod: {params: {kind: of-prod}}}
    services: {orders: {path: orders, params: {k: "${param:kind}", s: "${sls:stage}"}}}
    """
    compose(bench, text, orders="")
    project = opened(bench)
    assert project.services["orders"].params == {"kind": "of-prod", "k": "of-prod", "s": "prod"}
    assert project.stages == {"orders": "dev"}


@pytest.mark.parametrize(
    ("own", "value"),
    [
        ("", "passed"),
        ("stages: {default: {params: {it: own-default}}}", "own-default"),
        ("stages: {default: {params: {it: own-default}}, dev: {params: {it: own-dev}}}", "own-dev"),
        ("params: {default: {it: old-default}, dev: {it: old-dev}}", "old-dev"),
    ],
)
def test_what_compose_passes_gives_way_to_a_services_own_parameters(bench: Bench, own: str, value: str) -> None:
    compose(bench, "services: {orders: {path: orders, params: {it: passed}}}")
    bench.write("orders/serverless.yml", f"{HEAD}{own}\nresources: {{Outputs: {{it: {{Value: '${{param:it}}'}}}}}}\n")
    assert bench.compile(service="orders").outputs["it"].value == value


def test_the_compose_files_dotenv_is_read_unless_it_says_no(bench: Bench) -> None:
    bench.write(".env", "KIND=dotted\n")
    text = "services: {orders: {path: orders, params: {k: \"${env:KIND, 'none'}\"}}}"
    compose(bench, text, orders="")
    assert opened(bench).services["orders"].params == {"k": "dotted"}
    compose(bench, f"useDotenv: false\n{text}", orders="")
    assert opened(bench).services["orders"].params == {"k": "none"}
