"""Plan: waited for, read, and agreed to or not."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Button, Input, Label

from stateroom.engine.planning.ownership.refusal import refusal_of
from stateroom.model.plan import Action, Plan, Step
from stateroom.presentation.empty_plans import nothing
from stateroom.presentation.plans import (
    address,
    bootstrap_lines,
    change_lines,
    on_stage,
    ordered,
    reason,
    summary,
)
from stateroom.presentation.text import cells, plain
from stateroom.presentation.values import duration, type_name
from stateroom.ui.screens.dialog import Dialog, TypedName, buttons, paragraphs
from stateroom.ui.widgets.cells import Cell, fit
from stateroom.ui.widgets.text_list import TextLine, TextList, wrapped
from stateroom.ui.workers.engine_events import ErrorLines

ACTION_STYLES = {
    Action.CREATE: "good",
    Action.UPDATE: "config",
    Action.REPLACE: "bad",
    Action.DELETE: "bad",
    Action.FORGET: "state",
    Action.RECORD: "state",
    Action.ADOPT: "state",
    Action.REFUSE: "bad",
    Action.PENDING: "conflict",
}


VERB = 12  # columns before the name: sign and action
INDENT = "    "


class PlanScreen(Dialog[Plan]):
    """Dismissed with the plan if the user agrees, else with None.

    Args:
        title: what was asked for.
        begin: starts the planning; called when there is a screen for the answer.
        blocked: why this plan may be read but not carried out ("" if it may).
        protected: stages whose names have to be typed even if nothing is destroyed.
        hints: what to say under an empty plan.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes", show=False),
        Binding("n", "leave", "No", show=False),
    ]

    def __init__(
        self,
        title: str,
        begin: Callable[[], None],
        *,
        blocked: str = "",
        protected: Container[str] = (),
        hints: ErrorLines = (),
    ) -> None:
        super().__init__()
        self._begin = begin
        self._title, self._blocked, self._protected, self._hints = title, blocked, protected, hints
        self._began = time.monotonic()
        self._doing = "planning"
        self.plan: Plan | None = None

    def compose(self) -> ComposeResult:
        """Compose title, summary, steps and buttons."""
        with Vertical(classes="dialog"):
            yield Label(plain(self._title), classes="title", markup=False)
            yield Label("planning…", id="summary", markup=False)
            yield TextList(id="steps")
            yield Label("", id="notice", markup=False)
            yield buttons("Yes", no="Cancel")

    def on_mount(self) -> None:
        """Start the planning; until the plan is there it can only be cancelled."""
        self.query_one("#yes").display = False
        self.query_one("#notice").display = False
        self.query_one("#no").focus()
        self._ticking = self.set_interval(0.5, self._tick)
        self._begin()

    def _tick(self) -> None:
        waited = duration(time.monotonic() - self._began)
        self.query_one("#summary", Label).update(f"{self._doing}… {waited}  (esc cancels)")

    def tell(self, doing: str) -> None:
        """Show what the planning has to wait for."""
        self._doing = plain(doing)

    def fail(self, error: ErrorLines) -> None:
        """Show why there is no plan."""
        self._ticking.stop()
        self.query_one("#summary", Label).update("There is no plan:")
        self.query_one(TextList).write(paragraphs(("", *error), "bad"))
        self._close_only("Close")

    def show_plan(self, plan: Plan) -> None:
        """Show the plan, and ask for the agreement that it needs."""
        self._ticking.stop()
        self.plan = plan
        self.query_one("#summary", Label).update(_capital(summary(plan)))
        self.query_one(TextList).write(lambda width: plan_lines(plan, self._hints, width))
        if plan.empty:
            self._close_only("Close")
        elif plan.refused:
            refusal = refusal_of(plan)
            self._notice(f"{_capital(refusal.what)}. {_capital(refusal.todo)}.")
            self._close_only("Close")
        elif self._blocked:
            self._notice(f"Cannot be carried out: {self._blocked}.")
            self._close_only("Close")
        elif plan.destroys or self._guarded(plan):
            self._ask_for_name(plan)
        else:
            self._ask()

    def _ask(self) -> None:
        self.query_one("#no", Button).label = "No"
        yes = self.query_one("#yes", Button)
        yes.label = "Yes, do it"
        yes.display = True

    def _guarded(self, plan: Plan) -> str:
        return ", ".join(stage for stage in plan.stages if stage in self._protected)

    def _ask_for_name(self, plan: Plan) -> None:
        self.query_one(".dialog").add_class("-danger")
        guarded = _capital(on_stage(self._guarded(plan)))
        why = "This destroys what cannot be brought back" if plan.destroys else f"{guarded} is protected"
        self._notice(f"{why}. Type {_stage_names(plan)}, {plan.stage}, and press enter; esc cancels.")
        field = TypedName(plan.stage)
        self.query_one(".dialog").mount(field, before=".buttons")
        self._close_only("Cancel")
        field.focus()

    def _close_only(self, label: str) -> None:
        no = self.query_one("#no", Button)
        no.label = label
        no.focus()

    def _notice(self, text: str) -> None:
        notice = self.query_one("#notice", Label)
        notice.update(text)
        notice.display = True
        self.call_after_refresh(self.on_resize)  # a long notice takes lines that the box has to grow by

    @on(Input.Submitted, "#typed")
    def _named(self, event: Input.Submitted) -> None:
        if self.plan is not None and self.plan.names_stage(event.value):
            self.dismiss(self.plan)
        elif self.plan is not None:
            self._notice(f"That is not {_stage_names(self.plan)}: {self.plan.stage}; esc cancels.")

    @on(Button.Pressed, "#yes")
    def action_yes(self) -> None:
        """Agree, if no name has to be typed."""
        if self.plan is not None and self.query_one("#yes").display:
            self.dismiss(self.plan)

    @on(Button.Pressed, "#no")
    def _no(self) -> None:
        self.dismiss(None)


