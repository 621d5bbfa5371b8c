"""Texts of the reset guide: steps, inventory, progress, and the question before anything is deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from stateroom.engine.reset.guided_reset import Found
from stateroom.engine.reset.inventory import Inventory
from stateroom.engine.reset.steps import Phase, ResetProgress, ResetStage
from stateroom.presentation.homes import no_way_back, part_state, tenant_row
from stateroom.presentation.text import cells, plain
from stateroom.presentation.values import duration
from stateroom.ui.looks.ascii_glyphs import BAR_EMPTY, BAR_FULL, FOLDED
from stateroom.ui.widgets.cells import Cell, fit
from stateroom.ui.widgets.text_list import TextLine, wrapped

_BAR = 16  # columns
_SIGNS = {Phase.DONE: ("✓", "good"), Phase.RUNNING: (FOLDED, "accent"), Phase.WAITING: (" ", "dim")}


def guide_lines(stages: Sequence[ResetStage], width: int) -> Iterator[TextLine]:
    """Yield a line for each step, with its phase; steps that delete something are marked."""
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
    """Yield the parts of the home, the owners of the states in it, sizes, and the place of the backup."""
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
    """Yield the log, oldest line first."""
    for text, style in log:
        yield from wrapped(plain(text), width, style)


def progress_line(progress: ResetProgress | None, seconds: float) -> str:
    """Format the running step, its bar and the seconds since it began; None: no step has told anything yet."""
    spent = duration(seconds)
    if progress is None:
        return f"working…  {spent}"
    if not progress.total:
        return f"{progress.stage}  {spent}"
    full = round(_BAR * progress.done / progress.total)
    bar = BAR_FULL * full + BAR_EMPTY * (_BAR - full)
    return f"{progress.stage}  {bar}  {progress.done:,} of {progress.total:,}  {spent}"


def question_lines(inventory: Inventory) -> tuple[str, ...]:
    """List what cannot be undone, and what has to be typed to go on."""
    return (*no_way_back(inventory), f"Type the account's number, {inventory.account}, to go on.")


def where_it_goes_on(stages: Sequence[ResetStage]) -> str:
    """Say what has been removed when a reset begins or goes on: nothing before the first step that deletes."""
    if any(stage.step.irreversible and stage.phase is not Phase.WAITING for stage in stages):
        return "It goes on: part of the old home is removed already, and everything is in the backup."
    return "The backup is made; it removes nothing."


def where_it_is(found: Found) -> str:
    """Summarise an inventory: a new reset, one that goes on, or what is missing."""
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
