"""Orders and cycles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stateroom.model.graph import CycleError, reachable, reversed_graph, topological_order


def test_everything_comes_after_what_it_depends_on_and_otherwise_in_the_order_given() -> None:
    assert topological_order({"api": ["role"], "queue": [], "role": []}) == ("role", "api", "queue")


def test_a_cycle_is_named_node_by_node() -> None:
    with pytest.raises(CycleError) as error:
        topological_order({"a": ["b"], "b": ["c"], "c": ["a"]})
    assert error.value.path == ("a", "b", "c", "a")


@given(st.dictionaries(st.integers(0, 30), st.sets(st.integers(0, 30), max_size=4), max_size=30))
def test_downward_edges_always_have_an_order(edges: dict[int, set[int]]) -> None:
    graph = {str(node): [str(dep) for dep in deps if dep < node] for node, deps in edges.items()}
    position = {node: index for index, node in enumerate(topological_order(graph))}
    assert all(position[dep] < position[node] for node, deps in graph.items() for dep in deps if dep in graph)


def test_a_chain_longer_than_the_recursion_limit_is_no_problem() -> None:
    graph = {str(node): [str(node + 1)] for node in range(20_000)}
    assert len(topological_order(graph)) == 20_000


def test_dependents_and_dependencies() -> None:
    graph = {"fn": ["role", "table"], "role": [], "table": [], "other": []}
    assert reversed_graph(graph)["role"] == {"fn"}
    assert reachable(graph, ["fn"]) == {"fn", "role", "table"}
