"""Order: which node waits for which. Used for resources, for services and for steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

Graph: TypeAlias = Mapping[str, Iterable[str]]
"""Node to the nodes it depends on. Dependencies that are not nodes themselves are ignored."""


class CycleError(ValueError):
    """The graph has a cycle; `path` names its nodes in order, the first one repeated at the end."""

    def __init__(self, path: tuple[str, ...]) -> None:
        super().__init__(" → ".join(path))
        self.path = path


def topological_order(graph: Graph) -> tuple[str, ...]:
    """Nodes so that each comes after everything it depends on, otherwise in the order given.

    Raises:
        CycleError: there is no such order.
    """
    edges = {node: tuple(dep for dep in deps if dep in graph) for node, deps in graph.items()}
    order: list[str] = []
    state: dict[str, bool] = {}  # False: on the current path, True: placed
    for start in edges:
        if start in state:
            continue
        state[start] = False
        stack = [(start, iter(edges[start]))]
        while stack:
            node, remaining = stack[-1]
            for dep in remaining:
                if dep not in state:
                    state[dep] = False
                    stack.append((dep, iter(edges[dep])))
                    break
                if not state[dep]:
                    path = [item for item, _ in stack]
                    raise CycleError((*path[path.index(dep) :], dep))
            else:
                state[node] = True
                order.append(node)
                stack.pop()
    return tuple(order)


def reversed_graph(graph: Graph) -> dict[str, set[str]]:
    """Node to the nodes that depend on it."""
    result: dict[str, set[str]] = {node: set() for node in graph}
    for node, deps in graph.items():
        for dep in deps:
            if dep in result:
                result[dep].add(node)
    return result


def reachable(graph: Graph, start: Iterable[str]) -> frozenset[str]:
    """Everything that the start nodes depend on, directly or not; the start nodes included."""
    seen: set[str] = set()
    todo = [node for node in start if node in graph]
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo.extend(dep for dep in graph[node] if dep in graph)
    return frozenset(seen)
