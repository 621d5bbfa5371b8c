"""Adoption, planning and drift against what real AWS answered for real templates.

Each test drives the product's own functions over recordings (see `recordings`), and counts the cases in which they see
a change that nobody made, or miss one that somebody did. docs/drift.md has the counts by type.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from stateroom.cloud.provider import Owner
from stateroom.cloud.schema.answers import ordered_lists
from stateroom.cloud.schema.check import check
from stateroom.engine.planning.ownership.claims import Claims
from stateroom.engine.planning.planner import Surroundings, plan_service
from stateroom.engine.planning.refresh import apply_refresh
from stateroom.engine.records.drift import drift
from stateroom.model.diff import AttributeDiff, Path
from stateroom.model.plan import Action, Step
from stateroom.model.resource import Live, Record, Resource, Template
from stateroom.model.values import Properties
from tests.cloud.recordings import CORPUS, RecordedCloud, Recording, changed_leaves, recordings, reordered

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the recordings of real models are not here")

NAME = "Recorded"
FALSE = 0.03  # cases in which something that nobody changed looks changed, without a baseline to compare with
TURNS = 6  # changed leaves of one top-level property
REORDERED = 0.01  # the same with a baseline, of types without a vendored schema, when answers come in another order


def planned(one: Recording, live: Properties | None = None) -> tuple[Step, ...]:
    """What a deploy plans for a resource that it takes over, beside taking it over."""
    cloud = RecordedCloud(one, live)
    name = cloud.schema(one.type).name_property
    there = {name: one.live.get(name, one.physical_id)} if name else {}  # found by it
    target = Template("shop", "shop", "dev", "us-east-1", {NAME: Resource(NAME, one.type, there | one.declared)})
    surroundings = Surroundings(cloud, cloud.identity())
    made = plan_service(target, (), surroundings).plan
    adoptions, refusals = Claims(cloud, lambda item: Owner("shop", "dev", item), {}).settle(target, made.steps)
    records = apply_refresh({}, adoptions)
    assert (list(records), refusals) == ([NAME], ())
    return plan_service(target, tuple(records.values()), surroundings).plan.steps


def drifted(one: Recording, live: Properties | None = None, *, reader: int = 0) -> tuple[AttributeDiff, ...]:
    """Drift of a resource that was deployed; `reader` is how far its reader has come since."""
    cloud = RecordedCloud(one)
    version = cloud.schema(one.type).reader_version - reader
    record = Record(NAME, one.type, one.physical_id, one.declared, one.live, reader_version=version)
    found = drift(record, Live(one.physical_id, one.live if live is None else live), cloud)
    return found.managed if found else ()


def written(steps: Iterable[Step]) -> set[str]:
    return {str(change.path[0]) for step in steps for change in step.changes}


def false(one: Recording, paths: Iterable[Path]) -> list[str]:
    """Paths in which nobody changed anything, and which AWS gives back."""
    return [".".join(map(str, path)) for path in paths if path[0] not in one.drifted | one.untold]


def test_what_is_taken_over_unchanged_is_hardly_ever_written() -> None:
    steps = {one: planned(one) for one in recordings()}
    wrong = {
        one.case: paths
        for one, found in steps.items()
        if (paths := false(one, (change.path for step in found for change in step.changes)))
    }

    assert len(steps) > 100
    assert len(wrong) / len(steps) <= FALSE, wrong
    assert not [one.case for one, found in steps.items() if any(step.action is Action.REPLACE for step in found)]


def test_a_reader_that_sees_more_than_it_did_is_hardly_ever_drift() -> None:
    found = {one: drifted(one, reader=1) for one in recordings()}
    wrong = {one.case: paths for one, items in found.items() if (paths := false(one, (item.path for item in items)))}

    assert len(wrong) / len(found) <= FALSE, wrong


def test_an_answer_like_the_one_after_the_last_apply_is_never_drift() -> None:
    assert [one.case for one in recordings() if drifted(one)] == []


@pytest.mark.parametrize("order", [lambda items: items[::-1], lambda items: random.Random(7).sample(items, len(items))])
def test_an_answer_in_another_order_is_no_drift_where_order_means_nothing(order: Callable[[Any], Any]) -> None:
    unknown = [one for one in recordings() if not one.vendored]
    found = {one: drifted(one, reordered(one.live, order, ordered_lists(one.type))) for one in unknown}
    wrong = {one.case: [item.name for item in items] for one, items in found.items() if items}

    assert len(wrong) / len(unknown) <= REORDERED, wrong


def test_what_somebody_changed_is_seen() -> None:
    for one in recordings():
        assert one.drifted <= written(planned(one)), one.case
        assert one.drifted <= {item.path[0] for item in drifted(one, reader=1)}, one.case


def test_every_declared_value_that_changes_in_the_cloud_is_seen_with_and_without_a_baseline() -> None:
    missed: list[tuple[Any, ...]] = []
    changes = 0
    for one in recordings():
        for turn in itertools.islice(changed_leaves(one), TURNS):
            live, tops = turn["live"], {path[0] for path in turn["paths"]}
            changes += len(tops)
            missed += [(one.case, "taken over", lost) for lost in tops - written(planned(one, live))]
            for reader in (0, 1):
                seen = {item.path[0] for item in drifted(one, live, reader=reader)}
                missed += [(one.case, f"reader {reader}", lost, turn["paths"]) for lost in tops - seen]

    assert changes > 1000
    assert missed == []


def test_nothing_that_real_aws_took_is_refused_by_the_check_of_a_plan() -> None:
    refused = {
        one.case: [str(problem) for problem in problems]
        for one in recordings()
        if (problems := check(one.type, one.written))
    }

    assert len(recordings()) > 100
    assert refused == {}
