"""Three-way differences in words: which side moved, and what each command would do about it.

The marks: docs/design.md, Three columns.
"""

from __future__ import annotations

from typing import Any

from stateroom.model.diff import AttributeDiff, Deploy, Mark, ResourceDiff
from stateroom.model.values import ABSENT, NOT_ASKED, UNREAD, Value
from stateroom.presentation.survey.verdicts import verdict
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
    if mark in (Mark.PENDING, Mark.NEW, Mark.GONE):
        return _deploy(diff, config)
    if mark is Mark.DRIFT:
        return f"{_keep(diff.cloud, cloud)}, {_write('heal', diff.state, state)}"
    if mark is Mark.STALE:
        if diff.deploy is not Deploy.WRITES:
            return f"{_deploy(diff, config)}, refresh records {cloud}"
        return f"deploy, refresh record {cloud}"
    if mark is Mark.CONFLICT:
        return f"{_deploy(diff, config)}, {_keep(diff.cloud, cloud)}"
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
    if diff.mark in (Mark.PENDING, Mark.NEW, Mark.GONE):
        if diff.deploy is not Deploy.WRITES:
            return _deploy(diff, "")
        return "deploy unsets it" if diff.config is ABSENT else "deploy writes it"
    return {
        Mark.DRIFT: "refresh or heal",
        Mark.STALE: "refresh records",
        Mark.CONFLICT: "deploy, refresh",
        Mark.UNKNOWN: "not known",
    }.get(diff.mark, "")


def _deploy(diff: AttributeDiff, text: str) -> str:
    if diff.deploy is Deploy.WRITES:
        return _write("deploy", diff.config, text)
    return "deploy waits" if diff.deploy is Deploy.WAITS else f"deploy {diff.deploy.value} it"


def _write(command: str, value: Value, text: str) -> str:
    if value is NOT_ASKED:
        return f"{command} asks for it"
    return f"{command} unsets it" if value is ABSENT else f"{command} → {text}"


def _keep(value: Value, text: str) -> str:
    return "refresh drops it" if value is ABSENT else f"refresh keeps {text}"


def danger_lines(diff: ResourceDiff) -> tuple[str, ...]:
    """One line for each dangerous undeclared change: `^ Policy.everybody: anyone may lambda:InvokeFunction`."""
    return tuple(plain(f"{item.mark.value} {item.name}: {item.danger}") for item in diff.attributes if item.danger)


def json_diff(diff: ResourceDiff) -> dict[str, Any]:
    """Convert a resource's difference to the JSON of `stateroom diff`.

    Keys: address, service, logical_id, type, physical_id, status (two letters), config_vs_state and state_vs_cloud
    (`same changed new gone unknown`, `same drift missing unread none`), in_step, drifted, read_at (RFC 3339 or null),
    error, todo (about the error), answered_by (who answered in the place of the service, or ""), config_error,
    not_built (why the package was not compared), refused (why deploy refuses it), waits (what deploy leaves it alone
    for), unsettled (why it is not known how its last step ended, or ""),
    verdict, undeclared (how many changes neither config nor state speaks of), dangers (how many of them let data out
    or people in, or stop the service), not_looked_at (kinds of children, each with its reason if it was denied),
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
        "refused": diff.refused,
        "waits": diff.waits,
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
