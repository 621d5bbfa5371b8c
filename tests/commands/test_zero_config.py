"""Zero configuration, by commands: the first deploy says what it makes, and everybody's checkout finds the state."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from stateroom.cli import main
from stateroom.commands.environment import ProcessEnvironment
from tests.commands.fake import Run, Stream
from tests.engine.homes import PACKAGES, POINTER, bucket_of, buckets_in
from tests.state.buckets import EAST, bucket_in
from tests.support.emulators import REGION, Emulator
from tests.support.faults import Answer, Fault, Proxy

CONFIG = """\
service: shop
provider: {{name: aws, region: eu-west-1, runtime: python3.12, versionFunctions: false}}
functions:
  hello: {{handler: hello.handler, memorySize: {memory}, environment: {{TOKEN: hush}}}}
resources: {{Resources: {{Jobs: {{Type: AWS::SQS::Queue, Properties: {{QueueName: shop-jobs}}}}}}}}
custom: {{stateroom: {{secrets: [TOKEN]}}}}
{more}
"""
OWN_BUCKET = """\
state: ours
stages:
  default: {resolvers: {account: {type: aws, region: eu-west-1, ours: {type: s3, bucketName: team-states}}}}
"""
QUEUE = (
    "service: shop\nprovider: {name: aws, region: eu-west-1}\nresources: {Resources: {Q: {Type: 'AWS::SQS::Queue'}}}\n"
)


class Checkout:
    """A directory with the project, on a machine of its own; its environment says nothing about a home."""

    def __init__(self, directory: Path, cloud: Emulator | Proxy) -> None:
        self.directory, self.endpoint_url = directory, cloud.endpoint_url
        self.project = directory / "shop"
        self.project.mkdir(parents=True)
        (self.project / "hello.py").write_text("def handler(event, context):\n    return 1\n")
        self.write()

    def write(self, memory: int = 128, more: str = "", text: str | None = None) -> None:
        (self.project / "serverless.yml").write_text(text or CONFIG.format(memory=memory, more=more))

    def __call__(self, *arguments: str, **variables: str) -> Run:
        out, err = Stream(), Stream()
        kept = {name: value for name, value in os.environ.items() if name != "STATEROOM_HOME"}
        own = {"HOME": str(self.directory), "XDG_STATE_HOME": str(self.directory / "state"), "TERM": "dumb"}
        keyring = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        line = [*arguments, "--endpoint-url", self.endpoint_url, "-C", str(self.project)]
        host = ProcessEnvironment(out=out, err=err, input=Stream(), environment={**kept, **own, **keyring, **variables})
        return Run(main(line, host), out.getvalue(), err.getvalue(), [], [])

    def planned(self, *arguments: str) -> Any:
        run = self("deploy", "--dry-run", "--json", *arguments)
        assert run.code == 0, run.err
        return run.lines[0]["plan"]

    def deploy(self) -> Sequence[Any]:
        run = self("deploy", "--yes", "--json")
        assert run.code == 0, run.err
        return run.lines


@pytest.fixture
def mine(tmp_path: Path, emulator: Emulator) -> Checkout:
    return Checkout(tmp_path / "mine", emulator)


def test_the_first_deploy_makes_what_its_plan_says_and_a_fresh_checkout_goes_on(
    mine: Checkout, emulator: Emulator, tmp_path: Path
) -> None:
    cloud = emulator
    seen = mine("status")
    assert seen.code == 0, seen.err
    assert buckets_in(cloud) == set()
    first = mine.deploy()
    parts = first[0]["plan"]["bootstrap"]
    assert [(part["role"], part["kind"], part["region"], part["versioned"]) for part in parts] == [
        ("states", "parameter", EAST, False),
        ("states", "bucket", EAST, True),
        ("deployment packages", "parameter", REGION, False),
        ("deployment packages", "bucket", REGION, True),
        ("passphrase", "parameter", EAST, False),
    ]
    names = [part["name"] for part in parts]
    assert names == [POINTER, bucket_of(cloud), PACKAGES, bucket_of(cloud, PACKAGES, REGION), names[-1]]
    assert buckets_in(cloud) == {names[1], names[3]}
    assert cloud.client("s3", region=EAST).get_bucket_versioning(Bucket=names[1])["Status"] == "Enabled"
    cloud.client("ssm", region=EAST).get_parameter(Name=names[-1])
    assert not (mine.project / ".stateroom").exists()

    theirs = Checkout(tmp_path / "theirs", cloud)
    assert theirs("status", "--exit-code").code == 0
    assert [item["number"] for item in theirs("versions", "--json").document["services"][0]["versions"]] == [1]
    theirs.write(memory=256)
    plan = theirs.planned()
    assert plan["bootstrap"] == []
    assert plan["summary"] == {"update": 1}
    theirs.deploy()
    assert mine("status", "--exit-code").code == 2, "the other's change is in the state that both read"
    removed = theirs("remove", "--yes")
    assert removed.code == 0, removed.err
    assert cloud.client("lambda").list_functions()["Functions"] == []
    assert mine("status").code == 0


def test_the_plan_in_words(mine: Checkout, emulator: Emulator) -> None:
    shown = mine("deploy", "--dry-run")
    assert shown.code == 0, shown.err
    assert f"+ make     parameter {POINTER} in us-east-1  (the home's states)" in shown.out
    assert " in us-east-1, with versioning  (the home's states)" in shown.out
    assert "+ make     parameter /stateroom/passphrase/shop/dev in us-east-1  (the home's passphrase)" in shown.out
    assert buckets_in(emulator) == set()
    local = mine("deploy", "--dry-run", "--home", "local")
    assert "+ make" not in local.out


def test_a_passphrase_of_ones_own_makes_no_parameter(mine: Checkout) -> None:
    shown = mine("deploy", "--dry-run", STATEROOM_PASSPHRASE="correct horse")
    assert shown.code == 0, shown.err
    assert "passphrase" not in shown.out


def test_state_key_ignored(moto: Emulator, tmp_path: Path) -> None:
    """`state:` of a serverless.yml is honoured; no team that named a bucket gets a local state."""
    bucket_in(moto, "team-states")
    mine = Checkout(tmp_path / "mine", moto)
    mine.write(text=QUEUE + OWN_BUCKET)
    done = mine("deploy", "--yes")
    assert done.code == 0, done.err
    assert "ignored" not in done.err
    assert not (mine.project / ".stateroom").exists()
    listed = moto.client("s3", region=EAST).list_objects_v2(Bucket="team-states")["Contents"]
    assert "services/stateroom/shop_dev/state/state.json" in {item["Key"] for item in listed}
    assert buckets_in(moto) == {"team-states"}


def test_state_that_names_no_bucket_is_refused(moto: Emulator, tmp_path: Path) -> None:
    """A resolver of another shape than the Serverless Framework's (case `state-key-ignored`)."""
    mine = Checkout(tmp_path / "mine", moto)
    resolver = "state: corp\nstages: {default: {resolvers: {corp: {type: aws, bucket: example-corp-state}}}}\n"
    mine.write(text=QUEUE + resolver)
    for command in (["deploy", "--yes"], ["status"], ["bootstrap"], ["reset", "--yes"]):
        run = mine(*command)
        assert run.code == 1
        assert "state: there is no resolver corp of type s3" in run.err
        assert "bucketName" in run.err
    assert not (mine.project / ".stateroom").exists()
    assert moto.client("sqs").list_queues().get("QueueUrls") is None


