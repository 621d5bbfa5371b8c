"""What the options of a run mean for reading a project's files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from stateroom.config.project import Project, open_project
from stateroom.config.settings import Settings
from stateroom.engine.options import WorkspaceOptions
from stateroom.model.remote import RemoteAnswer, RemoteRequest, RemoteValues


def read_project(path: Path, options: WorkspaceOptions) -> Project:
    """The project at `path` (a directory or a file in it). Raises ConfigError."""
    return open_project(path, options=file_options(options), environment=options.environment)


def settings_of(project: Project, options: WorkspaceOptions) -> Settings:
    """How to compile a project's services."""
    return Settings(
        stage=options.stage or project.default_stage,  # one for all: a project is deployed to one stage
        region=options.region,
        options=file_options(options),
        environment=options.environment,
        params=options.params,
        build_dir=_build_dir(project, options),
        remote=_FromTheCloud(options),
    )


class _FromTheCloud:
    """model.remote.RemoteValues that opens the cloud when a variable asks for it, and not before."""

    def __init__(self, options: WorkspaceOptions) -> None:
        self._options = options
        self._values: RemoteValues | None = None

    def read(self, requests: Sequence[RemoteRequest]) -> Mapping[RemoteRequest, RemoteAnswer]:
        """Answers to all requests."""
        if self._values is None:
            from stateroom.cloud.remote_values import AwsRemoteValues

            options = self._options
            self._values = AwsRemoteValues(profile=options.profile, endpoint_url=options.endpoint_url)
        return self._values.read(requests)


def file_options(options: WorkspaceOptions) -> dict[str, str]:
    """What `${opt:…}` answers."""
    return {key: value for key, value in (("stage", options.stage), ("region", options.region)) if value}


def _build_dir(project: Project, options: WorkspaceOptions) -> Path:
    """Where packages are built: the user's cache, so that looking at a project leaves no trace in it."""
    environment = options.environment
    if environment.get("XDG_CACHE_HOME"):
        return Path(environment["XDG_CACHE_HOME"]) / "stateroom" / "packages"
    if environment.get("HOME"):
        return Path(environment["HOME"]) / ".cache" / "stateroom" / "packages"
    return project.root / ".stateroom" / "build"
