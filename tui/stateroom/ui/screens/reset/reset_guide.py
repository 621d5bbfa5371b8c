"""The guide through a reset: its steps on the left, on the right what is found and done, and a question in between.

The backup deletes nothing, so a key begins it. Before the first step that deletes, the account's number is typed. A
reset that was stopped goes on where it was when the guide is opened again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from stateroom.presentation.homes import no_way_back
from stateroom.ui.screens.ask import AskScreen
from stateroom.ui.screens.dialog import TypedName
from stateroom.ui.screens.reset.reset_screen import Moment, ResetView
from stateroom.ui.screens.reset.reset_text import found_lines, where_it_is
from stateroom.ui.widgets.text_list import TextList
from stateroom.ui.workers.engine_events import ErrorLines
from stateroom.ui.workers.reset_client import ResetClient

if TYPE_CHECKING:
    from stateroom.engine.home_reset import Found


class ResetScreen(ResetView):
    """Dismissed with True when the home has been changed, so that what is open has to be opened again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", "Go on", show=False),
        Binding("m", "repair", "Only what is missing", show=False),
    ]

    def __init__(self, desk: ResetClient, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._desk, self._clock = desk, clock
        self._found: Found | None = None
        self._changed = False

    def on_mount(self) -> None:
        """Look at once."""
        self.query_one("#notice").display = False
        self.query_one("#found", TextList).focus()
        self.set_interval(1.0, self._tell_progress)
        self._look()

    # What the user does.

    def action_go_on(self) -> None:
        """Begin, continue or look again, as the moment says."""
        if self.moment in (Moment.READY, Moment.RESUMABLE, Moment.BROKEN):
            self._work()
            self._desk.back_up(self._tell, self._saved)
        elif self.moment in (Moment.HALTED, Moment.REFUSED):
            self._look()

    def action_repair(self) -> None:
        """Only what is missing, after asking."""
        if self.moment is not Moment.BROKEN or self._found is None:
            return
        lines = [f"{part.kind} {part.name}: {part.problem}" for part in self._found.problems]
        ask = AskScreen("Put back what is missing?", (*lines, "Nothing else is touched."), yes="Put it back")
        self.app.push_screen(ask, self._repair_if)

    def action_leave(self) -> None:
        """Stop what runs; leave when nothing does."""
        if self.moment is Moment.WORKING:
            self._desk.stop()
            self._turn(Moment.STOPPING)
        elif self.moment is not Moment.STOPPING:
            self.dismiss(self._changed)

    @on(Input.Submitted, "#typed")
    def _typed(self, event: Input.Submitted) -> None:
        account = self._found.inventory.account if self._found else ""
        if not account or event.value.strip() != account:
            self._notice(f"That is not the account's number. It is {account}; esc leaves.")
            return
        self._agreed()

    # What comes back.

    def _look(self) -> None:
        self._drop_question()
        self._turn(Moment.LOOKING, "looking at what is there…")
        self._desk.look(self._looked)

    def _looked(self, found: Found | None, error: ErrorLines) -> None:
        if not self.is_attached:
            return
        if found is None:
            self._halt(Moment.REFUSED, error)
            return
        self._found, self._stages = found, found.stages
        moment = Moment.RESUMABLE if found.inventory.resumed else Moment.BROKEN if found.problems else Moment.READY
        self._turn(Moment.NOTHING if found.inventory.empty else moment, where_it_is(found))
        self._show_found(found)

    def _show_found(self, found: Found) -> None:
        text = self.query_one("#found", TextList)
        text.write(lambda width: found_lines(found, self._clock(), width))
        text.scroll_home(animate=False)

    def _repair_if(self, agreed: bool | None) -> None:
        if agreed:
            self._work()
            self._desk.repair(lambda text, _: self._say(text), self._repaired)

    def _repaired(self, done: int | None, error: ErrorLines) -> None:
        self._changed = True
        if done is None:
            self._halt(Moment.HALTED, error)
        else:
            self._turn(Moment.DONE, f"Done: {done} things were put back. Nothing else was touched.")

    def _saved(self, _: object, error: ErrorLines) -> None:
        if error or self._found is None:
            self._halt(Moment.HALTED, error)
        elif self._found.agreed:
            self._agreed()
        else:
            self._ask(self._found)

    def _ask(self, found: Found) -> None:
        self._turn(Moment.ASKING, "Everything is saved, and nothing is removed yet.")
        self._show_found(found)
        account = found.inventory.account
        self._notice("\n".join((*no_way_back(found.inventory), f"Type the account's number, {account}, to go on.")))
        field = TypedName(account)
        self.query_one(".guide").mount(field, before=".keys")
        field.focus()

    def _agreed(self) -> None:
        self._drop_question()
        self._changed = True
        self._work()
        self._desk.replace(self._tell, self._replaced)

    def _replaced(self, _: object, error: ErrorLines) -> None:
        if error:
            self._halt(Moment.HALTED, error)
            return
        directory = self._found.inventory.directory if self._found else ""
        self._turn(Moment.DONE, f"Done. The backup stays in {directory}; it may be deleted when all is well.")
