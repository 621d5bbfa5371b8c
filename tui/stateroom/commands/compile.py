"""Print the resources that a service wants, as a CloudFormation template.

Conditions, mappings and parameters stay in it; secrets are masked. Nothing is deployed or installed, and no cloud API
is called but for variables that ask for one.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from stateroom.commands.configuration import add_format, of_each, print_documents, read
from stateroom.commands.context import Invocation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of compile."""
    add_format(parser)


def run(context: Invocation) -> int:
    """Print the templates; returns the exit code."""
    from stateroom.config.compiler import compilation_of
    from stateroom.config.template_document import document

    project, settings, services = read(context)
    settings = replace(settings, install=False)

    def compiled(service: str) -> Any:
        build = compilation_of(project, service, settings)
        for warning in (*build.warnings, *(error.lines()[0] for error in build.postponed)):
            context.console.complain(f"warning: {warning}")
        return document(build)

    answers = of_each(context, services, compiled)
    print_documents(context, answers)
    return answers.code
