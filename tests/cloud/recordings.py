"""Recordings of real AWS models, and a cloud that answers as they say.

A recording is what a template declared, the full model that AWS answered for it, and what of that is really a
difference (go-to-k/cdk-real-drift, Apache-2.0). They are not part of the project; STATEROOM_CORPUS names the file.
"""

from __future__ import annotations

import copy
import functools
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stateroom.cloud.aws.calls import Clients
from stateroom.cloud.aws.provider import AwsProvider
from stateroom.cloud.provider import Identity, Owner
from stateroom.cloud.schema.catalog import known_types
from stateroom.model.ownership import Claim, Ownership
from stateroom.model.resource import Live
from stateroom.model.values import UNKNOWN, Properties

NEARBY = [path for up in (3, 4) for path in Path(__file__).parents[up].glob("*/corpora/real-aws-models.jsonl")]
CORPUS = Path(os.environ.get("STATEROOM_CORPUS") or (NEARBY[0] if NEARBY else "real-aws-models.jsonl"))
UNRESOLVED = "__cdkrd_corpus_unresolved__"  # what the recorder could not resolve
_GONE = object()


@dataclass(frozen=True, eq=False)
class Recording:
    """One resource of a template, and what AWS answered for it."""

    case: str
    type: str
    physical_id: str
    declared: dict[str, Any]
    written: dict[str, Any]  # `declared`, with UNKNOWN for what the recorder could not resolve
    live: dict[str, Any]
    drifted: frozenset[str]  # top-level properties in which somebody changed what was declared
    untold: frozenset[str]  # those that AWS does not give back

    @property
    def vendored(self) -> bool:
        return self.type in known_types()


@functools.cache
def recordings() -> tuple[Recording, ...]:
    return tuple(_recording(json.loads(line)) for line in CORPUS.read_text().splitlines())


def _recording(case: Mapping[str, Any]) -> Recording:
    resource, live = case["resource"], case["liveRaw"]
    tops: dict[str, set[str]] = {"declared": set(), "readGap": set()}
    for item in case["expected"]:
        tops.setdefault(item["tier"], set()).add(item["path"].split(".")[0].split("[")[0])
    declared = _resolved(resource["declared"], live)
    return Recording(
        case["case"],
        resource["resourceType"],
        resource["physicalId"],
        declared,
        _written(resource["declared"]),
        live,
        frozenset(tops["declared"]),
        frozenset(tops["readGap"]),
    )


def _resolved(value: Any, live: Any) -> Any:
    """Put what AWS has in the place of references that the recorder could not follow; leave out what it has not."""
    if isinstance(value, Mapping):
        members = live if isinstance(live, Mapping) else {}
        found = {key: _resolved(item, members.get(key, _GONE)) for key, item in value.items()}
        return {key: item for key, item in found.items() if item is not _GONE}
    if isinstance(value, list):
        there = live if isinstance(live, list) and len(live) == len(value) else [_GONE] * len(value)
        items = [_resolved(item, other) for item, other in zip(value, there, strict=True)]
        return [item for item in items if item is not _GONE]
    return live if isinstance(value, str) and UNRESOLVED in value else value


def _written(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _written(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_written(item) for item in value]
    return UNKNOWN if value == UNRESOLVED else value


def reordered(
    value: Any, order: Callable[[list[Any]], list[Any]], kept: frozenset[tuple[str, ...]] = frozenset()
) -> Any:
    """Put every list of a value in another order, but those at the `kept` paths."""

    def walk(value: Any, path: tuple[str, ...]) -> Any:
        if isinstance(value, Mapping):
            return {key: walk(item, (*path, key)) for key, item in value.items()}
        if not isinstance(value, list):
            return value
        items = [walk(item, (*path, "*")) for item in value]
        return items if path in kept else order(items)

    return walk(value, ())


def changed_leaves(one: Recording) -> Iterator[dict[str, Any]]:
    """Yield the live model with another value in one declared leaf of each top-level property, until each had its turn.

    A leaf counts as declared when its value stands once in the answer, and once in what was declared, under the same
    keys, whatever the place in a list.
    """
    leaves: dict[str, list[tuple[Any, ...]]] = {}
    declared = Counter((_keys(path), repr(value)) for path, value in _leaves(one.declared))
    there = Counter((_keys(path), repr(value)) for path, value in _leaves(one.live))
    for path, value in _leaves(one.live):
        known = (_keys(path), repr(value))
        if declared[known] == there[known] == 1 and path[0] not in one.drifted | one.untold:
            leaves.setdefault(path[0], []).append(path)
    for turn in range(max(map(len, leaves.values()), default=0)):
        live = copy.deepcopy(one.live)
        changed = [paths[turn] for paths in leaves.values() if turn < len(paths)]
        for path in changed:
            inner: Any = live
            for part in path[:-1]:
                inner = inner[part]
            inner[path[-1]] = _another(inner[path[-1]])
        yield {"live": live, "paths": changed}


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, Mapping | list):
        for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from _leaves(item, (*path, key))
    elif value not in (None, ""):
        yield path, value


def _keys(path: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple("*" if isinstance(part, int) else part for part in path)


def _another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int | float) else f"{value}-changed"


class RecordedCloud(AwsProvider):
    """The provider for AWS over one recording instead of calls; the resource bears the asking state's tags."""

    def __init__(self, recording: Recording, live: Properties | None = None) -> None:
        super().__init__(Clients(region="us-east-1"), lambda _: b"")
        self._live = Live(recording.physical_id, recording.live if live is None else live)

    def identity(self) -> Identity:
        return Identity("111111111111", "us-east-1")

    def ownership(self, type_: str, inputs: Properties, owner: Owner) -> Ownership | None:
        return Ownership(self._live.physical_id, Claim.OURS)

    def read(self, type_: str, physical_id: str, inputs: Properties) -> Live | None:
        return self._live
