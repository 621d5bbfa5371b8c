"""A Compose project is read as @osls/compose reads it: graph, order, params, outputs. Opt-in: STATEROOM_ORACLE=1."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stateroom.config.project import Project, open_project
from stateroom.config.siblings import with_outputs
from stateroom.errors import ConfigError
from stateroom.model.values import Value
from tests.oracle.compose_peer import Seen, graph, run
from tests.oracle.peer import PeerError, available

pytestmark = [
    pytest.mark.skipif(bool(available()), reason=available() or "available"),
    pytest.mark.timeout(600),
]

OUTPUTS: dict[str, dict[str, Value]] = {
    "orders": {
        "QueueUrl": "https://sqs.example.com/1/orders",
        "QueueArn": "arn:aws:sqs:eu-west-1:1:orders",
        "Count": 3,
    },
    "mail": {"TopicArn": "arn:aws:sns:eu-west-1:1:mail"},
    "network": {"Subnets": "subnet-1,subnet-2", "Open": True},
    "billing": {"Table": "billing-table"},
}
PROJECTS = {
    "chain": """
  orders: {path: orders, params: {table: "${billing.Table}"}}
  billing: {path: billing, params: {subnets: "${network.Subnets}"}}
  network: {path: network}
""",
    "diamond": """
  network: {path: network}
  orders: {path: orders, dependsOn: network}
  mail: {path: mail, dependsOn: [network]}
  billing:
    path: billing
    params: {queue: "${orders.QueueUrl}", arn: "${orders.QueueArn}", topic: "${mail.TopicArn}"}
""",
    "texts": """
  network: {path: network}
  orders: {path: orders}
  billing:
    path: billing
    region: eu-central-1
    config: serverless.prod.yml
    params: {url: "${orders.QueueUrl}/x", two: "${network.Subnets}:${orders.QueueArn}", plain: text, number: 5}
""",
    "values": """
  orders: {path: orders}
  network: {path: network}
  mail:
    path: mail
    params: {count: "${orders.Count}", open: "${network.Open}", stage: "${sls:stage}", home: "${env:PLACE}"}
""",
    "apart": """
  orders: {path: orders}
  mail: {path: mail}
  network: {path: network}
""",
    "both": """
  mail: {path: mail}
  orders: {path: orders, dependsOn: [mail, mail], params: {topic: "${mail.TopicArn}"}}
  billing: {path: billing, dependsOn: orders, params: {queue: "${orders.QueueUrl}", topic: "${mail.TopicArn}"}}
""",
}
REFUSED = {
    "circle": "  orders: {path: orders, dependsOn: mail}\n  mail: {path: mail, dependsOn: orders}\n",
    "circle-of-params": '  orders: {path: orders, params: {a: "${mail.A}"}}\n  mail: {path: mail, dependsOn: orders}\n',
    "no-such-service": "  orders: {path: orders, dependsOn: post}\n",
    "no-such-service-in-params": '  orders: {path: orders, params: {a: "${post.A}"}}\n',
}
ENVIRONMENT = {"PLACE": "here"}


def made(root: Path, services: str) -> Path:
    (root / "serverless-compose.yml").write_text(f"services:\n{services.lstrip(chr(10))}")
    for name, outputs in OUTPUTS.items():
        (root / name).mkdir()
        for file in ("serverless.yml", "serverless.prod.yml"):
            (root / name / file).write_text(f"service: {name}\nprovider: {{name: aws}}\n")
        (root / name / "outputs.json").write_text(json.dumps(outputs))
    return root


@pytest.fixture(params=PROJECTS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return made(tmp_path, PROJECTS[request.param])


def opened(root: Path) -> Project:
    return open_project(root, options={"stage": "qa"}, environment=ENVIRONMENT)


def as_option(value: object) -> str:
    """Return a value as a command line has it, by JavaScript's way with booleans."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.fixture
def deployed(project: Path) -> Seen:
    seen = run(project, "deploy", "--stage", "qa", more=ENVIRONMENT)
    assert seen.code == 0, seen.said
    return seen


def test_each_service_waits_for_the_same_others(project: Path) -> None:
    ours = {name: sorted(entry.depends_on) for name, entry in opened(project).services.items()}
    assert ours == {name: sorted(others) for name, others in graph(project, ENVIRONMENT).items()}


def test_whatever_it_deploys_first_comes_first_here(project: Path, deployed: Seen) -> None:
    ours = opened(project)
    assert {call.service for call in deployed.of("deploy")} == set(ours.services)
    order = list(ours.services)
    for name, entry in ours.services.items():
        for other in entry.depends_on:
            assert order.index(other) < order.index(name)
            assert deployed.rows.index(("end", other, "deploy")) < deployed.rows.index(("start", name, "deploy"))


def test_every_service_gets_the_same_params_stage_region_and_file(project: Path, deployed: Seen) -> None:
    for call in deployed.of("deploy"):
        entry = opened(project).services[call.service]
        params = with_outputs(dict(entry.params), lambda service, output: OUTPUTS[service][output])
        assert {key: as_option(value) for key, value in params.items()} == dict(call.params)
        wanted = {"stage": "qa", "config": entry.file, "region": entry.region}
        assert {key: value for key, value in wanted.items() if value} == dict(call.options)


def test_a_remove_goes_the_other_way(project: Path, deployed: Seen) -> None:
    removed = run(project, "remove", "--stage", "qa", more=ENVIRONMENT)
    assert removed.code == 0, removed.said
    for name, entry in opened(project).services.items():
        for other in entry.depends_on:
            assert removed.rows.index(("end", name, "remove")) < removed.rows.index(("start", other, "remove"))


def test_what_waits_for_a_service_that_fails_is_not_deployed(project: Path) -> None:
    """Theirs stops after the level; ours goes on with what does not wait for it. Neither begins what does."""
    services = opened(project).services
    first = next(iter(services))
    (project / first / "fails").touch()
    seen = run(project, "deploy", "--stage", "qa", more=ENVIRONMENT)
    assert seen.code == 1
    begun = {call.service for call in seen.of("deploy")}
    assert begun.isdisjoint(name for name, entry in services.items() if first in entry.depends_on)


@pytest.mark.parametrize("services", [pytest.param(text, id=name) for name, text in REFUSED.items()])
def test_both_refuse_circles_and_services_that_do_not_exist(services: str, tmp_path: Path) -> None:
    root = made(tmp_path, services)
    with pytest.raises(PeerError):
        graph(root, ENVIRONMENT)
    with pytest.raises(ConfigError):
        opened(root)
