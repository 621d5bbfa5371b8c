"""Context of a command: the focused pane, what is under the cursor, and what runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from stateroom.engine.requests import Info
from stateroom.model.diff import AttributeDiff, ResourceDiff
from stateroom.model.version import Lock, Version


class Pane(StrEnum):
    """The panes of the deck; the values are their widget ids."""

    SERVICES = "services"
    RESOURCES = "resources"
    VERSIONS = "versions"
    DIFF = "diff"
    ACTIVITY = "activity"


@dataclass(frozen=True, slots=True)
class CommandContext:
    """What is under the cursor and what runs, at the moment when a command is checked or run."""

    pane: Pane = Pane.SERVICES
    info: Info | None = None  # None: the project is still opening
    service: str = ""  # "": all services
    resource: ResourceDiff | None = None
    attribute: AttributeDiff | None = None
    marked: tuple[str, ...] = ()  # addresses of those in sight: commands act on nothing else
    has_marks: bool = False  # whether anything is marked, in sight or not
    version: Version | None = None
    lock: Lock | None = None
    running: str = ""  # the operation that runs
    filtered: bool = False
    reset_refusal: str | None = None  # why the home is not reset; "" when it can be, None when not known yet
    tree: bool = False  # the resources are parts of components

    @property
    def owner(self) -> str:
        """The chosen service, or that of the resource under the cursor."""
        if self.service:
            return self.service
        return self.resource.service if self.resource else ""
