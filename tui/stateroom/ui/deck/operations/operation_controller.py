"""Operation: planned, shown, agreed to, carried out, stopped; and locks of others broken."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from stateroom.engine.requests import Outcome, Request
from stateroom.model.events import ServiceWorking
from stateroom.model.plan import Operation, Plan
from stateroom.model.version import Lock
from stateroom.presentation.survey.agreement import count
from stateroom.ui.deck.deck_model import DeckModel
from stateroom.ui.deck.dispatch import EventDispatcher
from stateroom.ui.deck.parts import DeckParts
from stateroom.ui.deck.selection.resource_selection import ResourceSelection
from stateroom.ui.deck.survey.survey_controller import SurveyController
from stateroom.ui.deck.survey.trust_questions import TrustQuestions
from stateroom.ui.screens.plan_screen import PlanScreen
from stateroom.ui.workers.engine_events import Happened, OperationOver, Planned, Unlocked


class OperationController:
    """One operation at a time, from the request to its outcome."""

    def __init__(
        self, parts: DeckParts, selection: ResourceSelection, survey: SurveyController, trust: TrustQuestions
    ) -> None:
        self._model, self._engine, self._progress = parts.model, parts.engine, parts.progress
        self._panes, self._view = parts.panes, parts.view
        self._selection, self._survey, self._trust = selection, survey, trust
        self._proposed: Callable[[], None] = lambda: None  # propose the same once more
        self._continue: Callable[[], None] | None = None  # propose what is planned when this operation is done
        self._ticket = 0  # number of the request whose plan is wanted
        self._plan_screen: PlanScreen | None = None
        self._leaving = False

    def subscribe(self, dispatcher: EventDispatcher) -> None:
        """Handle the events of planning, of execution and of unlocking."""
        dispatcher.on(Planned, self._planned)
        dispatcher.on(Happened, self._happened)
        dispatcher.on(OperationOver, self._operation_over)
        dispatcher.on(Unlocked, self._unlocked)

    # Planning.

    def propose(self, request: Request, title: str) -> None:
        """Plan a request, show the plan, and run it if the user agrees."""
        info = self._model.info
        self._proposed = partial(self.propose, request, title)
        self._engine.prompt.allow()
        self._ticket += 1
        self._plan_screen = PlanScreen(
            title,
            partial(self._engine.plan, self._ticket, request),
            blocked="stateroom runs read-only" if self._model.read_only else "",
            protected=info.protected if info else frozenset(),
            hints=_hints(self._model, request),
            home=info.home if info else "",
        )
        self._view.app.push_screen(self._plan_screen, lambda plan: self._decided(request, plan, title))

    def _planned(self, event: Planned) -> None:
        screen = self._plan_screen
        if event.ticket != self._ticket or screen is None:
            return  # the user has cancelled this one
        if event.plan is not None:
            screen.show_plan(event.plan)
        elif event.programs:
            screen.dismiss(None)
            self._trust.ask(event.programs, self._proposed)
        else:
            screen.fail(event.error)

    def _decided(self, request: Request, plan: Plan | None, title: str) -> None:
        self._ticket += 1
        self._plan_screen = None
        if plan is None:
            self._engine.drop_plan()
            return
        rest = replace(request, services=tuple(item.service for item in plan.deferred))
        self._continue = partial(self.propose, rest, title) if plan.deferred else None
        self._model.running = plan.operation.value
        self._progress.begin(title, sum(1 for _ in plan.steps()), time.monotonic())
        self._panes.show_activity(True)
        self._engine.execute(plan)
        self._view.show_keys()

    # Execution.

    def _happened(self, event: Happened) -> None:
        self._progress.apply(event.event, time.monotonic())
        if isinstance(event.event, ServiceWorking) and self._plan_screen is not None:
            self._plan_screen.tell(f"{event.event.service}: {event.event.text}")

    def _operation_over(self, event: OperationOver) -> None:
        name, self._model.running = self._model.running, ""
        self._progress.end(time.monotonic())
        if self._leaving:
            self._view.app.exit(0)
            return
        if event.error:
            self._progress.note_error(event.error)
            self._view.say("\n".join(event.error), title=f"{name} did not run", severity="error")
        elif event.outcome is not None:
            self._tell_outcome(name, event.outcome)
        self._selection.clear_marks()
        self._survey.start(keep_readings=False)
        if self._continue and event.outcome is not None and event.outcome.ok:
            self._continue()  # what could not be planned before

    def _tell_outcome(self, name: str, outcome: Outcome) -> None:
        if outcome.ok:
            self._view.say(f"{name} done, {count(outcome.done, 'step')}")
            return
        word = "stopped" if outcome.stopped else "is not complete" if outcome.left_alone else "failed in part"
        text = f"{outcome.done} done, {outcome.failed} failed, {outcome.skipped} skipped; the log below says more"
        self._view.say(text, title=f"{name} {word}", severity="error")

    def stop(self) -> None:
        """Stop the running operation: once starts nothing new, twice does not wait for running steps."""
        control = self._engine.control
        if control is None or control.aborting:
            return
        control.stop()
        self._progress.stopping = "stopping at once" if control.aborting else "stopping (again: at once)"
        self._progress.note(self._progress.stopping, "conflict")
        self._panes.activity.reload()

    def leave(self) -> None:
        """Quit; while an operation runs, ask first, and quit when it has stopped."""
        running = self._model.running
        if not running:
            self._view.app.exit(0)
            return
        lines = ("It finishes the steps that run, starts no others, and saves the state. Then stateroom quits.",)
        self._view.ask(f"{running} is running. Stop it and quit?", lines, "Stop and quit", self._stop_and_leave)

    def _stop_and_leave(self) -> None:
        self._leaving = True
        if self._model.running:
            self.stop()
        else:
            self._view.app.exit(0)

    # Locks.

    def ask_unlock(self, service: str, lock: Lock) -> None:
        """Show the holder of a lock, and break it if the user agrees."""
        lines = (f"{lock}", "If that operation still runs, breaking its lock can lose what it writes.")
        self._view.ask(f"Break the lock of {service}?", lines, "Break it", lambda: self._engine.unlock(service, lock))

    def _unlocked(self, event: Unlocked) -> None:
        if event.error:
            self._progress.note_error(event.error)
            self._view.say("\n".join(event.error), severity="error")
        elif event.lock is None:
            self._view.say(f"the lock of {event.service} that was shown is no longer held; nothing was broken")
        else:
            self._progress.note(f"unlocked  {event.service}: the lock was held by {event.lock}")
            self._view.say(f"{event.service} is unlocked")
            self._survey.start(keep_readings=True)  # what was running may be cut off now
            return
        self._engine.read_versions((event.service,))


def _hints(model: DeckModel, request: Request) -> tuple[str, ...]:
    """Return what to say under an empty plan: differences that another operation would resolve."""
    services = [model.services[name] for name in request.services if name in model.services]
    diffs = [diff for service in services or model.services.values() for diff in service.diffs.values()]
    drifted = sum(diff.drifted for diff in diffs)
    undeclared = sum(diff.outside for diff in diffs)
    pending = sum(diff.x.value in "~+-" for diff in diffs)
    if request.operation is Operation.DEPLOY and drifted:
        return (f"{drifted} drifted in the cloud, which deploy does not undo: h heals, r takes it into the state.",)
    if request.operation in (Operation.DEPLOY, Operation.HEAL) and undeclared:
        return (f"^{count(undeclared, 'undeclared change')}: h on one takes it away, a takes it into the state.",)
    if request.operation in (Operation.REFRESH, Operation.HEAL, Operation.ACCEPT) and pending:
        return (f"{pending} differ in the config: d deploys them.",)
    return ()
