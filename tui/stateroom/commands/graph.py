"""Services and resources, and what needs what, as text or for a drawing program (Graphviz, Mermaid)."""

from __future__ import annotations

import argparse
from dataclasses import replace

from stateroom.commands.configuration import of_each, read
from stateroom.commands.context import Invocation
from stateroom.presentation.graphs import WRITERS, Node, Picture


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of graph."""
    parser.add_argument("--format", choices=tuple(WRITERS), default="text", help="text (default), dot or mermaid")


def run(context: Invocation) -> int:
    """Print the graph; returns the exit code."""
    from stateroom.config.compiler import compile_service
    from stateroom.config.document.intrinsics import service_outputs
    from stateroom.config.resources.template import resource_ids

    project, settings, services = read(context)
    settings = replace(settings, install=False)

    def drawn(name: str) -> Picture:
        template = compile_service(project, name, settings)
        for warning in template.warnings:
            context.console.complain(f"warning: {warning}")
        nodes, outer = [], set(project.services[name].depends_on)
        for resource in template.resources.values():
            needs = {*resource.depends_on, *resource_ids(resource.properties)} & set(template.resources)
            elsewhere = tuple(sorted({f"{other}.{output}" for other, output in service_outputs(resource.properties)}))
            outer |= {other for other, _ in service_outputs(resource.properties)}
            nodes.append(Node(resource.logical_id, resource.type, tuple(sorted(needs)), elsewhere))
        return Picture(name, tuple(nodes), tuple(sorted(outer & set(project.services))))

    answers = of_each(context, services, drawn)
    pictures = list(answers.found.values())
    if context.console.as_json:
        context.console.document(_document(pictures))
    for line in WRITERS[context.options.format](pictures):
        context.console.say(line)
    return answers.code


def _document(pictures: list[Picture]) -> dict[str, object]:
    """Keys: services, each with service, needs (services), resources: each with id, type, needs, outputs."""
    return {
        "services": [
            {
                "service": picture.service,
                "needs": list(picture.needs),
                "resources": [
                    {"id": node.id, "type": node.type, "needs": list(node.needs), "outputs": list(node.outputs)}
                    for node in picture.nodes
                ],
            }
            for picture in pictures
        ]
    }
