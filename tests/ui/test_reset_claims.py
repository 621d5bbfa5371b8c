"""The reset guide's statements × every point of a reset: nothing is said to be kept while or after it is removed."""

from __future__ import annotations

import re

import pytest

from stateroom.engine.reset.steps import Phase, ResetStep
from stateroom.ui.screens.reset.reset_guide import ResetGuide
from tests.ui.fake_home import FakeHome
from tests.ui.test_controllers import Recorder, guide_of

KEPT = re.compile(r"nothing is removed|nothing was removed|deletes nothing|nothing is deleted|nothing was deleted")
SAVED = re.compile(r"Everything is saved|what is saved stays saved")


class Listener(Recorder):
    """A view that keeps every text beside the steps as they are at that moment."""

    guide: ResetGuide

    def __init__(self) -> None:
        super().__init__()
        self.summary = ""
        self.heard: list[tuple[str, dict[ResetStep, Phase]]] = []

    def show_moment(self, summary: str = "") -> None:
        self.summary = summary or self.summary
        stages = {stage.step: stage.phase for stage in self.guide.stages}
        self.heard.append((f"{self.summary} | {self.guide.moment.value}", stages))


def begun(phases: dict[ResetStep, Phase]) -> bool:
    """Whether a step that deletes has begun."""
    return any(step.irreversible and phase is not Phase.WAITING for step, phase in phases.items())


ALL = list(ResetStep)


@pytest.mark.parametrize("done", range(len(ALL)), ids=[f"before {step.value}" for step in ALL])
@pytest.mark.parametrize("stops", [False, True], ids=["to its end", "stopped"])
def test_what_the_guide_says_is_true_at_every_step(done: int, stops: bool) -> None:
    home = FakeHome(begun="2026-11-21T10:02:00" if done else "", agreed=done > 1, done=set(ALL[:done]))
    guide, _ = guide_of(home)
    view = Listener()
    view.guide, guide._view = guide, view
    guide.look()
    if stops:
        home.stopping.set()
    guide.go_on()
    if not stops and not home.agreed:
        guide.agree()
    assert len(view.heard) > 2
    for text, phases in view.heard:
        assert not (KEPT.search(text) and begun(phases)), text
        saved = phases.get(ResetStep.SAVE) is Phase.DONE
        assert saved or not SAVED.search(text), text


def test_the_explanation_of_a_step_that_deletes_never_says_that_nothing_is() -> None:
    for step in ResetStep:
        assert not (step.irreversible and KEPT.search(step.explanation)), step
