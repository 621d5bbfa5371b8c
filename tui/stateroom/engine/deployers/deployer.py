"""Deployer protocols: what is asked of whoever deploys one service on its stage.

A service on a stage has exactly one deployer. The cockpits ask it and nobody else; the faces do not know which one
answers. One that can be looked at but not yet made to deploy answers the first protocol only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from stateroom.config.compile_options import Watch
from stateroom.engine.execution.run_options import RunOptions, ServiceResult
from stateroom.engine.opening.state_loading import StateColumn
from stateroom.engine.requests import Request
from stateroom.engine.tools.state_tools import StateTools
from stateroom.model.plan import ServicePlan
from stateroom.model.resource import Snapshot
from stateroom.model.standing import Standing
from stateroom.model.values import Value
from stateroom.model.version import History, Lock, Version, VersionName


@dataclass(frozen=True, slots=True)
class PlannedOperation:
    """Steps of one service, and what is to be said besides them."""

    plan: ServicePlan
    warnings: tuple[str, ...] = ()


class DeployedService(Protocol):
    """One deployed service, to be looked at: its state, its past, its lock."""

    @property
    def name(self) -> str:
        """The deployer's name: "direct", "SST"."""

    def snapshot(self, version: VersionName | None = None) -> Snapshot | None:
        """Return the state at a version, or now; None when there is none. Raises StateError, PassphraseError."""

    def versions(self) -> tuple[Version, ...]:
        """Return the recorded versions, newest first."""

    def history(self, newest: int | None = None) -> History:
        """Return the newest versions and the number of older ones; None: all. Reads no state."""

    def version(self, name: VersionName) -> tuple[Version, Version | None]:
        """Return one past state and the one before it. Raises StateError, naming those that exist."""

    def lock(self) -> Lock | None:
        """Return the held lock, if any."""

    def standing(self) -> Standing:
        """Tell what runs or was cut off, who holds the lock, and what the state needs. Needs no passphrase."""

    def unlock(self, shown: Lock) -> Lock | None:
        """Break the lock that was shown, and return it; None when it is no longer held."""

    def tools(self) -> StateTools:
        """Return the state tools."""


class Deployer(DeployedService, Protocol):
    """One service, to be looked at and operated on."""

    def state(self) -> StateColumn:
        """Return the state column: what the deployer believes is there. Raises StateError, PassphraseError."""

    def plan(self, request: Request, outputs: Mapping[str, Mapping[str, Value]], watch: Watch) -> PlannedOperation:
        """Plan this service's part of an operation; changes nothing.

        Args:
            request: the operation.
            outputs: those of the services planned before, by service and name.
            watch: told what the config waits for, and asked whether anybody still wants the plan.

        Raises:
            StateroomError: config or state cannot be read, or the cloud cannot be asked.
        """

    def run(self, plan: ServicePlan, outputs: Mapping[str, Mapping[str, Value]], run: RunOptions) -> ServiceResult:
        """Run a plan of `plan`. Failures of steps are in the result.

        Args:
            plan: the steps.
            outputs: those of the services that this one depends on.
            run: settings that all services of the operation share.

        Raises:
            StateroomError: the cloud cannot be asked who we are.
        """
