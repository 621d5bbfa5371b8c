"""Options for opening a project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stateroom.state.secrets.passphrase_questions import Question


@dataclass(frozen=True, slots=True)
class WorkspaceOptions:
    """User's options. `environment` replaces the process's environment for all variables."""

    stage: str | None = None
    services: tuple[str, ...] = ()
    home: str | None = None  # a directory, or a kind of home; default: engine.opening.which_home
    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    read_only: bool = False
    params: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    prompt: Callable[[Question], str | None] | None = None  # asks for a passphrase; None: never asks
    offer: Callable[[str], bool] | None = None  # asks whether the passphrase of a place is to be kept in the keyring
    max_concurrency: int = 0  # services under way at once; 0: as many as their dependencies allow
    threads: int = 16  # API calls under way at once
    trust: bool = False  # the project may start its programs this once