def _stage_names(plan: Plan) -> str:
    return "the stage's name" if len(plan.stages) == 1 else "the stages' names"


def plan_lines(plan: Plan, hints: ErrorLines, room: int) -> Iterator[TextLine]:
    """Yield warnings, new parts of the home, notes, then every step with its changes, destructive steps first."""
    for warning in plan.warnings:
        yield from wrapped(f"warning: {warning}", room, "conflict")
    for line in bootstrap_lines(plan):
        yield from wrapped(line, room, "good")
    for service in plan.services:
        if service.note:
            yield from wrapped(f"{service.service}: {service.note}", room, "dim")
    if plan.empty:
        yield ()
        for text in (nothing(plan), *hints):
            yield from wrapped(text, room)
        for name, lines in plan.unresolved:
            yield from wrapped(f"{name}: {'; '.join(lines)}", room, "bad")
    steps = ordered(plan)
    kinds = max((cells(type_name(step.type)) for step in steps), default=0)
    names = max((cells(address(step)) for step in steps), default=0)
    # The name is what is read first; a type that finds no room beside it is cut.
    width = min(names, max(room - VERB - 2 - kinds, room // 2))
    for step in steps:
        yield from _step_lines(step, width, kinds, room)


def _step_lines(step: Step, names: int, kinds: int, room: int) -> Iterator[TextLine]:
    verb = Cell(f" {step.action.value:<7}  ")
    name = Cell(fit(address(step), names, middle=True), "strong")
    kind = Cell("  " + fit(type_name(step.type), max(0, min(kinds, room - VERB - names - 2)), middle=True), "dim")
    head = (Cell(step.action.glyph, ACTION_STYLES[step.action]), verb, name, kind)
    why = reason(step)
    if why and VERB + names + 4 + kinds + cells(why) <= room:
        yield (*head, Cell(f"  {why}", "dim"))
    else:
        yield head
        yield from wrapped(why, room, "dim", indent=INDENT) if why else ()
    if step.action in (Action.DELETE, Action.FORGET):
        return
    for change, line in zip(step.changes, change_lines(step, room - len(INDENT)), strict=True):
        yield from wrapped(line, room, "bad" if change.forces_replacement else "", indent=INDENT)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
