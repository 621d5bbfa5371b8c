"""Taking over what exists: what the server has added is not written, what differs is, and drift needs no baseline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from stateroom.cloud.provider import Owner
from stateroom.engine.records.drift import drift
from stateroom.model.plan import Action
from stateroom.model.resource import Live, Record
from tests.engine.cloud import MemoryCloud, Thing
from tests.engine.lab import QUEUE, Lab, one_service

DECLARED = {"QueueName": "q", "Delay": 5, "Retry": {"Times": 3}, "Tags": {"team": "shop"}}
ADDED = {"Size": 1024, "Retry": {"Times": 3, "Age": 60}, "Tags": {"team": "shop", "cost": "42"}}
UNVENDORED = "AWS::MediaLive::Channel"


def beside(tmp_path: Path, **there: Any) -> Lab:
    """A project that declares a queue, and a stranger's queue of that name."""
    lab = Lab(tmp_path, one_service(Q=(QUEUE, DECLARED)))
    lab.cloud.things[QUEUE, "q"] = Thing(QUEUE, "q", {**DECLARED, **ADDED, **there}, Owner("", "", "?"))
    return lab


def test_what_the_server_added_inside_declared_properties_is_not_written(tmp_path: Path) -> None:
    lab = beside(tmp_path)

    (step,) = lab.plan(adopt=("Q",)).steps()
    assert (step.action, step.changes) == (Action.ADOPT, ())
    assert lab.run(adopt=("Q",)).ok
    assert not list(lab.plan().steps())
    assert lab.statuses() == {}
    left = lab.cloud.things[QUEUE, "q"].properties
    assert {key: left[key] for key in ADDED} == ADDED  # the tags of others as well


def test_what_differs_is_written_and_nothing_else(tmp_path: Path) -> None:
    lab = beside(tmp_path, Delay=6)

    adopt, update = lab.plan(adopt=("Q",)).steps()
    assert (adopt.action, update.action) == (Action.ADOPT, Action.UPDATE)
    assert [(item.path, item.before, item.after) for item in update.changes] == [(("Delay",), 6, 5)]


def record(type_: str = QUEUE, **changes: Any) -> Record:
    return replace(Record("Q", type_, "q", DECLARED, {**DECLARED, **ADDED}), **changes)


def test_without_a_baseline_only_what_was_declared_can_drift() -> None:
    cloud, there = MemoryCloud(), {**DECLARED, **ADDED}
    for old in (record(reader_version=0), record(observed={})):
        found = drift(old, Live("q", {**there, "Other": 1, "Retry": {"Times": 4, "Age": 90}}), cloud)
        assert found is not None
        assert [(item.path, item.state, item.cloud) for item in found.managed] == [(("Retry", "Times"), 3, 4)]
        renewed = drift(old, Live("q", there), cloud)
        assert renewed is not None  # no drift, and a reading to be recorded
        assert (renewed.managed, renewed.unmanaged) == ((), ())


values = st.recursive(
    st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "y"]), inner, max_size=2),
    max_leaves=6,
)


@example([[], [False]], [False], UNVENDORED, 1)
@example([False, 1], [1], UNVENDORED, 1)
@given(values, values, st.sampled_from([QUEUE, UNVENDORED]), st.sampled_from([0, 1]))
def test_what_the_cloud_has_as_it_was_asked_for_never_drifts_whatever_the_baseline(
    asked: Any, before: Any, type_: str, version: int
) -> None:
    old = Record("Q", type_, "q", {"P": asked}, {"P": before, "R": 1}, reader_version=version)
    found = drift(old, Live("q", {"P": asked, "R": 2}), MemoryCloud())

    assert found is None or found.managed == ()


def test_an_answer_in_another_order_is_no_drift_of_a_type_without_a_schema() -> None:
    asked = {"Zones": ["a", "b"], "Command": ["x", "y"]}
    there = {**asked, "Defaults": [1, 2, 3]}
    old = Record("Q", UNVENDORED, "q", asked, there)

    found = drift(old, Live("q", {"Zones": ["b", "a"], "Command": ["x", "y"], "Defaults": [3, 1, 2]}), MemoryCloud())
    assert found is None or (found.managed, found.unmanaged) == ((), ())
    found = drift(old, Live("q", {**there, "Command": ["y", "x"]}), MemoryCloud())
    assert found is not None
    assert [item.path for item in found.managed] == [("Command",)]
