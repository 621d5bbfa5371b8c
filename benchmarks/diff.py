"""The three-way diff of a whole service in memory: nothing changed, and one resource in a hundred changed.

"three_way" compares prepared properties. "survey" is what the screen waits for: the same through the real provider's
canonical forms, a Comparison with a reading for every resource, ending in ResourceDiffs. The peer is DeepDiff, run
over the whole service config against state and state against cloud, as a tool without a model would do it.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import partial
from typing import Any

from harness import Budget, Report, Row, alternate, finish, median, parser, progress, seconds
from project import APP, QUEUE, snapshot

from stateroom.cloud.provider import Reading
from stateroom.engine.opening.factory import open_provider
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.survey.comparison import ServiceComparison
from stateroom.model.compare import three_way
from stateroom.model.resource import Live, Record

BUDGET = Budget("abs", 0.3)
Sides = Sequence[tuple[Any, Any, Any, Any]]


def main() -> int:
    parse = parser(__doc__, rounds=5)
    parse.add_argument("--size", type=int, default=0, metavar="N", help="resources; default 10,000, --quick 1,000")
    options = parse.parse_args()
    size = options.size or (1000 if options.quick else 10_000)
    rounds = 2 if options.quick else options.rounds
    records = snapshot(size).records
    report = Report(f"Three-way diff of {size} resources, medians of {rounds} rounds")
    for what, every in (("nothing changed", 0), ("1 % changed", 100)):
        sides = sides_of(records, every)
        peer = None if options.no_peers else deepdiff_seconds(sides)
        found = alternate(
            rounds, {"three_way": partial(memory_seconds, sides), "survey": partial(survey_seconds, records, sides)}
        )
        for name, times in found.items():
            report.rows.append(
                Row(f"{name}, {what}", median(times), peer, BUDGET, peer_name="DeepDiff" if peer else "")
            )
    return finish(report, options)


def sides_of(records: Sequence[Record], every: int) -> Sides:
    """Config, state, observed, cloud of each record, none sharing an object with another; some changed in turn."""
    sides = []
    for index, record in enumerate(records):
        config, cloud = copy.deepcopy(dict(record.inputs)), copy.deepcopy(dict(record.observed))
        if every and index % every == 0:
            changed = config if index // every % 2 else cloud
            changed["VisibilityTimeout"] = 901
        sides.append((config, record.inputs, record.observed, cloud))
    return sides


def memory_seconds(sides: Sides) -> float:
    """Every resource compared, its properties already canonical."""
    return seconds(lambda: [three_way(*item) for item in sides])


def deepdiff_seconds(sides: Sides) -> float:
    """One run: it takes minutes for what takes us a fraction of a second."""
    from deepdiff import DeepDiff

    progress("DeepDiff over the whole service")
    pairs = [{str(index): item[side] for index, item in enumerate(sides)} for side in range(4)]
    return seconds(lambda: (DeepDiff(pairs[0], pairs[1]), DeepDiff(pairs[2], pairs[3])))


def survey_seconds(records: Sequence[Record], sides: Sides) -> float:
    """Every resource compared as `survey` does after the last answer has come."""
    provider = open_provider("eu-west-1", WorkspaceOptions(), lambda _: b"")
    names = [record.logical_id for record in records]
    comparison = ServiceComparison(
        APP,
        provider,
        desired={name: item[0] for name, item in zip(names, sides, strict=True)},
        types=dict.fromkeys(names, QUEUE),
        records={record.logical_id: record for record in records},
        readings={
            record.logical_id: Reading(record.logical_id, Live(record.physical_id, item[3]))
            for record, item in zip(records, sides, strict=True)
        },
    )
    return seconds(lambda: [comparison.diff(name) for name in names])


if __name__ == "__main__":
    raise SystemExit(main())
