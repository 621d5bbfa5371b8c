"""Reset guide: the course of a reset, from the first look at the home to the last step. No widgets.

The backup deletes nothing, so a key begins it. Before the first step that deletes, the account's number is typed. A
reset that was stopped goes on where it was when the guide is opened again.
"""

from __future__ import annotations

import time
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from stateroom.engine.reset.steps import Phase, ResetProgress, ResetStage
from stateroom.ui.screens.reset.reset_text import question_lines, where_it_goes_on, where_it_is
from stateroom.ui.workers.engine_events import ErrorLines
from stateroom.ui.workers.reset_client import ResetClient

if TYPE_CHECKING:
    from stateroom.engine.reset.guided_reset import Found


class Moment(Enum):
    """Point in the course of a reset; the value names the keys that do something."""

    LOOKING = "looking   esc leaves"
    REFUSED = "enter looks again   esc leaves"
    READY = "enter begins with the backup   esc leaves"
    RESUMABLE = "enter goes on with it   esc leaves it as it is"
    BROKEN = "m puts back only what is missing   enter begins with the backup   esc leaves"
    NOTHING = "esc leaves"
    WORKING = "esc stops at the next safe point"
    STOPPING = "it stops at the next safe point"
    ASKING = "esc leaves: what is saved stays saved, and nothing is removed"
    HALTED = "enter looks again and goes on   esc leaves: R goes on later"
    DONE = "esc closes"


class GuideView(Protocol):
    """The screen as the guide sees it."""

    @property
    def is_attached(self) -> bool:
        """Whether the screen is still open."""

    def show_moment(self, summary: str = "") -> None:
        """Show the steps, the progress and the keys of the moment; a summary if it has changed."""

    def show_found(self, found: Found) -> None:
        """Show the inventory."""

    def show_error(self, error: ErrorLines) -> None:
        """Show an error in place of the inventory."""

    def show_log(self) -> None:
        """Show the end of the log in place of the inventory."""

    def ask_account(self, account: str, question: ErrorLines) -> None:
        """Ask for the number of the account."""

    def drop_question(self) -> None:
        """Take the question away."""


class ResetGuide:
    """Course of one reset: calls of its steps, their progress and log."""

    def __init__(self, client: ResetClient, view: GuideView) -> None:
        self._client, self._view = client, view
        self.moment = Moment.LOOKING
        self.found: Found | None = None
        self.changed = False  # the home has been changed, so that what is open has to be opened again
        self.stages: tuple[ResetStage, ...] = ()
        self.log: list[tuple[str, str]] = []  # (text, style)
        self.progress: ResetProgress | None = None  # of the running step
        self.since = time.monotonic()  # when that step began

    @property
    def working(self) -> bool:
        """Whether steps are being carried out."""
        return self.moment in (Moment.WORKING, Moment.STOPPING)

    # What the user does.

    def look(self) -> None:
        """Take the inventory."""
        self._view.drop_question()
        self._turn(Moment.LOOKING, "looking at what is there…")
        self._client.look(self._looked)

    def go_on(self) -> None:
        """Begin, continue or look again, as the moment says."""
        if self.moment in (Moment.READY, Moment.RESUMABLE, Moment.BROKEN):
            self._work(where_it_goes_on(self.stages))
            self._client.back_up(self._tell, self._backed_up)
        elif self.moment in (Moment.HALTED, Moment.REFUSED):
            self.look()

    def repair(self) -> None:
        """Put back what is missing, and nothing else."""
        self._work("Putting back what is missing; nothing else is touched.")
        self._client.repair(self._say, self._repaired)

    def stop(self) -> bool:
        """Stop what runs at the next safe point; returns False when nothing runs, so that the guide can be left."""
        if self.moment is Moment.WORKING:
            self._client.stop()
            self._turn(Moment.STOPPING)
        return self.working

    def agree(self) -> None:
        """Carry out all steps after the backup, including those that delete."""
        self._view.drop_question()
        self.changed = True
        self._work("Everything is saved. It is moved now: what is removed below is in the backup.")
        self._client.replace(self._tell, self._replaced)

    # What comes back.

    def _looked(self, found: Found | None, error: ErrorLines) -> None:
        if not self._view.is_attached:
            return
        if found is None:
            self._halt(Moment.REFUSED, error)
            return
        self.found, self.stages = found, found.stages
        moment = Moment.RESUMABLE if found.inventory.resumed else Moment.BROKEN if found.problems else Moment.READY
        self._turn(Moment.NOTHING if found.inventory.empty else moment, where_it_is(found))
        self._view.show_found(found)

    def _repaired(self, done: int | None, error: ErrorLines) -> None:
        self.changed = True
        if done is None:
            self._halt(Moment.HALTED, error)
        else:
            self._turn(Moment.DONE, f"Done: {done} things were put back. Nothing else was touched.")

    def _backed_up(self, _: None, error: ErrorLines) -> None:
        found = self.found
        if error or found is None:
            self._halt(Moment.HALTED, error)
        elif found.agreed:
            self.agree()
        else:
            self._turn(Moment.ASKING, "Everything is saved, and nothing is removed yet.")
            self._view.show_found(found)
            self._view.ask_account(found.inventory.account, question_lines(found.inventory))

    def _replaced(self, _: None, error: ErrorLines) -> None:
        if error:
            self._halt(Moment.HALTED, error)
            return
        directory = self.found.inventory.directory if self.found else ""
        self._turn(Moment.DONE, f"Done. The backup stays in {directory}; it may be deleted when all is well.")

    def _tell(self, progress: ResetProgress) -> None:
        stage = progress.stage
        before = next((old for old in self.stages if old.step is stage.step), None)
        if before is not None and before.phase is not stage.phase:
            self.since = time.monotonic()
            if stage.phase is Phase.RUNNING:
                self._say(f"{stage}: {stage.step.explanation}", "strong")
        self.stages = tuple(stage if old.step is stage.step else old for old in self.stages)
        self.progress = progress if stage.phase is Phase.RUNNING else None
        if progress.text:
            self._say(f"  {progress.text}")
        self._view.show_moment()

    # How far it is.

    def _turn(self, moment: Moment, summary: str = "") -> None:
        self.moment = moment
        self.progress = self.progress if self.working else None
        self._view.show_moment(summary)

    def _work(self, summary: str) -> None:
        self.log.clear()
        self._turn(Moment.WORKING, summary)
        self._view.show_log()

    def _halt(self, moment: Moment, error: ErrorLines) -> None:
        self.stages = tuple(
            replace(stage, phase=Phase.WAITING) if stage.phase is Phase.RUNNING else stage for stage in self.stages
        )
        self._turn(moment, "It did not get to the end:" if moment is Moment.HALTED else "This home cannot be reset:")
        if moment is Moment.HALTED and self.log:
            for line in error:
                self._say(line, "bad")
        else:
            self._view.show_error(error)

    def _say(self, text: str, style: str = "") -> None:
        if text:
            self.log.append((text, style))
        self._view.show_log()
