"""`stateroom demo`: an embedded cloud with a project in it, on screen or as a checked story."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeAlias

from stateroom.errors import StateroomError

if TYPE_CHECKING:
    from types import FrameType

    from stateroom.demo.sandbox import Sandbox
    from stateroom.engine.requests import Cockpit, OperatingCockpit

Screen: TypeAlias = "Callable[[Callable[[], Cockpit]], int]"
"""Opens the screen on what the factory gives and returns its exit code when the user leaves."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `stateroom demo`."""
    parser.add_argument(
        "--check", action="store_true", help="tell the whole story without a screen and check each part"
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write the sample project to DIR and leave it there")
    parser.add_argument("--no-drift", action="store_true", help="open the screen on a project that is in step")
    parser.add_argument("--port", type=int, metavar="N", help="the emulator's port on 127.0.0.1 (default: a free one)")


def main(arguments: Sequence[str], *, screen: Screen | None = None, out: TextIO | None = None) -> int:
    """Run the demo; the exit code is 0 when all went well.

    Args:
        arguments: the command line after `demo`.
        screen: opens the screen; only needed without --check.
        out: where lines go; standard output by default.

    Raises:
        StateroomError: the emulator or the sandbox cannot be set up, or the first deploy failed.
    """
    parser = argparse.ArgumentParser(prog="stateroom demo", description=__doc__, allow_abbrev=False)
    add_options(parser)
    options = parser.parse_args(arguments)
    out = out or sys.stdout
    tell = _teller(out)
    wanted = None if options.check else _require_terminal(screen, out)
    with _ends_like_ctrl_c(signal.SIGTERM, signal.SIGHUP), _shop(options) as sandbox:
        tell(f"A cloud of our own is at {sandbox.endpoint_url}, the project in {sandbox.project}")
        code = _show(sandbox, wanted, tell, drift=not options.no_drift) if wanted else _check(sandbox, tell)
    tell(f"The cloud is gone. The project stays in {options.keep}" if options.keep else "The cloud is gone.")
    return code


def _require_terminal(screen: Screen | None, out: TextIO) -> Screen:
    if screen is None or not out.isatty():
        raise StateroomError(
            "the demo opens a screen, and there is no terminal to open it on",
            todo="run it in a terminal, or `stateroom demo --check` for the story without a screen",
        )
    return screen


@contextlib.contextmanager
def _shop(options: argparse.Namespace) -> Iterator[Sandbox]:
    from stateroom.demo.emulator import emulator
    from stateroom.demo.sandbox import REGION, sandbox

    with (
        emulator(port=options.port, region=REGION) as cloud,
        sandbox(cloud.endpoint_url, keep=options.keep) as place,
    ):
        yield place


def _check(sandbox: Sandbox, tell: Callable[[str], None]) -> int:
    from stateroom.demo.chapters import CHAPTERS
    from stateroom.demo.operate import Operator
    from stateroom.demo.shop import Shop
    from stateroom.demo.story import StoryStage, tell_story

    stage = StoryStage(Shop(sandbox), Operator(cockpit_factory(sandbox)))
    return 0 if tell_story(CHAPTERS, stage, tell) else 1


def _show(sandbox: Sandbox, screen: Screen, tell: Callable[[str], None], *, drift: bool) -> int:
    from stateroom.demo.drift import make_mischief
    from stateroom.demo.operate import Operator, WrongError
    from stateroom.demo.shop import Shop
    from stateroom.model.events import Event, ServiceFinished
    from stateroom.model.plan import Operation

    def follow(event: Event) -> None:
        if isinstance(event, ServiceFinished):
            tell(f"  · {event.service}: {event.done} resources in {event.seconds:.1f} s")

    open_cockpit = cockpit_factory(sandbox)
    tell("Deploying three services:")
    try:
        Operator(open_cockpit, follow).succeed(Operation.DEPLOY)
    except WrongError as error:
        raise StateroomError(
            "the sample could not be deployed", why=str(error), todo="run `stateroom demo --check`"
        ) from None
    if drift:
        tell("Now things happen behind its back:")
        make_mischief(Shop(sandbox), lambda text: tell(f"  · {text}"))
    return screen(open_cockpit)


def cockpit_factory(sandbox: Sandbox) -> Callable[[], OperatingCockpit]:
    """Return a function that opens the sandbox's project on its cloud, a new one each time."""
    from stateroom.demo.sandbox import REGION, STAGE
    from stateroom.engine.cockpit import open_project_cockpit
    from stateroom.engine.options import WorkspaceOptions

    options = WorkspaceOptions(
        stage=STAGE,
        region=REGION,
        home="local",
        endpoint_url=sandbox.endpoint_url,
        environment=sandbox.environment,
    )
    return lambda: open_project_cockpit(sandbox.project, options)


def _teller(out: TextIO) -> Callable[[str], None]:
    from stateroom.presentation.text import asciify

    encoding = getattr(out, "encoding", None) or "utf-8"

    def tell(text: str) -> None:
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            text = asciify(text.replace("✗", "x")).encode(encoding, "replace").decode(encoding)
        out.write(f"{text}\n")
        out.flush()

    return tell


@contextlib.contextmanager
def _ends_like_ctrl_c(*signals: signal.Signals) -> Iterator[None]:
    """Treat SIGTERM and SIGHUP like Ctrl-C, so that the cloud and the scratch files are removed."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
