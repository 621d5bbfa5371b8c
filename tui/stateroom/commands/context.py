"""What every command gets: its options, a console, and the engine when it asks for it."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from stateroom.commands import module_of
from stateroom.commands.applicable import refuse_unused
from stateroom.commands.console import Console
from stateroom.commands.environment import ProcessEnvironment
from stateroom.commands.termination import ended_by_signals, say_stopped
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.requests import Cockpit
from stateroom.errors import ReadOnlyError, UsageError

if TYPE_CHECKING:
    from stateroom.state.secrets.passphrase_questions import Question


@dataclass(frozen=True, slots=True)
class Invocation:
    """One command line, ready to run."""

    options: argparse.Namespace
    console: Console
    host: ProcessEnvironment

    @property
    def services(self) -> tuple[str, ...]:
        """The services chosen with --service, in the order given; empty means all.

        Raises:
            UsageError: --service was given and names none.
        """
        names = _names(self.options.service)
        if self.options.service and not names:
            raise UsageError("--service names no service", why="without it all services are meant", todo="name one")
        return names

    @property
    def targets(self) -> tuple[str, ...]:
        """The addresses chosen with --target; empty means all."""
        return _names(self.options.target)

    def open(self) -> Cockpit:
        """Open the project's workspace and print the project's warnings.

        Raises:
            StateroomError: there is no project here, or it cannot be read.
        """
        cockpit = self.host.open_cockpit(self.project(), self.workspace_options())
        for warning in cockpit.info().warnings:
            self.console.complain(f"warning: {warning}")
        return cockpit

    def open_for_writing(self) -> Cockpit:
        """Open the workspace for a command that writes without a plan.

        Raises:
            ReadOnlyError: --read-only was given or the workspace is read-only.
        """
        if self.options.read_only:
            raise _read_only("--read-only was given")
        cockpit = self.open()
        self.refuse_read_only(cockpit)
        return cockpit

    def refuse_read_only(self, cockpit: Cockpit) -> None:
        """Let a command that writes go on.

        Raises:
            ReadOnlyError: --read-only was given or the workspace is read-only.
        """
        if self.options.read_only:
            raise _read_only("--read-only was given")
        if cockpit.info().read_only:
            raise _read_only("the workspace is open read-only")

    def project(self) -> Path:
        """Find the project's directory: PATH or --project, else the working directory.

        Raises:
            UsageError: it does not exist.
        """
        named = getattr(self.options, "path", None) or self.options.project or "."
        path = Path(named).expanduser()
        if not path.exists():
            raise UsageError(f"there is no directory {named!r}", todo="name the directory of serverless.yml")
        return path

    def workspace_options(self) -> WorkspaceOptions:
        """Collect the options that the project is opened with. Raises UsageError for a --param without a value."""
        options = self.options
        terminal = self.console.terminal
        return WorkspaceOptions(
            stage=options.stage,
            services=self.services,
            home=options.home,
            profile=options.profile,
            region=options.region,
            endpoint_url=options.endpoint_url,
            read_only=options.read_only,
            offline=options.offline,
            params=_params(options.param),
            environment=self.host.environment,
            prompt=self._passphrase if terminal else None,
            offer=self._keep if terminal else None,
            max_concurrency=getattr(options, "max_concurrency", 0),
            trust=getattr(options, "trust", False),
        )

    def _passphrase(self, question: Question) -> str | None:
        """Ask for a passphrase, unseen; a new one twice, because nobody can recover it. None when nothing is typed."""
        if question.wrong:
            self.console.complain(f"{question.wrong} does not open the state of {question.place}")
        if not question.new:
            return getpass.getpass(f"Passphrase of {question.place} (enter: go without): ") or None
        self.console.say(f"The secrets of {question.place} are about to be encrypted for the first time.")
        self.console.say("Nobody can recover the passphrase: keep it in a vault of your own as well.")
        while typed := getpass.getpass(f"New passphrase of {question.place}: "):
            if getpass.getpass("The same again: ") == typed:
                return typed
            self.console.complain("These were two different ones.")
        return None

    def _keep(self, place: str) -> bool:
        """Ask whether a passphrase, shared by the team or typed, is to be kept in this machine's keyring."""
        question = f"Keep the passphrase of {place} in this machine's keyring? [y/N] "
        return self.console.ask(question).lower() in ("y", "yes")


def _names(given: list[str] | None) -> tuple[str, ...]:
    return tuple(name.strip() for text in given or () for name in text.split(",") if name.strip())


def _params(given: list[str] | None) -> Mapping[str, str]:
    params = {}
    for text in given or ():
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise UsageError(f"--param takes NAME=VALUE, and {name!r} has no value", todo=f"--param {name}=VALUE")
        params[name] = value
    return params


def _read_only(why: str) -> ReadOnlyError:
    return ReadOnlyError("read-only: nothing was run", why=why, todo="run it without --read-only to change something")


_LISTEN_THEMSELVES = frozenset({"screen", "demo"})  # for signals; they finish what runs


def run_command(command: str, options: argparse.Namespace, host: ProcessEnvironment | None) -> int:
    """Run the module of that name and return its exit code.

    Raises:
        UsageError: it does not use an option that was given.
        StateroomError: as the command raises.
    """
    refuse_unused(command, options)
    real = host is None
    host = host or ProcessEnvironment()
    console = make_console(host, as_json=options.json, ascii_only=options.ascii, no_color=options.no_color)
    give_back = _terminal_restorer(host.input)

    def end(code: int) -> None:
        give_back()
        say_stopped(console.complain)
        host.leave(code)

    with ended_by_signals(end, watch=command not in _LISTEN_THEMSELVES, stay=real):
        try:
            module = import_module(module_of(command))
            code: int = module.run(Invocation(options, console, host))
        finally:
            give_back()
    return code


def make_console(
    host: ProcessEnvironment, *, as_json: bool, ascii_only: bool = False, no_color: bool = False
) -> Console:
    """Build a console on the host's streams."""
    return Console(
        host.out,
        host.err,
        host.input,
        host.environment,
        as_json=as_json,
        ascii_only=ascii_only,
        no_color=no_color,
    )


def _terminal_restorer(stream: TextIO) -> Callable[[], None]:
    """Return what gives the terminal back with its echo on: Ctrl-C may come while a thread asks for a passphrase."""
    before = _attributes(stream)

    def give_back() -> None:
        if before is not None:
            import termios

            termios.tcsetattr(stream.fileno(), termios.TCSADRAIN, before)

    return give_back


def _attributes(stream: TextIO) -> list[Any] | None:
    """Read the terminal's settings; None when the stream is no terminal, or none that has settings."""
    if not stream.isatty():
        return None
    try:
        import termios
    except ImportError:
        return None
    try:
        return termios.tcgetattr(stream.fileno())
    except (OSError, termios.error):
        return None
