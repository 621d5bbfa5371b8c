"""Errors that people read: what happened, why, and what to do next.

Every error that stateroom raises on purpose is a `StateroomError`. Faces print its three lines; nothing else of it,
so that a secret can only be shown by someone writing it into a message, which no room does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """Where in the user's files something was written. Lines and columns count from 1."""

    file: Path
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class StateroomError(Exception):
    """What went wrong in three lines.

    Args:
        what: what happened, to which thing; one line, no full stop needed.
        why: the reason, as far as it is known; may be empty.
        todo: what the user can do next; may be empty.
        where: the place in the user's files that caused it.
    """

    passes = False  # whether the same command may do better though nobody puts anything right

    def __init__(self, what: str, *, why: str = "", todo: str = "", where: SourceLocation | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.todo = todo
        self.where = where

    def lines(self) -> tuple[str, ...]:
        """Format the message as commands and screen print it: what (with file:line), why, what to do."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        return tuple(line for line in (head, self.why, self.todo) if line)

    def __str__(self) -> str:
        return "\n".join(self.lines())


class UsageError(StateroomError):
    """The command line asks for something that does not exist or does not go together (exit code 64)."""


class ConfigError(StateroomError):
    """A project file says something that cannot be read or compiled."""


class KnownLaterError(ConfigError):
    """A service cannot be compiled before others are deployed: `services`."""

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        todo: str = "",
        where: SourceLocation | None = None,
        services: tuple[str, ...] = (),
    ) -> None:
        super().__init__(what, why=why, todo=todo, where=where)
        self.services = services


class TrustError(ConfigError):
    """A project wants a program started that its directory is not trusted with."""


class StateError(StateroomError):
    """A state, a version or a journal cannot be read, or must not be written."""


class MisplacedStateError(StateError):
    """State that lies in the place of another one: it carries another name inside. It is never written."""


class NewerStateError(StateError):
    """State, journal or record in a format of a newer release. It is whole: it is never repaired and never replaced."""


class DamagedPackageError(StateError):
    """A deployment package on the local disk is not what its name says. It can be made again."""


class UnknownVersionError(StateError, UsageError):
    """A version is named that does not exist."""


class StateConflictError(StateError):
    """Someone else wrote the state in between: nothing was overwritten."""

    passes = True


class LockedError(StateError):
    """Another operation holds the stage's lock."""

    passes = True


class PassphraseError(StateError):
    """The passphrase is missing or is not the one that encrypted this state."""


class CloudError(StateroomError):
    """A cloud API refused or could not be reached.

    `code` is the provider's own error code (`ResourceNotFoundException`), `operation` the API call. `refused`: the call
    was refused for good, so that it is certain that a create has made nothing. `passes`: it may succeed later.
    """

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        todo: str = "",
        where: SourceLocation | None = None,
        code: str = "",
        operation: str = "",
        refused: bool = False,
        passes: bool = False,
    ) -> None:
        super().__init__(what, why=why, todo=todo, where=where)
        self.code = code
        self.operation = operation
        self.refused = refused
        self.passes = passes


class NotAskedError(StateroomError):
    """A value far away that was not asked for, because of --offline. It is not known, and differs from nothing."""


class NotFoundInCloudError(CloudError):
    """The resource that an operation needs is not there any more."""


class OutputError(StateroomError):
    """What a command answers cannot be written: the disk that it goes to is full, or fails."""


class ReadOnlyError(StateroomError):
    """A change was asked for while stateroom runs read-only."""


class PlanError(StateroomError):
    """A plan cannot be made or cannot be carried out as it was shown."""
