"""Adoption, planning and drift against what real AWS answered for real templates.

Each test drives the product's own functions over recordings (see `recordings`), and counts the cases in which they see
a change that nobody made, or miss one that somebody did. docs/drift.md has the counts by type.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from stateroom.cloud.provider import Owner
from stateroom.cloud.schema.answers import ordered_lists
from stateroom.cloud.schema.check import check
from stateroom.engine.planning.ownership.claims import Claims
from stateroom.engine.planning.planner import Surroundings, plan_service
from stateroom.engine.planning.refresh import apply_refresh
from stateroom.engine.records.drift import drift
from stateroom.model.diff import AttributeDiff
from stateroom.model.diff import Path as AttributePath
from stateroom.model.plan import Action, Step
from stateroom.model.resource import Live, Record, Resource, Template
from stateroom.model.values import Properties
from tests.cloud.recordings import CORPUS, NEARBY, RecordedCloud, Recording, changed_leaves, recordings, reordered

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the recordings of real models are not here")

DRIFT = Path(__file__).parents[2] / "docs" / "drift.md"
NAME = "Recorded"
FALSE = 0.03  # cases in which something that nobody changed looks changed, without a baseline to compare with
ROW = 4  # recordings that give a type a line of its own
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
    return (*found.managed, *found.unmanaged) if found else ()


def written(steps: Iterable[Step]) -> set[str]:
    return {str(change.path[0]) for step in steps for change in step.changes}


def false(one: Recording, paths: Iterable[AttributePath]) -> list[str]:
    """Paths in which nobody changed anything, and which AWS gives back."""
    return [".".join(map(str, path)) for path in paths if path[0] not in one.drifted | one.untold]


def wrongly_written(one: Recording) -> list[str]:
    """What a deploy would write although nobody changed it, right after taking the resource over."""
    return false(one, (change.path for step in planned(one) for change in step.changes))


def wrongly_drifted(one: Recording) -> list[str]:
    """What looks drifted although nobody changed it, once the reader sees more than it did."""
    return false(one, (item.path for item in drifted(one, reader=1)))


def wrongly_ordered(one: Recording, order: Callable[[list[Any]], list[Any]] = lambda items: items[::-1]) -> list[str]:
    """What looks drifted when lists of the answer come in another order, where nothing says that theirs counts."""
    return [item.name for item in drifted(one, reordered(one.live, order, ordered_lists(one.type)))]


def table() -> str:
    """Lines of the table in docs/drift.md; types of few recordings without anything false are one line."""
    counts: dict[str, Counter[str]] = {}
    for one in recordings():
        count = counts.setdefault(one.type, Counter())
        count["cases"] += 1
        count["adopting"] += bool(wrongly_written(one))
        count["reader"] += bool(wrongly_drifted(one))
        count["re-ordered"] += not one.vendored and bool(wrongly_ordered(one))
        count["without schema"] += not one.vendored
    rest = [name for name, count in counts.items() if count["cases"] < ROW and not _false_of(count)]
    rows = {name: count for name, count in sorted(counts.items()) if name not in rest}
    rows[f"the other {len(rest)} types"] = sum((counts[name] for name in rest), Counter())
    rows["together"] = sum(counts.values(), Counter())
    lines = [_row(name, count) for name, count in rows.items()]
    return "\n".join(["| type | recordings | adopting | new reader | re-ordered |", "|---|---|---|---|---|", *lines])


def _false_of(count: Counter[str]) -> int:
    return count["adopting"] + count["reader"] + count["re-ordered"]


def _row(name: str, count: Counter[str]) -> str:
    of = count["without schema"]
    ordered = f"{count['re-ordered']} of {of}" if of else "–"
    return f"| {name} | {count['cases']} | {count['adopting']} | {count['reader']} | {ordered} |"


def test_the_table_of_the_documentation_is_what_was_measured() -> None:
    if CORPUS not in NEARBY:
        pytest.skip("the table is of the recordings that lie nearby")
    assert table() in DRIFT.read_text(), f"put this into docs/drift.md:\n{table()}"


def test_what_is_taken_over_unchanged_is_hardly_ever_written() -> None:
    wrong = {one.case: paths for one in recordings() if (paths := wrongly_written(one))}

    assert len(recordings()) > 100
    assert len(wrong) / len(recordings()) <= FALSE, wrong


def test_nothing_that_is_taken_over_is_replaced() -> None:
    replaced = [one.case for one in recordings() if any(step.action is Action.REPLACE for step in planned(one))]
    assert replaced == []


def test_a_reader_that_sees_more_than_it_did_is_hardly_ever_drift() -> None:
    wrong = {one.case: paths for one in recordings() if (paths := wrongly_drifted(one))}

    assert len(wrong) / len(recordings()) <= FALSE, wrong


def test_an_answer_like_the_one_after_the_last_apply_is_never_drift() -> None:
    assert [one.case for one in recordings() if drifted(one)] == []


@pytest.mark.parametrize("order", [lambda items: items[::-1], lambda items: random.Random(7).sample(items, len(items))])
def test_an_answer_in_another_order_is_no_drift_where_order_means_nothing(order: Callable[[Any], Any]) -> None:
    unknown = [one for one in recordings() if not one.vendored]
    wrong = {one.case: paths for one in unknown if (paths := wrongly_ordered(one, order))}

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
