"""A home without a cloud, for the reset guide: what it holds is scripted, its steps wait at a gate."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from stateroom.engine.reset.guided_reset import Found
from stateroom.engine.reset.inventory import Inventory
from stateroom.engine.reset.steps import Phase, ResetProgress, ResetStage, ResetStep
from stateroom.errors import StateError
from stateroom.state.homes.bootstrap import GONE, Part, Tenant
from tests.ui.fake import LOCK, NOW

ACCOUNT = "123456789012"
OLD = "sst-state-hofsfzcouknv"


@dataclass
class FakeHome:
    """Does its steps one by one. What a test sets up is what the guide shows."""

    why_not: str = ""
    missing: bool = False
    begun: str = ""
    agreed: bool = False
    done: set[ResetStep] = field(default_factory=set)
    look_error: StateError | None = None
    repaired: int = 0

    def __post_init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.stopping = threading.Event()

    def refusal(self) -> str:
        return self.why_not

    def look(self) -> Found:
        if self.look_error is not None:
            raise self.look_error
        self.stopping.clear()
        problem = GONE if self.missing else ""
        bucket = Part("states", "bucket", OLD, "eu-west-1", not self.missing, problem)
        parts = (Part("states", "parameter", "/sst/bootstrap", "eu-west-1", exists=True, points_at=OLD), bucket)
        tenants = (
            Tenant("sst", "ledger", "qa", "eu-west-1", NOW - timedelta(hours=2), OLD),
            Tenant("stateroom", "shop-orders", "dev", "eu-west-1", NOW - timedelta(days=3), OLD, lock=LOCK),
        )
        inventory = Inventory(
            "sst",
            ACCOUNT,
            parts,
            tenants,
            () if self.missing else ((OLD, 420, 9_800_000),),
            Path("/home/ana/.local/state/stateroom/resets/sst-20261121T100200"),
            self.begun,
            ("images stay where they are, in their repository",),
        )
        return Found(inventory, tuple(part for part in parts if part.problem), self.stages(), self.agreed)

    def stages(self) -> tuple[ResetStage, ...]:
        steps = list(ResetStep)
        return tuple(
            ResetStage(step, number, len(steps), Phase.DONE if step in self.done else Phase.WAITING)
            for number, step in enumerate(steps, 1)
        )

    def back_up(self, tell: Callable[[ResetProgress], object]) -> None:
        self._do(ResetStep.SAVE, tell)

    def replace(self, tell: Callable[[ResetProgress], object]) -> None:
        self.agreed = True
        for step in list(ResetStep)[1:]:
            self._do(step, tell)

    def _do(self, step: ResetStep, tell: Callable[[ResetProgress], object]) -> None:
        if step in self.done:
            return
        stage = replace(next(stage for stage in self.stages() if stage.step is step), phase=Phase.RUNNING)
        tell(ResetProgress(stage))
        tell(ResetProgress(stage, 120, 420))
        while not self.gate.wait(0.01):
            if self.stopping.is_set():
                break
        if self.stopping.is_set():
            raise StateError(
                f"the reset was stopped at step {stage}", why="nothing is lost", todo="`stateroom reset` continues it"
            )
        tell(ResetProgress(stage, text=f"did {step.value}"))
        self.done.add(step)
        tell(ResetProgress(replace(stage, phase=Phase.DONE)))

    def repair(self, say: Callable[[str], None]) -> int:
        self.missing = False
        self.repaired += 1
        say(f"made {OLD} again, empty")
        return 1

    def stop(self) -> None:
        self.stopping.set()