def test_a_bucket_of_state_that_does_not_exist_is_refused_in_the_plan(emulator: Emulator, tmp_path: Path) -> None:
    mine = Checkout(tmp_path / "mine", emulator)
    mine.write(text=QUEUE + OWN_BUCKET)
    for command in (["deploy", "--dry-run"], ["deploy", "--yes"], ["status"]):
        run = mine(*command)
        assert run.code == 1
        assert "the bucket team-states does not exist" in run.err
        assert "make it in eu-west-1, with versioning" in run.err
    assert buckets_in(emulator) == set()


@pytest.mark.parametrize("status", ["", "Suspended"])
def test_a_bucket_of_state_without_versions_is_refused_in_the_plan(
    emulator: Emulator, tmp_path: Path, status: str
) -> None:
    s3 = emulator.client("s3", region=REGION)
    s3.create_bucket(Bucket="team-states", CreateBucketConfiguration={"LocationConstraint": REGION})
    if status:
        s3.put_bucket_versioning(Bucket="team-states", VersioningConfiguration={"Status": status})
    mine = Checkout(tmp_path / "mine", emulator)
    mine.write(text=QUEUE + OWN_BUCKET)
    assert mine("status").code == 0
    for command in (["deploy", "--dry-run"], ["deploy", "--yes"]):
        run = mine(*command)
        assert run.code == 1
        assert "the bucket team-states keeps no versions" in run.err
    assert emulator.client("sqs").list_queues().get("QueueUrls") in (None, [])
    assert s3.list_objects_v2(Bucket="team-states").get("Contents") is None


