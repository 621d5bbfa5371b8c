"""What a difference is called, and what deploy, refresh and heal would do about it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from stateroom.model.diff import AttributeDiff, Deploy, Mark, ResourceDiff, X, Y
from stateroom.model.values import ABSENT, UNKNOWN, UNREAD, Secret, Value
from stateroom.presentation.survey.diffs import columns, json_diff, odd_one_out, would
from stateroom.presentation.survey.verdicts import verdict


def attribute(mark: Mark, config: Value, state: Value, cloud: Value, **more: Any) -> AttributeDiff:
    return AttributeDiff(("MemorySize",), mark, config, state, cloud, **more)


def resource(x: X, y: Y, *attributes: AttributeDiff, **more: Any) -> ResourceDiff:
    return ResourceDiff("orders", "OrdersFn", "AWS::Lambda::Function", x, y, attributes, same=14, **more)


PENDING = attribute(Mark.PENDING, 256, 128, 128)
DRIFT = attribute(Mark.DRIFT, 10, 10, 20)


@pytest.mark.parametrize(
    ("diff", "odd", "text"),
    [
        (PENDING, {"config"}, "deploy → 256"),
        (attribute(Mark.PENDING, UNKNOWN, 128, 128), {"config"}, "deploy → (known after deploy)"),
        (DRIFT, {"cloud"}, "refresh keeps 20, heal → 10"),
        (attribute(Mark.DRIFT, 10, 10, ABSENT), {"cloud"}, "refresh drops it, heal → 10"),
        (attribute(Mark.STALE, 20, 10, 20), {"state"}, "deploy, refresh record 20"),
        (attribute(Mark.CONFLICT, 1, 2, 3), {"config", "state", "cloud"}, "deploy → 1, refresh keeps 3"),
        (attribute(Mark.NEW, 5, ABSENT, ABSENT), {"config"}, "deploy → 5"),
        (attribute(Mark.GONE, ABSENT, 5, 5), {"config"}, "deploy unsets it"),
        (replace(attribute(Mark.GONE, ABSENT, 5, 5), deploy=Deploy.LEAVES), {"config"}, "deploy leaves it"),
        (attribute(Mark.UNKNOWN, 5, 5, UNREAD), set(), "not known"),
        (attribute(Mark.UNDECLARED, ABSENT, 1, 2, managed=False), {"cloud"}, "heal → 1, refresh notes it"),
        (
            attribute(Mark.UNDECLARED, ABSENT, ABSENT, 2, managed=False, danger="anyone may call it"),
            {"cloud"},
            "anyone may call it: heal takes it away, refresh notes it",
        ),
        (
            attribute(Mark.UNDECLARED, ABSENT, 2, ABSENT, managed=False),
            {"cloud"},
            "heal → 2, refresh notes that it is gone",
        ),
        (
            attribute(Mark.CONFLICT, Secret("a"), Secret("b"), 3),
            {"config", "state", "cloud"},
            "deploy → ***, refresh keeps 3",
        ),
    ],
)
def test_the_odd_one_out_and_what_the_commands_would_do(diff: AttributeDiff, odd: set[str], text: str) -> None:
    assert odd_one_out(diff) == odd
    assert would(diff) == text


def test_drift_is_never_said_to_be_deployed() -> None:
    assert "deploy" not in would(DRIFT)
    assert "deploy does nothing" in verdict(resource(X.SAME, Y.DRIFT, DRIFT))


@pytest.mark.parametrize(
    ("diff", "text"),
    [
        (resource(X.SAME, Y.SAME), "14 attributes agree"),
        (resource(X.CHANGED, Y.SAME, PENDING), "1 pending: deploy writes it"),
        (
            resource(X.CHANGED, Y.DRIFT, PENDING, PENDING, DRIFT),
            "2 pending: deploy writes them; 1 drifted: deploy does nothing, refresh keeps it, heal undoes it",
        ),
        (resource(X.NEW, Y.NONE), "new in config: deploy creates it"),
        (resource(X.GONE, Y.SAME), "gone from config: deploy deletes it"),
        (
            replace(resource(X.GONE, Y.DRIFT), retain=True),
            "gone from config: deploy drops it from state and keeps it in the cloud although it drifted",
        ),
        (
            resource(X.SAME, Y.MISSING),
            "missing in the cloud: deploy does not see it; refresh drops it from state, and then deploy creates it",
        ),
        (resource(X.GONE, Y.MISSING), "gone from config and from the cloud: deploy or refresh drops it from state"),
        (resource(X.CHANGED, Y.UNREAD), "config changed; cloud not read"),
        (resource(X.SAME, Y.UNREAD, error="AccessDenied"), "cloud not read: AccessDenied"),
        (
            resource(X.SAME, Y.SAME, attribute(Mark.UNDECLARED, ABSENT, 1, 2, managed=False)),
            "14 attributes compared; 1 undeclared",
        ),
        (
            resource(X.SAME, Y.SAME, attribute(Mark.UNDECLARED, ABSENT, ABSENT, 2, managed=False, danger="open")),
            "14 attributes compared; 1 undeclared: open",
        ),
        (
            resource(X.SAME, Y.SAME, unlooked=("Url", "Policy: lambda:GetPolicy is not allowed")),
            "14 attributes compared; not looked at: Policy: lambda:GetPolicy is not allowed",
        ),
        (
            resource(X.SAME, Y.SAME, unbased=("Policy",)),
            "14 attributes agree; Policy: undeclared ones not compared before the next refresh",
        ),
    ],
)
def test_the_verdict_on_a_resource(diff: ResourceDiff, text: str) -> None:
    assert verdict(diff) == text


def test_an_unread_resource_is_never_called_in_step() -> None:
    assert "in step" not in verdict(resource(X.SAME, Y.UNREAD))


def test_columns_show_where_three_long_values_differ() -> None:
    long = "arn:aws:sqs:eu-west-1:123456789012:" + "shop-" * 10
    shown = columns(attribute(Mark.CONFLICT, long + "a", long + "b", long + "c"), 14)
    assert [text[-1] for text in shown] == ["a", "b", "c"]


def test_the_json_form_is_stable() -> None:
    diff = ResourceDiff(
        "orders",
        "OrdersFn",
        "AWS::Lambda::Function",
        X.CHANGED,
        Y.DRIFT,
        (PENDING, AttributeDiff(("Environment", "KEY"), Mark.GONE, ABSENT, Secret("s3cret"), UNREAD)),
        same=14,
        physical_id="orders-fn",
        read_at=datetime(2026, 3, 1, tzinfo=UTC),
    )
    document = json_diff(diff)
    assert "s3cret" not in json.dumps(document)
    attributes = document.pop("attributes")
    assert document == {
        "address": "orders/OrdersFn",
        "service": "orders",
        "logical_id": "OrdersFn",
        "type": "AWS::Lambda::Function",
        "physical_id": "orders-fn",
        "status": "~!",
        "config_vs_state": "changed",
        "state_vs_cloud": "drift",
        "in_step": False,
        "drifted": True,
        "read_at": "2026-03-01T00:00:00+00:00",
        "error": "",
        "unsettled": "",
        "todo": "",
        "config_error": "",
        "not_built": "",
        "refused": "",
        "waits": "",
        "answered_by": "",
        "verdict": "2 pending: deploy writes them",
        "undeclared": 0,
        "dangers": 0,
        "not_looked_at": [],
        "not_compared": [],
        "same": 14,
        "unanswered": 0,
    }
    assert attributes[0] == {
        "path": ["MemorySize"],
        "name": "MemorySize",
        "mark": "~",
        "meaning": "pending",
        "managed": True,
        "danger": "",
        "odd_one_out": ["config"],
        "would": "deploy → 256",
        "unread": [],
        "config": 256,
        "state": 128,
        "cloud": 128,
    }
    assert attributes[1]["unread"] == ["cloud"]
    assert "config" not in attributes[1]
    assert attributes[1]["state"] == "***"
