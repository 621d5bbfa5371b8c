"""`state pending`: list steps with an unknown outcome, ask again how they ended, or drop them by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from stateroom.commands.context import Invocation
from stateroom.commands.failures import FAILED
from stateroom.commands.services import selected_services
from stateroom.commands.state_changing import carry_out
from stateroom.commands.usage import closest
from stateroom.engine.requests import Cockpit
from stateroom.engine.tools import pending_tools
from stateroom.engine.tools.state_tools import tools_of
from stateroom.errors import UsageError
from stateroom.model.pending import PendingOperation
from stateroom.presentation.survey.standing import standing_lines
from stateroom.presentation.text import cells, pad, plain
from stateroom.presentation.values import type_name


def run_pending(context: Invocation) -> int:
    """List, ask or drop; returns the exit code: 1 when something stays pending that was asked about."""
    options = context.options
    if options.ask and options.drop:
        raise UsageError("--ask and --drop were given", todo="give one of them")
    if options.drop:
        return _drop(context)
    cockpit = context.open_for_writing() if options.ask and not options.dry_run else context.open()
    services = _services(context, cockpit)
    found = {service: pending_tools.listed(tools_of(cockpit, service)) for service in services}
    if not options.ask:
        return _list(context, found, _open_steps(context, cockpit, found))
    if not any(found.values()):
        context.console.say("Nothing is pending.")
    return max((_ask(context, cockpit, service) for service, items in found.items() if items), default=0)


def _services(context: Invocation, cockpit: Cockpit) -> tuple[str, ...]:
    known = cockpit.info().services
    for name in context.options.names:
        if name not in known:
            raise UsageError(
                f"there is no service {name!r}", todo=closest(name, known) or f"there are: {', '.join(known)}"
            )
    return tuple(context.options.names) or selected_services(context, cockpit)


def _list(context: Invocation, found: dict[str, tuple[PendingOperation, ...]], open_steps: tuple[str, ...]) -> int:
    if context.console.as_json:
        rows = [{"service": name, "operations": [_row(name, item) for item in items]} for name, items in found.items()]
        context.console.document({"services": rows})
        return 0
    for text in open_steps:
        context.console.say(context.console.paint(text, "danger"))
    lines = [_line(service, item) for service, items in found.items() for item in items]
    widths = [max((cells(line[column]) for line in lines), default=0) for column in range(4)]
    for *line, why in lines:
        context.console.say("  ".join(pad(text, width) for text, width in zip(line, widths, strict=True)).rstrip())
        context.console.say(context.console.paint(f"  {why}", "dim"))
    if lines:
        context.console.say("`stateroom state pending --ask` asks again; `--drop ADDRESS` drops one")
    elif not open_steps:
        context.console.say("Nothing is pending.")
    return 0


def _open_steps(context: Invocation, cockpit: Cockpit, services: Iterable[str]) -> tuple[str, ...]:
    """Say of which services an operation was cut off or runs: steps of it may have no outcome yet."""
    standings = {service: cockpit.standing(service) for service in services}
    return tuple(
        f"{plain(service)}: {line}"
        for service, found in standings.items()
        if found.interrupted
        for line in standing_lines(replace(found, pending=(), problems=()), context.host.now())
    )


def _line(service: str, item: PendingOperation) -> tuple[str, str, str, str, str]:
    kind = type_name(item.type)
    what = f"{item.action} {item.physical_id}".rstrip()
    why = item.why or "nobody has asked yet how it ended"
    since = f"since {item.since[:19].replace('T', ' ')} UTC" if item.since else ""
    return f"? {plain(service)}/{plain(item.logical_id)}", plain(kind), plain(what), since, plain(why)


def _row(service: str, item: PendingOperation) -> dict[str, Any]:
    """Convert to JSON: address, logical_id, type, action, physical_id, since (RFC 3339), why."""
    names = ("logical_id", "type", "action", "physical_id", "since", "why")
    return {"address": f"{service}/{item.logical_id}"} | {name: getattr(item, name) for name in names}


def _ask(context: Invocation, cockpit: Cockpit, service: str) -> int:
    tools = tools_of(cockpit, service)
    draft = pending_tools.asked_again(tools)
    code = carry_out(context, tools, draft)
    return code or (FAILED if draft.edit.unsettled else 0)


def _drop(context: Invocation) -> int:
    """Drop operations of one service by their addresses, after the first was typed, or with --yes."""
    options = context.options
    if options.names:
        raise UsageError("--drop takes the address, not a service beside it", todo="--drop SERVICE/NAME")
    cockpit = context.open() if options.dry_run else context.open_for_writing()
    named = [_split(context, cockpit, address) for address in options.drop]
    services = {service for service, _ in named}
    if len(services) != 1:
        raise UsageError("this is for one service at a time", todo="drop those of the other with a command of its own")
    tools = tools_of(cockpit, named[0][0])
    draft = pending_tools.dropped(tools, [name for _, name in named])
    return carry_out(context, tools, draft, typed=options.drop[0])


def _split(context: Invocation, cockpit: Cockpit, address: str) -> tuple[str, str]:
    """Return (service, logical id or URN) of an address; without a service it is that of the only one."""
    services = selected_services(context, cockpit)
    for service in cockpit.info().services:
        if address.startswith(f"{service}/"):
            return service, address.removeprefix(f"{service}/")
    if len(services) != 1:
        raise UsageError(f"whose is {address!r}?", todo=f"write SERVICE/{address}: one of {', '.join(services)}")
    return services[0], address
