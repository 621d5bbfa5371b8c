"""The canonical form against what real AWS answered for real templates.

The recordings are not part of the project; without them the test skips. STATEROOM_CORPUS names the file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stateroom.cloud.normalise.properties import canonical
from stateroom.cloud.schema.catalog import facts, known_types
from stateroom.cloud.schema.check import check
from stateroom.cloud.schema.facts import Facts
from stateroom.model.values import UNKNOWN

NEARBY = sorted(Path(__file__).parents[3].glob("*/corpora/real-aws-models.jsonl"))
CORPUS = Path(os.environ.get("STATEROOM_CORPUS") or (NEARBY[0] if NEARBY else "real-aws-models.jsonl"))
UNRESOLVED = "__cdkrd_corpus_unresolved__"  # what the recorder could not resolve
# Cases of known types in which something that nobody changed looks changed, without any baseline to compare with.
FALSE_POSITIVE_BOUND = 0.03


def undeclared(declared: Any, live: Any, path: str = "") -> Iterator[str]:
    """Paths at which what was declared is not contained in what is live."""
    if isinstance(declared, Mapping) and isinstance(live, Mapping):
        for key, value in declared.items():
            yield from undeclared(value, live.get(key), f"{path}.{key}" if path else key)
    elif isinstance(declared, list) and isinstance(live, list) and len(declared) == len(live):
        for one, other in zip(declared, live, strict=True):
            yield from undeclared(one, other, f"{path}.*")
    elif isinstance(declared, Mapping) and live is None:
        for key, value in declared.items():
            yield from undeclared(value, None, f"{path}.{key}")
    elif declared not in (live, UNRESOLVED):
        yield path


def unreadable(path: str, known: Facts) -> bool:
    return any(path == item or path.startswith(f"{item}.") for item in known.schema.write_only)


def judge(case: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """False positives and missed differences of one recorded resource."""
    known = facts(case["resource"]["resourceType"])
    declared = canonical(case["resource"]["declared"], known)
    live = canonical(case["liveRaw"], known)
    found = [path for path in undeclared(declared, live) if not unreadable(path, known)]
    expected = {item["path"].split(".")[0].split("[")[0] for item in case["expected"] if item["tier"] == "declared"}
    unread = {item["path"].split(".")[0].split("[")[0] for item in case["expected"] if item["tier"] == "readGap"}
    tops = {path.split(".")[0] for path in found}
    return [path for path in found if path.split(".")[0] not in expected | unread], sorted(expected - tops)


@pytest.mark.skipif(not CORPUS.exists(), reason="the recordings of real models are not here")
def test_what_real_aws_answers_for_an_unchanged_resource_hardly_ever_looks_changed() -> None:
    cases = [json.loads(line) for line in CORPUS.read_text().splitlines()]
    known = [case for case in cases if case["resource"]["resourceType"] in set(known_types())]
    wrong = {case["case"]: paths for case in known if (paths := judge(case)[0])}

    assert len(known) > 100
    assert len(wrong) / len(known) <= FALSE_POSITIVE_BOUND, wrong


@pytest.mark.skipif(not CORPUS.exists(), reason="the recordings of real models are not here")
def test_nothing_that_real_aws_took_is_refused_by_the_check_of_a_plan() -> None:
    cases = [json.loads(line) for line in CORPUS.read_text().splitlines()]
    refused = {
        case["case"]: [str(problem) for problem in problems]
        for case in cases
        if (problems := check(case["resource"]["resourceType"], _resolved(case["resource"]["declared"])))
    }

    assert len(cases) > 100
    assert refused == {}


def _resolved(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _resolved(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolved(item) for item in value]
    return UNKNOWN if value == UNRESOLVED else value


@pytest.mark.skipif(not CORPUS.exists(), reason="the recordings of real models are not here")
def test_folding_hides_no_difference_that_was_recorded() -> None:
    cases = [json.loads(line) for line in CORPUS.read_text().splitlines()]
    known = [case for case in cases if case["resource"]["resourceType"] in set(known_types())]

    assert {case["case"]: missed for case in known if (missed := judge(case)[1])} == {}
