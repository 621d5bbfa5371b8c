"""Three-way differences in words: which side moved, and what each command would do about it.

The marks: docs/design.md, Three columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from stateroom.model.diff import AttributeDiff, Mark, ResourceDiff, X, Y
from stateroom.model.values import ABSENT, NOT_ASKED, UNREAD, Unresolved, Value, first_unresolved
from stateroom.presentation.survey.agreement import agreeing
from stateroom.presentation.text import cells, elide, plain
from stateroom.presentation.values import json_value, spread

SIDES = ("config", "state", "cloud")
_ODD = {
    Mark.PENDING: frozenset({"config"}),
    Mark.NEW: frozenset({"config"}),
    Mark.GONE: frozenset({"config"}),
    Mark.DRIFT: frozenset({"cloud"}),
    Mark.UNDECLARED: frozenset({"cloud"}),
    Mark.STALE: frozenset({"state"}),
    Mark.CONFLICT: frozenset(SIDES),
}
_VALUE_WIDTH = 24


def odd_one_out(diff: AttributeDiff) -> frozenset[str]:
    """Find the sides that do not agree with the other two: of "config", "state", "cloud"; all three in a conflict."""
    return _ODD.get(diff.mark, frozenset())


def columns(diff: AttributeDiff, width: int) -> tuple[str, str, str]:
    """Config, state and cloud, each in at most `width` cells, elided so that what differs can be seen."""
    config, state, cloud = spread((diff.config, diff.state, diff.cloud), width)
    return config, state, cloud


def would(diff: AttributeDiff, value_width: int = _VALUE_WIDTH) -> str:
    """Say what the commands would do to this attribute: `deploy → 256`, `refresh keeps 20, heal → 10`.

    Each value takes at most `value_width` cells.
    """
    mark = diff.mark
    config, state, cloud = columns(diff, value_width)
    if mark is Mark.UNDECLARED:
        return _about_undeclared(diff, state)
    if diff.retain:
        return "deploy leaves it"
    if mark in (Mark.PENDING, Mark.NEW, Mark.GONE):
        return _write("deploy", diff.config, config)
    if mark is Mark.DRIFT:
        return f"{_keep(diff.cloud, cloud)}, {_write('heal', diff.state, state)}"
    if mark is Mark.STALE:
        return f"deploy, refresh record {cloud}"
    if mark is Mark.CONFLICT:
        return f"{_write('deploy', diff.config, config)}, {_keep(diff.cloud, cloud)}"
    return "not known" if mark is Mark.UNKNOWN else ""


def _about_undeclared(diff: AttributeDiff, state: str) -> str:
    """Say what an undeclared change lets happen, and what refresh and heal would do about it."""
    heal = "heal takes it away" if diff.state is ABSENT else f"heal → {state}"
    keep = "refresh notes that it is gone" if diff.cloud is ABSENT else "refresh notes it"
    text = f"{heal}, {keep}"
    return f"{plain(diff.danger)}: {text}" if diff.danger else text


def would_within(diff: AttributeDiff, width: int) -> str:
    """`would` in at most `width` cells: shorter values first, then none, as the values stand beside it."""
    for value_width in (_VALUE_WIDTH, 12, 8):
        text = would(diff, value_width)
        if cells(text) <= width:
            return text
    return elide(_briefly(diff), width)


def _briefly(diff: AttributeDiff) -> str:
    """`would` without values, in 16 cells at most."""
    if diff.mark is Mark.UNDECLARED:
        return plain(diff.danger) if diff.danger else "refresh notes it"
    if diff.retain:
        return "deploy leaves it"
    if diff.mark in (Mark.PENDING, Mark.NEW, Mark.GONE):
        return "deploy unsets it" if diff.config is ABSENT else "deploy writes it"
    return {
        Mark.DRIFT: "refresh or heal",
        Mark.STALE: "refresh records",
        Mark.CONFLICT: "deploy, refresh",
        Mark.UNKNOWN: "not known",
    }.get(diff.mark, "")


def _write(command: str, value: Value, text: str) -> str:
    if value is NOT_ASKED:
        return f"{command} asks for it"
    return f"{command} unsets it" if value is ABSENT else f"{command} → {text}"


def _keep(value: Value, text: str) -> str:
    return "refresh drops it" if value is ABSENT else f"refresh keeps {text}"


def verdict(diff: ResourceDiff) -> str:
    """One line on a resource: what is the matter and which command does what about it. No claim about a side unread."""
    if diff.unsettled:
        return plain(diff.unsettled)
    if diff.unasked and diff.x is X.UNKNOWN:
        return plain(f"{diff.unasked}: not asked: --offline; the rest is as the state has it")
    if diff.error:
        return plain(f"{_config_part(diff)}cloud not read: {diff.error}")
    if diff.y is Y.MISSING:
        return f"{_unread_config(diff)}{_missing(diff)}"
    if diff.x is X.NEW:
        return f"{_not_known(diff)}new in config: deploy creates it{_lacking(diff)}"
    if diff.x is X.GONE:
        drift = " although it drifted" if diff.y is Y.DRIFT else ""
        unread = "; cloud not read" if diff.y is Y.UNREAD else ""
        deletes = "drops it from state and keeps it in the cloud" if diff.retain else "deletes it"
        return f"gone from config: deploy {deletes}{drift}{unread}"
    if diff.y is Y.UNREAD:
        return f"{_config_part(diff)}cloud not read"
    return f"{_unread_config(diff)}{_attributes(diff)}"


def _lacking(diff: ResourceDiff) -> str:
    """Say what of a new resource's values is not known."""
    if diff.unasked:
        return plain(f"; {diff.unasked}: not asked: --offline")
    problem = _unresolved(diff)
    return plain(f" once this is known: {problem.why}") if problem else ""


