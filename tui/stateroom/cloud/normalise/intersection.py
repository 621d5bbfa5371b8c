"""Intersection of what was declared with what the cloud answers, for comparing without a baseline.

A reading says more than was asked for, and says it otherwise: AWS fills in defaults inside declared properties, sorts
lists, and writes names as ARNs. With a reading from after the last apply all that cancels out; without one (a resource
that is taken over, a reader that sees more than it did) only what was declared can be compared, at every depth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from stateroom.cloud.normalise.entries import same_entries
from stateroom.cloud.normalise.properties import parse_json_text
from stateroom.cloud.normalise.spelling import alike
from stateroom.cloud.schema.answers import AnswerHabits, answers, says_nothing
from stateroom.cloud.schema.facts import Facts
from stateroom.cloud.schema.habits import IDENTITIES
from stateroom.model.compare import same
from stateroom.model.diff import Path
from stateroom.model.values import ABSENT, Marker, Properties, Secret, Value

_LISTS: Final = (list, tuple)
_CONTAINERS: Final = (list, tuple, Mapping)
_PAIRS: Final = 2_500  # pairs of items that are compared to find the best match; beyond, items pair by position


def as_declared(declared: Properties, live: Properties, facts: Facts) -> dict[str, Value]:
    """Return the reading in the shape of what was declared; both in canonical form.

    Where the cloud has what was declared, spelled otherwise or not told, the declared value stands; where it differs,
    the cloud's. Keys that were not declared are left out at every depth. UNKNOWN gives way to the cloud's value.
    """
    return _Intersection(answers(facts)).members(declared, live, ())


def aligned(pattern: Properties, properties: Properties, facts: Facts) -> Properties:
    """Return properties with their lists in the order of a pattern's; both in canonical form.

    Only of types without a vendored schema: there nothing says which lists are sets, so that order counts only where
    the registry says that it does. A vendored schema has decided already (see `canonical`).
    """
    if facts.shape or same(pattern, properties):
        return properties
    found: Properties = _Intersection(answers(facts)).aligned(pattern, properties, ())
    return found


def member(answer: Mapping[str, Value], key: str) -> Value:
    """Return a member of an answer; some services write its first letter in another case."""
    if key in answer or not key:
        return answer.get(key, ABSENT)
    return answer.get(key[0].swapcase() + key[1:], ABSENT)


@dataclass(frozen=True, slots=True)
class _Intersection:
    answers: AnswerHabits

    def members(self, declared: Mapping[str, Value], live: Mapping[str, Value], path: Path) -> dict[str, Value]:
        found = ((key, self.value(item, member(live, key), (*path, key))) for key, item in declared.items())
        return {key: item for key, item in found if item is not ABSENT}

    def value(self, declared: Value, live: Value, path: Path) -> Value:
        if same(declared, live):
            return declared
        if isinstance(declared, Secret):
            plain = live.reveal() if isinstance(live, Secret) else live
            seen = self.value(declared.reveal(), plain, path)
            return seen if seen is ABSENT else Secret(seen)
        if isinstance(declared, Marker):
            return live
        if isinstance(live, Secret):  # what the cloud's reader keeps secret may be plain in a config
            return declared if same(self.value(declared, live.reveal(), path), declared) else live
        if live is ABSENT or live is None:
            return self._untold(declared, path)
        one, other = parse_json_text(declared), parse_json_text(live)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            return self.members(one, other, path)
        if isinstance(one, _LISTS) and isinstance(other, _LISTS):
            return self._items(one, other, path)
        caseless = self.answers.is_caseless(path) or self.answers.is_fixed(path)
        if any(alike(form, live, caseless=caseless) for form in self.answers.forms(declared, path)):
            return declared
        scalars = not isinstance(one, _CONTAINERS) and not isinstance(other, _CONTAINERS)
        return live if scalars or not self.answers.is_fixed(path) else declared

    def aligned(self, pattern: Value, value: Value, path: Path) -> Value:
        """Return the value with its lists in the pattern's order, at every depth."""
        if isinstance(pattern, Mapping) and isinstance(value, Mapping):
            return {
                key: self.aligned(pattern[key], item, (*path, key)) if key in pattern else item
                for key, item in value.items()
            }
        if not isinstance(pattern, _LISTS) or not isinstance(value, _LISTS):
            return value
        inner = (*path, "*")
        if self.answers.is_ordered(path, pattern):
            partners = {i: i for i in range(min(len(pattern), len(value)))}
        else:
            partners = dict(self._partners(pattern, value, inner))
        placed = [self.aligned(pattern[i], value[partners[i]], inner) for i in sorted(partners)]
        taken = set(partners.values())
        return placed + [item for j, item in enumerate(value) if j not in taken]

    def _untold(self, declared: Value, path: Path) -> Value:
        """Return what a property that is missing in the answer counts as: declared where that says nothing."""
        if self.answers.is_unread(path) or self.answers.is_fixed(path):
            return declared
        if isinstance(declared, Mapping):
            return self.members(declared, {}, path) or ABSENT
        return declared if says_nothing(declared) else ABSENT

    def _items(self, declared: Sequence[Value], live: Sequence[Value], path: Path) -> Value:
        inner = (*path, "*")
        if self.answers.is_ordered(path, declared) and len(declared) == len(live):
            return [self.value(item, other, inner) for item, other in zip(declared, live, strict=True)]
        partners = dict(self._partners(declared, live, inner))
        seen = [self.value(item, live[partners[i]], inner) for i, item in enumerate(declared) if i in partners]
        taken = set(partners.values())
        rest = [item for i, item in enumerate(live) if i not in taken]
        missing = len(declared) - len(seen)
        if self.answers.is_fixed(path) and not (missing and rest):
            return list(declared) if missing else seen  # shorter or longer: told otherwise, no ground to replace
        return seen if self.answers.adds_items(declared, path) else seen + rest

    def _partners(self, declared: Sequence[Value], live: Sequence[Value], path: Path) -> Iterator[tuple[int, int]]:
        """Pair declared items with the cloud's: equal ones, then of one identity, then those that differ least."""
        left, free = dict(enumerate(declared)), dict(enumerate(live))
        for values in (True, False):
            for i, j in same_entries(left, free, values=values):
                del left[i], free[j]
                yield i, j
        if len(left) * len(free) > _PAIRS:
            yield from zip(left, free, strict=False)
            return
        costs = [
            (cost, abs(i - j), i, j)
            for i, item in left.items()
            for j, other in free.items()
            if (cost := self._cost(item, other, path)) is not None
        ]
        for _, _, i, j in sorted(costs):
            if i in left and j in free:
                del left[i], free[j]
                yield i, j

    def _cost(self, declared: Value, live: Value, path: Path) -> float | None:
        """Return how much two items differ: 0 not at all; None: they have nothing in common."""
        if isinstance(declared, Marker):
            return 3.0
        seen = self.value(declared, live, path)
        if same(seen, declared):
            return 0.0
        if not isinstance(declared, Mapping) or not isinstance(live, Mapping) or not isinstance(seen, Mapping):
            return None
        equal = {key for key, item in declared.items() if same(item, seen.get(key, ABSENT))}
        if not equal:
            return None
        return 1.0 - len(equal) / len(declared) + (not any(key in equal for key in IDENTITIES))
