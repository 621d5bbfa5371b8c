"""Settings that all services of one running operation share, and the result of one service."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field

from stateroom.engine.outputs import CallAddress
from stateroom.engine.requests import Control, Emit
from stateroom.errors import StateroomError
from stateroom.model.plan import Operation
from stateroom.model.values import Value
from stateroom.state.lineage import new_lineage


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How an operation runs. `pool` carries the API calls, `control` stops it, `wait_for_lock` is in seconds."""

    operation: Operation
    pool: Executor
    emit: Emit
    control: Control
    undo_on_failure: bool = False
    wait_for_lock: float = 0.0
    sleep: Callable[[float], None] = time.sleep
    new_lineage: Callable[[], str] = new_lineage


@dataclass(slots=True)
class ServiceResult:
    """Result of one service."""

    service: str
    done: int = 0
    failed: int = 0
    skipped: int = 0
    held: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)  # left alone: (address, lines)
    errors: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)  # (address, lines)
    outputs: Mapping[str, Value] = field(default_factory=dict)
    lasting: int = 0  # errors that running again does not mend
    endpoints: tuple[CallAddress, ...] = ()  # of the state that was stored
    unresolved: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)  # outputs: (service.name, lines)

    def note_error(self, address: str, error: StateroomError) -> None:
        """Add an error, and count it if it is one that running again does not mend."""
        self.errors.append((address, error.lines()))
        self.lasting += not error.passes

    @property
    def ok(self) -> bool:
        """Whether dependent services may start. What was left alone keeps none of them."""
        return not self.failed and not self.skipped and not self.errors
