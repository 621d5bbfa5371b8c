"""Merge recorded operations and the bucket's object versions into one timeline.

Only listings are read. An operation's copy of the state has the state's bytes, so the two share one etag and are one
entry; an object version without a copy was written by a tool that recorded nothing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from stateroom.state.stores.versioned import ObjectVersion
from stateroom.state.timestamps import moment_of

_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_MOMENT: Final = timedelta(minutes=1)  # more than lies between two writes of one operation: SST stores every 5 seconds


@dataclass(frozen=True, slots=True)
class KeptCopy:
    """Copy of a state that one operation kept. `etags`: before and after a new encryption."""

    update_id: str
    etags: frozenset[str] = frozenset()
    size: int = 0
    modified: datetime = _EPOCH


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Entry of the timeline; unknown fields are empty.

    `recorded`: an operation kept a copy. `deleted`: the state was deleted. `partial`: more writes followed in the same
    operation. `same_as`: the operation with the same bytes before.
    """

    moment: datetime
    update_id: str = ""
    version_id: str = ""
    recorded: bool = False
    deleted: bool = False
    partial: bool = False
    latest: bool = False
    same_as: str = ""
    address: str = ""


@dataclass(slots=True)
class _Write:
    """Consecutive object versions with the same bytes, and the copies made of them."""

    first: ObjectVersion
    last: ObjectVersion
    copies: list[str]
    run: str = ""
    partial: bool = False

    @property
    def latest(self) -> bool:
        return self.last.latest


def timeline(
    copies: Sequence[KeptCopy], runs: Iterable[str], objects: Iterable[ObjectVersion]
) -> tuple[TimelineEntry, ...]:
    """Return the timeline of a state, newest first.

    Args:
        copies: the copies that are kept.
        runs: ids of all operations of which there is a record.
        objects: what the bucket has of the state itself; empty when it keeps no versions.
    """
    copies = sorted(copies, key=lambda copy: copy.update_id, reverse=True)  # ids descend: the oldest first
    writes = _writes(objects)
    _account(writes, copies)
    unfinished = set(runs) - {copy.update_id for copy in copies}
    _attribute(writes, unfinished)
    positions = {copy.update_id: index for index, copy in enumerate(copies)}
    newest = next((write for write in writes if write.latest), None)
    current = max(newest.copies, key=positions.__getitem__) if newest and newest.copies else ""
    placed = [((positions[copy.update_id], 0, _EPOCH, 0), _recorded(copy, current)) for copy in copies]
    placed += _unrecorded(writes, copies, positions)
    placed += _without_state(unfinished - {write.run for write in writes}, copies)
    ordered = [entry for _, entry in sorted(placed, key=lambda item: item[0], reverse=True)]
    return tuple(_addressed(ordered))


_Place = tuple[int, int, datetime, int]  # the copy that it comes after, 1 if it is none itself, when, which write
_Placed = tuple[_Place, TimelineEntry]


def _writes(objects: Iterable[ObjectVersion]) -> list[_Write]:
    """Group object versions to writes, oldest first.

    The store's times have a resolution of a second, and it lists each object's versions newest first.
    """
    oldest_first = list(objects)[::-1]
    listed = sorted(oldest_first, key=lambda item: (item.latest, item.modified, item.deleted))
    writes: list[_Write] = []
    for item in listed:
        previous = writes[-1].last if writes else None
        if previous and (previous.deleted, previous.etag) == (item.deleted, item.etag):
            writes[-1].last = item
        else:
            writes.append(_Write(item, item, []))
    return writes


def _account(writes: Sequence[_Write], copies: Sequence[KeptCopy]) -> None:
    """Match copies to writes by their bytes, or a deletion by its time."""
    by_etag: dict[str, list[_Write]] = {}
    for write in writes:
        if not write.first.deleted:
            by_etag.setdefault(write.first.etag, []).append(write)
    for copy in copies:
        _claim(copy, [write for etag in copy.etags for write in by_etag.get(etag, ())])
    if not any(write.copies for write in writes):  # KMS: etags say nothing about bytes
        by_size: dict[int, list[_Write]] = {}
        for write in writes:
            if not write.first.deleted:
                by_size.setdefault(write.last.size, []).append(write)
        for copy in copies:
            _claim(copy, [write for write in by_size.get(copy.size, ()) if _distance(write, copy) <= _MOMENT])
    known = {update_id for write in writes for update_id in write.copies}
    deletions = [write for write in writes if write.first.deleted]
    for copy in copies:
        if copy.update_id not in known:
            free = [item for item in deletions if not item.copies]
            _claim(copy, [item for item in free if timedelta() <= copy.modified - item.last.modified <= _MOMENT])


