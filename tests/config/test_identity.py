"""Who a service is can be told even when the rest of its file cannot be compiled."""

from __future__ import annotations

import pytest

from stateroom.config.identity import ServiceIdentity, identify
from stateroom.errors import ConfigError
from tests.config.bench import HEAD, Bench


def test_name_stage_and_region_are_known_before_anything_is_compiled(bench: Bench) -> None:
    bench.options = {"region": "eu-west-1"}
    bench.write("serverless.yml", HEAD + "functions: {broken: {handler: nowhere.at_all}}\nnonsense: 1\n")
    project = bench.open()
    identity = identify(project.services["shop"], bench.settings("prod"))
    assert identity == ServiceIdentity("shop", "prod", "eu-west-1")


def test_a_service_that_lost_its_file_says_where_it_should_be(bench: Bench) -> None:
    bench.write("serverless-compose.yml", "services: {orders: {path: orders}}")
    (bench.root / "orders").mkdir()
    project = bench.open()
    with pytest.raises(ConfigError, match=r"no project in .*orders"):
        identify(project.services["orders"], bench.settings())


def test_what_is_no_stage_name_finds_no_state(bench: Bench) -> None:
    bench.write("serverless.yml", HEAD)
    entry = bench.open().services["shop"]
    for stage in ("../other", "a/b", "dev prod", "dev,prod"):
        with pytest.raises(ConfigError, match="is not a stage name"):
            identify(entry, bench.settings(stage))
