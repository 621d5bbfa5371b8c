"""Edges of steps, plans, comparisons and surveys that no story walks along."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from stateroom.cloud.provider import Reading
from stateroom.engine.deployers import sst
from stateroom.engine.deployers.home_service import HomeService
from stateroom.engine.execution.service import _ServiceRun
from stateroom.engine.execution.steps import StepContext
from stateroom.engine.foreign_cockpit import ForeignCockpit
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.planning.cloud_values.look import GONE, NOT_ASKED, OverwrittenValues
from stateroom.engine.planning.readings import Readings
from stateroom.engine.planning.refresh import apply_refresh
from stateroom.engine.records.drift import cloud_sides
from stateroom.engine.reset.inventory import Inventory
from stateroom.engine.reset.steps import ResetStep
from stateroom.engine.survey.comparison import _answers
from stateroom.engine.survey.states import survey_states
from stateroom.engine.survey.unasked import as_recorded, unknown_attributes, with_known_names
from stateroom.engine.survey.version_diff import compare
from stateroom.engine.tools.pending_settlement import settle_ours
from stateroom.engine.tools.record_providers import RecordProvider
from stateroom.errors import CloudError, PlanError, ReadOnlyError, StateError, UsageError
from stateroom.model.events import Event, ServiceSurveyed, ServiceUnreadable, SurveyFinished
from stateroom.model.ownership import Claim, Ownership
from stateroom.model.pending import PendingOperation
from stateroom.model.plan import Action, Change, ServicePlan, Step
from stateroom.model.resource import Live, Record, Resource, Snapshot, Template
from stateroom.model.standing import Standing
from stateroom.model.values import ABSENT, UNKNOWN, UNREAD
from stateroom.state.homes.bootstrap import Part
from stateroom.state.tools.edits import Edit
from tests.engine.cloud import MemoryCloud
from tests.engine.lab import FUNCTION, QUEUE
from tests.state.builders import deploy, home_in, queue, sealed_shut, snapshot
from tests.state.sst_states import ledger

VERSION = "AWS::Lambda::Version"
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
    before, now = cloud_sides(record, live, MemoryCloud())
    assert (before, now) == ({"Policy": {"Days": 7}, "Further": 1}, {"Policy": {"Days": 9}, "Further": 1})


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


# ---- what was not asked for


def test_what_the_config_does_not_tell_is_as_the_state_has_it_and_what_that_lacks_stays_unknown() -> None:
    config = {"A": UNKNOWN, "B": {"C": UNKNOWN, "D": 1}, "E": [UNKNOWN, 2], "F": [UNKNOWN], "G": UNKNOWN, "H": {"I": 1}}
    state = {"A": "a", "B": {"C": "c", "D": 9}, "E": ["e", 9], "F": ["f", "more"], "H": {"I": 9}}
    taken = as_recorded(config, state)
    assert taken == {
        "A": "a",
        "B": {"C": "c", "D": 1},
        "E": ["e", 2],
        "F": ["f", "more"],
        "G": UNKNOWN,
        "H": {"I": 1},
    }
    found = {item.path: item.state for item in unknown_attributes(config, state)}
    assert found == {("A",): "a", ("B", "C"): "c", ("E",): ["e", 9], ("F",): ["f", "more"]}


def test_a_version_named_by_what_was_not_asked_for_is_the_recorded_one_for_all_that_refer_to_it() -> None:
    def version(name: str) -> Resource:
        return Resource(name, VERSION, {"FunctionName": {"Ref": "Fn"}})

    resources = {
        "Fn": Resource("Fn", FUNCTION, {}),
        "FnNew": version("FnNew"),
        "Alias": Resource("Alias", "AWS::Lambda::Alias", {"FunctionVersion": {"Ref": "FnNew"}}),
        "Other": Resource("Other", QUEUE, {"QueueName": "x"}),
    }
    template = Template("orders", "orders", "dev", "eu-west-1", resources, {})
    old = Record("FnOld", VERSION, "1", {"FunctionName": "fn"}, {}, dependencies=("Fn",))
    unasked = {"Fn": "its code was not asked for"}
    desired: dict[str, Any] = {name: {} for name in resources}
    found = with_known_names(template, desired, {"FnOld": old}, unasked)
    assert found == {"Fn": {}, "Alias": {}, "Other": {}, "FnOld": {"FunctionName": "fn"}}
    assert unasked == dict.fromkeys(("Fn", "FnOld", "Alias"), "its code was not asked for")
    unasked = {"Fn": "why"}
    assert with_known_names(template, desired, {"FnNew": replace(old, logical_id="FnNew")}, unasked) == desired
    stranger = replace(old, dependencies=("Another",))
    assert with_known_names(template, desired, {"FnOld": stranger}, unasked) == desired
    assert unasked == {"Fn": "why"}


# ---- a refresh


def test_after_a_refresh_what_is_gone_has_no_record_and_what_drifted_a_new_one() -> None:
    drifted = replace(RECORD, inputs={"QueueName": "renamed"})
    steps = (
        step(Action.FORGET, record=RECORD),
        replace(step(Action.RECORD, record=replace(drifted, logical_id="Two")), logical_id="Two"),
        replace(step(Action.RECORD), logical_id="Three"),
    )
    before = dict.fromkeys(("Jobs", "Two", "Three"), RECORD)
    assert apply_refresh(before, steps) == {"Two": replace(drifted, logical_id="Two"), "Three": RECORD}
    assert set(before) == {"Jobs", "Two", "Three"}


# ---- two versions


def test_a_changed_attribute_is_told_once_and_another_physical_id_first() -> None:
    after = replace(RECORD, physical_id="other", inputs={"QueueName": "x"}, observed={"QueueName": "x", "Arn": "new"})
    one, other = Snapshot("orders", "dev", (RECORD,), {"A": 1, "B": 2}), Snapshot("orders", "dev", (after,), {"A": 1})
    change = compare(one, other)
    assert [path for path, _, _ in change.updated[0].attributes] == [("physical id",), ("QueueName",), ("Arn",)]
    assert next(iter(change.updated[0].named())) == ("physical id", "jobs", "other")
    assert change.outputs == (("B", 2, ABSENT),)
    assert compare(one, one).empty
    assert [record.logical_id for record in compare(one, None).deleted] == ["Jobs"]
    assert [record.logical_id for record in compare(None, one).created] == ["Jobs"]


# ---- a home without a project


def test_a_stage_that_was_never_deployed_may_be_named_in_the_apps_own_directory(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    deploy(home, snapshot(queue()))

    def shown(**options: Any) -> tuple[str, ...]:
        chosen = {key: options.pop(key) for key in ("app", "own") if key in options}
        settings = WorkspaceOptions(environment={}, **options)
        return ForeignCockpit(home, settings, project="home", path="/", **chosen).info().services

    assert shown() == shown(app="orders") == shown(stage="dev") == ("orders/dev",)
    assert shown(stage="live") == shown(app="billing") == ()
    assert shown(stage="live", own="orders") == ("orders/live",)
    assert shown(own="orders") == ("orders/dev",)
    assert shown(services=("orders/live",), own="orders") == ("orders/live",)
    with pytest.raises(UsageError, match="no state of 'orders/live'"):
        shown(services=("orders/live",))


def test_read_only_breaks_no_lock(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    with home.lock(home.begin("orders", "dev", "deploy")):
        held = home.read_lock("orders", "dev")
        assert held is not None
        service = HomeService(home, "orders", "dev", ask=None, read_only=True)
        assert service.lock() == held
        with pytest.raises(ReadOnlyError):
            service.unlock(held)
        assert home.read_lock("orders", "dev") == held
        writing = HomeService(home, "orders", "dev", ask=None, read_only=False)
        assert writing.unlock(replace(held, update_id="another")) is None
        assert writing.unlock(held) == held
    assert home.read_lock("orders", "dev") is None


@pytest.mark.parametrize(
    ("place", "chosen", "region"),
    [("us-east-1", "eu-north-1", "us-east-1"), ("", "eu-north-1", "eu-north-1"), ("", None, "eu-west-1")],
)
def test_a_resource_without_a_place_of_its_own_is_where_the_user_says_or_most_of_the_state_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, chosen: str | None, region: str
) -> None:
    home = home_in(tmp_path)
    deploy(home, snapshot(queue()))
    seen: list[str] = []

    def opened(place: RecordProvider, options: WorkspaceOptions) -> MemoryCloud:
        seen.append(place.region)
        return MemoryCloud()

    monkeypatch.setattr(sst, "open_record_provider", opened)
    service = sst.SstService(home, "orders/dev", "orders", "dev", WorkspaceOptions(environment={}, region=chosen))
    assert isinstance(service._provider(RecordProvider(place)), MemoryCloud)
    assert seen == [region]


def test_a_reset_says_of_its_steps_which_delete_something() -> None:
    assert [step.value for step in ResetStep if step.irreversible] == ["remove", "forget", "sweep"]
    assert all(step.title and step.explanation for step in ResetStep)


# ---- what stays pending


def test_a_pending_update_stays_as_long_as_what_it_was_to_change_is_there(tmp_path: Path) -> None:
    pending = (
        PendingOperation("Jobs", QUEUE, "update", "jobs"),
        PendingOperation("Jobs", QUEUE, "update", "an old copy"),
        PendingOperation("Gone", QUEUE, "delete", "gone"),
        PendingOperation("Lost", QUEUE, "create"),
    )
    notes: list[str] = []
    running = SimpleNamespace(_surroundings=SimpleNamespace(provider=MemoryCloud()), _note=notes.append)
    update = home_in(tmp_path).begin("orders", "dev", "deploy")
    settled = _ServiceRun._settled(
        cast(Any, running),
        cast(Any, SimpleNamespace(unresolved=())),
        Snapshot("orders", "dev", (RECORD,), pending=pending),
        cast(Any, SimpleNamespace(records={"Jobs": RECORD})),
        update,
    )
    assert {(item.logical_id, item.physical_id) for item in settled.pending} == {("Jobs", "jobs"), ("Lost", "")}
    assert notes == []


@pytest.mark.parametrize(
    ("sizes", "begun", "exists", "empty"),
    [
        ({}, "", False, True),
        ({"states": (1, 10)}, "", False, False),
        ({}, "2026-03-01T00:00:00", False, False),
        ({}, "", True, False),
    ],
)
def test_there_is_something_to_reset_where_anything_is_left(
    sizes: dict[str, Any], begun: str, exists: bool, empty: bool
) -> None:
    given: dict[str, Any] = {item.name: () for item in fields(Inventory)}
    part = Part("states", "parameter", "/pointer", "us-east-1", exists)
    found = Inventory(**{**given, "sizes": sizes, "begun": begun, "parts": (part,)})
    assert (found.empty, found.resumed) == (empty, bool(begun))
