"""What a home needs before the first deploy: what its pointers name, and what is really there.

`status` (the default) looks and changes nothing: every parameter, bucket and repository, what is wrong with each, and
whose states are in them, the Serverless Framework's own beside ours. `create` makes what was never made; the first
deploy does the same. What someone deleted is `stateroom reset --only missing`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from stateroom.commands.context import Invocation
from stateroom.commands.failures import FAILED
from stateroom.commands.termination import about_to_write
from stateroom.errors import PlanError, ReadOnlyError, UsageError
from stateroom.presentation.homes import part_state, tenant_row
from stateroom.presentation.text import cells, pad, plain
from stateroom.presentation.values import full

if TYPE_CHECKING:
    from stateroom.engine.reset.bootstrap import Status
    from stateroom.engine.reset.bootstrap_factory import Premises


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of bootstrap."""
    parser.add_argument("action", nargs="?", choices=("status", "create"), default="status", help="default: status")


def run(context: Invocation) -> int:
    """Show or make a bootstrap; returns the exit code: 1 when a part of it is gone."""
    from stateroom.engine.reset.bootstrap import create, look

    premises = opened(context)
    if context.options.action == "create":
        if context.options.read_only:
            raise ReadOnlyError("nothing was made", why="--read-only was given", todo="leave it out")
        if premises.bootstrap is None:
            raise PlanError(f"the {premises.home.name} home has no bootstrap", why=premises.why, todo=_OTHERS)
        about_to_write()
        if not create(premises.bootstrap, context.console.progress):
            context.console.say("Everything is there already.")
    status = look(premises.home)
    if context.console.as_json:
        context.console.document(status_json(status))
    else:
        show(context, status)
        if status.problems:
            context.console.say()
            context.console.say(_way_out(status))
        if premises.bootstrap is None:
            context.console.say()
            context.console.say(f"It needs no bootstrap: {premises.why}.")
    return FAILED if status.problems else 0


def _way_out(status: Status) -> str:
    from stateroom.state.homes.bootstrap import RESETTING

    if any(part.problem == RESETTING for part in status.problems):
        return "`stateroom reset`, run where it was begun, goes on where it was."
    return "`stateroom reset --only missing` repairs this and touches nothing else."


_OTHERS = "homes with a bootstrap: --home serverless, --home sst, --home cloudflare"


def opened(context: Invocation) -> Premises:
    """Open the home that was named, or the project's."""
    from stateroom.engine.opening.sst_app import is_project
    from stateroom.engine.reset.bootstrap_factory import open_premises

    path = context.project()
    if context.options.stage and not is_project(path if path.is_dir() else path.parent):
        raise UsageError(
            "--stage goes with a project only, whose files may choose a home by it",
            why="a home holds every stage",
            todo="leave --stage out; --home, --profile and --region choose the home",
        )
    return open_premises(context.workspace_options(), path)


def show(context: Invocation, status: Status) -> None:
    """Print a status."""
    console = context.console
    of = f" of account {status.account}" if status.account else ""
    console.say(console.paint(f"{status.name} home{of}", "bold"))
    rows = [(part.role, part.kind, plain(part.name), part.region, part_state(part)) for part in status.parts]
    for part, line in zip(status.parts, _aligned(rows), strict=True):
        console.say(console.paint(line, "danger") if part in status.problems else line)
    if status.tenants:
        console.say()
        console.say(console.paint("states in it", "bold"))
    for line in _aligned([tenant_row(tenant, context.host.now()) for tenant in status.tenants]):
        console.say(line)
    for tenant in status.tenants:
        for name, value in tenant.outputs.items():
            console.say(f"  {plain(tenant.service)}.{plain(name)}: {full(value)}")


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    texts = ("  ".join(pad(text, width) for text, width in zip(row, widths, strict=True)) for row in rows)
    return [f"  {text.rstrip()}" for text in texts]


def status_json(status: Status) -> dict[str, Any]:
    """`{home, account, ok, parts: [{role, kind, name, region, exists, problem, points_at, holds}], states: […]}`.

    A state has tool, service, stage, region, bucket, modified (RFC 3339), locked_by, outputs and problem.
    """
    fields = ("role", "kind", "name", "region", "exists", "problem", "points_at", "holds")
    return {
        "home": status.name,
        "account": status.account,
        "ok": not status.problems,
        "parts": [{name: getattr(part, name) for name in fields} for part in status.parts],
        "states": [
            {
                "tool": tenant.tool,
                "service": tenant.service,
                "stage": tenant.stage,
                "region": tenant.region,
                "bucket": tenant.bucket,
                "modified": tenant.modified.isoformat() if tenant.modified else None,
                "locked_by": f"{tenant.lock.holder.user}@{tenant.lock.holder.host}" if tenant.lock else None,
                "outputs": dict(tenant.outputs),
                "problem": tenant.problem,
            }
            for tenant in status.tenants
        ],
    }
