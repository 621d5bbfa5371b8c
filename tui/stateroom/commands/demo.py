"""An embedded cloud with a sample project in it: deployed, drifted by hand, and opened on the screen.

Nothing outside this machine is reached, and nothing keeps running afterwards.
"""

from __future__ import annotations

import argparse

from stateroom.commands.context import Invocation
from stateroom.demo.command import add_options
from stateroom.ui.options import ScreenOptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the demo."""
    add_options(parser)


def run(context: Invocation) -> int:
    """Run the demo; returns the exit code."""
    options = context.options
    arguments = ["--check"] if options.check else []
    arguments += ["--no-drift"] if options.no_drift else []
    arguments += ["--keep", str(options.keep)] if options.keep else []
    arguments += ["--port", str(options.port)] if options.port is not None else []
    screen = ScreenOptions(read_only=options.read_only, ascii=options.ascii)
    return context.host.run_demo(arguments, lambda factory: context.host.open_screen(factory, screen), context.host.out)
