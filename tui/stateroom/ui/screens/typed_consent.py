"""What has to be typed before a plan runs that destroys something: the stage's name, then what data is lost with."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from stateroom.model.data_loss import data_losses, losses_to_name, names_to_type, not_named
from stateroom.model.plan import Plan
from stateroom.presentation.plans import address, loss_line, on_stage
from stateroom.presentation.text import capital

_NAMED = 5  # resources that an answer is said to lack


@dataclass(slots=True)
class TypedConsent:
    """Questions about one plan, in turn. `protected`: stages whose names have to be typed in any case."""

    plan: Plan
    protected: Container[str]
    stage_named: bool = False

    @property
    def is_wanted(self) -> bool:
        """Whether anything has to be typed."""
        return self.plan.destroys or bool(self._guarded)

    @property
    def typed(self) -> str:
        """What is to be typed now."""
        return names_to_type(losses_to_name(self.plan)) if self.stage_named else self.plan.stage

    @property
    def question(self) -> str:
        """What is asked now, and why."""
        losses = loss_line(losses_to_name(self.plan) if self.stage_named else data_losses(self.plan))
        if self.stage_named:
            return f"{losses}. Type {self.typed}, and press enter; esc cancels."
        guarded = f"{capital(on_stage(self._guarded))} is protected"
        why = "This destroys what cannot be brought back" if self.plan.destroys else guarded
        told = f" {losses}." if losses and not losses_to_name(self.plan) else ""
        return f"{why}. Type {self._names}, {self.typed}, and press enter; esc cancels.{told}"

    def take(self, text: str) -> str:
        """Take an answer; return what is wrong with it, or "" where it was right."""
        if not self.stage_named:
            right = self.plan.names_stage(text)
            return "" if right else f"That is not {self._names}: {self.plan.stage}; esc cancels."
        missing = not_named(losses_to_name(self.plan), text)
        return f"Not named: {', '.join(map(address, missing[:_NAMED]))}; esc cancels." if missing else ""

    def goes_on(self) -> bool:
        """Go to the next question after a right answer; False when there is none."""
        if self.stage_named or not losses_to_name(self.plan):
            return False
        self.stage_named = True
        return True

    @property
    def _guarded(self) -> str:
        return ", ".join(stage for stage in self.plan.stages if stage in self.protected)

    @property
    def _names(self) -> str:
        return "the stage's name" if len(self.plan.stages) == 1 else "the stages' names"
