"""Workspace of a home with other tools' states: each app and stage is a service to view and repair.

There is no config to compare with and no deploy: SST does that. It offers what SST lacks: resources with their
components, versions, locks and secrets, rollback to a version, and the state tools.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from stateroom.engine.opening.factory import open_provider
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.requests import Control, Emit, Info, Outcome, Request
from stateroom.engine.tools import foreign_rollback
from stateroom.engine.tools.app_secrets import keeps_secrets
from stateroom.engine.tools.pending_lookup import pending_lookup
from stateroom.engine.tools.state_tools import StateTools
from stateroom.errors import PlanError, ReadOnlyError, StateroomError, UsageError
from stateroom.model.diff import AttributeDiff, Mark, ResourceDiff, X, Y
from stateroom.model.events import ServiceSurveyed, ServiceUnreadable, SurveyFinished
from stateroom.model.plan import Operation, Plan
from stateroom.model.resource import Record, Snapshot
from stateroom.model.values import UNREAD
from stateroom.model.version import History, Lock, Version, VersionName
from stateroom.state.checkpoint.foreign_view import view_snapshot
from stateroom.state.home import Home


class ForeignWorkspace:
    """States of a home (engine.requests.Cockpit). Opening lists their names and reads no state.

    Args:
        home: where they live.
        options: choices of the user; `stage` and `services` narrow what is shown.
        project: its name in the title line.
        path: the directory that it was opened in.
        app: only this app; empty: all.
    """

    def __init__(self, home: Home, options: WorkspaceOptions, *, project: str, path: str, app: str = "") -> None:
        self.home = home
        self.options = options
        self.stage = options.stage or ""
        self._project = project
        self._path = path
        owners = sorted(self.home.services())
        shown = [(name, stage) for name, stage in owners if app in ("", name) and self.stage in ("", stage)]
        self._places = {f"{name}/{stage}": (name, stage) for name, stage in shown}
        for name in options.services:
            self._places.setdefault(*self._named(name))
        self.services = options.services or tuple(self._places)

    def _named(self, service: str) -> tuple[str, tuple[str, str]]:
        """Return the app and stage of a named service, including one without resources or with a damaged state."""
        app, separator, stage = service.partition("/")
        known = service in self._places
        if not known and (not separator or not app or not stage or self.home.etag(app, stage) is None):
            if separator and app and stage and self.home.histories.history(app, stage, 1).versions:
                return service, (app, stage)
            raise self._unknown(service)
        return service, (app, stage)

    def _unknown(self, service: str) -> UsageError:
        return UsageError(
            f"there is no state of {service!r}",
            why=f"there are: {', '.join(self._places)}" if self._places else f"{self.home.label} holds no state",
            todo="name one as app/stage",
        )

    def place(self, service: str) -> tuple[str, str]:
        """Return (app, stage) of a service. Raises UsageError."""
        return self._named(service)[1]

    def tools(self, service: str) -> StateTools:
        """Return the state tools for a service."""
        ask = pending_lookup(lambda: open_provider(self._region(service), self.options, lambda _: b""))
        return StateTools(self.home, *self.place(service), read_only=self.options.read_only, ask=ask)

    def _region(self, service: str) -> str:
        """Return the region of a state's resources: the user's choice, else its provider's."""
        snapshot = self.snapshot(service)
        return self.options.region or (snapshot.region if snapshot else "")

    # ---- what the faces ask

    def info(self) -> Info:
        """Return the title line's data."""
        return Info(
            project=self._project,
            path=self._path,
            stage=self.stage or "all stages",
            region=self.options.region or "",
            account="",
            home=self.home.label,
            passphrase=self.home.passphrase_source,
            read_only=self.options.read_only,
            protected=frozenset(),
            services=self.services,
            app_secrets=keeps_secrets(self.home),
            deployer="SST",
        )

    def survey(
        self,
        emit: Emit,
        *,
        services: tuple[str, ...] = (),
        read_cloud: bool = True,  # noqa: ARG002 - there is no cloud to read
        cancelled: Callable[[], bool] = lambda: False,
        fresh: bool = False,  # noqa: ARG002 - there is no config
    ) -> None:
        """Emit the resources of each state. Config and cloud are not read: other tools manage them."""
        started = time.monotonic()
        for service in services or self.services:
            if cancelled():
                return
            try:
                snapshot = self.snapshot(service)
            except StateroomError as error:
                emit(ServiceUnreadable(service, error.lines()))
                continue
            records = snapshot.records if snapshot else ()
            emit(ServiceSurveyed(service, tuple(_seen(service, record) for record in records)))
        emit(SurveyFinished(time.monotonic() - started, 0, 0))

    def snapshot(self, service: str, version: VersionName | None = None) -> Snapshot | None:
        """Return the state at a version, or now; None when there is none."""
        app, stage = self.place(service)
        if version is not None:
            document = foreign_rollback.version_document(self.home, app, stage, version)
        elif found := self.tools(service).find():
            document = found[0]
        else:
            return None
        return view_snapshot(document, self.home.keys.cipher(app, stage, document.salt))

    def versions(self, service: str) -> tuple[Version, ...]:
        """Return the recorded versions, newest first."""
        return self.home.versions(*self.place(service))

    def history(self, service: str, newest: int | None = None) -> History:
        """Return the newest versions with their changes."""
        return self.home.histories.history(*self.place(service), newest)

    def version(self, service: str, name: VersionName) -> tuple[Version, Version | None]:
        """Return a version, and the one before it."""
        return self.home.histories.find(*self.place(service), name)

    def lock(self, service: str) -> Lock | None:
        """Return the held lock, if any."""
        return self.home.read_lock(*self.place(service))

    def unlock(self, service: str) -> Lock | None:
        """Break the lock."""
        if self.options.read_only:
            raise ReadOnlyError("stateroom runs read-only", why="--read-only was given", todo="leave --read-only out")
        return self.home.break_lock(*self.place(service))

    def plan(
        self,
        request: Request,
        emit: Emit = lambda _event: None,  # noqa: ARG002 - nothing here is slow
        cancelled: Callable[[], bool] = lambda: False,  # noqa: ARG002
    ) -> Plan:
        """Plan a rollback to a version of one state. Every other operation is the deploying tool's.

        Raises:
            PlanError: it is another operation, or would change the cloud.
            UsageError: not exactly one service is named.
        """
        if request.operation is not Operation.ROLLBACK or not request.state_only:
            raise PlanError(
                f"stateroom does not {request.operation.value} what another tool deployed",
                why=f"{self.home.label} holds states of SST, whose config is a program",
                todo="`stateroom rollback VERSION --state-only` and `stateroom state` change the state;"
                f" `sst {request.operation.value}` does the rest",
            )
        services = request.services or self.services
        if len(services) != 1 or request.version is None:
            raise UsageError(
                "rollback is for one service and one version",
                todo=f"add --service: one of {', '.join(self.services)}",
            )
        return foreign_rollback.plan(self._restoring(services[0]), request.version)

    def execute(
        self,
        plan: Plan,
        emit: Emit,
        control: Control,  # noqa: ARG002 - it is over in one write
        *,
        undo_on_failure: bool = False,  # noqa: ARG002
        wait_for_lock: float = 0.0,  # noqa: ARG002
    ) -> Outcome:
        """Execute a rollback: the version's file replaces the state, with every field as it was."""
        return foreign_rollback.execute(self._restoring(plan.services[0].service), plan, emit)

    def _restoring(self, service: str) -> foreign_rollback.ForeignRollback:
        return foreign_rollback.ForeignRollback(service, self.tools(service), self.snapshot)


def _seen(service: str, record: Record) -> ResourceDiff:
    return ResourceDiff(
        service=service,
        logical_id=record.logical_id,
        type=record.type,
        x=X.SAME,  # there is no config to differ from
        y=Y.UNREAD,
        attributes=_attributes(record),
        physical_id=record.physical_id,
        parent=record.parent,
    )


def _attributes(record: Record) -> tuple[AttributeDiff, ...]:
    """Return inputs as attributes, and further cloud outputs as unmanaged; components have outputs only."""
    asked, answered = record.inputs, record.observed
    further = {name: value for name, value in answered.items() if name not in asked or asked[name] != value}
    return tuple(
        AttributeDiff((name,), Mark.UNKNOWN, UNREAD, value, UNREAD, managed=side is asked or not asked)
        for side in (asked, further)
        for name, value in side.items()
    )
