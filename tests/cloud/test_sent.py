"""What handlers send where the calls alone tell, driven by a recording client."""

from __future__ import annotations

from typing import Any

import pytest

from stateroom.cloud.aws.lambda_function import FunctionHandler
from stateroom.cloud.aws.lambda_layer import LayerVersionHandler
from stateroom.cloud.provider import ResourceData, Task, run
from stateroom.model.package import StoredPackage
from stateroom.model.resource import Live
from tests.cloud.sent import OWNER, Recorder

FUNCTION: dict[str, Any] = {
    "FunctionName": "shop-pay",
    "Runtime": "python3.12",
    "Handler": "index.handler",
    "Role": "arn:aws:iam::123456789012:role/shop",
    "Code": {"ArtifactSha256": "ab" * 32},
}


def finish(task: Task[Any]) -> Any:
    return run(task, sleep=lambda _: None)


def test_concurrency_is_reserved_for_a_function_that_asks_for_it_and_no_other() -> None:
    plain, reserving = Recorder(there=False), Recorder(there=False)
    made = finish(FunctionHandler(plain, lambda _: b"PK").create(ResourceData(inputs=FUNCTION, owner=OWNER)))  # type: ignore[arg-type]
    asked = {**FUNCTION, "ReservedConcurrentExecutions": "7"}
    named = finish(FunctionHandler(reserving, lambda _: b"PK").create(ResourceData(inputs=asked, owner=OWNER)))  # type: ignore[arg-type]

    assert isinstance(made, Live)  # what was read while it settled: no further read is needed
    assert "PutFunctionConcurrency" not in dict(plain.calls)
    assert "DeleteFunctionConcurrency" not in dict(plain.calls)
    assert named == "shop-pay"
    assert dict(reserving.calls)["PutFunctionConcurrency"]["ReservedConcurrentExecutions"] == 7


@pytest.mark.parametrize("large", [True, False])
def test_a_package_is_sent_or_fetched_by_lambda(large: bool) -> None:
    """(case `package-over-50-mb`)"""
    recorder = Recorder(there=False)
    package = StoredPackage("assets", "stateroom/asset/ab.zip") if large else b"PK"
    expected = {"S3Bucket": "assets", "S3Key": "stateroom/asset/ab.zip"} if large else {"ZipFile": b"PK"}
    finish(FunctionHandler(recorder, lambda _: package).create(ResourceData(inputs=FUNCTION, owner=OWNER)))  # type: ignore[arg-type]
    layer = LayerVersionHandler(recorder, lambda _: package)  # type: ignore[arg-type]
    finish(layer.create(ResourceData(inputs={"LayerName": "shop", "Content": FUNCTION["Code"]}, owner=OWNER)))
    changed = frozenset({"Code"})
    code = ResourceData("shop-pay", FUNCTION, {}, changed, OWNER)
    finish(FunctionHandler(recorder, lambda _: package).update(code))  # type: ignore[arg-type]

    calls = dict(recorder.calls)
    assert calls["CreateFunction"]["Code"] == expected
    assert calls["PublishLayerVersion"]["Content"] == expected
    assert expected.items() <= calls["UpdateFunctionCode"].items()
