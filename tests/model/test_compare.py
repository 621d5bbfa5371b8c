"""Comparing two ways and three ways."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from deepdiff import DeepDiff
from hypothesis import example, given
from hypothesis import strategies as st

from stateroom.model.compare import count_leaves, differences, mask_like, same, three_way
from stateroom.model.diff import AttributeDiff, Mark
from stateroom.model.values import ABSENT, UNKNOWN, Secret

values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)


def test_true_is_not_one_even_deep_inside() -> None:
    assert not same({"a": [{"b": True}]}, {"a": [{"b": 1}]})
    assert not same(1, 1.0)
    assert same({"a": [1, "x", None]}, {"a": [1, "x", None]})


def test_what_is_only_known_after_deploy_equals_nothing_not_even_itself() -> None:
    assert not same(UNKNOWN, UNKNOWN)
    shared = {"a": [UNKNOWN]}
    assert not same(shared, shared)
    assert not same(shared, copy.deepcopy(shared))


def test_a_secret_equals_the_same_secret_and_never_its_plain_text() -> None:
    assert same(Secret("s3cret"), Secret("s3cret"))
    assert not same(Secret("s3cret"), "s3cret")
    assert not same(Secret(1), Secret(True))
    assert "s3cret" not in repr(Secret("s3cret"))


def with_named_booleans(value: Any) -> Any:
    """Booleans as texts: DeepDiff compares items of lists with ==, for which False is 0."""
    if isinstance(value, dict):
        return {key: with_named_booleans(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_named_booleans(item) for item in value]
    return f"boolean {value}" if isinstance(value, bool) else value


@example([False, False], [False, 0])
@given(values, values)
def test_the_walker_finds_a_difference_exactly_when_deepdiff_does(before: Any, after: Any) -> None:
    found = list(differences(before, after))
    assert bool(found) == bool(DeepDiff(with_named_booleans(before), with_named_booleans(after)))


@given(values)
def test_a_value_never_differs_from_its_copy(value: Any) -> None:
    assert list(differences(value, copy.deepcopy(value))) == []
    assert three_way(value, value, value, copy.deepcopy(value)) == ()


def attribute(config: Any, state: Any, observed: Any, cloud: Any) -> AttributeDiff:
    (found,) = three_way({"P": config}, {"P": state}, {"P": observed}, {"P": cloud})
    return found


@pytest.mark.parametrize(
    ("config", "state", "cloud", "mark"),
    [
        (2, 1, 1, Mark.PENDING),
        (1, 1, 2, Mark.DRIFT),
        (2, 1, 2, Mark.STALE),
        (3, 1, 2, Mark.CONFLICT),
    ],
)
def test_the_mark_tells_which_side_moved(config: int, state: int, cloud: int, mark: Mark) -> None:
    found = attribute(config, state, observed=1, cloud=cloud)
    assert found.mark is mark
    assert (found.config, found.state, found.cloud) == (config, state, cloud)


def test_new_and_gone_attributes_have_their_own_marks() -> None:
    (new,) = three_way({"P": 1, "Q": 2}, {"P": 1}, {"P": 1}, {"P": 1})
    assert (new.name, new.mark, new.state) == ("Q", Mark.NEW, ABSENT)
    (gone,) = three_way({"P": 1}, {"P": 1, "Q": 2}, {"P": 1, "Q": 2}, {"P": 1, "Q": 2})
    assert (gone.name, gone.mark, gone.config) == ("Q", Mark.GONE, ABSENT)


def test_what_the_server_renames_or_adds_cancels_out() -> None:
    """Inputs say `arn`, the reader says `ARN:…` then as now: nobody changed anything."""
    assert three_way({"P": "arn"}, {"P": "arn"}, {"P": "ARN", "D": 0}, {"P": "ARN", "D": 0}) == ()


def test_an_attribute_that_the_config_does_not_set_is_an_unmanaged_change() -> None:
    (found,) = three_way({"P": 1}, {"P": 1}, {"P": 1, "D": 0}, {"P": 1, "D": 5})
    assert (found.name, found.managed, found.state, found.cloud) == ("D", False, 0, 5)


def test_an_extra_key_in_a_map_that_the_config_sets_is_drift() -> None:
    inputs = {"Environment": {"Variables": {"A": "1"}}}
    cloud = {"Environment": {"Variables": {"A": "1", "DEBUG": "yes"}}}
    (found,) = three_way(inputs, inputs, inputs, cloud)
    assert (found.name, found.mark, found.managed) == ("Environment.Variables.DEBUG", Mark.DRIFT, True)


def test_paths_read_as_people_write_them() -> None:
    before = {"Policies": [{"PolicyName": "a"}]}
    (found,) = three_way({"Policies": [{"PolicyName": "b"}]}, before, before, before)
    assert found.name == "Policies[0].PolicyName"


def test_readings_show_no_more_than_the_state_does() -> None:
    inputs = {"Environment": {"Variables": {"KEY": Secret("old"), "PLAIN": "x"}}}
    live = {"Environment": {"Variables": {"KEY": "new", "PLAIN": "y"}}, "Arn": "arn"}
    masked = mask_like(live, inputs)
    assert masked["Environment"]["Variables"] == {"KEY": Secret("new"), "PLAIN": "y"}
    assert "new" not in repr(masked)


def test_leaves_are_counted_as_attributes_are_listed() -> None:
    assert count_leaves({"A": 1, "B": {"C": 2, "D": [1, 2]}, "E": [{"F": 1}, {"F": 2}]}) == 5


@given(st.lists(st.just(ABSENT) | values, min_size=4, max_size=4))
@example([60, ABSENT, 60, ABSENT])  # a default that the server no longer shows
@example([{"x": 1}, {"x": 1}, {"x": 1, "y": 0}, {"x": 1}])
def test_a_managed_attribute_in_which_the_cloud_equals_the_state_is_never_drift(sides: list[Any]) -> None:
    found = three_way(*({} if side is ABSENT else {"P": side} for side in sides))

    assert [item for item in found if item.managed and item.mark.moved_in_cloud and same(item.state, item.cloud)] == []


@given(values, st.just(ABSENT) | values)
@example(120, 60)  # an old answer was taken for the baseline
def test_what_was_asked_for_and_is_there_is_in_step_whatever_was_read_before(asked: Any, before: Any) -> None:
    observed = {} if before is ABSENT else {"P": before}

    assert three_way({"P": asked}, {"P": asked}, observed, {"P": asked}) == ()
