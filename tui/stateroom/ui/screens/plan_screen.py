"""Plan: waited for, read, and agreed to or not."""

from __future__ import annotations

import time
from collections.abc import Callable, Container
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Button, Input, Label

from stateroom.engine.planning.ownership.refusal import refusal_of
from stateroom.model.plan import Plan
from stateroom.presentation.plans import summary, title
from stateroom.presentation.text import capital, plain
from stateroom.presentation.values import duration
from stateroom.ui.screens.dialog import Dialog, TypedName, buttons, paragraphs
from stateroom.ui.screens.plan_lines import PlanLines
from stateroom.ui.screens.plan_steps import PlanFolds, PlanFormat
from stateroom.ui.screens.typed_consent import TypedConsent
from stateroom.ui.widgets.text_list import TextList
from stateroom.ui.workers.engine_events import ErrorLines


class PlanScreen(Dialog[Plan]):
    """Dismissed with the plan if the user agrees, else with None.

    Args:
        title: what was asked for.
        begin: starts the planning; called when there is a screen for the answer.
        blocked: why this plan may be read but not carried out ("" if it may).
        protected: stages whose names have to be typed even if nothing is destroyed.
        hints: what to say under an empty plan.
        home: the home's label, for the plan's title.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes", show=False),
        Binding("n", "leave", "No", show=False),
        Binding("f", "fold", "Fold", show=False),
        Binding("enter,space", "fold_one", "Fold one", show=False),
    ]

    def __init__(
        self,
        title: str,
        begin: Callable[[], None],
        *,
        blocked: str = "",
        protected: Container[str] = (),
        hints: ErrorLines = (),
        home: str = "",
    ) -> None:
        super().__init__()
        self._home = home
        self._end_seen = False
        self._consent: TypedConsent | None = None
        self._folds = PlanFolds()
        self._begin = begin
        self._title, self._blocked, self._protected, self._hints = title, blocked, protected, hints
        self._began = time.monotonic()
        self._doing = "planning"
        self.plan: Plan | None = None

    def compose(self) -> ComposeResult:
        """Compose title, summary, steps and buttons."""
        with Vertical(classes="dialog -large -plan"):
            yield Label(plain(self._title), classes="title", markup=False)
            yield Label("", id="scope", markup=False)
            yield Label("planning…", id="summary", markup=False)
            yield TextList(PlanFormat(self._folds), id="steps")
            yield Label("", id="notice", markup=False)
            yield buttons("Yes", no="Cancel")

    def on_mount(self) -> None:
        """Start the planning; until the plan is there it can only be cancelled."""
        self.query_one("#yes").display = False
        self.query_one("#notice").display = False
        self.query_one("#scope").display = False
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
        scope = self.query_one("#scope", Label)
        scope.update(title(plan, self._home))
        scope.display = True
        self.query_one("#summary", Label).update(capital(summary(plan)))
        self._folds.lines = PlanLines(plan, self._hints)
        self.query_one(TextList).write(self._folds.write)
        if plan.empty:
            self._close_only("Close")
        elif plan.refused:
            refusal = refusal_of(plan)
            self._notice(" ".join(f"{capital(text)}." for text in (refusal.what, refusal.todo) if text))
            self._close_only("Close")
        elif self._blocked:
            self._notice(f"Cannot be carried out: {self._blocked}.")
            self._close_only("Close")
        elif (consent := TypedConsent(plan, self._protected)).is_wanted:
            self._ask_for_name(consent)
        else:
            self._ask()

    def _ask(self) -> None:
        self.query_one("#no", Button).label = "No (n)"
        self.query_one("#yes", Button).display = True
        self._label_yes()

    @on(TextList.Viewed)
    def _seen(self) -> None:
        """Note whether the end of the plan was in view, and say what lies below it."""
        self._end_seen = self._end_seen or (self.plan is not None and not self.query_one(TextList).below)
        self._label_yes()

    def _label_yes(self) -> None:
        if self.plan is None:
            return
        text = self.query_one(TextList)
        below = self._folds.steps_after(text.scroll_offset.y + text.page)
        more = f" · {below} more {'step' if below == 1 else 'steps'} below" if below else ""
        self.query_one("#yes", Button).label = f"Yes, {self.plan.operation.value} (y){more}"

    def _ask_for_name(self, consent: TypedConsent) -> None:
        self.query_one(".dialog").add_class("-danger")
        self._consent = consent
        self._notice(consent.question)
        field = TypedName(consent.typed)
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
        plan, consent = self.plan, self._consent
        if plan is None or consent is None:
            return
        if wrong := consent.take(event.value):
            self._notice(wrong)
        elif plan.destroys and not self._end_seen:  # all of it has to have been in view
            below = self.query_one(TextList).below
            self._notice(f"Read it to the end first: {below} more lines below; page down shows them.")
        elif consent.goes_on():
            self._notice(consent.question)
            event.input.value, event.input.placeholder = "", f"type {consent.typed} to confirm"
        else:
            self.dismiss(plan)

    def action_fold(self) -> None:
        """Show all properties of every step, or only what lets people in or data out."""
        text = self.query_one(TextList)
        self._folds.toggle_all(slice(text.scroll_offset.y, text.scroll_offset.y + text.page))
        text.on_resize()

    def action_fold_one(self) -> None:
        """Open or fold the step under the cursor, while the steps have the focus."""
        text = self.query_one(TextList)
        if (
            not text.pointing
            or (found := self._folds.toggle(text.cursor, text.scrollable_content_region.width)) is None
        ):
            return
        lines, written = found
        text.show([*text.rows[: lines.start], *written, *text.rows[lines.stop :]])
        text.move_to(lines.start)
        text.post_message(TextList.Viewed(text))

    def foot(self, text: TextList) -> str:
        """Return what is below, and the keys that open what is folded."""
        keys = "tab: steps, enter opens one, f all" if self._folds.can_fold else ""
        return "  ·  ".join(filter(None, (super().foot(text), keys)))

    @on(Button.Pressed, "#yes")
    def action_yes(self) -> None:
        """Agree, if no name has to be typed."""
        if self.plan is not None and self.query_one("#yes").display:
            self.dismiss(self.plan)

    @on(Button.Pressed, "#no")
    def _no(self) -> None:
        self.dismiss(None)
