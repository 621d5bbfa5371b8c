"""Edges of steps, plans, comparisons and surveys that no story walks along."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from stateroom.cloud.provider import Reading
from stateroom.engine.execution.steps import StepContext
from stateroom.engine.planning.cloud_values.look import GONE, NOT_ASKED, OverwrittenValues
from stateroom.engine.planning.readings import Readings
from stateroom.engine.records.drift import baseline
from stateroom.engine.survey.comparison import _answers
from stateroom.engine.survey.states import survey_states
from stateroom.engine.tools.pending_settlement import settle_ours
from stateroom.errors import CloudError, PlanError, StateError
from stateroom.model.events import Event, ServiceSurveyed, ServiceUnreadable, SurveyFinished
from stateroom.model.ownership import Claim, Ownership
from stateroom.model.pending import PendingOperation
from stateroom.model.plan import Action, Change, ServicePlan, Step
from stateroom.model.resource import Live, Record, Snapshot, Template
from stateroom.model.standing import Standing
from stateroom.model.values import UNREAD
from stateroom.state.tools.edits import Edit
from tests.engine.cloud import MemoryCloud
from tests.engine.lab import QUEUE
from tests.state.builders import sealed_shut
from tests.state.sst_states import ledger

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RECORD = Record("Jobs", QUEUE, "jobs", {"QueueName": "jobs"}, {"QueueName": "jobs"}, dependencies=("Topic",))


def context() -> StepContext:
    target = Template("orders", "orders", "dev", "eu-west-1", {}, {})
    return StepContext(MemoryCloud(), target, cast(Any, None), {}, clock=lambda: NOW, lineage="ours")


def step(action: Action, **fields: Any) -> Step:
    return Step("orders/Jobs", "orders", "Jobs", QUEUE, action, **fields)


@pytest.mark.parametrize(
    "written",
    [
        step(Action.RECORD, record=RECORD, owner=Ownership("jobs", Claim.STATE)),
        step(Action.RECORD, record=RECORD),
        step(Action.ADOPT, record=RECORD),
        step(Action.FORGET),
    ],
)
def test_what_is_only_written_down_announces_no_call(written: Step) -> None:
    assert context().prepare(written).intent is None


def test_what_is_another_ones_is_never_touched() -> None:
    with pytest.raises(PlanError, match="Jobs is not this state's"):
        context().prepare(step(Action.REFUSE, reason="it is a stack's"))


@pytest.mark.parametrize("claim", [claim for claim in Claim if claim is not Claim.OURS])
def test_what_is_taken_over_bears_the_time_of_it(claim: Claim) -> None:
    prepared = context().prepare(step(Action.ADOPT, record=RECORD, owner=Ownership("jobs", claim)))
    assert prepared.intent is not None
    assert (prepared.intent.action, prepared.intent.physical_id) == ("adopt", "jobs")
    assert prepared.intent.adopted.startswith("2026-03-01T")


def test_what_was_ours_all_along_is_not_said_to_be_taken_over() -> None:
    prepared = context().prepare(step(Action.ADOPT, record=RECORD, owner=Ownership("jobs", Claim.OURS)))
    assert prepared.intent is not None
    assert prepared.intent.adopted == ""


# ---- what the cloud has beside what a plan would write

CHANGE = Change(("QueueName",), "old", "new")


def beside(one: Step, records: dict[str, Record], known: Readings | None = None) -> Step:
    (shown,) = OverwrittenValues(MemoryCloud(), records, known).beside(ServicePlan("orders", (one,))).steps
    return shown


def test_of_what_was_just_adopted_the_value_before_is_the_clouds() -> None:
    shown = beside(step(Action.UPDATE, changes=(CHANGE,)), {})
    assert [change.cloud for change in shown.changes] == ["old"]


def test_of_what_is_not_overwritten_the_cloud_is_not_told() -> None:
    for one in (
        step(Action.CREATE, changes=(CHANGE,)),
        step(Action.DELETE, physical_id="jobs"),
        step(Action.UPDATE, changes=(CHANGE,), physical_id="another copy"),
    ):
        assert beside(one, {"Jobs": RECORD}) is one
    assert CHANGE.cloud is UNREAD


def test_why_the_cloud_is_not_told_is() -> None:
    update = step(Action.UPDATE, changes=(CHANGE,), physical_id="jobs", reason="why")
    assert beside(update, {"Jobs": RECORD}).unread == NOT_ASKED
    assert beside(update, {"Jobs": RECORD}, Readings(unread={"Jobs": "denied"})).unread == "denied"
    assert beside(update, {"Jobs": RECORD}, Readings(missing=["Jobs"])).reason == f"why; {GONE}"


# ---- how many attributes were asked for


def test_an_answer_is_counted_only_where_there_is_one() -> None:
    error = Reading("Jobs", error=CloudError("cannot ask"))
    assert _answers(RECORD, None) == _answers(RECORD, error) == (0, 0)
    assert _answers(RECORD, Reading("Jobs", None)) == (1, 0), "it is gone, which is an answer"
    assert _answers(RECORD, Reading("Jobs", Live("jobs", {"QueueName": "jobs"}))) == (1, 0)
    assert _answers(RECORD, Reading("Jobs", Live("jobs", {}))) == (0, 1)


# ---- a reader that sees more than the one before it


def test_after_an_upgrade_what_was_not_seen_before_is_no_drift_and_what_was_set_still_is() -> None:
    record = Record("Jobs", QUEUE, "jobs", {"Policy": {"Days": 7}}, {"Policy": {"Days": 7}}, reader_version=99)
    live = {"Policy": {"Days": 9, "Mode": "On"}, "Further": 1}
    assert baseline(record, live, MemoryCloud()) == {"Policy": {"Days": 7, "Mode": "On"}, "Further": 1}


# ---- a home's states, without a config


def surveyed(found: Snapshot | Exception | None, *, cancelled: bool = False) -> list[Event]:
    events: list[Event] = []

    def snapshot(service: str) -> Snapshot | None:
        if isinstance(found, Exception):
            raise found
        return found

    survey_states(("orders",), snapshot, lambda _: Standing(), events.append, lambda: cancelled)
    return events


def test_what_may_exist_and_has_no_record_is_shown_too() -> None:
    pending = (PendingOperation("Jobs", QUEUE, "update", "jobs"), PendingOperation("Lost", QUEUE, "create"))
    survey, end = surveyed(Snapshot("orders", "dev", (RECORD,), pending=pending))
    assert isinstance(survey, ServiceSurveyed)
    assert isinstance(end, SurveyFinished)
    assert [(diff.logical_id, diff.status[0], bool(diff.unsettled)) for diff in survey.diffs] == [
        ("Jobs", "?", True),
        ("Lost", "?", True),
    ]
    assert survey.standing is None


def test_a_state_that_is_not_there_or_cannot_be_read_is_no_empty_one_and_none_is_asked_after_a_stop() -> None:
    (empty, _), (unreadable, _) = surveyed(None), surveyed(StateError("damaged"))
    assert isinstance(empty, ServiceSurveyed)
    assert empty.diffs == ()
    assert isinstance(unreadable, ServiceUnreadable)
    assert surveyed(None, cancelled=True) == []


# ---- a repair


def test_a_repair_without_pending_operations_opens_neither_cloud_nor_secrets() -> None:
    def refuse() -> MemoryCloud:
        raise AssertionError("the cloud was opened")

    edit = Edit(ledger(), ())
    assert settle_ours(edit, sealed_shut(), refuse) is edit
