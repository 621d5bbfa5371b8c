"""`state prune`: old versions go, and it is said beforehand which, and which packages go with them."""

from __future__ import annotations

from stateroom.commands.context import Invocation
from stateroom.commands.failures import FAILED
from stateroom.commands.prompts import confirm
from stateroom.commands.state_changing import opened
from stateroom.engine.tools.state_tools import check_replaceable
from stateroom.errors import UsageError
from stateroom.presentation.values import age
from stateroom.state.tools import retention


def run_prune(context: Invocation) -> int:
    """Delete all but the newest versions; returns the exit code."""
    options, say = context.options, context.console.say
    if options.keep is None:
        raise UsageError("state prune needs --keep", todo="--keep 10 keeps the newest ten")
    _, tools = opened(context)
    check_replaceable(tools)
    found = retention.plan(tools.home, tools.app, tools.stage, options.keep, object_versions=options.object_versions)
    for version in found.versions:
        say(f"- version {version.number}  {version.command}  {age(version.started, context.host.now())} ago")
    for sha in found.packages:
        say(f"- package {sha[:12]}, which no version that stays needs")
    for sha in found.kept:
        say(f"  package {sha[:12]} stays: something else needs it")
    if found.objects:
        say(f"- {len(found.objects)} older writes and deletions that the bucket kept; nothing brings those back")
    if found.held:
        say(f"  {found.held} older writes and deletions stay in the bucket, and so does their code;")
        say("  --object-versions deletes them for good")
    pruned = False
    if not found.versions and not found.objects:
        say("Nothing to delete.")
    elif options.dry_run:
        say(f"{len(found.versions)} versions and {len(found.packages)} packages would be deleted")
    else:
        what = f"{len(found.versions)} versions and {len(found.packages)} packages are deleted for good"
        if not confirm(context, what, typed=tools.stage):
            say("Nothing was changed.")
            return FAILED
        tools.exclusively("state prune", lambda: retention.apply(tools.home, found))
        pruned = True
        say(f"Deleted; {options.keep} stay.")
    if context.console.as_json:
        context.console.document(
            {
                "versions": [version.number for version in found.versions],
                "packages": list(found.packages),
                "packages_kept": list(found.kept),
                "object_versions": len(found.objects),
                "object_versions_kept": found.held,
                "deleted": pruned,
            }
        )
    return 0
