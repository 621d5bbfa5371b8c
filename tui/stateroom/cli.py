"""Arguments in, an exit code out. Only what is asked for is imported, so that help and shell completion are instant.

Exit codes: 0 done, 1 failed or refused, 2 differences found (`diff`, `plan`, `status --exit-code`), 64 wrong usage,
130 stopped by Ctrl-C (or an operation by SIGTERM, in order), 141 nobody reads our output any more, 143 ended by SIGTERM
while only reading.
"""

from __future__ import annotations

import argparse
import gc
import sys
from importlib import import_module

from stateroom.commands import COMMANDS, module_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from stateroom.commands.environment import ProcessEnvironment

# Flags, and what argparse is told about them. The same on every command, before or after its name.
GLOBALS = (
    (("-C", "--project"), {"metavar": "DIR", "help": "the project's directory (default: here)"}),
    (("-s", "--stage"), {"metavar": "NAME", "help": "the stage of all services (default: each one's own, else dev)"}),
    (("--service",), {"metavar": "A,B", "action": "append", "help": "only these services"}),
    (("-t", "--target"), {"metavar": "ADDRESS", "action": "append", "help": "only this resource; repeatable"}),
    (("--param",), {"metavar": "NAME=VALUE", "action": "append", "help": "a ${param:NAME}; repeatable"}),
    (("--home",), {"metavar": "HOME", "help": "where state lives: serverless (default), local, sst, or a directory"}),
    (("--profile",), {"metavar": "NAME", "help": "AWS profile"}),
    (("-r", "--region"), {"metavar": "NAME", "help": "AWS region"}),
    (("--endpoint-url",), {"metavar": "URL", "help": "send every cloud call here: an emulator"}),
    (("--read-only",), {"action": "store_true", "help": "refuse whatever changes state or cloud"}),
    (("--offline",), {"action": "store_true", "help": "call no cloud API: compare config with state only"}),
    (("-y", "--yes"), {"action": "store_true", "help": "do not ask"}),
    (("--json",), {"action": "store_true", "help": "JSON on standard output, for programs"}),
    (("--no-color",), {"action": "store_true", "help": "no colour (also: NO_COLOR)"}),
    (("--ascii",), {"action": "store_true", "help": "only ASCII signs"}),
)
# Configs and states are many small objects that live as long as the command. At Python's own thresholds the
# collector walks all of them hundreds of times while they load: half of the time of a large project.
COLLECTOR = (200_000, 50, 100)
_TAKE_VALUES = frozenset(flag for flags, settings in GLOBALS if "metavar" in settings for flag in flags)
_EPILOG = (
    "commands:\n{}\n\nstateroom SERVICE COMMAND is stateroom COMMAND --service SERVICE.\n"
    "stateroom COMMAND --help says more. Exit codes: 0 done, 1 failed, 2 differences, 64 usage."
)


class Parser(argparse.ArgumentParser):
    """argparse that raises UsageError with a suggestion in place of printing two lines of usage."""

    def format_help(self) -> str:
        """Return the help in characters that the output's encoding has."""
        text = super().format_help()
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        if text.isascii() or encoding.lower().replace("-", "") == "utf8":
            return text
        from stateroom.presentation.text import asciify

        return asciify(text).encode(encoding, "replace").decode(encoding)

    def error(self, message: str) -> None:  # type: ignore[override]  # it raises, so it does not return either
        """Raise UsageError on wrong usage; argparse calls this."""
        from stateroom.commands.usage import wrong_usage

        raise wrong_usage(self, message)


def split(arguments: Sequence[str]) -> tuple[str, str, list[str]]:
    """Split the arguments into command, service and the rest; "" for what is not there.

    Global options may stand before the command, and so may a service: `stateroom orders deploy`. A command's name
    wins: a service that is called like one is reached with --service, a directory as `./status`.
    """
    words: list[int] = []
    skip = False
    for index, argument in enumerate(arguments):
        if skip:
            skip = False
        elif argument == "--":
            break
        elif argument.startswith("-"):
            skip = argument in _TAKE_VALUES
        else:
            words.append(index)
            if argument in COMMANDS or len(words) == 2:
                break
    if not words or arguments[words[-1]] not in COMMANDS:
        return "", "", list(arguments)
    rest = [argument for index, argument in enumerate(arguments) if index not in words]
    service = arguments[words[0]] if len(words) == 2 else ""
    return arguments[words[-1]], service, rest


def build_parser(command: str) -> argparse.ArgumentParser:
    """Build the parser of one command, or of stateroom itself for ""."""
    if command:
        parser = Parser(prog=f"stateroom {command}", allow_abbrev=False, add_help=False)
        module = import_module(module_of(command))
        parser.description = module.__doc__
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        module.add_arguments(parser)
    else:
        width = max(map(len, COMMANDS))
        parser = Parser(prog="stateroom", allow_abbrev=False, add_help=False)
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.usage = "stateroom [OPTION…] [PATH]\n       stateroom [OPTION…] [SERVICE] COMMAND …"
        parser.description = "Config, state and cloud side by side, and made to agree. Without a command: the screen."
        parser.epilog = _EPILOG.format("\n".join(f"  {name:<{width}}  {text}" for name, text in COMMANDS.items()))
        parser.add_argument("path", nargs="*", metavar="PATH", help="the project's directory (default: here)")
        parser.add_argument(
            "--theme", default="dark", metavar="NAME", help="the screen's theme: dark (default), light, …"
        )
        parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
        parser.add_argument("--version", action="store_true", help="print the version")
    group = parser.add_argument_group("options everywhere")
    for flags, settings in GLOBALS:
        group.add_argument(*flags, **settings)  # type: ignore[arg-type]  # argparse's own stubs cannot say this
    group.add_argument("-h", "--help", action="help", help="show this")
    return parser


def main(argv: Sequence[str] | None = None, host: ProcessEnvironment | None = None) -> int:
    """Run one command line and return its exit code.

    Args:
        argv: the arguments after the program's name; those of the process by default.
        host: the streams, environment and engine to work with; those of the process by default.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(arguments, host)
        if sys.stdout is not None:  # it is None where the program was started without one
            sys.stdout.flush()  # here, where a reader that has gone is still ours to deal with
        return code
    except (Exception, KeyboardInterrupt) as error:
        from stateroom.commands.failures import report

        return report(error, arguments, host)


def _run(arguments: list[str], host: ProcessEnvironment | None) -> int:
    command, service, rest = split(arguments)
    try:
        options = build_parser(command).parse_args(rest)
    except SystemExit:  # argparse has printed the help; wrong usage comes as UsageError
        return 0
    if not command and options.version:
        from stateroom import __version__

        print(f"stateroom {__version__}")  # noqa: T201
        return 0
    if service:
        from stateroom.commands.words import check_service_word

        check_service_word(service, command, options)
        options.service = [service, *(options.service or ())]
    if not command:
        from stateroom.commands.words import only_path

        options.path = only_path(options.path, options)
    from stateroom.commands.context import run_command

    gc.set_threshold(*COLLECTOR)
    return run_command(command or "screen", options, host)