def test_the_accounts_bucket_without_versions_is_refused_in_the_plan(emulator: Emulator, tmp_path: Path) -> None:
    mine = Checkout(tmp_path / "mine", emulator)
    mine.write(text=QUEUE)
    mine.deploy()
    suspended = {"Status": "Suspended"}
    emulator.client("s3", region=EAST).put_bucket_versioning(
        Bucket=bucket_of(emulator), VersioningConfiguration=suspended
    )
    mine.write(text=QUEUE.replace("AWS::SQS::Queue'", "AWS::SQS::Queue', Properties: {VisibilityTimeout: 31}"))
    run = mine("deploy", "--dry-run")
    assert run.code == 1
    assert "keeps no versions" in run.err


def test_without_credentials_one_message_says_what_is_missing_and_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moto: Emulator
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    mine = Checkout(tmp_path / "mine", moto)
    for name in ("a", "b"):
        (mine.project / name).mkdir()
        (mine.project / name / "serverless.yml").write_text(QUEUE.replace("shop", name))
    (mine.project / "serverless-compose.yml").write_text("services: {a: {path: a}, b: {path: b}}\n")
    run = mine("status")
    assert run.code == 1
    assert run.err.count("no AWS credentials were found") == 1
    assert run.err.startswith("a, b: cannot read the parameter /serverless-framework/state/s3-bucket")
    assert "--home local for a state in this directory" in run.err
    assert mine("status", "--offline", "--home", "local").code == 0


def test_where_it_was_deployed_from_here_it_stays(moto: Emulator, tmp_path: Path) -> None:
    mine = Checkout(tmp_path / "mine", moto)
    mine.write(text=QUEUE)
    assert mine("deploy", "--yes", "--home", "local").code == 0
    assert mine("deploy", "--yes", "--json").lines[-1]["done"] == 0
    assert mine("bootstrap", "--json").document["home"] == "local"
    assert buckets_in(moto) == set()
    shutil.rmtree(mine.project / ".stateroom")
    assert mine("bootstrap", "--json").document["home"] == "serverless"


@pytest.mark.parametrize("setting", ["variable", "file"])
def test_a_home_by_configuration(moto: Emulator, tmp_path: Path, setting: str) -> None:
    mine = Checkout(tmp_path / "mine", moto)
    mine.write(text=QUEUE + ("custom: {stateroom: {home: local}}\n" if setting == "file" else ""))
    variables = {"STATEROOM_HOME": "local"} if setting == "variable" else {}
    assert mine("deploy", "--yes", **variables).code == 0
    assert (mine.project / ".stateroom" / "app" / "shop" / "dev.json").exists()
    assert mine("bootstrap", "--json", **variables).document["home"] == "local"
    assert buckets_in(moto) == set()


