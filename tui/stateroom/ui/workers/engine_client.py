"""Calls to the engine, each in a thread of its own that puts its answer into the event queue."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import PurePath
from typing import Final, TypeVar

from stateroom.engine.operate import execute_plan, plan_request
from stateroom.engine.requests import Cockpit, Control, Request
from stateroom.engine.survey.version_diff import count_changes
from stateroom.errors import StateroomError
from stateroom.model.events import Event
from stateroom.model.plan import Plan
from stateroom.model.version import Lock, Version, VersionName
from stateroom.presentation.accidents import accident
from stateroom.ui.workers.engine_events import (
    Answered,
    ChangesCounted,
    EngineEvent,
    ErrorLines,
    Happened,
    KeepWanted,
    Opened,
    OpenFailed,
    OperationOver,
    PassphraseWanted,
    Planned,
    SnapshotsRead,
    Surveyed,
    SurveyOver,
    Unlocked,
    VersionsRead,
)
from stateroom.ui.workers.event_queue import EventQueue
from stateroom.ui.workers.passphrase_prompt import PassphrasePrompt

NEWEST: Final = 100  # versions that are read at first

Value = TypeVar("Value")


class EngineClient:
    """One cockpit, and the threads that work with it.

    Threads are daemons: a reading that hangs in the network never keeps the program from ending. `close` waits for
    the one that must not be cut off, a running operation.
    """

    def __init__(
        self, factory: Callable[[], Cockpit], queue: EventQueue[EngineEvent], prompt: PassphrasePrompt | None = None
    ) -> None:
        self.prompt = prompt or PassphrasePrompt()
        self.prompt.attach(
            lambda question: queue.put(PassphraseWanted(question)), lambda place: queue.put(KeepWanted(place))
        )
        self._factory = factory
        self._queue = queue
        self._cockpit: Cockpit | None = None
        self._jobs: set[threading.Thread] = set()
        self._generation = 0
        self._ticket = 0
        self._closing = False
        self._counting = False
        self._operation: threading.Thread | None = None
        self.control: Control | None = None

    @property
    def began(self) -> bool:
        """Whether anything was ever asked of the engine."""
        return bool(self._jobs)

    @property
    def busy(self) -> bool:
        """Whether any thread still works."""
        return any(thread.is_alive() for thread in self._jobs)

    def open(self) -> None:
        """Open the project; answers Opened or OpenFailed."""

        def opened() -> Opened:
            self._cockpit = self._factory()
            return Opened(self._cockpit.info())

        self._ask("open", opened, OpenFailed)

    def survey(self, generation: int, *, fresh: bool = False) -> None:
        """Compare the three columns; answers Surveyed…, Opened, SurveyOver. Stops older surveys.

        `fresh`: remote values of variables are asked for again.
        """
        self._generation = generation

        def surveyed() -> SurveyOver:
            cockpit = self._opened()
            cockpit.survey(
                lambda event: self._queue.put(Surveyed(generation, event)),
                cancelled=lambda: self._closing or self._generation != generation,
                fresh=fresh,
            )
            self._queue.put(Opened(cockpit.info()))  # account and passphrase are known only now
            return SurveyOver(generation)

        self._ask("survey", surveyed, partial(SurveyOver, generation))

    def read_versions(self, services: Iterable[str], newest: int = NEWEST) -> None:
        """Read the newest versions and the locks of services; answers VersionsRead for each."""
        names = tuple(services)

        def work() -> None:
            for name in names:
                try:
                    cockpit = self._opened()
                    self._queue.put(VersionsRead(name, cockpit.history(name, newest), cockpit.lock(name)))
                except Exception as error:
                    self._queue.put(VersionsRead(name, error=explain(error)))

        self._start("versions", work)

    def count_changes(self, service: str, version: Version) -> None:
        """Count what a version changed, unless that is known; one at a time. Answers ChangesCounted."""
        if version.counted or not version.stored or self._counting:
            return
        self._counting = True

        def work() -> None:
            counted: Version | None = None
            with suppress(Exception):  # the version's own screen says what is wrong
                counted = count_changes(self._opened(), service, version)
            self._counting = False
            self._queue.put(ChangesCounted(service, counted))

        self._start("changes", work)

    def read_snapshots(self, service: str, version: VersionName) -> None:
        """Read a past state and the current one; answers SnapshotsRead."""
        asked = (service, version)

        def read() -> SnapshotsRead:
            cockpit = self._opened()
            return SnapshotsRead(asked, cockpit.snapshot(service, version), cockpit.snapshot(service))

        self._ask("snapshots", read, lambda error: SnapshotsRead(asked, error=error))

    def plan(self, ticket: int, request: Request) -> None:
        """Plan a request; answers Happened for what is slow, then Planned. Stops older plans."""
        self._ticket = ticket

        def planned() -> Planned:
            plan = plan_request(
                self._opened(), request, self._happened, lambda: self._closing or self._ticket != ticket
            )
            return Planned(ticket, plan)

        self._ask("plan", planned, lambda error: Planned(ticket, error=error))

    def drop_plan(self) -> None:
        """Cancel the planning that still runs; nobody waits for its plan."""
        self._ticket = 0

    def execute(self, plan: Plan) -> None:
        """Carry out a plan; answers Happened…, OperationOver."""
        control = self.control = Control()
        self._operation = self._ask(
            "operation",
            lambda: OperationOver(execute_plan(self._opened(), plan, self._happened, control)),
            lambda error: OperationOver(error=error),
        )

    def unlock(self, service: str, shown: Lock) -> None:
        """Break the lock that was shown; answers Unlocked."""
        self._ask(
            "unlock",
            lambda: Unlocked(service, self._opened().unlock(service, shown)),
            lambda error: Unlocked(service, error=error),
        )

    def ask(self, work: Callable[[Cockpit], Value], then: Callable[[Value | None, ErrorLines], object]) -> None:
        """Do some work with the cockpit, and call `then` on the event loop with (value, ()) or (None, error)."""
        self.call(lambda: work(self._opened()), then)

    def call(
        self,
        work: Callable[[], Value],
        then: Callable[[Value | None, ErrorLines], object],
        control: Control | None = None,
    ) -> None:
        """Do some work, as `ask`. With a `control` it is an operation, which `close` stops and waits for."""
        thread = self._ask(
            "call",
            lambda: Answered(partial(then, work(), ())),
            lambda error: Answered(partial(then, None, error)),
        )
        if control is not None:
            self.control, self._operation = control, thread

    def close(self, seconds: float = 30.0) -> None:
        """Stop everything; wait until a running operation has written its state, but no longer than `seconds`."""
        self._closing = True
        self.prompt.close()
        operation, control = self._operation, self.control
        if operation is None or control is None or not operation.is_alive():
            return
        while not control.aborting:
            control.stop()
        operation.join(seconds)

    def _happened(self, event: Event) -> None:
        self._queue.put(Happened(event))

    def _opened(self) -> Cockpit:
        if self._cockpit is None:
            raise StateroomError("the project is not open")
        return self._cockpit

    def _ask(
        self, name: str, ask: Callable[[], EngineEvent], failed: Callable[[ErrorLines], EngineEvent]
    ) -> threading.Thread:
        """Put the answer into the queue, or an event with the lines of the error."""

        def work() -> None:
            try:
                answer = ask()
            except Exception as error:
                answer = failed(explain(error))
            self._queue.put(answer)

        return self._start(name, work)

    def _start(self, name: str, work: Callable[[], None]) -> threading.Thread:
        self._jobs = {thread for thread in self._jobs if thread.is_alive()}
        thread = threading.Thread(target=work, name=f"stateroom-{name}", daemon=True)
        self._jobs.add(thread)
        thread.start()
        return thread


def explain(error: Exception) -> ErrorLines:
    """Return the lines of an error. Of an unexpected one only type and place: its text might hold a secret."""
    if known := error if isinstance(error, StateroomError) else accident(error):
        return known.lines()
    place, trace = "", error.__traceback__
    while trace is not None:
        place = f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return (
        f"stateroom has a bug: {type(error).__name__} at {place}",
        "nothing more is shown here because the details might hold secrets",
        "the same command without the screen (stateroom --help) keeps the details in a file",
    )
