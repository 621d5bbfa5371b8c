"""`state move` and `state rename-stage`: resources and states under other names."""

from __future__ import annotations

from dataclasses import replace

from stateroom.commands.context import Invocation
from stateroom.commands.failures import FAILED
from stateroom.commands.prompts import confirm
from stateroom.commands.state_changing import alteration_json, opened, say_alterations
from stateroom.engine.tools.carried_secrets import carry_secrets
from stateroom.engine.tools.state_tools import tools_of
from stateroom.errors import UsageError


def run_move(context: Invocation) -> int:
    """Move resources into another service's state; returns the exit code."""
    options = context.options
    if not options.to:
        raise UsageError("state move needs --to", todo="state move NAME --service HERE --to THERE")
    cockpit, tools = opened(context)
    other = tools_of(cockpit, options.to)
    if (other.app, other.stage) == (tools.app, tools.stage):
        raise UsageError(f"{options.to} is where they are", todo="name another service with --to")
    here, there = tools.move(options.names, other)
    say = context.console.say
    say(f"{tools.app}/{tools.stage}")
    say_alterations(context, here.edit.alterations)
    say(f"{other.app}/{other.stage}")
    say_alterations(context, there.edit.alterations)
    versions: tuple[int, ...] | None = None
    if not options.dry_run:
        if not confirm(context, f"{len(there.edit.changes)} changes move into {other.app}/{other.stage}"):
            say("Nothing was changed.")
            return FAILED
        versions = tools.apply_move(here, other, there)
        say(f"Done: version {versions[0]} here, {versions[1]} there.")
    if context.console.as_json:
        context.console.document(
            {
                "command": here.command,
                "from": [alteration_json(item) for item in here.edit.alterations],
                "to": [alteration_json(item) for item in there.edit.alterations],
                "versions": list(versions) if versions else None,
            }
        )
    return 0


def run_rename_stage(context: Invocation) -> int:
    """Make the state that of another stage; returns the exit code."""
    stage = context.options.names[0]
    if not stage.replace("-", "").isalnum():
        raise UsageError(f"{stage!r} cannot be a stage", todo="letters, digits and - only")
    _, tools = opened(context)
    draft = tools.rename_stage(stage)
    say_alterations(context, draft.edit.alterations)
    number: int | None = None
    if not context.options.dry_run:
        what = f"{tools.app}/{tools.stage} becomes {tools.app}/{stage}; its versions stay under the old name"
        if stage == tools.stage:
            what = f"what lies in the place of {tools.app}/{stage} becomes its state; no other file is touched"
        if not confirm(context, what, typed=stage):
            context.console.say("Nothing was changed.")
            return FAILED
        number = tools.apply_rename(draft, lambda: carry_secrets(tools, replace(tools, stage=stage)))
        context.console.say(f"Done: version {number} of {tools.app}/{stage}.")
    if context.console.as_json:
        changes = [alteration_json(item) for item in draft.edit.alterations]
        context.console.document({"command": draft.command, "changes": changes, "version": number})
    return 0
