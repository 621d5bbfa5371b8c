"""Recover from interrupted steps by the journal and the cloud.

The journal tells which steps ended and how. A step with a start entry only is resolved by asking the cloud: names are
derived and ownership is tagged, so the user need not be asked and nothing is orphaned. What cannot be asked about stays
pending, with the reason, and is in nobody's way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from stateroom.cloud.provider import Provider
from stateroom.engine.records.findings import Finding, ask_about
from stateroom.engine.records.record_map import by_address, store
from stateroom.engine.records.together import together
from stateroom.errors import StateroomError
from stateroom.model.pending import PendingOperation, pending_from
from stateroom.model.resource import Record, Snapshot
from stateroom.model.version import Intent
from stateroom.state.home import Leftover
from stateroom.state.timestamps import rfc3339

_PATIENCE = 30.0  # seconds in which the cloud has to answer; then the rest is pending


@dataclass(frozen=True, slots=True)
class Recovered:
    """State with what could be asked about taken in, and one line for each finding.

    `news` tells whether it has to be stored even if nothing else is done.
    """

    snapshot: Snapshot
    notes: tuple[str, ...] = ()
    news: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """Result of asking about pending operations: those that have an answer, and those that stay."""

    findings: tuple[tuple[PendingOperation, Finding], ...]
    pending: tuple[PendingOperation, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """A line for each answer."""
        return tuple(finding.note for _, finding in self.findings)


def recover(snapshot: Snapshot, leftover: Leftover | None, provider: Provider) -> Recovered:
    """Apply the journal of an interrupted operation, and ask the cloud about every step with an unknown outcome.

    Changes nothing in the cloud, and never fails because of it.
    """
    if leftover is None and not snapshot.pending:
        return Recovered(snapshot)
    notes: list[str] = []
    operations = snapshot.pending
    if leftover is not None:
        snapshot = replayed(snapshot, leftover)
        finished = len(leftover.records) + len(leftover.deleted)
        steps = "step" if finished == 1 else "steps"
        notes.append(f"the last {leftover.command} was interrupted after {finished} finished {steps}")
        operations = merged(operations, opened(leftover.intents, rfc3339(leftover.since) if leftover.since else ""))
    records = by_address(snapshot.records)
    settled = settle(operations, records, snapshot, provider)
    news = leftover is not None or len(settled.pending) < len(operations)
    result = replace(snapshot, records=tuple(records.values()), pending=settled.pending)
    return Recovered(result, (*notes, *settled.notes), news)


def opened(intents: Iterable[Intent], since: str) -> tuple[PendingOperation, ...]:
    """Make pending operations of open intents; `since` is RFC 3339, UTC."""
    return tuple(pending_from(intent, since, "") for intent in intents)


def merged(pending: tuple[PendingOperation, ...], more: Iterable[PendingOperation]) -> tuple[PendingOperation, ...]:
    """Add pending operations that are not there yet; of one that is, the older stays with the newer reason."""
    result = {item.key: item for item in pending}
    for item in more:
        known = result.get(item.key)
        result[item.key] = known.because(item.why or known.why) if known else item
    return tuple(result.values())


def settle(
    operations: Sequence[PendingOperation], records: dict[str, Record], snapshot: Snapshot, provider: Provider
) -> Settled:
    """Ask the cloud how each step ended, and take the answers into `records` (by address).

    What cannot be asked, or is not answered in time, stays pending with the newest reason.
    """
    found: list[tuple[PendingOperation, Finding]] = []
    left: list[PendingOperation] = []
    questions = [lambda item=item: ask_about(item, records, snapshot, provider) for item in operations]
    for item, answer in zip(operations, together(questions, _PATIENCE), strict=True):
        if isinstance(answer, Finding):
            _take(answer, item, records)
            found.append((item, answer))
        else:
            left.append(item.because(_why(answer)))
    return Settled(tuple(found), tuple(left))


def pending_note(item: PendingOperation) -> str:
    """Say in a line that the outcome of a step is not known, and why."""
    why = f": {item.why}" if item.why else ""
    return f"{item.logical_id}: the outcome of its {item.action} is not known{why}"


def _why(error: Exception | None) -> str:
    """Say in one line why there is no answer. None: it did not come in time."""
    if error is None:
        return f"the cloud did not answer within {_PATIENCE:.0f} s"
    if isinstance(error, StateroomError):
        return " ".join(f"{error.what}{': ' + error.why if error.why else ''}".split())
    return f"{type(error).__name__} while it was asked"  # its text may hold values


def _take(finding: Finding, item: PendingOperation, records: dict[str, Record]) -> None:
    if finding.gone:
        for address, record in list(records.items()):
            if (record.logical_id, record.physical_id) == (item.logical_id, item.physical_id):
                del records[address]
    if finding.record is not None:
        store(records, finding.record)


def replayed(snapshot: Snapshot, leftover: Leftover) -> Snapshot:
    """Return a snapshot with the finished steps of a journal. Reads nothing; a second time changes nothing."""
    records = by_address(snapshot.records)
    for record in leftover.records:
        store(records, record)
    for address in leftover.deleted:
        records.pop(address, None)
    return replace(snapshot, records=tuple(records.values()), lineage=snapshot.lineage or leftover.lineage)
