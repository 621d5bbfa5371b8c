"""What happens while a survey or an operation runs. The screen shows events; `--json` prints them line by line.

They are named tuples: a frozen dataclass takes five times as long to define, and the first frame waits for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from stateroom.model.diff import ResourceDiff
    from stateroom.model.plan import Action, Operation
    from stateroom.model.standing import Standing


class ServiceSurveyed(NamedTuple):
    """Config and state of a service are compared; Y is `?` but for what the cloud has answered already."""

    service: str
    diffs: tuple[ResourceDiff, ...]
    standing: Standing | None = None  # None: nothing is to be said
    warnings: tuple[str, ...] = ()  # of the config: what of it is not done, and what plugins would have done


class ServiceWorking(NamedTuple):
    """A service's config has to wait for something slow: its requirements are installed. The others go on."""

    service: str
    text: str  # `installing requirements.txt`


class ServiceUnreadable(NamedTuple):
    """A service's config or state cannot be read; the others go on."""

    service: str
    error: tuple[str, ...]  # the lines of a StateroomError
    locked: bool = False  # because its passphrase is missing or wrong


class ResourcesRead(NamedTuple):
    """Cloud readings have arrived for some resources of a service."""

    service: str
    diffs: tuple[ResourceDiff, ...]


class SurveyFinished(NamedTuple):
    """Every resource has been read or has an error saying why not."""

    seconds: float
    read: int
    failed: int


class OperationStarted(NamedTuple):
    """An operation holds its locks and begins."""

    operation: Operation
    stage: str  # `dev`, or `dev, prod`
    total: int  # steps


class ServiceStarted(NamedTuple):
    """A service's own dependencies are done; its steps begin."""

    service: str
    total: int


class StepStarted(NamedTuple):
    """A step's intent is durable; its API calls begin."""

    service: str
    step: str
    logical_id: str
    type: str
    action: Action


class StepWaiting(NamedTuple):
    """A step waits for the cloud: a function to become active, a role to propagate, its turn under an API's limit."""

    service: str
    step: str
    reason: str
    seconds: float = 0.0  # that the wait lasts at most; 0: not known


class StepFinished(NamedTuple):
    """A step is done."""

    service: str
    step: str
    logical_id: str
    type: str
    action: Action
    seconds: float
    answered_by: str = ""  # who answered in the place of the service: an emulator's Cloud Control


class StepFailed(NamedTuple):
    """A step failed; what depends on it is skipped, the rest goes on."""

    service: str
    step: str
    logical_id: str
    type: str
    action: Action
    seconds: float
    error: tuple[str, ...]
    code: str = ""  # the cloud's own error code


class StepSkipped(NamedTuple):
    """A step was not run because something it depends on failed or the operation was stopped."""

    service: str
    step: str
    logical_id: str
    reason: str


class StateSaved(NamedTuple):
    """A new version of a service's state is stored."""

    service: str
    version: int


class ServiceFinished(NamedTuple):
    """A service is done, or could not be: then `error` says why in a StateroomError's lines."""

    service: str
    done: int
    failed: int
    skipped: int
    seconds: float
    error: tuple[str, ...] = ()


class Note(NamedTuple):
    """Something worth a line in the log: a lock that is waited for, an intent that was resolved."""

    service: str
    text: str


class OperationFinished(NamedTuple):
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
