"""`state import`, `remove`, `repair`, `edit`: prepared, shown, asked, written."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from stateroom.commands.context import Invocation
from stateroom.commands.failures import FAILED
from stateroom.commands.prompts import confirm
from stateroom.commands.services import single_service
from stateroom.engine.requests import Cockpit
from stateroom.engine.tools.drafts import Draft
from stateroom.engine.tools.state_tools import StateTools, tools_of
from stateroom.errors import StateError, UsageError
from stateroom.presentation.text import plain
from stateroom.programs.editor import edit
from stateroom.state.checkpoint.checkpoint_document import refuse_newer
from stateroom.state.checkpoint.tokens import name_in
from stateroom.state.tools.edits import Alteration

_SHOWN = 200


def opened(context: Invocation) -> tuple[Cockpit, StateTools]:
    """Open the project, for writing unless --dry-run, and the state tools of the one service."""
    cockpit = context.open() if context.options.dry_run else context.open_for_writing()
    return cockpit, tools_of(cockpit, single_service(context, cockpit))


def run_import(context: Invocation) -> int:
    """Replace the state by a file; returns the exit code."""
    _, tools = opened(context)
    path = Path(context.options.names[0])
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}", why=error.strerror or "", todo="name another file") from error
    return carry_out(context, tools, tools.take_in(data))


def run_remove(context: Invocation) -> int:
    """Drop resources from the state; returns the exit code."""
    options = context.options
    if options.with_dependants and options.keep_dependants:
        raise UsageError("--with-dependants and --keep-dependants were given", todo="give one of them")
    _, tools = opened(context)
    draft = tools.remove(
        options.names, with_dependants=options.with_dependants, keep=options.keep_dependants, force=options.force
    )
    return carry_out(context, tools, draft)


def run_repair(context: Invocation) -> int:
    """Make the state keep the rules; returns the exit code: 1 when something is left that it cannot settle."""
    _, tools = opened(context)
    draft = tools.repair()
    code = carry_out(context, tools, draft)
    return code or (FAILED if draft.edit.unsettled else 0)


def run_edit(context: Invocation) -> int:
    """Change the state in an editor; returns the exit code."""
    _, tools = opened(context)
    if not context.console.terminal:
        raise UsageError("an editor needs a terminal", todo="`stateroom state export` and `import` do it in two steps")
    blob = tools.home.documents.read(tools.app, tools.stage)
    if blob is None:
        raise StateError(f"there is no state of {tools.app}/{tools.stage}", todo="`stateroom state import FILE`")
    refuse_newer(blob.data)
    with tempfile.TemporaryDirectory(prefix="stateroom-") as directory:  # mode 0700; secrets in it stay encrypted
        path = Path(directory) / f"{tools.app}-{tools.stage}.json"
        try:
            path.write_text(_indented(blob.data), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"cannot write {path}", why=error.strerror or "", todo="make room there") from error
        while True:
            edit(path, context.host.environment)
            try:
                draft = tools.take_in(path.read_bytes(), "state edit")
                break
            except StateError as error:
                for line in error.lines():
                    context.console.complain(plain(line))
                if context.console.ask("Edit again? [Y/n] ").lower() in ("n", "no"):
                    context.console.say("Nothing was changed.")
                    return FAILED
        return carry_out(context, tools, draft)


def carry_out(context: Invocation, tools: StateTools, draft: Draft, *, typed: str = "") -> int:
    """Show a draft, ask, and write it; `typed` is what has to be typed out. Returns the exit code."""
    console = context.console
    say_alterations(context, draft.edit.alterations)
    if draft.empty:
        console.say("Nothing to change." if not draft.edit.alterations else "Nothing was settled.")
        _document(context, draft, None)
        return 0
    counts = f"{draft.command}: {len(draft.edit.changes)} changes to the state of {tools.app}/{tools.stage}"
    if context.options.dry_run:
        console.say(f"{counts}; nothing was written")
        _document(context, draft, None)
        return 0
    draft.edit.document.dump()  # what may not be written is refused before anyone is asked
    if not confirm(context, counts, typed=typed):
        console.say("Nothing was changed.")
        return FAILED
    number = tools.apply(draft)
    console.say(f"Done: version {number}. `stateroom versions` lists the one before.")
    _document(context, draft, number)
    return 0


def say_alterations(context: Invocation, alterations: Iterable[Alteration]) -> None:
    """One line for each."""
    items = list(alterations)
    for item in items[:_SHOWN]:
        line = f"{item.sign} {plain(name_in(item.urn)) + ': ' if item.urn else ''}{plain(item.text)}"
        context.console.say(context.console.paint(line, "danger") if item.sign == "-" else line)
    if len(items) > _SHOWN:
        context.console.say(f"  and {len(items) - _SHOWN} more")


def alteration_json(item: Alteration) -> dict[str, Any]:
    """Convert an alteration to JSON: sign (`+` `~` `-` `>` `?`), urn, text."""
    return {"sign": item.sign, "urn": item.urn, "text": item.text}


def _document(context: Invocation, draft: Draft, version: int | None) -> None:
    if context.console.as_json:
        changes = [alteration_json(item) for item in draft.edit.alterations]
        context.console.document({"command": draft.command, "changes": changes, "version": version})


def _indented(data: bytes) -> str:
    try:
        return json.dumps(json.loads(data), indent=2, ensure_ascii=False)
    except ValueError:
        return data.decode(errors="replace")  # damaged: shown as it is