def _config_part(diff: ResourceDiff) -> str:
    parts = {X.CHANGED: "config changed; ", X.NEW: "new in config; ", X.GONE: "gone from config; "}
    return parts.get(diff.x, "") or _unread_config(diff)


def _unread_config(diff: ResourceDiff) -> str:
    """Say that the config is not known, and why; nothing where it is, or where only single attributes are not."""
    if diff.not_built:
        return _not_known(diff)
    if diff.x is not X.UNKNOWN or _unresolved(diff):
        return ""
    return plain(f"config not read: {diff.config_error}; ") if diff.config_error else "config not read yet; "


def _not_known(diff: ResourceDiff) -> str:
    """Say why the package was not compared."""
    return plain(f"{diff.not_built}; ") if diff.not_built else ""


def _unresolved(diff: ResourceDiff) -> Unresolved | None:
    return next(filter(None, (first_unresolved(item.config) for item in diff.attributes)), None)


def _missing(diff: ResourceDiff) -> str:
    if diff.x is X.GONE:
        return "gone from config and from the cloud: deploy or refresh drops it from state"
    if diff.x is X.UNKNOWN:
        return "missing in the cloud: refresh drops it from state"
    deploy = "deploy fails on it" if diff.x is X.CHANGED else "deploy does not see it"
    return f"missing in the cloud: {deploy}; refresh drops it from state, and then deploy creates it"


def _attributes(diff: ResourceDiff) -> str:
    marks = Counter(item.mark for item in diff.attributes if item.managed)
    pending = marks[Mark.PENDING] + marks[Mark.NEW] + marks[Mark.GONE]
    parts = []
    if pending:
        parts.append(f"{pending} pending: deploy writes {_them(pending)}")
    if drifted := marks[Mark.DRIFT]:
        them = _them(drifted)
        deploy = "" if diff.x is X.UNKNOWN else "deploy does nothing, "
        parts.append(f"{drifted} drifted: {deploy}refresh keeps {them}, heal undoes {them}")
    if marks[Mark.STALE]:
        parts.append(f"{marks[Mark.STALE]} stale: only the state is behind")
    if marks[Mark.CONFLICT]:
        parts.append(f"{marks[Mark.CONFLICT]} in conflict: deploy overwrites the cloud")
    if marks[Mark.UNKNOWN]:
        problem = _unresolved(diff)
        parts.append(f"{marks[Mark.UNKNOWN]} not known{f': {plain(problem.why)}' if problem else ''}")
    if not parts:
        parts.append(_nothing_moved(diff))
    parts += _undeclared(diff)
    return "; ".join(parts)


