"""Lines of a plan: what is made of the home, then every step with its changes in three columns and its properties."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from stateroom.model.plan import Action, Operation, Plan, Step
from stateroom.model.values import UNREAD, Value
from stateroom.presentation.empty_plans import nothing
from stateroom.presentation.plans import (
    address,
    bootstrap_lines,
    deferred_lines,
    ordered,
    past_lines,
    reason,
    tag_lines,
    unread_lines,
)
from stateroom.presentation.steps.changes import ChangeRow, change_line, change_row, kept_lines
from stateroom.presentation.steps.made import MadeProperties
from stateroom.presentation.steps.properties import guarded
from stateroom.presentation.text import cells, elide, head
from stateroom.presentation.values import spread, type_name
from stateroom.ui.widgets.cells import Cell, fit
from stateroom.ui.widgets.text_list import TextLine, wrapped
from stateroom.ui.workers.engine_events import ErrorLines

ACTION_STYLES = {
    Action.CREATE: "good",
    Action.UPDATE: "config",
    Action.REPLACE: "bad",
    Action.DELETE: "bad",
    Action.REVERT: "bad",
    Action.FORGET: "state",
    Action.RECORD: "state",
    Action.ADOPT: "state",
    Action.REFUSE: "bad",
    Action.PENDING: "conflict",
}
VERB = 12  # columns before the name: sign and action
INDENT = "    "
WIDEST_SIDE, WIDEST_NAME = 40, 38
_WHOLE = 100_000


@dataclass(frozen=True, slots=True)
class PlanColumns:
    """Widths of the columns of changes: the attribute, and each of the three sides."""

    name: int
    side: int

    @classmethod
    def within(cls, room: int) -> PlanColumns:
        """Share a line between the attribute and its sides."""
        name = min(WIDEST_NAME, max(10, (room - len(INDENT)) * 3 // 10))
        return cls(name, max(4, min(WIDEST_SIDE, (room - len(INDENT) - name - 6) // 3)))

    def heading(self, operation: Operation) -> TextLine:
        """Return the names of the columns."""
        after = "state will be" if operation in (Operation.REFRESH, Operation.ACCEPT, Operation.IMPORT) else "will be"
        sides = ("state", "cloud now", after)
        return (
            Cell(INDENT + fit("changes", self.name)),
            *(Cell("  " + fit(side, self.side)) for side in sides),
        )


@dataclass(frozen=True, slots=True)
class PlanLines:
    """Writer of a plan's lines. `hints` go under an empty plan."""

    plan: Plan
    hints: ErrorLines = ()
    made: MadeProperties = field(init=False)
    steps: Mapping[str, Step] = field(init=False)  # by id, in the order of reading
    _measured: dict[int, tuple[int, int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare what the steps make, and their order."""
        object.__setattr__(self, "made", MadeProperties(self.plan))
        object.__setattr__(self, "steps", {step.id: step for step in ordered(self.plan)})

    @property
    def has_changes(self) -> bool:
        """Whether there is anything in columns."""
        return any(step.changes and step.action not in (Action.DELETE, Action.FORGET) for step in self.plan.steps())

    @property
    def folds(self) -> bool:
        """Whether any step has properties that can be folded."""
        return any(step.action in (Action.CREATE, Action.REPLACE) and step.inputs for step in self.plan.steps())

    def write(self, room: int, open_: Collection[str] = ()) -> Iterator[tuple[str, TextLine]]:
        """Yield (step id, line): warnings, parts of the home and notes first, with no id; then destructive steps first.

        Args:
            room: columns of a line.
            open_: ids of the steps whose properties are all shown; of the others only what is guarded.
        """
        yield from (("", line) for line in self._before(room))
        for step in self.steps.values():
            for line in self.step(step, room, unfolded=step.id in open_):
                yield step.id, line

    def _before(self, room: int) -> Iterator[TextLine]:
        plan = self.plan
        for warning in plan.warnings:
            yield from wrapped(f"warning: {warning}", room, "conflict")
        for line in unread_lines(plan):
            yield from wrapped(line, room, "conflict")
        for line in past_lines(plan):
            yield from wrapped(line, room, "bad")
        for line in bootstrap_lines(plan):
            yield from wrapped(line, room, "good")
        for line in tag_lines(plan):
            yield from wrapped(line, room, "dim")
        for line in deferred_lines(plan):
            yield from wrapped(line, room, "conflict")
        for service in plan.services:
            if service.note:
                yield from wrapped(f"{service.service}: {service.note}", room, "dim")
        if plan.empty:
            yield ()
            for text in (nothing(plan), *self.hints):
                yield from wrapped(text, room)
            for name, lines in plan.unresolved:
                yield from wrapped(f"{name}: {'; '.join(lines)}", room, "bad")

    def _widths(self, room: int) -> tuple[int, int]:
        """Return the widths of the names and the types of steps, measured once for a room."""
        if room not in self._measured:
            kinds = max((cells(type_name(step.type)) for step in self.steps.values()), default=0)
            names = max((cells(address(step)) for step in self.steps.values()), default=0)
            # The name is what is read first; a type that finds no room beside it is cut.
            self._measured[room] = (min(names, max(room - VERB - 2 - kinds, room // 2)), kinds)
        return self._measured[room]

    def step(self, step: Step, room: int, *, unfolded: bool) -> Iterator[TextLine]:
        """Yield the lines of one step."""
        yield from self._head(step, room, unfolded=unfolded)
        if step.action in (Action.DELETE, Action.FORGET):
            return
        columns = PlanColumns.within(room)
        for change in step.changes:
            row = change_row(step, change, self.plan.operation)
            whole = change_line(change, _WHOLE, step.action) if guarded(step.type, change.path) else ""
            yield from _change(row, columns, room, whole)
        for text in kept_lines(step, room - len(INDENT)):
            yield from wrapped(text, room, "dim", indent=INDENT)
        for item in self.made.lines(step, folded=not unfolded):
            yield from wrapped(item.within(room - len(INDENT)), room, "" if item.guarded else "dim", indent=INDENT)

    def _head(self, step: Step, room: int, *, unfolded: bool) -> Iterator[TextLine]:
        names, kinds = self._widths(room)
        fold = elide(_fold(self.made.foldable(step), unfolded=unfolded), max(0, room - VERB - names - 4))
        verb = Cell(f" {step.action.value:<7}  ")
        name = Cell(fit(address(step), names, middle=True), "strong")
        space = max(0, min(kinds, room - VERB - names - 2 - (cells(fold) + 2 if fold else 0)))
        kind = Cell("  " + fit(type_name(step.type), space, middle=True), "dim")
        line: TextLine = (Cell(step.action.glyph, ACTION_STYLES[step.action]), verb, name, kind)
        why = reason(step)
        if fold:
            line = (*line, Cell(f"  {fold}", "accent"))
        if why and sum(cells(cell.text) for cell in line) + 2 + cells(why) <= room:
            yield (*line, Cell(f"  {why}", "dim"))
        else:
            yield line
            yield from wrapped(why, room, "dim", indent=INDENT) if why else ()


def _fold(count: int, *, unfolded: bool) -> str:
    if not count:
        return ""
    return "▾" if unfolded else f"▸ {count} {'property' if count == 1 else 'properties'}"


def _change(row: ChangeRow, columns: PlanColumns, room: int, whole: str) -> Iterator[TextLine]:
    """Yield one change; what is guarded is never cut: in columns where it fits, else in words."""
    sides = spread((row.state, row.cloud, row.after), columns.side - 1)
    uncut = spread((row.state, row.cloud, row.after), _WHOLE)
    if row.lines:
        yield (Cell(INDENT + row.name, "bad" if row.forces else ""), Cell(_note(row), "bad"))
        for line in row.lines:
            yield from wrapped(line, room, _SIGN_STYLES.get(line[:1], ""), indent=INDENT * 2)
        return
    if whole and sides != uncut:
        yield from wrapped(whole, room, "bad" if row.forces else "", indent=INDENT)
        return
    marked = (
        _side(sides[0], columns.side),
        _side(_cloud_text(row.cloud, sides[1]), columns.side, odd=row.overwrites, style="cloud"),
        _side(sides[2], columns.side, odd=True, style="config"),
    )
    used = len(INDENT) + columns.name + 3 * (columns.side + 2)
    note = _note(row)
    name = Cell(INDENT + fit(_short_path(row.name, columns.name), columns.name), "bad" if row.forces else "")
    if note and used + cells(note) <= room:
        yield (name, *marked, Cell(note, "bad"))
        return
    yield (name, *marked)
    yield from wrapped(note.strip(), room, "bad", indent=INDENT * 2) if note else ()


_SIGN_STYLES = {"-": "bad", "+": "good", "^": "cloud"}


def _note(row: ChangeRow) -> str:
    return f"  {row.note}" if row.note else ""


def _cloud_text(cloud: Value, text: str) -> str:
    return "?" if cloud is UNREAD else text


def _side(text: str, width: int, *, odd: bool = False, style: str = "") -> Cell:
    shown = f"▸{text}" if odd else text
    return Cell("  " + fit(elide(shown, width), width), style if odd else "")


def _short_path(name: str, width: int) -> str:
    """Cut a path so that its last part stays whole: `Env….QUEUE_URL`."""
    first, dot, last = name.rpartition(".")
    room = width - cells(last) - 2
    if cells(name) <= width or not dot or room < 1:
        return elide(name, width)
    return f"{head(first, room)}….{last}"
