"""Problem: what a check found wrong with one resource before anything runs."""

from __future__ import annotations

from dataclasses import dataclass

from stateroom.errors import SourceLocation
from stateroom.model.diff import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """Finding about a resource, or about one of its properties.

    Args:
        what: the finding in one line: "unknown property VisibilityTimeOut".
        todo: the way out: "did you mean VisibilityTimeout?".
        path: of the property; () for the resource as a whole.
        fatal: whether the plan must not run; otherwise it is a warning.
        where: file and line of the property, where the config has it.
    """

    what: str
    todo: str = ""
    path: Path = ()
    fatal: bool = True
    where: SourceLocation | None = None

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}; {self.todo}" if self.todo else head
