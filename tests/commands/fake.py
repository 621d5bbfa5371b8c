"""A cockpit that answers from a script, and a process to run commands in: no terminal, no files, no cloud."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from stateroom.cli import main
from stateroom.commands.environment import ProcessEnvironment
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.requests import Cockpit, Control, Emit, Info, Outcome, Request
from stateroom.model.events import Event, ServiceSurveyed
from stateroom.model.plan import Operation, Plan, ServicePlan, Step
from stateroom.model.resource import Snapshot
from stateroom.model.standing import Standing
from stateroom.model.version import History, Lock, Version, VersionName
from stateroom.ui.options import ScreenOptions

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
INFO = Info(
    "shop", "/shop", "dev", "eu-west-1", "123456789012", "local", "keyring", False, frozenset(), ("orders", "billing")
)


@dataclass
class FakeCockpit:
    """Answers what it was given, and remembers what it was asked."""

    title: Info = INFO
    events: Sequence[Event] = ()  # of a survey
    steps: Sequence[Step] = ()
    made: Plan | None = None  # what is planned, where the steps do not say it all
    outcome: Outcome = field(default_factory=Outcome)
    running: Sequence[Event] = ()  # of an execution
    past: Mapping[str, tuple[Version, ...]] = field(default_factory=dict)
    locks: dict[str, Lock] = field(default_factory=dict)
    during: Callable[[Control], None] = lambda _: None  # called while executing
    planning: Callable[[], None] = lambda: None  # called while planning
    error: Exception | None = None  # raised by plan and survey
    failure: Exception | None = None  # raised by execute

    requests: list[Request] = field(default_factory=list)
    executed: list[tuple[Plan, bool, float]] = field(default_factory=list)
    surveyed: list[tuple[tuple[str, ...], bool]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def info(self) -> Info:
        return self.title

    def survey(
        self,
        emit: Emit,
        *,
        services: tuple[str, ...] = (),
        read_cloud: bool = True,
        cancelled: Callable[[], bool] = lambda: False,
        fresh: bool = False,
        quick: bool = False,
    ) -> None:
        self.surveyed.append((services, read_cloud))
        if self.error:
            raise self.error
        for event in self.events:
            emit(self._with_lock(event))

    def _with_lock(self, event: Event) -> Event:
        """A survey tells who holds the lock, as `locks` says."""
        if isinstance(event, ServiceSurveyed) and event.standing is None and event.service in self.locks:
            return event._replace(standing=self.standing(event.service))
        return event

    def plan(
        self, request: Request, emit: Emit = lambda _event: None, cancelled: Callable[[], bool] = lambda: False
    ) -> Plan:
        self.requests.append(request)
        self.planning()
        if self.error:
            raise self.error
        return self.made or Plan(
            request.operation, (ServicePlan("orders", tuple(self.steps), unchanged=3, stage=self.title.stage),)
        )

    def execute(
        self, plan: Plan, emit: Emit, control: Control, *, undo_on_failure: bool = False, wait_for_lock: float = 0.0
    ) -> Outcome:
        self.executed.append((plan, undo_on_failure, wait_for_lock))
        if self.failure:
            raise self.failure
        for event in self.running:
            emit(event)
        self.during(control)
        return replace(self.outcome, stopped=self.outcome.stopped or control.stopping)

    def versions(self, service: str) -> tuple[Version, ...]:
        return self.past.get(service, ())

    def history(self, service: str, newest: int | None = None) -> History:
        everything = self.versions(service)
        return History(everything[:newest], max(0, len(everything) - (newest or len(everything))))

    def version(self, service: str, name: VersionName) -> tuple[Version, Version | None]:
        everything = self.versions(service)
        index = next(index for index, version in enumerate(everything) if version.name == name)
        return everything[index], next(iter(everything[index + 1 :]), None)

    def snapshot(self, service: str, version: VersionName | None = None) -> Snapshot | None:
        return None

    def lock(self, service: str) -> Lock | None:
        return self.locks.get(service)

    def standing(self, service: str) -> Standing:
        return Standing(lock=self.locks.get(service))

    def unlock(self, service: str, shown: Lock) -> Lock | None:
        if self.locks.get(service) != shown:
            return None
        self.broken.append(service)
        return self.locks.pop(service)


class Stream(io.StringIO):
    """A stream that may say it is a terminal."""

    def __init__(self, text: str = "", *, terminal: bool = False, encoding: str = "utf-8") -> None:
        super().__init__(text)
        self._terminal = terminal
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self._terminal


@dataclass
class Run:
    """One command line that has been run."""

    code: int
    out: str
    err: str
    settings: list[Mapping[str, Any]]  # of every workspace that was opened
    left: list[int]  # exit codes that the process was ended with

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Process:
    """Where commands run. `terminal` makes all three streams a terminal, on which `answers` are typed."""

    cockpit: FakeCockpit = field(default_factory=FakeCockpit)
    answers: str = ""
    terminal: bool = False
    encoding: str = "utf-8"
    environment: Mapping[str, str] = field(default_factory=lambda: {"NO_COLOR": "1", "TERM": "dumb"})
    out: Stream | None = None
    input: TextIO | None = None
    screens: list[ScreenOptions] = field(default_factory=list)
    demos: list[list[str]] = field(default_factory=list)

    def __call__(self, *arguments: str) -> Run:
        out = self.out or Stream(terminal=self.terminal, encoding=self.encoding)
        err = Stream(terminal=self.terminal)
        settings: list[Mapping[str, Any]] = []
        left: list[int] = []

        def open_cockpit(path: Path, options: WorkspaceOptions) -> Cockpit:
            settings.append({"path": path, **{item.name: getattr(options, item.name) for item in fields(options)}})
            return self.cockpit

        def open_screen(factory: Callable[[], Cockpit], options: ScreenOptions) -> int:
            factory()
            self.screens.append(options)
            return 0

        def run_demo(given: Sequence[str], screen: object, stream: object) -> int:
            self.demos.append(list(given))
            return 0

        host = ProcessEnvironment(
            out=out,
            err=err,
            input=self.input or Stream(self.answers, terminal=self.terminal),
            environment=self.environment,
            now=lambda: NOW,
            open_cockpit=open_cockpit,
            open_screen=open_screen,
            run_demo=run_demo,
            leave=left.append,
        )
        return Run(main(arguments, host), out.getvalue(), err.getvalue(), settings, left)


def deploy_plan(*steps: Step) -> Plan:
    """A plan of one service."""
    return Plan(Operation.DEPLOY, (ServicePlan("orders", steps, stage="dev"),))
