"""Graphs of services and resources, written for people and for programs that draw."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from stateroom.presentation.text import plain
from stateroom.presentation.values import type_name


@dataclass(frozen=True, slots=True)
class Node:
    """A resource, the resources of its service that it needs, and other services' outputs (`orders.queueUrl`)."""

    id: str
    type: str
    needs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A service, its resources, and the services that it needs."""

    service: str
    nodes: tuple[Node, ...]
    needs: tuple[str, ...] = ()


def as_text(pictures: Sequence[Picture]) -> Iterator[str]:
    """List every service and resource, each with what it needs, one a line."""
    for picture in pictures:
        yield plain(picture.service) + _arrow(picture.needs)
        for node in picture.nodes:
            yield f"  {plain(node.id)}  {type_name(node.type)}{_arrow((*node.needs, *node.outputs))}"


def _arrow(needs: Sequence[str]) -> str:
    return f"  → {', '.join(map(plain, needs))}" if needs else ""


def as_dot(pictures: Sequence[Picture]) -> Iterator[str]:
    """For Graphviz: a cluster for every service."""
    yield "digraph stateroom {"
    yield "  rankdir=LR; compound=true; node [shape=box];"
    for number, picture in enumerate(pictures):
        yield f"  subgraph cluster_{number} {{"
        yield f"    label={_quoted(picture.service)}; {_quoted(picture.service)} [shape=folder];"
        for node in picture.nodes:
            yield f"    {_dot_id(picture, node.id)} [label={_quoted(f'{node.id}|{type_name(node.type)}', '|')}];"
        yield "  }"
    for source, target in _edges(pictures):
        yield f"  {_quoted('/'.join(source))} -> {_quoted('/'.join(target))};"
    yield "}"


def _dot_id(picture: Picture, name: str) -> str:
    return _quoted(f"{picture.service}/{name}")


def _quoted(text: str, line_break: str = "\n") -> str:
    escaped = plain(text).replace("\\", "\\\\").replace('"', '\\"').replace(line_break, "\\n")
    return f'"{escaped}"'


def as_mermaid(pictures: Sequence[Picture]) -> Iterator[str]:
    """For Mermaid: a subgraph for every service."""
    yield "flowchart LR"
    for picture in pictures:
        yield f"  subgraph {_mermaid_id((picture.service,))}[{_mermaid_text(picture.service)}]"
        for node in picture.nodes:
            label = _mermaid_text(f"{node.id}<br/>{type_name(node.type)}")
            yield f"    {_mermaid_id((picture.service, node.id))}[{label}]"
        yield "  end"
    for source, target in _edges(pictures):
        yield f"  {_mermaid_id(source)} --> {_mermaid_id(target)}"


def _mermaid_id(names: Sequence[str]) -> str:
    return "__".join(re.sub(r"[^0-9A-Za-z]", "_", name) for name in names)


def _mermaid_text(text: str) -> str:
    return '"' + plain(text).replace('"', "&quot;") + '"'


def _edges(pictures: Sequence[Picture]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    shown = {picture.service for picture in pictures}
    for picture in pictures:
        for needed in picture.needs:
            if needed in shown:
                yield (picture.service,), (needed,)
        for node in picture.nodes:
            for needed in node.needs:
                yield (picture.service, node.id), (picture.service, needed)
            for output in node.outputs:
                other = output.partition(".")[0]
                if other in shown:
                    yield (picture.service, node.id), (other,)


WRITERS: Final[Mapping[str, Callable[[Sequence[Picture]], Iterator[str]]]] = {
    "text": as_text,
    "dot": as_dot,
    "mermaid": as_mermaid,
}
