"""Print a service's file with every variable resolved. Secrets are masked."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from stateroom.commands.configuration import add_format, of_each, print_documents, read
from stateroom.commands.context import Invocation
from stateroom.commands.usage import closest
from stateroom.errors import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of print."""
    add_format(parser)
    parser.add_argument("--path", metavar="KEYS", dest="keys", help="only this part, such as functions.create")


def run(context: Invocation) -> int:
    """Print the documents; returns the exit code."""
    from stateroom.config.secrets import masked_config
    from stateroom.config.service import load_service

    project, settings, services = read(context)

    def resolved(name: str) -> Any:
        service = load_service(project.services[name], settings)
        return _part(masked_config(service), context.options.keys)

    answers = of_each(context, services, resolved)
    print_documents(context, answers)
    return answers.code


def _part(value: Any, keys: str | None) -> Any:
    for key in keys.split(".") if keys else ():
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            guess = closest(key, value) if isinstance(value, Mapping) else ""
            raise UsageError(f"there is no {keys}", why=f"{key} is not there", todo=guess or "run: stateroom print")
    return value
