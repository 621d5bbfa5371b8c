"""Values that a config asks for and only something far away can tell: requests, and what answers them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from stateroom.errors import StateroomError
from stateroom.model.values import Secret


@dataclass(frozen=True, slots=True)
class Account:
    """The number of the account that calls are made with. Answered by text."""

    profile: str = ""  # a named profile of the user's AWS configuration; "" the one that everything uses
    region: str = field(default="", compare=False)  # where it is asked; the answer is the same everywhere


@dataclass(frozen=True, slots=True)
class ParameterRequest:
    """A parameter of SSM. Answered by a ParameterValue."""

    region: str
    name: str
    decrypt: bool = True
    profile: str = ""


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """`type` is String, StringList or SecureString."""

    type: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StackOutputs:
    """The outputs of a CloudFormation stack. Answered by a map of texts."""

    region: str
    stack: str
    profile: str = ""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object of S3. Answered by its text."""

    bucket: str
    key: str
    region: str = ""
    profile: str = ""


@dataclass(frozen=True, slots=True)
class WebDocument:
    """What a web server answers to GET. Answered by its text."""

    url: str
    username: str = ""
    password: Secret | None = None


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A secret of Secrets Manager, by name or ARN. Answered by a Secret of its text.

    `stage` and `version` "": the current one.
    """

    region: str
    secret: str
    stage: str = ""
    version: str = ""
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Exports:
    """What all CloudFormation stacks of a region export. Answered by a map of texts."""

    region: str
    profile: str = ""


@dataclass(frozen=True, slots=True)
class AvailabilityZones:
    """The zones of a region that `Fn::GetAZs` answers with. Answered by their names, sorted."""

    region: str
    profile: str = ""


RemoteRequest: TypeAlias = (
    Account | ParameterRequest | StackOutputs | StoredObject | WebDocument | StoredSecret | Exports | AvailabilityZones
)
RemoteAnswer: TypeAlias = str | ParameterValue | Secret | tuple[str, ...] | Mapping[str, str] | StateroomError | None
"""None: there is no such thing. A StateroomError: it could not be read, and why."""


class RemoteValues(Protocol):
    """Whoever can answer requests."""

    def read(self, requests: Sequence[RemoteRequest]) -> Mapping[RemoteRequest, RemoteAnswer]:
        """Answers to all of the requests, asked for together as far as the APIs allow. Raises nothing for a request
        that cannot be answered: the reason is its answer."""
