"""What happens while a survey or an operation runs. The screen shows events; `--json` prints them line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from stateroom.model.diff import ResourceDiff
from stateroom.model.plan import Action, Operation


@dataclass(frozen=True, slots=True)
class ServiceSurveyed:
    """Config and state of a service are compared; Y is `?` but for what the cloud has answered already."""

    service: str
    diffs: tuple[ResourceDiff, ...]


@dataclass(frozen=True, slots=True)
class ServiceWorking:
    """A service's config has to wait for something slow: its requirements are installed. The others go on."""

    service: str
    text: str  # `installing requirements.txt`


@dataclass(frozen=True, slots=True)
class ServiceUnreadable:
    """A service's config or state cannot be read; the others go on."""

    service: str
    error: tuple[str, ...]  # the lines of a StateroomError
    locked: bool = False  # because its passphrase is missing or wrong


@dataclass(frozen=True, slots=True)
class ResourcesRead:
    """Cloud readings have arrived for some resources of a service."""

    service: str
    diffs: tuple[ResourceDiff, ...]


@dataclass(frozen=True, slots=True)
class SurveyFinished:
    """Every resource has been read or has an error saying why not."""

    seconds: float
    read: int
    failed: int


@dataclass(frozen=True, slots=True)
class OperationStarted:
    """An operation holds its locks and begins."""

    operation: Operation
    stage: str  # `dev`, or `dev, prod`
    total: int  # steps


@dataclass(frozen=True, slots=True)
class ServiceStarted:
    """A service's own dependencies are done; its steps begin."""

    service: str
    total: int


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step's intent is durable; its API calls begin."""

    service: str
    step: str
    logical_id: str
    type: str
    action: Action


@dataclass(frozen=True, slots=True)
class StepWaiting:
    """A step waits for the cloud (a function to become active, a role to propagate) without holding a thread."""

    service: str
    step: str
    reason: str


@dataclass(frozen=True, slots=True)
class StepFinished:
    """A step is done."""

    service: str
    step: str
    logical_id: str
    type: str
    action: Action
    seconds: float


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A step failed; what depends on it is skipped, the rest goes on."""

    service: str
    step: str
    logical_id: str
    type: str
    action: Action
    seconds: float
    error: tuple[str, ...]
    code: str = ""  # the cloud's own error code


@dataclass(frozen=True, slots=True)
class StepSkipped:
    """A step was not run because something it depends on failed or the operation was stopped."""

    service: str
    step: str
    logical_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class StateSaved:
    """A new version of a service's state is stored."""

    service: str
    version: int


@dataclass(frozen=True, slots=True)
class ServiceFinished:
    """A service is done, or could not be: then `error` says why in a StateroomError's lines."""

    service: str
    done: int
    failed: int
    skipped: int
    seconds: float
    error: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth a line in the log: a lock that is waited for, an intent that was resolved."""

    service: str
    text: str


@dataclass(frozen=True, slots=True)
class OperationFinished:
    """The operation is over."""

    operation: Operation
    done: int
    failed: int
    skipped: int
    seconds: float
    stopped: bool = False


Event: TypeAlias = (
    ServiceSurveyed
    | ServiceWorking
    | ServiceUnreadable
    | ResourcesRead
    | SurveyFinished
    | OperationStarted
    | ServiceStarted
    | StepStarted
    | StepWaiting
    | StepFinished
    | StepFailed
    | StepSkipped
    | StateSaved
    | ServiceFinished
    | Note
    | OperationFinished
)
