"""Changes of a step in words and in three columns: from what the state and the cloud have, to what will be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stateroom.model.compare import same
from stateroom.model.diff import path_name
from stateroom.model.plan import Action, Change, Operation, Step
from stateroom.model.values import ABSENT, UNREAD, Secret, Value
from stateroom.presentation.steps.properties import guarded, value_lines
from stateroom.presentation.text import cells, plain
from stateroom.presentation.values import pair, short, spread

_WHOLE = 100_000  # cells: nothing that is guarded is cut


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One changed attribute in three columns. `odd` is the column that the other two do not agree with."""

    name: str
    state: Value
    cloud: Value
    after: Value
    note: str = ""
    overwrites: bool = False  # the cloud has a third value, which is lost
    forces: bool = False
    lines: tuple[str, ...] = ()  # of what is guarded: each statement that goes, comes, or is only in the cloud


def overwrites(change: Change) -> bool:
    """Tell whether the cloud has a value that is neither the one before nor the one after."""
    return change.cloud is not UNREAD and not same(change.cloud, change.before) and not same(change.cloud, change.after)


def change_row(step: Step, change: Change, operation: Operation) -> ChangeRow:
    """Arrange one change of a step in columns.

    The state's column of a heal is what the cloud goes back to; an adoption has no state yet.
    """
    found = step.action in (Action.ADOPT, Action.REFUSE) and step.owner is not None
    state = change.after if operation is Operation.HEAL else ABSENT if found else change.before
    after = change.cloud if found else change.after
    note = ""
    if found:
        note = f"the config has {short(change.after, 60)}" + (
            ", forces replacement" if change.forces_replacement else ""
        )
    elif change.forces_replacement:
        note = "forces replacement"
    elif change.undeclared:
        note = change.danger or "undeclared"
    lost = not found and operation is not Operation.HEAL and overwrites(change)
    lines = tuple(_guarded_lines(step, change))
    sign = "^ " if change.undeclared else ""
    return ChangeRow(
        sign + plain(path_name(change.path)), state, change.cloud, after, note, lost, change.forces_replacement, lines
    )


def change_line(change: Change, width: int, action: Action = Action.UPDATE) -> str:
    """One changed attribute in about `width` cells.

    `MemorySize: 128 → 256`, `Timeout: 10 → 11, the cloud has 60`, `DEBUG: unset, was 1`, and of what exists already
    `Timeout: config 30, the cloud has 10`.
    """
    if change.undeclared:
        return undeclared_line(change, width)
    name = plain(path_name(change.path))
    forces = "  (forces replacement)" if change.forces_replacement else ""
    room = max(width - cells(name) - len(forces) - 5, 20)
    if action is Action.ADOPT and change.cloud is not UNREAD:
        wanted, there = pair(change.after, change.cloud, room // 2 - 10)
        return f"{name}: config {wanted}, the cloud has {there}{forces}"
    if same(change.before, change.after) and overwrites(change):
        again, there = pair(change.after, change.cloud, room // 2 - 10)
        return f"{name}: {again} again, the cloud has {there}"
    note = _cloud_note(change, room // 3)
    room -= cells(note)
    if change.before is ABSENT:
        return f"{name}: set to {short(change.after, room - 7)}{note}{forces}"
    if change.after is ABSENT:
        return f"{name}: unset, was {short(change.before, room - 11)}{note}{forces}"
    before, after = pair(change.before, change.after, room // 2)
    return f"{name}: {before} → {after}{note}{forces}"


def undeclared_line(change: Change, width: int) -> str:
    """One undeclared change: `^ Url.$LATEST: taken away, is AuthType=NONE (anyone may call it: URL, auth NONE)`.

    Without `taken away` or `put back` its value is recorded as known.
    """
    name, danger = plain(path_name(change.path)), f" ({plain(change.danger)})" if change.danger else ""
    room = max(width - cells(name) - cells(danger) - 12, 20)
    if same(change.cloud, change.before) and not same(change.before, change.after):  # it is reverted
        if change.after is ABSENT:
            return f"^ {name}: taken away, is {short(change.before, room)}{danger}"
        return f"^ {name}: put back to {short(change.after, room)}{danger}"
    if change.after is ABSENT:
        return f"^ {name}: is gone"
    return f"^ {name}: known from now on, {short(change.after, room)}{danger}"


def change_lines(step: Step, width: int = 100) -> tuple[str, ...]:
    """Lines of all changes of a step, then of the drift that it leaves alone; guarded ones whole."""
    return (*(line for change in step.changes for line in _lines_of(step, change, width)), *kept_lines(step, width))


def kept_lines(step: Step, width: int = 100) -> tuple[str, ...]:
    """One line for each attribute whose drift stays: `Timeout: stays 60 in the cloud, the state has 10`."""
    return tuple(_kept_line(change, width) for change in step.kept)


def _kept_line(change: Change, width: int) -> str:
    name = plain(path_name(change.path))
    there, recorded = pair(change.cloud, change.before, max(width - cells(name) - 36, 16) // 2)
    there = "unset" if change.cloud is ABSENT else there
    return f"{name}: stays {there} in the cloud, the state has {'none' if change.before is ABSENT else recorded}"


def _lines_of(step: Step, change: Change, width: int) -> Iterator[str]:
    lines = () if change.undeclared else tuple(_guarded_lines(step, change))
    if lines:
        forces = "  (forces replacement)" if change.forces_replacement else ""
        yield f"{plain(path_name(change.path))}:{forces}"
        yield from (f"  {line}" for line in lines)
    else:
        yield change_line(change, _WHOLE if guarded(step.type, change.path) else width, step.action)


def _cloud_note(change: Change, width: int) -> str:
    """`, the cloud has 60`; nothing where the cloud has what the state says, or does not tell."""
    if change.cloud is UNREAD or same(change.cloud, change.before):
        return ""
    if same(change.cloud, change.after):
        return ", the cloud has it already"
    if change.cloud is ABSENT:
        return ", the cloud has none"
    if isinstance(change.cloud, Secret):
        return ", the cloud has another"
    return f", the cloud has {spread((change.cloud,), max(width, 16))[0]}"


def _guarded_lines(step: Step, change: Change) -> Iterator[str]:
    """Yield the lines of a guarded value of several parts: `-` goes, `+` comes, `^` is in the cloud alone."""
    sides = (change.before, change.after, change.cloud)
    if not guarded(step.type, change.path) or not any(isinstance(side, Mapping | list | tuple) for side in sides):
        return
    before, after, cloud = (_parts(change, side) for side in sides)
    if change.cloud is UNREAD:
        cloud = {}
    yield from (f"- {line}" for line in before if line not in after)
    yield from (f"+ {line}" for line in after if line not in before)
    yield from (f"^ {line}  (only in the cloud: written over)" for line in cloud if line not in {**before, **after})


def _parts(change: Change, side: Value) -> dict[str, None]:
    if side is ABSENT or side is UNREAD:
        return {}
    last = change.path[-1] if change.path else ""
    value = {"Statement": side} if last == "Statement" and isinstance(side, list | tuple) else side
    name = "" if last == "Statement" else plain(str(last))
    return dict.fromkeys(f"{line.name}: {line.text}".removeprefix(": ").strip() for line in value_lines(name, value))
