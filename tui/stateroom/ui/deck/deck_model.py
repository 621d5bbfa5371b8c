"""View model of the deck: project, services and their resources as the newest survey read them. No widgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from stateroom.engine.requests import Info
from stateroom.model.diff import ResourceDiff, X, Y, tally
from stateroom.model.events import (
    Event,
    ResourcesRead,
    ServiceSurveyed,
    ServiceUnreadable,
    ServiceWorking,
    SurveyFinished,
)
from stateroom.model.version import History, Lock, Version

if TYPE_CHECKING:
    from stateroom.model.standing import Standing

Address = tuple[str, str]
"""(service, logical id)."""


@dataclass
class ServiceModel:
    """State of one service on the screen."""

    name: str
    stage: str = ""  # where services have different ones
    diffs: dict[str, ResourceDiff] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    surveyed: bool = False
    working: str = ""  # what its config has to wait for
    error: tuple[str, ...] = ()
    locked: bool = False  # because of the passphrase
    standing: Standing | None = None  # None: nothing is to be said
    lock: Lock | None = None
    history: History | None = None  # None: not loaded yet
    versions_error: tuple[str, ...] = ()
    reading: bool = False  # older versions are on their way

    def replace_version(self, version: Version | None) -> None:
        """Replace the version of the same name by one with its changes counted; None changes nothing."""
        if self.history is not None and version is not None:
            known = (version if item.name == version.name else item for item in self.history.versions)
            self.history = replace(self.history, versions=tuple(known))

    def count(self) -> None:
        """Count the statuses of all resources again."""
        self.counts = tally(self.diffs.values())


class DeckModel:
    """Project, services by name, and progress of the newest survey.

    Each survey has a generation number. Events of an older one are dropped, so that a slow answer never overwrites a
    newer one.
    """

    def __init__(self, *, read_only: bool = False) -> None:
        self.info: Info | None = None  # None: the project is still opening
        self.read_only = read_only
        self.running = ""  # the operation that runs
        self.reset_refusal: str | None = None  # why the home is not reset; "" when it can be, None when not known yet
        self.services: dict[str, ServiceModel] = {}
        self.generation = 0
        self.surveying = False
        self.keep_readings = False
        self.read_at: datetime | None = None
        self.failed = 0
        self.compared = True  # False: another tool deploys, so states are all there is
        self._newest: datetime | None = None  # of this survey's readings
        self._received = 0

    def open(self, names: Iterable[str], stages: Mapping[str, str]) -> None:
        """Set the services, in order, and their stages where they differ; what is known of a service stays."""
        self.services = {name: self.services.get(name) or ServiceModel(name) for name in names}
        for name, service in self.services.items():
            service.stage = stages.get(name, "")

    def begin(self, *, keep_readings: bool) -> int:
        """Start a survey and return its generation.

        `keep_readings`: until a resource is read again its last reading stays, which is right when only time has
        passed, and wrong after an operation.
        """
        self.generation += 1
        self.surveying = True
        self.keep_readings = keep_readings
        self._newest = None
        self._received = 0
        return self.generation

    def apply(self, generation: int, event: Event, now: datetime) -> bool:
        """Apply an event of a survey; returns False when it belongs to an older survey."""
        if generation != self.generation:
            return False
        if isinstance(event, SurveyFinished):
            self.surveying = False
            self.failed = event.failed
            self.read_at = self._newest or (now if event.read > event.failed else None)
        elif isinstance(event, ServiceSurveyed):
            self._surveyed(event)
        elif isinstance(event, ResourcesRead):
            service = self._service(event.service)
            service.diffs.update((diff.logical_id, diff) for diff in event.diffs)
            self._received += len(event.diffs)
            moments = [diff.read_at for diff in event.diffs if diff.read_at]
            self._newest = max([*moments, self._newest] if self._newest else moments, default=None)
        elif isinstance(event, ServiceWorking):
            self._service(event.service).working = event.text
        elif isinstance(event, ServiceUnreadable):
            service = self._service(event.service)
            service.working = ""
            service.error, service.locked = event.error, event.locked
            service.surveyed = True
        return True

    def end(self, generation: int) -> None:
        """Mark the survey as over, however it ended."""
        if generation == self.generation:
            self.surveying = False
            for service in self.services.values():
                service.working = ""

    def _service(self, name: str) -> ServiceModel:
        return self.services.setdefault(name, ServiceModel(name))

    def _surveyed(self, event: ServiceSurveyed) -> None:
        service = self._service(event.service)
        service.error, service.working = (), ""
        service.surveyed = True
        service.standing = event.standing
        old = service.diffs if self.keep_readings else {}
        service.diffs = {diff.logical_id: _newer(old.get(diff.logical_id), diff) for diff in event.diffs}
        service.count()

    def recount(self, names: Iterable[str]) -> None:
        """Count the statuses of some services again, once after many readings."""
        for name in names:
            if name in self.services:
                self.services[name].count()

    def services_of(self, service: str) -> list[ServiceModel]:
        """Return the named service in a list, or all services for ""."""
        if service:
            return [self.services[service]] if service in self.services else []
        return list(self.services.values())

    def rows(self, service: str) -> list[ResourceDiff]:
        """Return the resources of a service ("" for all), in the order of the survey."""
        return [diff for item in self.services_of(service) for diff in item.diffs.values()]

    def counts(self) -> Counter[str]:
        """Count the statuses of all resources of all services."""
        total: Counter[str] = Counter()
        for service in self.services.values():
            total.update(service.counts)
        return total

    def find(self, address: Address) -> ResourceDiff | None:
        """Return one resource, or None when there is none of that address."""
        service = self.services.get(address[0])
        return service.diffs.get(address[1]) if service else None

    def working(self) -> str:
        """Return `orders: installing requirements.txt` for the first service that has to wait, or ""."""
        return next((f"{item.name}: {item.working}" for item in self.services.values() if item.working), "")

    def progress(self) -> tuple[int, int]:
        """Count (resources that this survey has read or cannot read, all resources)."""
        diffs = [diff for item in self.services.values() for diff in item.diffs.values()]
        never_deployed = sum(1 for diff in diffs if diff.y is Y.NONE)
        return min(self._received + never_deployed, len(diffs)), len(diffs)


def _newer(old: ResourceDiff | None, new: ResourceDiff) -> ResourceDiff:
    """Keep the last reading of the cloud until there is a new one, as long as its comparison still holds."""
    if old is None or new.y is not Y.UNREAD or old.y is Y.UNREAD:
        return new
    # X is not known while the config is still being compiled; when it is, only the same X keeps the comparison right.
    return old if new.x in (X.UNKNOWN, old.x) else new
