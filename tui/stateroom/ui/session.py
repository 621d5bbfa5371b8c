"""The engine behind the screen: every call to the cockpit, each in a thread that only puts news into the mailbox."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import PurePath
from typing import Final

from stateroom.engine.operate import execute_plan, plan_request
from stateroom.engine.requests import Cockpit, Control, Request
from stateroom.engine.survey.version_diff import count_changes
from stateroom.errors import StateroomError
from stateroom.model.events import Event
from stateroom.model.plan import Plan
from stateroom.model.version import Lock, Version, VersionName
from stateroom.ui.home_desk import Home, HomeDesk
from stateroom.ui.mailbox import Mailbox
from stateroom.ui.messages import (
    Answered,
    ChangesCounted,
    Happened,
    KeepWanted,
    Lines,
    News,
    Opened,
    OpenFailed,
    OperationOver,
    PassphraseWanted,
    Planned,
    SnapshotsRead,
    Surveyed,
    SurveyOver,
    Then,
    Unlocked,
    VersionsRead,
)
from stateroom.ui.prompt import PassphrasePrompt

NEWEST: Final = 100  # versions that are read at first


class Session:
    """One cockpit and the work that goes on with it.

    Threads are daemons: a reading that hangs in the network never keeps the program from ending. The one that must
    not be cut off, a running operation, is waited for by `close`.
    """

    def __init__(
        self, factory: Callable[[], Cockpit], mailbox: Mailbox[News], prompt: PassphrasePrompt | None = None
    ) -> None:
        self.prompt = prompt or PassphrasePrompt()
        self.prompt.attach(
            lambda question: mailbox.put(PassphraseWanted(question)), lambda place: mailbox.put(KeepWanted(place))
        )
        self._factory = factory
        self._mailbox = mailbox
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

        def work() -> None:
            try:
                self._cockpit = self._factory()
                self._mailbox.put(Opened(self._cockpit.info()))
            except Exception as error:
                self._mailbox.put(OpenFailed(explain(error)))

        self._start("open", work)

    def survey(self, generation: int, *, fresh: bool = False) -> None:
        """Compare the three columns; answers Surveyed…, SurveyOver. Older surveys are told to stop."""
        self._generation = generation

        def work() -> None:
            try:
                cockpit = self._opened()
                cockpit.survey(
                    lambda event: self._mailbox.put(Surveyed(generation, event)),
                    cancelled=lambda: self._closing or self._generation != generation,
                    fresh=fresh,
                )
                self._mailbox.put(Opened(cockpit.info()))  # account and passphrase are known only now
                self._mailbox.put(SurveyOver(generation))
            except Exception as error:
                self._mailbox.put(SurveyOver(generation, explain(error)))

        self._start("survey", work)

    def read_versions(self, services: Iterable[str], newest: int = NEWEST) -> None:
        """Read the newest versions and the locks of services; answers VersionsRead for each."""
        names = tuple(services)

        def work() -> None:
            for name in names:
                try:
                    cockpit = self._opened()
                    self._mailbox.put(VersionsRead(name, cockpit.history(name, newest), cockpit.lock(name)))
                except Exception as error:
                    self._mailbox.put(VersionsRead(name, error=explain(error)))

        self._start("versions", work)

    def count_changes(self, service: str, version: Version) -> None:
        """Count what a version changed, if that is not known; one at a time. Answers ChangesCounted."""
        if version.counted or not version.stored or self._counting:
            return
        self._counting = True

        def work() -> None:
            counted: Version | None = None
            with suppress(Exception):  # the version's own screen says what is wrong
                counted = count_changes(self._opened(), service, version)
            self._counting = False
            self._mailbox.put(ChangesCounted(service, counted))

        self._start("changes", work)

    def read_snapshots(self, service: str, version: VersionName) -> None:
        """Read a past state and the current one; answers SnapshotsRead."""
        asked = (service, version)

        def work() -> None:
            try:
                cockpit = self._opened()
                self._mailbox.put(SnapshotsRead(asked, cockpit.snapshot(service, version), cockpit.snapshot(service)))
            except Exception as error:
                self._mailbox.put(SnapshotsRead(asked, error=explain(error)))

        self._start("snapshots", work)

    def plan(self, ticket: int, request: Request) -> None:
        """Plan a request; answers Happened for what is slow, then Planned. Older plans are told to stop."""
        self._ticket = ticket

        def emit(event: Event) -> None:
            self._mailbox.put(Happened(event))

        def work() -> None:
            try:
                plan = plan_request(self._opened(), request, emit, lambda: self._closing or self._ticket != ticket)
                self._mailbox.put(Planned(ticket, plan))
            except Exception as error:
                self._mailbox.put(Planned(ticket, error=explain(error)))

        self._start("plan", work)

    def drop_plan(self) -> None:
        """Nobody waits for the plan any more: what is slow about it is stopped."""
        self._ticket = 0

    def execute(self, plan: Plan) -> None:
        """Carry out a plan; answers Happened…, OperationOver."""
        control = self.control = Control()

        def work() -> None:
            try:
                outcome = execute_plan(self._opened(), plan, lambda event: self._mailbox.put(Happened(event)), control)
                self._mailbox.put(OperationOver(outcome))
            except Exception as error:
                self._mailbox.put(OperationOver(error=explain(error)))

        self._operation = self._start("operation", work)

    def unlock(self, service: str) -> None:
        """Break a lock; answers Unlocked."""

        def work() -> None:
            try:
                self._mailbox.put(Unlocked(service, self._unlock(service)))
            except Exception as error:
                self._mailbox.put(Unlocked(service, error=explain(error)))

        self._start("unlock", work)

    def desk(self, open_home: Callable[[], Home]) -> HomeDesk:
        """Where a reset of the home is asked for; it is opened when that is first done."""
        return HomeDesk(open_home, self._run, self._mailbox)

    def _run(self, work: Callable[[], object], then: Then, control: Control | None) -> None:
        def run() -> None:
            try:
                self._mailbox.put(Answered(then, work()))
            except Exception as error:
                self._mailbox.put(Answered(then, error=explain(error)))

        thread = self._start("home", run)
        if control is not None:
            self.control, self._operation = control, thread

    def ask(self, work: Callable[[Cockpit], object], then: Then) -> None:
        """Do something with the cockpit; answers Answered."""

        self._run(lambda: work(self._opened()), then, None)

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

    def _unlock(self, service: str) -> Lock | None:
        return self._opened().unlock(service)

    def _opened(self) -> Cockpit:
        if self._cockpit is None:
            raise StateroomError("the project is not open")
        return self._cockpit

    def _start(self, name: str, work: Callable[[], None]) -> threading.Thread:
        self._jobs = {thread for thread in self._jobs if thread.is_alive()}
        thread = threading.Thread(target=work, name=f"stateroom-{name}", daemon=True)
        self._jobs.add(thread)
        thread.start()
        return thread


def explain(error: Exception) -> Lines:
    """The lines of an error. Of one that nobody meant to raise only type and place: its text might hold a secret."""
    if isinstance(error, StateroomError):
        return error.lines()
    place, trace = "", error.__traceback__
    while trace is not None:
        place = f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return (
        f"stateroom has a bug: {type(error).__name__} at {place}",
        "nothing more is shown here because the details might hold secrets",
        "the same command without the screen (stateroom --help) keeps the details in a file",
    )
