"""Task states of a definition, and their integration arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from stateroom.config.document.intrinsics import intrinsic
from stateroom.config.stepfunctions.machine import Machine
from stateroom.model.values import Marker, Value

DYNAMIC: Final = Marker("(known when it runs)")
"""An argument that only an execution's input tells."""
DISTRIBUTED_MAP: Final = "distributed map"


@dataclass(frozen=True, slots=True)
class Task:
    """Task state of a machine. `resource` is its Resource, as written."""

    name: str
    resource: Value
    arguments: Mapping[str, Value]

    def argument(self, name: str) -> Value:
        """Return the argument's literal value or intrinsic, DYNAMIC, or None when there is none."""
        if f"{name}.$" in self.arguments:
            return DYNAMIC
        value = self.arguments.get(name)
        return DYNAMIC if isinstance(value, str) and value.lstrip().startswith("{%") else value


def tasks_of(machine: Machine, definition: Value) -> Iterator[Task]:
    """Yield every task of the machine in definition order, with those in branches and maps."""
    yield from _scope(definition, machine)


def _scope(scope: Value, machine: Machine) -> Iterator[Task]:
    states = scope.get("States") if isinstance(scope, Mapping) else None
    for name, state in (states or {}).items():
        if not isinstance(state, Mapping):
            continue
        if state.get("Type") == "Task":
            yield _task(name, state)
        elif state.get("Type") == "Parallel":
            for branch in state.get("Branches") or ():
                yield from _scope(branch, machine)
        elif state.get("Type") == "Map":
            yield from _map(name, state, machine)


def _map(name: str, state: Mapping[str, Value], machine: Machine) -> Iterator[Task]:
    processor = state.get("ItemProcessor") or state.get("Iterator")
    yield from _scope(processor, machine)
    config = processor.get("ProcessorConfig") if isinstance(processor, Mapping) else None
    if isinstance(config, Mapping) and config.get("Mode") == "DISTRIBUTED":
        yield Task(name, DISTRIBUTED_MAP, {})
    for key in ("ItemReader", "ResultWriter"):
        if isinstance(state.get(key), Mapping):
            yield _task(name, state[key])


def _task(name: str, state: Mapping[str, Value]) -> Task:
    given: Value = state.get("Arguments", state.get("Parameters"))
    return Task(name, state.get("Resource"), given if isinstance(given, Mapping) and not intrinsic(given) else {})
