"""Comparing values and whole resources, two ways and three ways.

Equality is tested first and decides almost everything; only what differs is walked. Plain `==` takes 1 for True and
for 1.0, so equal-looking values are checked again by type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from stateroom.model.diff import AttributeDiff, Mark, Path
from stateroom.model.values import ABSENT, Properties, Secret, Value, first_unresolved

Canonical = Callable[[Properties], Properties]


def same(a: Value, b: Value) -> bool:
    """Type-aware equality: True is not 1, 1 is not 1.0, UNKNOWN equals nothing."""
    if a is b:
        return not _is_unequal_to_itself(a)
    return bool(a == b) and _same_types(a, b)


def _is_unequal_to_itself(value: Value) -> bool:
    # Identity would hide an UNKNOWN or a NaN inside; containers compare their items by identity first, so look in.
    if isinstance(value, Mapping):
        return any(_is_unequal_to_itself(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_is_unequal_to_itself(item) for item in value)
    return bool(value != value)


def _same_types(a: Value, b: Value) -> bool:
    # Called with a == b, so shapes agree; only bool/int/float mix-ups and identical-but-unequal items remain.
    kind = type(a)
    if kind is str:
        return True
    if kind is dict or isinstance(a, Mapping):  # the first test is many times cheaper than the second
        return all(_same_types(item, b[key]) for key, item in a.items() if type(item) is not str)
    if kind is list or isinstance(a, list | tuple):
        return all(map(_same_types, a, b))
    if kind is Secret:
        return _same_types(a.reveal(), b.reveal())
    return kind is type(b) and bool(a == b)


def _container(sides: tuple[Value, ...]) -> type | None:
    """Choose how to walk the sides: dict when each is a mapping, list for equally long lists of mappings, else None."""
    present = [side for side in sides if side is not ABSENT]
    if not present:
        return None
    if all(isinstance(side, Mapping) for side in present):
        return dict
    if all(isinstance(side, list | tuple) for side in present):
        lengths = {len(side) for side in present}
        if lengths != {0} and len(lengths) == 1 and all(isinstance(i, Mapping) for side in present for i in side):
            return list
    return None


def _children(sides: tuple[Value, ...], kind: type) -> Iterator[tuple[str | int, tuple[Value, ...]]]:
    present = [side for side in sides if side is not ABSENT]
    if kind is dict:
        keys = dict.fromkeys(chain.from_iterable(present))
        for key in sorted(keys):
            yield key, tuple(ABSENT if side is ABSENT else side.get(key, ABSENT) for side in sides)
    else:
        for index in range(len(present[0])):
            yield index, tuple(ABSENT if side is ABSENT else side[index] for side in sides)


def differences(before: Value, after: Value, path: Path = ()) -> Iterator[tuple[Path, Value, Value]]:
    """Leaf differences between two canonical values as (path, before, after); a missing side is ABSENT."""
    if same(before, after):
        return
    sides = (before, after)
    kind = _container(sides)
    if kind is None or (path and ABSENT in sides):
        yield path, before, after
        return
    for key, (left, right) in _children(sides, kind):
        yield from differences(left, right, (*path, key))


def three_way(config: Value, state: Value, observed: Value, cloud: Value) -> tuple[AttributeDiff, ...]:
    """Compare config, state and cloud of one resource: its attributes that are not in step.

    All four arguments are canonical properties: `config` as desired now, `state` as asked for by the last deploy,
    `observed` as our reader saw it then, `cloud` as our reader sees it now. X compares the first two, Y the last two
    (docs/design.md, Three columns), so what a server adds or renames by itself is on both sides of Y and cancels out.
    """
    return tuple(_walk((config, state, observed, cloud), (), managed=False))


def _walk(sides: tuple[Value, ...], path: Path, *, managed: bool) -> Iterator[AttributeDiff]:
    config, state, observed, cloud = sides
    x_differs, y_differs = not same(config, state), not same(observed, cloud)
    if not x_differs and not y_differs:
        return
    # Whatever lies inside a property that the config sets is the config's business, extra map keys included.
    managed = bool(path) and (managed or config is not ABSENT or state is not ABSENT)
    if y_differs and managed and same(state, cloud):
        y_differs = False  # the cloud has what was asked for: `observed` was read before that showed
        if not x_differs:
            return
    # What nobody declared and was not there before is one change, however much is in it.
    kind = None if path and not managed and observed is ABSENT else _container(sides)
    if kind is not None:
        for key, children in _children(sides, kind):
            yield from _walk(children, (*path, key), managed=managed)
        return
    shown_cloud = cloud if y_differs or state is ABSENT else state
    if not managed:
        yield AttributeDiff(path, Mark.UNDECLARED, config, observed, shown_cloud, managed)
        return
    yield AttributeDiff(path, _mark(sides, x_differs, y_differs), config, state, shown_cloud)


def _mark(sides: tuple[Value, ...], x_differs: bool, y_differs: bool) -> Mark:
    config, state, _, cloud = sides
    if not x_differs:
        return Mark.DRIFT
    if first_unresolved(config) is not None:
        return Mark.DRIFT if y_differs else Mark.UNKNOWN
    if y_differs:
        return Mark.STALE if same(config, cloud) else Mark.CONFLICT
    if state is ABSENT:
        return Mark.NEW
    return Mark.GONE if config is ABSENT else Mark.PENDING


def count_leaves(value: Value) -> int:
    """How many attributes a value has, counted as `three_way` would list them."""
    if type(value) is dict or isinstance(value, Mapping):
        return sum(1 if type(item) is str else count_leaves(item) for item in value.values())
    if type(value) is list and value and all(isinstance(item, Mapping) for item in value):
        return sum(map(count_leaves, value))
    return 0 if value is ABSENT else 1


def count_answered(asked: Value, answer: Value) -> tuple[int, int]:
    """Count the attributes of `asked`: (those that `answer` has, those that it does not give back)."""
    if not isinstance(asked, Mapping) or not isinstance(answer, Mapping):
        return count_leaves(asked), 0
    found = missing = 0
    for key, item in asked.items():
        if key in answer:
            below, lost = (1, 0) if type(item) is str else count_answered(item, answer[key])
            found, missing = found + below, missing + lost
        elif item is not None and item not in ("", [], {}):  # nothing to give back
            missing += count_leaves(item)
    return found, missing


def mask_like(value: Value, pattern: Value) -> Value:
    """`value` with Secrets put where `pattern` has them, so that a cloud reading shows no more than the state does."""
    if isinstance(pattern, Secret):
        return value if isinstance(value, Secret) else Secret(value)
    if isinstance(pattern, Mapping) and isinstance(value, Mapping):
        return {key: mask_like(item, pattern[key]) if key in pattern else item for key, item in value.items()}
    if isinstance(pattern, list | tuple) and isinstance(value, list | tuple) and len(pattern) == len(value):
        return [mask_like(item, like) for item, like in zip(value, pattern, strict=True)]
    return value