def package_of(cloud: Emulator) -> list[str]:
    location = cloud.client("lambda").get_function(FunctionName="shop-dev-hello")["Code"]["Location"]
    with urlopen(location) as answer:
        return sorted(zipfile.ZipFile(BytesIO(answer.read())).namelist())


@pytest.mark.parametrize(
    ("arguments", "more", "directory"),
    [
        (["--home", "{project}/aws"], "", "aws"),
        ([], "custom: {stateroom: {home: ./deep/states}}", "deep/states"),
        (["--home", "local"], "", ".stateroom"),
    ],
)
def test_a_home_is_never_part_of_a_package(
    ministack: Emulator, tmp_path: Path, arguments: list[str], more: str, directory: str
) -> None:
    mine = Checkout(tmp_path / "mine", ministack)
    text = CONFIG.format(memory=128, more="package: {patterns: ['aws/**', 'deep/**', '.stateroom/**']}")
    mine.write(text=text.replace("secrets: [TOKEN]", "secrets: []" + ", home: ./deep/states" * bool(more)))
    line = [item.format(project=mine.project) for item in arguments]
    for number in range(2):
        (mine.project / "hello.py").write_text(f"def handler(event, context):\n    return {number}\n")
        run = mine("deploy", "--yes", *line)
        assert run.code == 0, run.err
        assert package_of(ministack) == ["hello.py"]
    assert (mine.project / directory / "app" / "shop" / "dev.json").exists()
    assert mine("deploy", "--yes", "--json", "--home", str(tmp_path / "other")).code == 1, "the queue is the other's"


def test_a_home_of_another_name_stays_out_of_layers_and_of_other_homes_packages(
    ministack: Emulator, tmp_path: Path
) -> None:
    """A directory that a state was once written to, whatever it is called, and though nobody names it any more."""
    mine = Checkout(tmp_path / "mine", ministack)
    (mine.project / "lib").mkdir()
    (mine.project / "lib" / "tool.py").write_text("")
    layered = QUEUE.replace("resources:", "layers: {lib: {path: lib}}\nresources:")
    mine.write(text=layered)
    assert mine("deploy", "--yes", "--home", str(mine.project / "lib" / "aws")).code == 0
    before = mine("compile", "--json").document
    assert mine("deploy", "--yes", "--json", "--home", str(mine.project / "lib" / "aws")).lines[-1]["done"] == 0
    (mine.project / "lib" / "aws" / "app" / "more.json").write_text("{}")
    assert mine("compile", "--json").document == before


