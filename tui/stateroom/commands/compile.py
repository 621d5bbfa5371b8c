"""Print the resources that a service wants, as a CloudFormation template.

Conditions, mappings and parameters stay in it; secrets are masked. Nothing is deployed or installed, and no cloud API
is called but for variables that ask for one.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from stateroom.commands.configuration import add_format, print_documents, read
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
    documents = {}
    for service in services:
        build = compilation_of(project, service, settings)
        for warning in (*build.warnings, *(error.lines()[0] for error in build.postponed)):
            context.console.complain(f"warning: {warning}")
        documents[service] = document(build)
    print_documents(context, documents)
    return 0
