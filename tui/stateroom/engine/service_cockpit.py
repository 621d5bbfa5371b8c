"""What every cockpit does alike: ask the deployer of a service for its state, its past and its lock."""

from __future__ import annotations

from abc import ABC, abstractmethod

from stateroom.engine.deployers.deployer import DeployedService
from stateroom.engine.tools.state_tools import StateTools
from stateroom.model.resource import Snapshot
from stateroom.model.standing import Standing
from stateroom.model.version import History, Lock, Version, VersionName


class ServiceCockpit(ABC):
    """Base of cockpits (part of engine.requests.Cockpit)."""

    @abstractmethod
    def deployer(self, service: str) -> DeployedService:
        """Return the deployer of a service. Raises UsageError when there is no such service."""

    def snapshot(self, service: str, version: VersionName | None = None) -> Snapshot | None:
        """Return the state at a version, or now; None when there is none."""
        return self.deployer(service).snapshot(version)

    def versions(self, service: str) -> tuple[Version, ...]:
        """Return the recorded versions, newest first."""
        return self.deployer(service).versions()

    def history(self, service: str, newest: int | None = None) -> History:
        """Return the newest versions with their changes."""
        return self.deployer(service).history(newest)

    def version(self, service: str, name: VersionName) -> tuple[Version, Version | None]:
        """Return a version, and the one before it."""
        return self.deployer(service).version(name)

    def lock(self, service: str) -> Lock | None:
        """Return the held lock, if any."""
        return self.deployer(service).lock()

    def standing(self, service: str) -> Standing:
        """Tell what runs or was cut off, who holds the lock, and what the state needs."""
        return self.deployer(service).standing()

    def unlock(self, service: str, shown: Lock) -> Lock | None:
        """Break the lock that was shown; None when it is no longer held. Raises ReadOnlyError."""
        return self.deployer(service).unlock(shown)

    def tools(self, service: str) -> StateTools:
        """Return the state tools for a service."""
        return self.deployer(service).tools()
