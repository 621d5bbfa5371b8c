"""The deck: what commands can ask for, done."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from stateroom.engine.requests import Request
from stateroom.model.plan import Operation, Plan
from stateroom.model.version import Lock, Version
from stateroom.ui.commands import COMMANDS, Pane, display_key
from stateroom.ui.deck.view_actions import DeckLooks
from stateroom.ui.screens.plan import PlanScreen
from stateroom.ui.screens.value import ValueScreen
from stateroom.ui.screens.version import VersionScreen
from stateroom.ui.widgets.key_bar import KeyBar
from stateroom.ui.widgets.line_list import LineList

_BY_NAME = {command.name: command for command in COMMANDS}
_ORDER = (Pane.SERVICES, Pane.RESOURCES, Pane.VERSIONS, Pane.DIFF, Pane.ACTIVITY)


class DeckScreen(DeckLooks):
    """The main screen. It is the `Deck` that commands are run on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(command.key, f"command('{command.name}')", command.label, id=command.name, show=False)
            for command in COMMANDS
            if command.name != "stop"
        ),
        Binding("ctrl+c", "command('stop')", "stop", id="stop", show=False, priority=True),
        Binding("left", "pane(-1)", "Pane before", show=False),
        Binding("right", "pane(1)", "Next pane", show=False),
    ]

    def action_command(self, name: str) -> None:
        """Run a command, or say why it cannot run now."""
        command, context = _BY_NAME[name], self.context
        reason = command.disabled(context)
        if reason is None:
            command.run(self, context)
            self.show_keys()
        else:
            self.notify(f"{command.label}: {reason}", severity="warning", timeout=3, markup=False)

    @on(KeyBar.Clicked)
    def _hint_clicked(self, event: KeyBar.Clicked) -> None:
        self.action_command(event.name)

    def action_pane(self, step: int) -> None:
        """Focus the pane before or after."""
        shown = [pane for pane in _ORDER if self.query_one(f"#{pane}").display]
        self.focus_pane(shown[(shown.index(self.pane) + step) % len(shown)] if self.pane in shown else Pane.RESOURCES)

    @on(LineList.Chosen)
    def _chosen(self) -> None:
        if self.pane is Pane.SERVICES:
            self.focus_pane(Pane.RESOURCES)
        elif self.pane is Pane.RESOURCES:
            self.focus_pane(Pane.DIFF)
        elif self.pane is Pane.VERSIONS and self.versions.version:
            self._open_version(self.versions.version)
        elif self.pane is Pane.DIFF and self.diff.attribute and self.diff.resource:
            diff, resource = self.diff.attribute, self.diff.resource
            address = f"{resource.service}/{resource.logical_id}"
            self.app.push_screen(ValueScreen(address, diff, self.diff.values(diff)))

    def _open_version(self, version: Version) -> None:
        service = self.versions.service
        keys = display_key(self.keys["rollback"]), display_key(self.keys["rollback_state"])
        self.app.push_screen(VersionScreen(service, version, keys), self._run_if_any)
        self.session.read_snapshots(service, version.name)

    def _run_if_any(self, name: str | None) -> None:
        if name:
            self.action_command(name)

    # Operations.

    def propose(self, request: Request, title: str) -> None:
        """Plan, show, ask, run."""
        info = self.info
        self.session.prompt.allow()
        blocked = "stateroom runs read-only" if self.read_only else ""
        protected = info.protected if info else frozenset()
        self.ticket += 1
        begin = partial(self.session.plan, self.ticket, request)
        self.plan_screen = PlanScreen(title, begin, blocked=blocked, protected=protected, hints=self._hints(request))
        self.app.push_screen(self.plan_screen, lambda plan: self._decided(plan, title))

    def _hints(self, request: Request) -> tuple[str, ...]:
        boards = [self.board.services[name] for name in request.services if name in self.board.services]
        diffs = [diff for board in boards or self.board.services.values() for diff in board.diffs.values()]
        drifted = sum(diff.drifted for diff in diffs)
        pending = sum(diff.x.value in "~+-" for diff in diffs)
        if request.operation is Operation.DEPLOY and drifted:
            return (f"{drifted} drifted in the cloud, which deploy does not undo: h heals, r takes it into the state.",)
        if request.operation in (Operation.REFRESH, Operation.HEAL, Operation.ACCEPT) and pending:
            return (f"{pending} differ in the config: d deploys them.",)
        return ()

    def _decided(self, plan: Plan | None, title: str) -> None:
        self.ticket += 1
        self.plan_screen = None
        if plan is None:
            self.session.drop_plan()
            return
        self.running = plan.operation.value
        self.progress.begin(title, sum(1 for _ in plan.steps()), self.activity.monotonic())
        self.show_activity(True)
        self.session.execute(plan)
        self.show_keys()

    def survey(self) -> None:
        """Read again; old readings stay until the new ones come."""
        self.session.prompt.allow()
        self.start_survey(keep_readings=True, fresh=True)

    def ask_unlock(self, service: str, lock: Lock) -> None:
        """Show whose lock it is."""
        lines = (f"{lock}", "If that operation still runs, breaking its lock can lose what it writes.")
        self.ask(f"Break the lock of {service}?", lines, "Break it", lambda: self.session.unlock(service))

    def stop(self) -> None:
        """Once: nothing new starts. Twice: not even waiting for what runs."""
        control = self.session.control
        if control is None or control.aborting:
            return
        control.stop()
        self.progress.stopping = "stopping at once" if control.aborting else "stopping (again: at once)"
        self.progress.note(self.progress.stopping, "conflict")
        self.activity.reload()

    def leave(self) -> None:
        """Nothing is left running behind."""
        if not self.running:
            self.app.exit(0)
            return
        lines = ("It finishes the steps that run, starts no others, and saves the state. Then stateroom quits.",)
        self.ask(f"{self.running} is running. Stop it and quit?", lines, "Stop and quit", self._stop_and_leave)

    def _stop_and_leave(self) -> None:
        self.leaving = True
        if self.running:
            self.stop()
        else:
            self.app.exit(0)