def _claim(copy: KeptCopy, candidates: Sequence[_Write]) -> None:
    if candidates:
        min(candidates, key=lambda write: _distance(write, copy)).copies.append(copy.update_id)


def _distance(write: _Write, copy: KeptCopy) -> timedelta:
    return min(abs(copy.modified - item.modified) for item in (write.first, write.last))


def _attribute(writes: Sequence[_Write], unfinished: set[str]) -> None:
    """Match the remaining writes to the operations during which they happened."""
    ends = {update_id: index for index, write in enumerate(writes) for update_id in write.copies}
    runs = sorted({*unfinished, *ends}, reverse=True)
    starts = [moment_of(run) or _EPOCH for run in runs]
    last_of: dict[str, _Write] = {}
    for index, write in enumerate(writes):
        if write.copies:
            continue
        moment = write.first.modified
        latest = bisect_right(starts, moment) - 1
        if latest < 0:
            continue
        run = runs[latest]
        before = last_of[run].last.modified if run in last_of else starts[latest]
        if moment - before > _MOMENT or index > ends.get(run, index):
            continue
        write.run, write.partial = run, run in ends
        if run in last_of:
            last_of[run].partial = True
        last_of[run] = write


def _recorded(copy: KeptCopy, current: str) -> TimelineEntry:
    moment = moment_of(copy.update_id) or copy.modified
    return TimelineEntry(moment, copy.update_id, recorded=True, latest=copy.update_id == current)


def _unrecorded(writes: Sequence[_Write], copies: Sequence[KeptCopy], positions: Mapping[str, int]) -> list[_Placed]:
    """Place unrecorded writes after the preceding copy; times may be those of a restored backup."""
    owners = {etag: copy.update_id for copy in copies for etag in copy.etags}
    anchor = -1
    first = min((positions[update_id] for write in writes for update_id in write.copies), default=len(copies))
    placed: list[_Placed] = []
    for number, write in enumerate(writes):
        if write.copies:
            anchor = max(anchor, *(positions[update_id] for update_id in write.copies))
            continue
        after = anchor
        if anchor < 0:  # the bucket no longer has what the first copies were made of
            after = max(
                (positions[copy.update_id] for copy in copies if copy.modified <= write.first.modified), default=-1
            )
            after = min(after, first - 1)  # moments are whole seconds: several writes have one
        item = write.last if write.latest else write.first
        entry = TimelineEntry(
            item.modified,
            write.run,
            version_id=item.version_id,
            deleted=item.deleted,
            partial=write.partial,
            latest=write.latest,
            same_as="" if item.deleted else owners.get(item.etag, ""),
        )
        placed.append(((after, 1, item.modified, number), entry))
    return placed


def _without_state(runs: Iterable[str], copies: Sequence[KeptCopy]) -> list[_Placed]:
    placed: list[_Placed] = []
    descending = [copy.update_id for copy in reversed(copies)]
    for run in runs:
        after = len(copies) - bisect_left(descending, run) - 1
        moment = moment_of(run) or _EPOCH
        placed.append(((after, 1, moment, 0), TimelineEntry(moment, run)))
    return placed


def _addressed(entries: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """Address entries without a number by their time, and by version id within the same second."""
    plain = {id(entry): f"@{entry.moment:%Y-%m-%dT%H:%M:%S}" for entry in entries if not entry.recorded}
    often = Counter(plain.values())
    return [
        entry
        if entry.recorded
        else replace(entry, address=plain[id(entry)] + (_suffix(entry) if often[plain[id(entry)]] > 1 else ""))
        for entry in entries
    ]


def _suffix(entry: TimelineEntry) -> str:
    return f"-{entry.version_id[:8] or entry.update_id[-8:]}"
