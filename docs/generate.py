"""Writes docs/commands.md and docs/keys.md from the program itself: `python docs/generate.py`.

tests/test_docs.py fails when they are not what this script would write.
"""

from __future__ import annotations

import os
from pathlib import Path

from stateroom.cli import build_parser
from stateroom.commands import COMMANDS
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
    """The help without the options that every command has; those stand once, under the bare command."""
    text = build_parser(name).format_help().rstrip()
    return text if not name else text.split("\noptions everywhere:")[0].rstrip()


def keys() -> str:
    """The screen's keys."""
    head = "# Keys of the screen\n\nWritten by `docs/generate.py` from the screen's own list of commands.\n"
    return f"{head}\n{markdown()}\n"


PAGES = {"commands.md": commands, "keys.md": keys}

if __name__ == "__main__":
    for page, write in PAGES.items():
        (HERE / page).write_text(write())
