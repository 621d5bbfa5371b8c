"""One walk over the parser's events says what PyYAML's own tree of nodes says."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stateroom.config.document.tree import TreeError, line_and_column, read_tree
from stateroom.config.document.yaml_loader import loader_for
from tests.support.examples import examples

WORDS = st.sampled_from(["a", "b", "on", "1", "0x1f", "1.50", "~", "true", "<<", "x y", "2012-10-17", "", "- "])
TREES = st.recursive(
    WORDS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=12
)
MERGES = """
base: &base {a: 1, b: {c: 2}}
more: &more {b: other, d: [x, *base]}
one: {<<: *base, a: own}
two:
  z: first
  <<: [*more, *base]
"""


def nodes(
    node: yaml.Node | None, path: tuple[str | int, ...] = ()
) -> list[tuple[tuple[str | int, ...], tuple[int, int]]]:
    """Where PyYAML's tree has each path: the key of an entry, the item of a list."""
    found: list[tuple[tuple[str | int, ...], tuple[int, int]]] = []
    pairs: list[tuple[Any, yaml.Node, yaml.Node]] = []
    if isinstance(node, yaml.MappingNode):
        pairs = [(key.value, key, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        pairs = [(index, item, item) for index, item in enumerate(node.value)]
    for step, place, value in pairs:
        found.append(((*path, step), (place.start_mark.line, place.start_mark.column)))
        found += nodes(value, (*path, step))
    return found


@given(TREES, st.booleans(), st.integers(1, 6))
@examples(100)
def test_every_value_is_where_pyyaml_has_it(tree: Any, flow: bool, indent: int) -> None:
    text = yaml.safe_dump(tree, default_flow_style=flow, indent=indent)
    root, aliases = read_tree(loader_for(text))
    assert root is not None
    assert root.value == tree
    for path, place in nodes(yaml.compose(text, yaml.SafeLoader)):
        assert line_and_column(root.find(path)) == place
    assert not aliases or "*" in text


def test_maps_are_merged_as_yaml_merges_them_and_know_their_lines() -> None:
    root, aliases = read_tree(loader_for(MERGES))
    assert root is not None
    assert aliases
    assert root.value["one"] == {"a": "own", "b": {"c": 2}}
    assert list(root.value["two"].items()) == [
        ("b", "other"),
        ("d", ["x", {"a": 1, "b": {"c": 2}}]),
        ("a", 1),
        ("z", "first"),
    ]
    assert [line_and_column(root.find(path))[0] + 1 for path in (("one", "a"), ("one", "b", "c"), ("two", "d"))] == [
        4,
        2,
        3,
    ]
    assert line_and_column(root.find(("two", "d", 1, "a")))[0] + 1 == 2


@pytest.mark.parametrize(
    ("text", "value", "path", "column"),
    [
        ("x: !GetAtt Table.Arn", {"Fn::GetAtt": ["Table", "Arn"]}, ("x", "Fn::GetAtt", 1), 0),
        ("x: !Sub [a, {b: 1}]", {"Fn::Sub": ["a", {"b": 1}]}, ("x", "Fn::Sub", 1, "b"), 13),
        ("x: !If {a: 1}", {"Fn::If": {"a": 1}}, ("x", "Fn::If", "a"), 8),
        ("x: !Ref 12", {"Ref": "12"}, ("x", "Ref"), 0),
        ("x: !!str 12", "12", ("x",), 0),
    ],
)
def test_short_tags_are_their_long_names(text: str, value: Any, path: tuple[str | int, ...], column: int) -> None:
    root, _ = read_tree(loader_for(text))
    assert root is not None
    assert root.value == {"x": value}
    assert line_and_column(root.find(path)) == (0, column)


@pytest.mark.parametrize(
    ("text", "what", "at"),
    [
        ("a: 1\na: 2", "duplicate key a", (1, 0)),
        ("a: 1\n&k a: 2", "duplicate key a", (1, 0)),
        ("a: &a [*a]", "an alias that contains itself", (0, 3)),
        ("a: &a {<<: *a}", "an alias that contains itself", (0, 3)),
        ("? [a]\n: 1", "a key that is not plain text", (0, 2)),
        ("a: &a [1]\n*a : 2", "a key that is not plain text", (1, 0)),
        ("a: {<<: 1}", "<< merges something that is not a map", (0, 8)),
        ("a: {<<: [{b: 1}, 2]}", "<< merges something that is not a map", (0, 17)),
        ("a: !Nope 1", "unknown tag !Nope", (0, 3)),
    ],
)
def test_what_a_project_may_not_have_is_refused_at_its_place(text: str, what: str, at: tuple[int, int]) -> None:
    with pytest.raises(TreeError) as caught:
        read_tree(loader_for(text))
    assert (caught.value.what, line_and_column(caught.value.at)) == (what, at)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: *b", "found undefined alias 'b'"),
        ("a: &x 1\nb: &x 2", "second occurrence"),
        ("a: 1\n---\nb: 2", "but found another document"),
    ],
)
def test_what_yaml_refuses_is_refused_in_its_words(text: str, words: str) -> None:
    with pytest.raises(yaml.YAMLError, match=words):
        read_tree(loader_for(text))


def test_a_key_may_be_an_alias_of_text() -> None:
    root, _ = read_tree(loader_for("a: &k 12\n*k : 1"))
    assert root is not None
    assert root.value == {"a": 12, "12": 1}


def test_an_empty_text_has_no_tree() -> None:
    assert read_tree(loader_for("# nothing")) == (None, False)
