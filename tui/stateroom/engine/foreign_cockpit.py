"""Cockpit of another tool's home: its states as services, to be looked at, repaired and set back to a version."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from stateroom.engine.deployers.sst import SstService
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.requests import Emit, Info, Outcome
from stateroom.engine.service_cockpit import ServiceCockpit
from stateroom.engine.survey.states import survey_states
from stateroom.engine.tools.app_secrets import keeps_secrets
from stateroom.errors import StateError, UsageError
from stateroom.model.plan import Plan
from stateroom.model.problems.suggestions import near_miss
from stateroom.model.version import VersionName
from stateroom.state.home import Home
from stateroom.state.repository.kept_stages import kept_without_state


class ForeignCockpit(ServiceCockpit):
    """States of another tool in its home (engine.requests.StateRollbackCockpit): every app and stage is a service.

    There is no config to compare with and no deploy. Opening lists the states, and the stages that have secrets, a
    passphrase or a lock before their first deploy; nothing is read but names.

    Args:
        home: where they live.
        options: choices of the user; `stage` and `services` narrow what is shown.
        project: its name in the title line.
        path: the directory that it was opened in.
        app: only this app; empty: all.
        own: the app of the directory. A stage of it that was never deployed may be named: secrets come first.
    """

    def __init__(
        self, home: Home, options: WorkspaceOptions, *, project: str, path: str, app: str = "", own: str = ""
    ) -> None:
        self._home = home
        self._options = options
        self._stage = options.stage or ""
        self._project = project
        self._path = path
        self._own = own
        self._warnings: tuple[str, ...] = ()
        owners = {*home.services(), *self._before_deploy(app)}
        shown = [(name, stage) for name, stage in sorted(owners) if app in ("", name) and self._stage in ("", stage)]
        self._places = {f"{name}/{stage}": (name, stage) for name, stage in shown}
        if own and self._stage:
            self._refuse_slip(own, self._stage, owners)
            self._places.setdefault(f"{own}/{self._stage}", (own, self._stage))
        for name in options.services:
            self._places.setdefault(name, self._place(name))
        self._services = options.services or tuple(self._places)

    def deployer(self, service: str) -> SstService:
        """Return the deployer of a service. Raises UsageError."""
        return SstService(self._home, service, *self._place(service), self._options)

    def info(self) -> Info:
        """Return the title line's data."""
        return Info(
            project=self._project,
            path=self._path,
            stage=self._stage or "all stages",
            region=self._options.region or "",
            account="",
            home=self._home.label,
            passphrase=self._home.passphrase_source,
            read_only=self._options.read_only,
            protected=frozenset(),
            services=self._services,
            warnings=self._warnings,
            app_secrets=keeps_secrets(self._home),
            deployer=SstService.name,
        )

    def survey(
        self,
        emit: Emit,
        *,
        services: tuple[str, ...] = (),
        read_cloud: bool = True,  # noqa: ARG002 - there is no cloud to read
        cancelled: Callable[[], bool] = lambda: False,
        fresh: bool = False,  # noqa: ARG002 - there is no config
        quick: bool = False,  # noqa: ARG002 - nor is a cloud read
    ) -> None:
        """Emit the resources of each state."""
        survey_states(services or self._services, self.snapshot, self.standing, emit, cancelled)

    def plan_state_rollback(self, service: str, version: VersionName) -> Plan:
        """Plan to set a state back to a version."""
        return self.deployer(service).plan_state_rollback(version)

    def execute_state_rollback(self, plan: Plan, emit: Emit) -> Outcome:
        """Set a state back: the version's file takes its place, every field as it was."""
        return self.deployer(plan.services[0].service).execute_state_rollback(plan, emit)

    def _before_deploy(self, app: str) -> Iterable[tuple[str, str]]:
        """List the stages that have no resources, and something else: secrets, a passphrase, a lock."""
        keys = self._home.keys
        if self._own and self._stage:
            return ()  # nothing else is shown, and it is, whatever there is of it
        try:
            return kept_without_state(keys.store, keys.names, keys.passphrases.vault, app)
        except StateError as error:  # of the vault: the states have been listed already
            self._warnings = (f"stages of which only a passphrase exists are not listed: {error.what}",)
            return kept_without_state(keys.store, keys.names, None, app)

    def _kept(self, app: str, stage: str) -> bool:
        """Tell whether the home keeps anything of a stage: a state, a version, secrets, a passphrase, or a lock."""
        home = self._home
        return (
            home.etag(app, stage) is not None
            or bool(home.histories.history(app, stage, 1).versions)
            or bool(home.keys.kept(app, stage))
        )

    def _refuse_slip(self, app: str, stage: str, owners: Iterable[tuple[str, str]]) -> None:
        """Raise UsageError for a stage of which there is nothing, and whose name is one letter away from another's."""
        meant = near_miss(stage, {other for name, other in owners if name == app})
        if meant and not self._kept(app, stage):
            raise UsageError(
                f"there is no stage {stage!r} of {app}",
                why="its home keeps nothing of one, and has one that is called almost the same",
                todo=f"did you mean {meant}?",
            )

    def _place(self, service: str) -> tuple[str, str]:
        """(app, stage) of a service; one without resources, or a damaged one, can be named, too. Raises UsageError."""
        app, separator, stage = service.partition("/")
        if service in self._places:
            return app, stage
        named = bool(separator and app and stage)
        if named and app == self._own:
            self._refuse_slip(app, stage, self._places.values())
        if named and (app == self._own or self._kept(app, stage)):
            return app, stage
        raise UsageError(
            f"there is no state of {service!r}",
            why=f"there are: {', '.join(self._places)}" if self._places else f"{self._home.label} holds no state",
            todo="name one as app/stage",
        )
