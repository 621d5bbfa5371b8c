"""The text of the reset guide: its steps, what a look has found, and what is asked before the way back is gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from stateroom.engine.guide import Phase, Stage
from stateroom.engine.home_reset import Found
from stateroom.engine.inventory import Inventory
from stateroom.presentation.homes import part_state, tenant_row
from stateroom.presentation.text import cells, plain
from stateroom.ui.looks.ascii_glyphs import FOLDED
from stateroom.ui.widgets.cells import Cell, fit
from stateroom.ui.widgets.text_list import TextLine, wrapped

_SIGNS = {Phase.DONE: ("✓", "good"), Phase.RUNNING: (FOLDED, "accent"), Phase.WAITING: (" ", "dim")}


def guide_lines(stages: Sequence[Stage], width: int) -> Iterator[TextLine]:
    """A step a line, with how far it is; those that delete something are marked."""
    for stage in stages:
        sign, style = _SIGNS[stage.phase]
        deletes = stage.step.irreversible and stage.phase is not Phase.DONE
        title = fit(stage.step.title, max(0, width - 6))
        yield (
            Cell(f" {sign} ", style),
            Cell(f"{stage.number} ", "dim"),
            Cell(title, {Phase.RUNNING: "strong", Phase.DONE: "dim"}.get(stage.phase, "")),
            Cell("!" if deletes else " ", "bad"),
        )
    if any(stage.step.irreversible and stage.phase is not Phase.DONE for stage in stages):
        yield ()
        yield (Cell("   ! deletes what is saved", "bad"),)


def found_lines(found: Found, now: datetime, width: int) -> Iterator[TextLine]:
    """The parts of the home, whose states are in it, how much there is, and where it is saved to."""
    inventory = found.inventory
    of = f" of account {inventory.account}" if inventory.account else ""
    yield (Cell(fit(plain(f"{inventory.name} home{of}"), width), "strong"),)
    bad = {part.name for part in found.problems}
    for part in inventory.parts:
        style = "bad" if part.name in bad else ""
        yield from wrapped(f"{part.role} {part.kind}, {part.region}: {plain(part.name)}", width, style, indent="  ")
        yield from wrapped(part_state(part), width, style or "dim", indent="      ")
    yield ()
    yield (Cell("whose states are in it", "strong"),)
    yield from _rows([tenant_row(tenant, now) for tenant in inventory.tenants], width)
    if not inventory.tenants:
        yield (Cell("  nobody's", "dim"),)
    yield ()
    yield from _sizes(inventory, width)
    for remark in inventory.remarks:
        yield from wrapped(f"note: {remark}", width, "dim")


def _sizes(inventory: Inventory, width: int) -> Iterator[TextLine]:
    for bucket, versions, size in inventory.sizes:
        number = "1 version" if versions == 1 else f"{versions:,} versions"
        yield from wrapped(f"{number}, {size:,} bytes in {bucket}", width, indent="  ")
    if inventory.sizes:
        yield from wrapped(f"all of it is saved to {inventory.directory} first", width, indent="  ")


def _rows(rows: Sequence[tuple[str, ...]], width: int) -> Iterator[TextLine]:
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        text = "  ".join(fit(text, size) for text, size in zip(row, widths, strict=True) if size)
        yield (Cell(fit(f"  {text.rstrip()}", width)),)


def log_lines(log: Iterable[tuple[str, str]], width: int) -> Iterator[TextLine]:
    """What was done, in its order."""
    for text, style in log:
        yield from wrapped(plain(text), width, style)


def where_it_is(found: Found) -> str:
    """What opening the guide means: a new reset, or one that goes on."""
    inventory = found.inventory
    if inventory.resumed:
        at = next((stage for stage in found.stages if stage.phase is not Phase.DONE), None)
        return f"An unfinished reset from {inventory.begun[:16].replace('T', ' ')} UTC is at step {at}."
    if found.problems:
        several = "things are" if len(found.problems) > 1 else "thing is"
        return f"{len(found.problems)} {several} missing or in danger."
    if inventory.empty:
        return "There is nothing to reset."
    return "A reset moves all of this to new buckets. It begins with a backup, which deletes nothing."