def test_aws_as_a_home_asks_what_is_meant(moto: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Checkout(tmp_path / "mine", moto)
    monkeypatch.chdir(mine.project)
    for command in (["deploy", "--yes"], ["status"], ["bootstrap"], ["reset", "--yes"], ["versions"]):
        run = mine(*command, "--home", "aws")
        assert run.code == 64
        assert "did you mean serverless (the account's bucket" in run.err
    assert sorted(path.name for path in mine.project.iterdir()) == ["hello.py", "serverless.yml"]


TEMPLATE = json.dumps(
    {
        "Description": "The AWS CloudFormation template for this Serverless application",
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
    }
)


def make_stack(cloud: Emulator, name: str = "shop-dev") -> None:
    cloud.client("cloudformation").create_stack(StackName=name, TemplateBody=TEMPLATE)


@pytest.mark.parametrize("home", ["local", "serverless"])
def test_a_service_that_is_a_stack_is_not_deployed_a_second_time(emulator: Emulator, tmp_path: Path, home: str) -> None:
    make_stack(emulator)
    mine = Checkout(tmp_path / "mine", emulator)
    mine.write(text=QUEUE)
    for command in (["deploy", "--yes"], ["deploy", "--dry-run"]):
        run = mine(*command, "--home", home)
        assert run.code == 1
        assert "shop is deployed as CloudFormation stack shop-dev by the Serverless Framework" in run.err
        assert "would make a second copy" in run.err
        assert "go on with the tool that deployed it" in run.err
    assert emulator.client("sqs").list_queues().get("QueueUrls") in (None, [])
    for command in (["status"], ["versions"]):
        assert (
            "deployed as CloudFormation stack shop-dev by the Serverless Framework"
            in mine(*command, "--home", home).out
        )
    assert "CloudFormation" not in mine("status", "--offline", "--home", home).out
    assert mine("deploy", "--yes", "--home", home, "--deployer", "direct").code == 0
    assert mine("deploy", "--yes", "--home", home).code == 0, "with a state of its own nobody asks"


def test_a_stack_by_another_name_counts_by_its_name(moto: Emulator, tmp_path: Path) -> None:
    mine = Checkout(tmp_path / "mine", moto)
    mine.write(text=QUEUE.replace("region: eu-west-1", "region: eu-west-1, stackName: legacy"))
    make_stack(moto)
    assert mine("deploy", "--dry-run", "--home", "local").code == 0
    make_stack(moto, "legacy")
    assert "stack legacy" in mine("deploy", "--dry-run", "--home", "local").err
    moto.client("cloudformation").delete_stack(StackName="legacy")
    assert mine("deploy", "--dry-run", "--home", "local").code == 0


def test_the_deployer_may_be_chosen_in_the_file(moto: Emulator, tmp_path: Path) -> None:
    make_stack(moto)
    mine = Checkout(tmp_path / "mine", moto)
    mine.write(text=QUEUE + "custom: {stateroom: {deployer: direct}}\n")
    assert mine("deploy", "--yes").code == 0
    mine.write(text=QUEUE + "custom: {stateroom: {deployer: sam}}\n")
    refused = mine("deploy", "--yes")
    assert refused.code == 1
    assert "custom.stateroom.deployer: there is no such deployer" in refused.err


def test_who_may_not_ask_for_stacks_may_look_and_deploys_only_by_choice(faulty: Proxy, tmp_path: Path) -> None:
    faulty.rules.append(Fault("DescribeStacks", Answer("AccessDenied", "not you", status=403)))
    mine = Checkout(tmp_path / "mine", faulty)
    mine.write(text=QUEUE)
    looked = mine("status")
    assert looked.code == 0, looked.err
    assert "whether it is deployed as a CloudFormation stack is not known" in looked.out
    refused = mine("deploy", "--yes")
    assert refused.code == 1
    assert "shop: whether it is deployed as CloudFormation stack shop-dev is not known" in refused.err
    assert "allow cloudformation:DescribeStacks in eu-west-1; --deployer direct" in refused.err
    asked = calls_for_stacks(faulty)
    assert mine("deploy", "--yes", "--deployer", "direct").code == 0
    assert mine("deploy", "--yes").code == 0
    assert mine("status").code == 0
    assert calls_for_stacks(faulty) == asked, "neither by choice nor with a state is anybody asked"


def calls_for_stacks(proxy: Proxy) -> int:
    return sum(call.operation == "DescribeStacks" for call in proxy.calls)


def test_a_directory_that_is_a_home_is_not_packaged_at_all(moto: Emulator, tmp_path: Path) -> None:
    """What `--home .` once made of a project's own directory."""
    mine = Checkout(tmp_path / "mine", moto)
    refused = mine("deploy", "--yes", "--home", str(mine.project))
    assert refused.code == 64
    assert "is the directory of the project itself" in refused.err
    (mine.project / ".store.lock").touch()
    old = mine("compile")
    assert old.code == 1
    assert "states are kept in it" in old.err


def test_a_plan_for_a_home_that_only_sst_makes_is_refused_without_one(emulator: Emulator, tmp_path: Path) -> None:
    mine = Checkout(tmp_path / "mine", emulator)
    mine.write(text=QUEUE)
    run = mine("deploy", "--dry-run", "--home", "sst")
    assert run.code == 1
    assert "there is no SST home" in run.err
