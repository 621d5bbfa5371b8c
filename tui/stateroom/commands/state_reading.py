"""`state list`, `state show`, `state export`: a state in words, or as the file that it is."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stateroom.commands.context import Invocation
from stateroom.commands.services import selected_services, single_service
from stateroom.engine.tools.state_tools import StateTools, tools_of
from stateroom.errors import UsageError
from stateroom.model.values import Value, reveal
from stateroom.presentation.text import cells, pad, plain
from stateroom.presentation.values import full, json_value
from stateroom.state.checkpoint import references
from stateroom.state.checkpoint.attention import pending_in
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument, Raw
from stateroom.state.checkpoint.tokens import name_in
from stateroom.state.secrets.secret_encoding import unseal
from stateroom.state.tools.selection import select
from stateroom.state.tools.state_import import decrypt_secrets

_FIELDS = ("urn", "type", "id", "parent", "provider", "protect", "retainOnDelete", "external", "delete", "taint")
_TIMES = ("created", "modified")


def run_list(context: Invocation) -> int:
    """Every resource of the chosen services; returns the exit code."""
    cockpit = context.open()
    services = selected_services(context, cockpit)
    documents = {service: _document(tools_of(cockpit, service), alone=len(services) == 1) for service in services}
    if context.console.as_json:
        rows = [
            {"service": service, "stored": document is not None, "resources": _rows(document)}
            for service, document in documents.items()
        ]
        context.console.document({"services": rows})
        return 0
    for service, document in documents.items():
        context.console.say(context.console.paint(plain(service), "bold"))
        if document is None:
            context.console.say("  there is no state")
            continue
        for line in _tree(document):
            context.console.say(line)
        for problem in document.problems():
            context.console.complain(f"warning: {plain(problem)}")
        for item in pending_in(document.latest):
            context.console.complain(f"warning: {plain(item.logical_id)} is pending: {plain(item.action)}")
    return 0


def _document(tools: StateTools, *, alone: bool) -> CheckpointDocument | None:
    """Return a state, broken or not. None: there is none, which is an error only where nothing else was asked for."""
    found = tools.load(broken=True) if alone else tools.find()
    return found[0] if found else None


def run_show(context: Invocation) -> int:
    """One resource in full; returns the exit code."""
    cockpit = context.open()
    tools = tools_of(cockpit, single_service(context, cockpit))
    document, _ = tools.load(broken=True)
    raw = select(document.resources, context.options.names[0])
    users = [item["urn"] for item in references.dependants(document.resources, {raw["urn"]})]
    values = {key: _values(context, tools, document, raw.get(key)) for key in ("inputs", "outputs")}
    rest = {key: value for key, value in raw.items() if key not in values}
    if context.console.as_json:
        context.console.document(
            {**rest, **{key: json_value(item) for key, item in values.items()}, "dependants": users}
        )
        return 0
    say = context.console.say
    for key in (*_FIELDS, *_TIMES):
        if raw.get(key):
            say(f"{key + ':':<16} {plain(str(raw[key]))}")
    _say_list(context, "depends on", [urn for urn in sorted(references.targets(raw)) if urn != raw.get("parent")])
    _say_list(context, "dependants", users)
    for key, item in values.items():
        if item:
            say(context.console.paint(key, "bold"))
            for name, value in item.items():
                say(f"  {plain(name)}: {full(value)}")
    return 0


def run_export(context: Invocation) -> int:
    """Export the state to standard output or to the file of --out; returns the exit code."""
    options = context.options
    cockpit = context.open()
    tools = tools_of(cockpit, single_service(context, cockpit))
    document, _ = tools.load(broken=True)
    body: Any = document.body
    if options.decrypt:
        body = decrypt_secrets(body, tools.home.keys.cipher(tools.app, tools.stage, document.salt))
    text = json.dumps(body, indent=2) + "\n"
    if not options.out:
        context.host.out.write(text)
        return 0
    _write(Path(options.out), text)
    context.console.say(f"written to {options.out}" + (", secrets in the clear" if options.decrypt else ""))
    return 0


def _write(path: Path, text: str) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(f"{path} exists already", todo="name a file that does not") from error
    except OSError as error:
        raise UsageError(f"cannot write {path}", why=error.strerror or "", todo="name another file") from error


def _values(
    context: Invocation, tools: StateTools, document: CheckpointDocument, properties: Value
) -> dict[str, Value]:
    if not isinstance(properties, dict):
        return {}
    if not context.options.decrypt:
        return {key: _masked(value) for key, value in properties.items()}
    opened = unseal(properties, tools.home.keys.cipher(tools.app, tools.stage, document.salt))
    return {key: reveal(value) for key, value in opened.items()}


def _masked(value: Value) -> Value:
    from stateroom.model.values import Secret
    from stateroom.state.secrets.secret_encoding import SECRET, SIGNATURE

    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return Secret(None)
        return {key: _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value


def _rows(document: CheckpointDocument | None) -> list[dict[str, Any]]:
    return [_row(raw) for raw in document.resources if isinstance(raw, dict)] if document else []


def _row(raw: Raw) -> dict[str, Any]:
    """Convert a resource to JSON: urn, name, type, id, parent, component, old_copy, protected."""
    return {
        "urn": raw.get("urn"),
        "name": name_in(str(raw.get("urn") or "")),
        "type": raw.get("type"),
        "id": raw.get("id"),
        "parent": raw.get("parent"),
        "component": not raw.get("custom"),
        "old_copy": bool(raw.get("delete")),
        "protected": bool(raw.get("protect")),
    }


def _tree(document: CheckpointDocument) -> list[str]:
    """Names below their parents, with type and physical id."""
    objects = (raw for raw in document.resources if isinstance(raw, dict))
    resources = [raw for raw in objects if raw.get("urn") and isinstance(raw["urn"], str)]
    urns = {raw["urn"] for raw in resources}
    children: dict[str, list[Raw]] = {}
    for raw in resources:
        parent = str(raw.get("parent") or "")
        children.setdefault(parent if parent in urns and parent != raw["urn"] else "", []).append(raw)
    rows: list[tuple[str, str, str]] = []
    waiting = [(0, raw) for raw in reversed(children.get("", ()))]
    entered: set[str] = set()
    while waiting:
        depth, raw = waiting.pop()
        mark = " (old copy)" if raw.get("delete") else ""
        name = "  " * depth + plain(name_in(raw["urn"])) + mark
        rows.append((name, plain(str(raw.get("type") or "")), plain(str(raw.get("id") or ""))))
        if raw["urn"] not in entered:
            entered.add(raw["urn"])
            waiting += [(depth + 1, child) for child in reversed(children.get(raw["urn"], ()))]
    widths = [max((cells(row[column]) for row in rows), default=0) for column in range(2)]
    return [f"  {pad(name, widths[0])}  {pad(type_, widths[1])}  {id_}".rstrip() for name, type_, id_ in rows]


def _say_list(context: Invocation, title: str, urns: Sequence[str]) -> None:
    for index, urn in enumerate(urns):
        context.console.say(f"{title + ':' if not index else '':<16} {plain(urn)}")
