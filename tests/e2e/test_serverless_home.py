"""A project whose states live in the account's Serverless bucket, operated by nothing but commands."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from stateroom.cli import main
from stateroom.commands.environment import ProcessEnvironment
from tests.commands.fake import Run, Stream
from tests.engine.homes import POINTER, bucket_of, buckets_in
from tests.state.buckets import EAST
from tests.support.emulators import REGION, Emulator

CONFIG = """\
service: shop
provider: {{name: aws, region: {region}, runtime: python3.12}}
functions:
  hello: {{handler: hello.handler, memorySize: {memory}}}
resources:
  Resources:
    Jobs:
      Type: AWS::SQS::Queue
      Properties: {{QueueName: shop-jobs, VisibilityTimeout: 30}}
  Outputs:
    JobsUrl: {{Value: !Ref Jobs}}
"""


class Shop:
    """A project in a directory, a cloud, and commands run on both, from as many machines as one likes."""

    def __init__(self, directory: Path, cloud: Emulator) -> None:
        self.directory, self.cloud = directory, cloud
        self.write("return 1", 128)

    def write(self, body: str, memory: int) -> None:
        (self.directory / "hello.py").write_text(f"def handler(event, context):\n    {body}\n")
        (self.directory / "serverless.yml").write_text(CONFIG.format(region=REGION, memory=memory))

    def run(self, *arguments: str) -> Run:
        out, err = Stream(), Stream()
        environment = {**os.environ, "STATEROOM_PASSPHRASE": "correct horse"}
        place = ["-C", str(self.directory), "--endpoint-url", self.cloud.endpoint_url, "--home", "serverless"]
        code = main([*arguments, *place], ProcessEnvironment(out=out, err=err, input=Stream(), environment=environment))
        return Run(code, out.getvalue(), err.getvalue(), [], [])

    def operate(self, *arguments: str) -> Any:
        run = self.run(*arguments, "--yes", "--json")
        assert run.code == 0, run.err
        return run.lines[-1]

    def function(self) -> Any:
        return self.cloud.client("lambda").get_function(FunctionName="shop-dev-hello")["Configuration"]


@pytest.fixture
def shop(tmp_path: Path, emulator: Emulator) -> Shop:
    return Shop(tmp_path, emulator)


def test_looking_leaves_no_trace_in_the_account(shop: Shop) -> None:
    assert shop.run("status").code == 0
    assert shop.run("diff").code == 2
    assert buckets_in(shop.cloud) == set()
    assert not (shop.directory / ".stateroom").exists()


def test_deploy_change_roll_back_remove(shop: Shop) -> None:
    first = shop.operate("deploy")
    assert first["done"] > 0
    assert shop.run("status", "--exit-code").code == 0
    code = shop.function()["CodeSha256"]
    assert shop.operate("deploy")["done"] == 0
    shop.write("return 2", 256)
    shop.operate("deploy")
    assert shop.function()["MemorySize"] == 256
    assert shop.function()["CodeSha256"] != code
    versions = shop.run("versions", "--json").document["services"][0]["versions"]
    assert [version["number"] for version in versions] == [2, 1]
    shop.operate("rollback", "1")
    assert (shop.function()["MemorySize"], shop.function()["CodeSha256"]) == (128, code)
    shop.operate("remove")
    assert shop.cloud.client("lambda").list_functions()["Functions"] == []
    assert objects_of(shop) == []


def objects_of(shop: Shop) -> list[str]:
    """Keys of all objects in all buckets of the account."""
    s3 = shop.cloud.client("s3", region=EAST)
    listed = [s3.list_objects_v2(Bucket=bucket).get("Contents", []) for bucket in buckets_in(shop.cloud)]
    return sorted(item["Key"] for page in listed for item in page)


def test_what_a_remove_cleared_the_buckets_bring_back_code_and_all(shop: Shop) -> None:
    shop.operate("deploy")
    code = shop.function()["CodeSha256"]
    shop.write("return 2", 256)
    shop.operate("deploy")
    planned = shop.run("remove", "--dry-run")
    assert (
        "shop: 2 versions of its state, their records, and packages that nothing else in the home needs" in planned.out
    )
    assert "The bucket keeps what is deleted: stateroom versions lists it, rollback goes back to it." in planned.out
    shop.operate("remove")
    assert objects_of(shop) == []
    assert "5 resources  +5" in shop.run("status").out

    (service,) = shop.run("versions", "--json").document["services"]
    assert [version["command"] for version in service["versions"]] == [
        "deleted",
        "unrecorded write",
        "unrecorded write",
    ]
    assert "shop/dev has no version 1" in shop.run("rollback", "1", "--yes").err
    (first,) = [version["name"] for version in service["versions"]][-1:]
    shop.operate("rollback", first)

    assert (shop.function()["MemorySize"], shop.function()["CodeSha256"]) == (128, code)
    assert shop.run("versions", "--json").document["services"][0]["versions"][0]["number"] == 1
    shop.write("return 1", 128)
    assert shop.run("status", "--exit-code").code == 0


def test_a_remove_that_keeps_history_leaves_versions_records_and_packages_alone(shop: Shop) -> None:
    shop.operate("deploy")
    shop.operate("remove", "--keep-history")
    kinds = {key.rsplit("/", 1)[0] for key in objects_of(shop)}
    assert kinds == {"stateroom/snapshot/shop_dev", "stateroom/update/shop_dev", "stateroom/asset"}
    shop.operate("rollback", "1")
    assert shop.function()["MemorySize"] == 128


def test_after_a_reset_the_next_deploy_has_nothing_to_do_and_code_can_be_rolled_back(shop: Shop) -> None:
    shop.operate("deploy")
    code = shop.function()["CodeSha256"]
    shop.write("return 2", 256)
    shop.operate("deploy")
    before = buckets_in(shop.cloud)
    assert shop.run("reset", "--yes").code == 0
    assert buckets_in(shop.cloud).isdisjoint(before)
    assert shop.operate("deploy")["done"] == 0
    shop.operate("rollback", "1")
    assert shop.function()["CodeSha256"] == code


def test_the_framework_finds_outputs_where_it_looks_for_them(shop: Shop) -> None:
    shop.operate("deploy")
    s3 = shop.cloud.client("s3", region=EAST)
    key = "services/stateroom/shop_dev/state/state.json"
    body = json.loads(s3.get_object(Bucket=bucket_of(shop.cloud), Key=key)["Body"].read())
    assert body["outputs"]["JobsUrl"].endswith("/shop-jobs")


def test_a_lost_parameter_stops_a_deploy_that_would_make_it_all_again(shop: Shop) -> None:
    shop.operate("deploy")
    shop.cloud.client("ssm", region=EAST).delete_parameter(Name=POINTER)
    for command in (["status"], ["deploy", "--yes"]):
        run = shop.run(*command)
        assert run.code == 1
        assert "is gone, but the bucket" in run.err + run.out
    assert shop.run("reset", "--only", "missing", "--yes").code == 0
    assert shop.operate("deploy")["done"] == 0
