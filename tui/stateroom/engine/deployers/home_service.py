"""What is the same for every service whose state lies in a home: versions, history, lock, tools."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from stateroom.cloud.provider import Provider
from stateroom.engine.opening.guards import refuse_read_only
from stateroom.engine.opening.standing import read_standing
from stateroom.engine.tools.state_tools import StateTools
from stateroom.model.standing import Standing
from stateroom.model.version import History, Lock, Version, VersionName
from stateroom.state.home import Home
from stateroom.state.tools.repair import Ask


class HomeService:
    """One service's state in a home (part of engine.deployers.deployer.DeployedService).

    Args:
        home: where the state lies.
        app, stage: the names that it goes by.
        ask: asks the cloud about other tools' pending operations, for the state tools.
        provider: opens the cloud, for our own.
        read_only: refuse whatever changes something.
    """

    def __init__(
        self,
        home: Home,
        app: str,
        stage: str,
        *,
        ask: Ask | None,
        read_only: bool,
        provider: Callable[[], Provider] | None = None,
    ) -> None:
        self._home = home
        self._app = app
        self._stage = stage
        self._ask = ask
        self._read_only = read_only
        self._provider_of_state = provider

    def versions(self) -> tuple[Version, ...]:
        """Return the recorded versions, newest first."""
        return self._home.versions(self._app, self._stage)

    def history(self, newest: int | None = None) -> History:
        """Return the newest versions with their changes."""
        found = self._home.histories.history(self._app, self._stage, newest)
        if found.versions:
            return found
        held, modified = self._home.documents.held(self._app, self._stage)
        return replace(found, held=held, modified=modified)

    def version(self, name: VersionName) -> tuple[Version, Version | None]:
        """Return a version, and the one before it."""
        return self._home.histories.find(self._app, self._stage, name)

    def lock(self) -> Lock | None:
        """Return the held lock, if any."""
        return self._home.read_lock(self._app, self._stage)

    def standing(self) -> Standing:
        """Tell what runs or was cut off, who holds the lock, and what the state needs."""
        return read_standing(self._home, self._app, self._stage)

    def unlock(self, shown: Lock) -> Lock | None:
        """Break the lock that was shown; None when it is no longer held. Raises ReadOnlyError."""
        refuse_read_only(read_only=self._read_only)
        return self._home.locks.break_one(self._app, self._stage, only=lambda held: held == shown)

    def tools(self) -> StateTools:
        """Return the state tools."""
        return StateTools(
            self._home,
            self._app,
            self._stage,
            read_only=self._read_only,
            ask=self._ask,
            provider=self._provider_of_state,
        )
