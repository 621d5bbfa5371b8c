"""Pending operations of other tools, by kind, by what the cloud says and by what the state has: the exact outcome."""

from __future__ import annotations

from typing import Any

import pytest

from stateroom.state.tools.pending_operations import Answer, Unanswered, resolve_pending

URN = "urn:pulumi:dev::shop::aws:sqs/queue:Queue::Q"
THERE = {"urn": URN, "id": "q", "type": "aws:sqs/queue:Queue"}
OTHER = {"urn": URN.replace("::Q", "::P"), "id": "p", "type": "aws:sqs/queue:Queue"}
WAS = "was being created and"


@pytest.mark.parametrize(
    ("kind", "answer", "recorded", "sign", "text", "kept"),
    [
        ("creating", Answer("q"), False, "+", f"{WAS} exists as q: taken into the state", True),
        ("creating", Answer("q"), True, "~", f"{WAS} is in the state: no longer pending", True),
        ("creating", Answer(None), False, "~", f"{WAS} does not exist: no longer pending", False),
        ("creating", Answer(None), True, "~", f"{WAS} does not exist: no longer pending", True),
        ("creating", Unanswered("why"), False, "?", "is pending (creating): why", False),
        ("creating", None, True, "?", "is pending (creating): the cloud could not be asked about it", True),
        ("deleting", Answer("q"), True, "~", "was being deleted and still exists: no longer pending", True),
        ("deleting", Answer(None), True, "-", "was being deleted and is gone", False),
        ("deleting", Answer(None), False, "-", "was being deleted and is gone", False),
        ("deleting", Unanswered("why"), True, "?", "is pending (deleting): why", True),
        ("updating", None, True, "~", "was updating: no longer pending; a refresh tells what became of it", True),
        ("updating", Answer("q"), False, "+", f"{WAS} exists as q: taken into the state", True),
        ("reading", None, False, "~", "was reading: no longer pending", False),
        ("reading", Answer("q"), True, "~", "was reading: no longer pending", True),
        ("", Answer(None), False, "~", f"{WAS} does not exist: no longer pending", False),
    ],
)
def test_a_pending_operation_ends_exactly_so(
    kind: str, answer: Answer | Unanswered | None, recorded: bool, sign: str, text: str, kept: bool
) -> None:
    pending: dict[str, Any] = {"resource": dict(THERE) if recorded else {"urn": URN}, "type": kind}
    ask = None if answer is None else lambda _: answer
    resources, left, done = resolve_pending([OTHER, *([THERE] if recorded else [])], [pending], ask)
    assert [(item.sign, item.urn, item.text) for item in done] == [(sign, URN, text)]
    assert left == ([pending] if sign == "?" else [])
    assert [item["id"] for item in resources] == ["p", *(["q"] if kept else [])]


@pytest.mark.parametrize("raw", [None, "text", {}, {"urn": 3}])
def test_a_pending_operation_that_names_no_resource_goes(raw: Any) -> None:
    whole = {"resource": {"urn": URN}, "type": "reading"}
    resources, left, done = resolve_pending([THERE], [{"resource": raw, "type": "creating"}, whole], None)
    assert (resources, left) == ([THERE], [])
    assert [item.text for item in done] == [
        "a pending operation that names no resource",
        "was reading: no longer pending",
    ]
