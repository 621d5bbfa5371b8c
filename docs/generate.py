"""Writes docs/commands.md, docs/keys.md and half of docs/configuration.md from the program: `python docs/generate.py`.

tests/test_docs.py fails when they are not what this script would write.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path

from stateroom.cli import build_parser
from stateroom.commands import COMMANDS
from stateroom.config.document import keys as config_keys
from stateroom.config.document.key_types import KeyTypes, kind_in_words
from stateroom.config.events.registry import EVENTS
from stateroom.config.plugin_verdicts import VERDICTS, Fate
from stateroom.config.stepfunctions import keys as machine_keys
from stateroom.config.variables.registry import SOURCES
from stateroom.ui.commands import markdown

HERE = Path(__file__).parent


def commands() -> str:
    """Every command's help, as its `--help` prints it at 96 columns."""
    os.environ["COLUMNS"] = "96"
    os.environ["NO_COLOR"] = "1"
    parts = ["# Commands\n\nWritten by `docs/generate.py` from the program's own help.\n"]
    for name in ("", *COMMANDS):
        title = f"stateroom {name}".strip()
        parts.append(f"## {title}\n\n```\n{_own_help(name)}\n```\n")
    return "\n".join(parts)


def _own_help(name: str) -> str:
    """Format a command's help without the options of every command; those stand once, under the bare command."""
    text = build_parser(name).format_help().rstrip()
    return text if not name else text.split("\noptions everywhere:")[0].rstrip()


def keys() -> str:
    """Build the page of the screen's keys."""
    head = "# Keys of the screen\n\nWritten by `docs/generate.py` from the screen's own list of commands.\n"
    return f"{head}\n{markdown()}\n"


MARK = "<!-- From here on written by docs/generate.py. -->"
BLOCKS: list[tuple[str, KeyTypes, Collection[str]]] = [
    ("", config_keys.TOP, ()),
    ("provider", config_keys.PROVIDER, ()),
    ("provider.iam", config_keys.IAM, ()),
    ("provider.iam.role", config_keys.ROLE, ()),
    ("provider.ecr", config_keys.ECR, ()),
    ("package", config_keys.PACKAGE, ()),
    ("functions.<name>", config_keys.FUNCTION, config_keys.FUNCTION_LATER),
    ("functions.<name> with serverless-iam-roles-per-function", config_keys.OWN_ROLE_FUNCTION, ()),
    ("functions.<name>.vpc", config_keys.VPC, ()),
    ("functions.<name>.image", config_keys.IMAGE, ()),
    ("functions.<name>.url", config_keys.FUNCTION_URL, ()),
    ("functions.<name>.url.cors", config_keys.URL_CORS, ()),
    ("functions.<name>.destinations", config_keys.DESTINATIONS, ()),
    ("functions.<name>.fileSystemConfig", config_keys.FILE_SYSTEM, ()),
    ("functions.<name>.logs", config_keys.FUNCTION_LOGS, ()),
    ("functions.<name>.runtimeManagement", config_keys.RUNTIME_MANAGEMENT, ()),
    ("layers.<name>", config_keys.LAYER, ()),
    ("resources", config_keys.RESOURCES, ()),
    ("resources.Resources.<id>", config_keys.RESOURCE, ()),
    ("resources.extensions.<id>", config_keys.EXTENSION, ()),
    ("resources.Outputs.<id>", config_keys.OUTPUT, ()),
    ("stepFunctions", machine_keys.STEP_FUNCTIONS, ()),
    ("stepFunctions.stateMachines.<name>", machine_keys.MACHINE, ()),
    ("stepFunctions.stateMachines.<name>.loggingConfig", machine_keys.LOGGING, ()),
    ("stepFunctions.stateMachines.<name>.encryptionConfig", machine_keys.ENCRYPTION, ()),
    ("stepFunctions.stateMachines.<name>.alarms", machine_keys.ALARMS, ()),
    ("custom.serverless-iam-roles-per-function", config_keys.ROLES_PER_FUNCTION, ()),
    ("custom.pythonRequirements", config_keys.PYTHON_REQUIREMENTS, ()),
]
"""Path in serverless.yml, its keys, and those that are known and refused."""


def configuration() -> str:
    """Build the page of serverless.yml: the hand-written head as it is, then the keys of every block."""
    head = (HERE / "configuration.md").read_text().partition(MARK)[0]
    parts = [f"{head}{MARK}\n", "## Registered names\n"]
    parts += [
        f"- **Events** of a function: {_names(EVENTS)}",
        f"- **Variable sources**, beside resolvers of your own: {_names(SOURCES)}",
        f"- **Plugins** with a meaning here: {_names(_supported())} (plugins.md has the others)\n",
        "## Keys by block\n",
    ]
    return "\n".join([*parts, *(_block(*block) for block in BLOCKS)])


def _supported() -> Iterable[str]:
    return (name for name, verdict in VERDICTS.items() if verdict.fate is Fate.SUPPORTED)


def plugins() -> str:
    """Build the page of plugins: the hand-written head as it is, then the table of verdicts."""
    head = (HERE / "plugins.md").read_text().partition(MARK)[0]
    rows = [f"| `{name}` | {item.fate.value} | {item.why} | {item.todo} |" for name, item in VERDICTS.items()]
    return "\n".join([f"{head}{MARK}\n", "| plugin | here | why | what to do |", "|---|---|---|---|", *rows, ""])


def _block(path: str, shapes: KeyTypes, later: Collection[str]) -> str:
    unused = config_keys.UNUSED.get(path, frozenset())
    by_kind: dict[str, list[str]] = defaultdict(list)
    for key, kind in shapes.items():
        if key not in unused:
            by_kind[kind_in_words(kind)].append(key)
    rows = [f"| {kind} | {_names(found)} |" for kind, found in sorted(by_kind.items())]
    parts = [f"### {f'`{path}`' if path else 'The document'}\n", "| takes | keys |", "|---|---|", *rows, ""]
    if unused:
        parts.append(f"Accepted, does nothing: {_names(unused)}.\n")
    if later:
        parts.append(f"Refused as not supported yet: {_names(later)}.\n")
    return "\n".join(parts)


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names, key=str.lower))


PAGES = {"commands.md": commands, "keys.md": keys, "configuration.md": configuration, "plugins.md": plugins}

if __name__ == "__main__":
    for page, write in PAGES.items():
        (HERE / page).write_text(write())
