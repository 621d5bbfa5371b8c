"""Guided reset of a home: inspect, back up, confirm, continue; or repair missing parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stateroom.engine.opening.factory import utc_now
from stateroom.engine.options import WorkspaceOptions
from stateroom.errors import PlanError, StateroomError

if TYPE_CHECKING:
    from stateroom.engine.reset.bootstrap_factory import Premises
    from stateroom.engine.reset.inventory import Inventory
    from stateroom.engine.reset.runner import Reset
    from stateroom.engine.reset.steps import ResetProgress, ResetStage
    from stateroom.state.homes.bootstrap import Part


@dataclass(frozen=True, slots=True)
class Found:
    """Findings of an inspection."""

    inventory: Inventory
    problems: tuple[Part, ...]  # what is missing or in danger
    stages: tuple[ResetStage, ...]
    agreed: bool  # the removal was confirmed in an earlier run


class HomeReset:
    """Reset of one home. `stop` is thread-safe, the rest is for one thread at a time.

    Args:
        options: those that the home is opened with.
        path: the project's directory.
        clock: now, UTC.
    """

    def __init__(self, options: WorkspaceOptions, path: Path, clock: Callable[[], datetime] = utc_now) -> None:
        # Nobody is asked for anything here: what is moved is moved encrypted.
        self._options = replace(options, prompt=None, offer=None)
        self._path = path
        self._clock = clock
        self._reset: Reset | None = None
        self._tell: Callable[[ResetProgress], object] = lambda progress: None  # noqa: ARG005

    def refusal(self) -> str:
        """Reason why this home cannot be reset, in a line; "" when it can. Calls nothing."""
        try:
            return self._premises().why
        except StateroomError as error:
            return error.what

    def look(self) -> Found:
        """Take the inventory. Changes nothing.

        Raises:
            PlanError: the home is of a kind that is not reset.
            StateError: the cloud cannot be asked, or the unfinished reset is another home's.
        """
        from stateroom.engine.reset.bootstrap import Status
        from stateroom.engine.reset.factory import open_reset

        premises = self._premises()
        if premises.bootstrap is None:
            raise PlanError(f"the {premises.home.name} home is not reset", why=premises.why, todo=premises.todo)
        reset = open_reset(premises.bootstrap, self._options.environment, self._told, self._clock)
        found = reset.inventory()
        self._reset = reset
        problems = Status(found.name, found.account, found.parts, found.tenants).problems
        return Found(found, problems, reset.stages(), reset.agreed)

    def back_up(self, tell: Callable[[ResetProgress], object]) -> None:
        """Back up, which deletes nothing. `look` comes before. Raises as Reset.back_up does."""
        self._tell = tell
        self._opened().back_up()

    def replace(self, tell: Callable[[ResetProgress], object]) -> None:
        """Run the remaining steps, after confirmation. Raises as Reset.replace does."""
        self._tell = tell
        self._opened().replace()

    def repair(self, say: Callable[[str], None]) -> int:
        """Restore missing parts only; returns the number of changes. Raises as bootstrap.repair."""
        from stateroom.engine.reset.bootstrap import repair

        premises = self._premises()
        if premises.bootstrap is None:
            raise PlanError(f"the {premises.home.name} home is not reset", why=premises.why, todo=premises.todo)
        return repair(premises.bootstrap, say)

    def stop(self) -> None:
        """Stop at the next safe point; the running call raises a StateError that explains how to continue."""
        if self._reset is not None:
            self._reset.stop()

    def _told(self, progress: ResetProgress) -> None:
        self._tell(progress)

    def _opened(self) -> Reset:
        if self._reset is None:
            raise PlanError("nothing was looked at yet")
        return self._reset

    def _premises(self) -> Premises:
        from stateroom.engine.reset.bootstrap_factory import open_premises

        return open_premises(self._options, self._path)
