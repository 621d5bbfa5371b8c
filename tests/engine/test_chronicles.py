"""Whole lives of projects on a cloud in memory, told in full: what each operation shows, asks, does and leaves behind.

`__snapshots__/chronicles` holds what was last read and agreed to. After the engine was meant to change:

    .venv/bin/pytest tests/engine/test_chronicles.py --snapshot-update

and read the difference. Stories of one rule each are in test_stories.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stateroom.engine.requests import Control
from stateroom.errors import CloudError, NotFoundInCloudError
from stateroom.model.plan import Operation
from stateroom.model.values import Secret
from tests.engine.chronicle import Chronicle, stopped_at
from tests.engine.cloud import MemoryCloud
from tests.engine.lab import API, FUNCTION, QUEUE, ROUTE, Lab, one_service

AGREED = Path(__file__).with_name("__snapshots__") / "chronicles"
PERMISSION = "AWS::Lambda::Permission"
DENIED = CloudError("AccessDenied: not allowed", code="AccessDenied", todo="ask for the right", refused=True)


def queue(name: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return QUEUE, {"QueueName": name, **more}


def function(name: str = "f", **more: Any) -> tuple[str, dict[str, Any]]:
    return FUNCTION, {"FunctionName": name, "Timeout": 10, **more}


@pytest.fixture
def chronicle(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Chronicle]:
    """A lab of one thread whose story is compared when the test is over."""
    kept = Chronicle(Lab(tmp_path, one_service(), threads=1, max_concurrency=1))
    yield kept
    path = AGREED / f"{request.node.name.removeprefix('test_')}.txt"
    told = "\n".join(kept.lines).replace(str(tmp_path), "DIRECTORY") + "\n"
    if request.config.getoption("--snapshot-update"):
        path.write_text(told, "utf-8")
    assert told == path.read_text("utf-8")


def shop(**more: tuple[str, dict[str, Any]]) -> dict[str, tuple[str, dict[str, Any]]]:
    return {
        "Jobs": queue("jobs", DelaySeconds=5),
        "Fn": function(Env={"Variables": {"URL": {"Ref": "Jobs"}, "KEY": Secret("hunter2")}}),
        "Allowed": (PERMISSION, {"FunctionName": {"Ref": "Fn"}, "Principal": "sqs.amazonaws.com"}),
        "Api": (API, {"ProtocolType": "HTTP"}),
        "Route": (ROUTE, {"ApiId": {"Ref": "Api"}, "Key": "GET /"}),
        **more,
    }


def test_a_service_grows_and_shrinks(chronicle: Chronicle) -> None:
    config = chronicle.lab.config
    config.resources["orders"] = shop()
    config.outputs["orders"] = {"Url": {"Ref": "Jobs"}, "Arn": {"Fn::GetAtt": ["Fn", "Arn"]}, "Fixed": "text"}
    chronicle.survey("before the first deploy")
    chronicle.operate("the first deploy")
    chronicle.operate("nothing to do")
    config.resources["orders"] = shop(Jobs=queue("jobs", DelaySeconds=9), More=queue("more"))
    config.resources["orders"].pop("Route")
    config.outputs["orders"]["Missing"] = {"Fn::GetAtt": ["Jobs", "Nothing"]}
    chronicle.survey("changed in the config")
    chronicle.operate("one changed, one more, one less")
    config.outputs["orders"].pop("Missing")
    config.resources["orders"] = shop(Jobs=queue("jobs-2", DelaySeconds=9), Fn=function("g"))
    chronicle.operate("replacements", refresh=True)
    chronicle.operate("back to the first version", Operation.ROLLBACK, version=1)
    chronicle.operate("only the state, to the second", Operation.ROLLBACK, version=2, state_only=True)
    chronicle.survey("after it")
    chronicle.operate("all gone", Operation.REMOVE)


def test_changes_by_hand(chronicle: Chronicle) -> None:
    lab = chronicle.lab
    lab.config.resources["orders"] = shop(More=queue("more", DelaySeconds=1))
    lab.run()
    lab.cloud.by_owner("Jobs").properties.update(DelaySeconds=77, Added="by hand")
    lab.cloud.by_owner("Fn").properties["Env"] = {"Variables": {"URL": "elsewhere", "KEY": "other"}}
    lab.cloud.things.pop((QUEUE, "more"))
    chronicle.survey("drifted")
    lab.cloud.fail["read jobs"] = DENIED
    chronicle.survey("one may not be read")
    lab.cloud.fail.clear()
    chronicle.survey("without the cloud", read_cloud=False)
    chronicle.operate("one attribute healed", Operation.HEAL, targets=("orders/Jobs",), attributes=(("DelaySeconds",),))
    change = {"targets": ("orders/Fn",), "attributes": (("Env",),)}
    chronicle.operate("one attribute accepted", Operation.ACCEPT, **change)
    chronicle.operate("the state takes in the rest", Operation.REFRESH)
    chronicle.operate("the config again")
    lab.cloud.by_owner("Jobs").properties["DelaySeconds"] = 78
    chronicle.operate("healed", Operation.HEAL)


def test_two_services(chronicle: Chronicle) -> None:
    lab = chronicle.lab
    lab.config.resources.clear()
    lab.config.resources["data"] = {"Table": queue("table")}
    lab.config.resources["web"] = {"Fn": function(Env={"Ref": "Other"}), "Other": queue("other")}
    lab.config.outputs["data"] = {"Url": {"Ref": "Table"}}
    lab.config.depends_on["web"] = ("data",)
    chronicle.operate("both")
    lab.cloud.fail["update Table"] = DENIED
    lab.config.resources["data"]["Table"] = queue("table", DelaySeconds=1)
    lab.config.resources["web"]["Other"] = queue("other", DelaySeconds=1)
    chronicle.operate("the first fails")
    lab.cloud.fail.clear()
    chronicle.operate("only one", services=("web",))
    chronicle.operate("one removed", Operation.REMOVE, services=("web",), targets=("Fn",))
    chronicle.operate("all removed", Operation.REMOVE)


def test_failures(chronicle: Chronicle) -> None:
    lab = chronicle.lab
    lab.config.resources["orders"] = shop(More=queue("more"))
    lab.cloud.fail["create Fn"] = DENIED
    chronicle.operate("refused")
    lab.cloud.fail["create Fn"] = CloudError("the answer was lost", code="InternalError")
    chronicle.operate("not known whether it was made")
    lab.cloud.fail["find Fn"] = DENIED
    chronicle.operate("and it may not be looked for")
    chronicle.survey("pending")
    lab.cloud.fail.clear()
    chronicle.operate("made after all")
    lab.config.resources["orders"]["Jobs"] = queue("jobs", DelaySeconds=9)
    lab.config.resources["orders"]["New"] = queue("new", Needs={"Ref": "Jobs"})
    lab.cloud.fail["create New"] = DENIED
    chronicle.operate("undone", undo=True)
    lab.cloud.fail["update Jobs"] = ValueError("a fault of ours")
    chronicle.operate("broken off")
    lab.cloud.fail["update Jobs"] = NotFoundInCloudError("Jobs does not exist", code="NotFound")
    chronicle.operate("gone meanwhile")
    lab.cloud.fail.clear()
    control = Control()
    chronicle.operate("stopped", control=control, watch=stopped_at("StepStarted", control))
    lab.cloud.fail["delete"] = DENIED
    chronicle.operate("not to be deleted", Operation.REMOVE)


def test_what_another_one_made(chronicle: Chronicle, tmp_path: Path) -> None:
    lab = chronicle.lab
    lab.config.resources["orders"] = shop()
    other = Lab(tmp_path / "other", one_service(**shop()), lab.cloud)
    other.run()
    chronicle.survey("another home's")
    chronicle.tell("refused", lab.plan())
    chronicle.operate("taken in", Operation.REFRESH)
    chronicle.operate("deployed", refresh=True, adopt=tuple(shop()))
    chronicle.operate("given up", Operation.REMOVE)


def test_what_nobody_declared(chronicle: Chronicle) -> None:
    lab = chronicle.lab
    children = MemoryCloud().children
    children.of_type[QUEUE] = ("Policy", "Statements")
    children.dangerous[QUEUE] = frozenset({"Open"})
    lab.cloud.children = children
    lab.config.resources["orders"] = {"Jobs": queue("jobs"), "More": queue("more")}
    children.there["jobs", "Policy"] = {"old": "harmless"}
    chronicle.operate("deployed beside it")
    children.there["jobs", "Policy"] = {"old": "changed", "new": {"Principal": "*"}}
    children.there["more", "Statements"] = {"one": {"Principal": "123"}}
    lab.cloud.by_owner("More").properties["Open"] = True
    chronicle.survey("more of it")
    children.refused["Policy"] = "not allowed to look"
    chronicle.survey("not to be seen")
    chronicle.survey("not looked for", quick=True)
    children.refused.clear()
    chronicle.operate("reverted", Operation.HEAL)
    children.there["jobs", "Policy"] = {"old": "changed again", "third": {"Principal": "9"}}
    chronicle.operate("recorded", Operation.REFRESH)
    chronicle.survey("in the end")
