"""One line on a resource: what is the matter, and which command does what about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from stateroom.model.diff import Mark, ResourceDiff, X, Y
from stateroom.model.values import Unresolved, first_unresolved
from stateroom.presentation.survey.agreement import agreeing, count
from stateroom.presentation.text import plain


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
        return f"{_not_known(diff)}new in config: {obstacle(diff) or f'deploy creates it{_lacking(diff)}'}"
    if diff.x is X.GONE:
        blocked = obstacle(diff)
        drift = ("; it drifted" if blocked else " although it drifted") if diff.y is Y.DRIFT else ""
        unread = "; cloud not read" if diff.y is Y.UNREAD else ""
        deletes = "drops it from state and keeps it in the cloud" if diff.retain else "deletes it"
        return f"gone from config: {blocked or f'deploy {deletes}'}{drift}{unread}"
    if diff.y is Y.UNREAD:
        return f"{_config_part(diff)}cloud not read"
    return f"{_unread_config(diff)}{_attributes(diff)}"


def obstacle(diff: ResourceDiff) -> str:
    """Say why deploy does not do what the config wants: it refuses it, or waits; nothing when it does."""
    return plain(f"deploy refuses it: {diff.refused}" if diff.refused else diff.waits)


def _lacking(diff: ResourceDiff) -> str:
    """Say what of a new resource's values is not known."""
    if diff.unasked:
        return plain(f"; {diff.unasked}: not asked: --offline")
    problem = unresolved_in(diff)
    return plain(f" once this is known: {problem.why}") if problem else ""


def _config_part(diff: ResourceDiff) -> str:
    parts = {X.CHANGED: "config changed; ", X.NEW: "new in config; ", X.GONE: "gone from config; "}
    blocked = f"{obstacle(diff)}; " if obstacle(diff) else ""
    return f"{parts[diff.x]}{blocked}" if diff.x in parts else _unread_config(diff)


def _unread_config(diff: ResourceDiff) -> str:
    """Say that the config is not known, and why; nothing where it is, or where only single attributes are not."""
    if diff.not_built:
        return _not_known(diff)
    if diff.x is not X.UNKNOWN or unresolved_in(diff):
        return ""
    return plain(f"config not read: {diff.config_error}; ") if diff.config_error else "config not read yet; "


def _not_known(diff: ResourceDiff) -> str:
    """Say why the package was not compared."""
    return plain(f"{diff.not_built}; ") if diff.not_built else ""


def unresolved_in(diff: ResourceDiff) -> Unresolved | None:
    """Return the first value of the config that could not be found out; None without one."""
    return next(filter(None, (first_unresolved(item.config) for item in diff.attributes)), None)


def _missing(diff: ResourceDiff) -> str:
    if diff.x is X.GONE:
        return "gone from config and from the cloud: deploy or refresh drops it from state"
    if diff.x is X.UNKNOWN:
        return "missing in the cloud: refresh drops it from state"
    if blocked := obstacle(diff):
        return f"missing in the cloud: {blocked}; refresh drops it from state"
    deploy = "deploy fails on it" if diff.x is X.CHANGED else "deploy does not see it"
    return f"missing in the cloud: {deploy}; refresh drops it from state, and then deploy creates it"


def _attributes(diff: ResourceDiff) -> str:
    marks = Counter(item.mark for item in diff.attributes if item.managed)
    pending = marks[Mark.PENDING] + marks[Mark.NEW] + marks[Mark.GONE]
    blocked, parts = obstacle(diff), []
    if pending:
        once = " once the rest is known" if unresolved_in(diff) else ""
        parts.append(f"{pending} pending: {blocked or f'deploy writes {_them(pending)}{once}'}")
    if drifted := marks[Mark.DRIFT]:
        them = _them(drifted)
        deploy = "" if diff.x is X.UNKNOWN else "deploy does nothing, "
        parts.append(f"{drifted} drifted: {deploy}refresh keeps {them}, heal undoes {them}")
    if marks[Mark.STALE]:
        parts.append(f"{marks[Mark.STALE]} stale: only the state is behind")
    if marks[Mark.CONFLICT]:
        parts.append(f"{marks[Mark.CONFLICT]} in conflict{'' if blocked else ': deploy overwrites the cloud'}")
    if blocked and not pending:
        parts.append(blocked)
    if marks[Mark.UNKNOWN]:
        problem = unresolved_in(diff)
        parts.append(f"{marks[Mark.UNKNOWN]} not known{f': {plain(problem.why)}' if problem else ''}")
    if not parts:
        parts.append(_nothing_moved(diff))
    parts += _undeclared(diff)
    return "; ".join(parts)


def _nothing_moved(diff: ResourceDiff) -> str:
    if diff.x is X.CHANGED:
        return "config changed"
    exact = not diff.outside and not diff.denied
    if diff.x is X.UNKNOWN:
        return f"state and cloud: {agreeing(diff.same, exact=exact)}"
    unanswered = f", {diff.unanswered} not given back by the cloud" if diff.unanswered else ""
    return f"{agreeing(diff.same, exact=exact)}{unanswered}"


def _undeclared(diff: ResourceDiff) -> Iterator[str]:
    """Yield what is to be said about what nobody declared: how much there is, what was not looked at."""
    if diff.outside:
        dangers = list(dict.fromkeys(item.danger for item in diff.attributes if item.danger))
        yield plain(f"{diff.outside} undeclared{f': {dangers[0]}' if dangers else ''}")
    if diff.denied:
        yield plain(f"not looked at: {', '.join(diff.denied)}")
    if diff.unbased:
        yield f"{', '.join(diff.unbased)}: undeclared ones not compared before the next refresh"


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


def refusal_lines(diffs: Iterable[ResourceDiff]) -> tuple[str, ...]:
    """Say what it means for all others that a deploy refuses some."""
    refused = sum(bool(diff.refused) for diff in diffs)
    if not refused:
        return ()
    return (f"deploy refuses {count(refused, 'resource')}: nothing of a plan with {_them(refused)} runs",)