def _nothing_moved(diff: ResourceDiff) -> str:
    if diff.x is X.CHANGED:
        return "config changed"
    exact = not diff.outside and not diff.refused
    if diff.x is X.UNKNOWN:
        return f"state and cloud: {agreeing(diff.same, exact=exact)}"
    unanswered = f", {diff.unanswered} not given back by the cloud" if diff.unanswered else ""
    return f"{agreeing(diff.same, exact=exact)}{unanswered}"


def _undeclared(diff: ResourceDiff) -> Iterator[str]:
    """Yield what is to be said about what nobody declared: how much there is, what was not looked at."""
    if diff.outside:
        dangers = list(dict.fromkeys(item.danger for item in diff.attributes if item.danger))
        yield plain(f"{diff.outside} undeclared{f': {dangers[0]}' if dangers else ''}")
    if diff.refused:
        yield plain(f"not looked at: {', '.join(diff.refused)}")
    if diff.unbased:
        yield f"{', '.join(diff.unbased)}: undeclared ones not compared before the next refresh"


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


def danger_lines(diff: ResourceDiff) -> tuple[str, ...]:
    """One line for each dangerous undeclared change: `^ Policy.everybody: anyone may lambda:InvokeFunction`."""
    return tuple(plain(f"{item.mark.value} {item.name}: {item.danger}") for item in diff.attributes if item.danger)


def json_diff(diff: ResourceDiff) -> dict[str, Any]:
    """Convert a resource's difference to the JSON of `stateroom diff`.

    Keys: address, service, logical_id, type, physical_id, status (two letters), config_vs_state and state_vs_cloud
    (`same changed new gone unknown`, `same drift missing unread none`), in_step, drifted, read_at (RFC 3339 or null),
    error, todo (about the error), answered_by (who answered in the place of the service, or ""), config_error,
    not_built (why the package was not compared), unsettled (why it is not known how its last step ended, or ""),
    verdict, undeclared (how many changes neither config nor state speaks of), dangers (how many of them let data out
    or people in, or stop the service), not_looked_at (kinds of children, each with its reason if it was refused),
    not_compared (kinds that nothing is recorded of to compare them with), same (how many attributes agree on all
    sides), unanswered (how many the cloud does not give back), attributes.
    """
    return {
        "address": f"{diff.service}/{diff.logical_id}",
        "service": diff.service,
        "logical_id": diff.logical_id,
        "type": diff.type,
        "physical_id": diff.physical_id,
        "status": diff.status,
        "config_vs_state": diff.x.name.lower(),
        "state_vs_cloud": diff.y.name.lower(),
        "in_step": diff.in_step,
        "drifted": diff.drifted,
        "read_at": diff.read_at.isoformat() if diff.read_at else None,
        "error": diff.error,
        "unsettled": diff.unsettled,
        "todo": diff.todo,
        "config_error": diff.config_error,
        "not_built": diff.not_built,
        "answered_by": diff.answered_by,
        "verdict": verdict(diff),
        "undeclared": diff.outside,
        "dangers": diff.dangers,
        "not_looked_at": list(diff.unlooked),
        "not_compared": list(diff.unbased),
        "same": diff.same,
        "unanswered": diff.unanswered,
        "attributes": [json_attribute(item) for item in diff.attributes],
    }


def json_attribute(diff: AttributeDiff) -> dict[str, Any]:
    """Convert an attribute's difference to JSON, as part of `json_diff`.

    Keys: path (list), name (dotted), mark, meaning, managed, danger (of an undeclared one), odd_one_out (list of
    sides), would; and `config`, `state`, `cloud` with the values, where a side without the attribute has no key and a
    side not read is named in `unread`.
    """
    sides = {"config": diff.config, "state": diff.state, "cloud": diff.cloud}
    odd = odd_one_out(diff)
    return {
        "path": list(diff.path),
        "name": diff.name,
        "mark": diff.mark.value,
        "meaning": diff.mark.meaning,
        "managed": diff.managed,
        "danger": diff.danger,
        "odd_one_out": [side for side in SIDES if side in odd],
        "would": would(diff),
        "unread": [side for side, value in sides.items() if value is UNREAD],
        **{side: json_value(value) for side, value in sides.items() if value is not ABSENT and value is not UNREAD},
    }
