"""Read a project's files with the options of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

from stateroom.config.compile_options import CompileOptions
from stateroom.config.identity import identify, profile_of
from stateroom.config.project import Project, open_project
from stateroom.config.project_files import project_root
from stateroom.config.siblings import Siblings
from stateroom.engine.opening.project_trust import program_access
from stateroom.engine.opening.remote_cache import CachedRemoteValues
from stateroom.engine.opening.which_home import HOME_VARIABLE, named_directories
from stateroom.engine.options import WorkspaceOptions
from stateroom.errors import ConfigError, NotAskedError
from stateroom.model.remote import RemoteAnswer, RemoteRequest, RemoteValues
from stateroom.programs.access import ProgramAccess


def read_project(path: Path, options: WorkspaceOptions, programs: ProgramAccess | None = None) -> Project:
    """Open the project at `path` (a directory or a file in it). Raises ConfigError.

    Reads from AWS only what the project's variables name. Asks `programs` in place of the user's own record, if given.
    """
    return open_project(
        path,
        options=file_options(options),
        environment=options.environment,
        params=options.params,
        remote=lambda profile: _FromTheCloud(options, profile),
        programs=programs or program_access(project_root(path), options),
    )


def remote_values(options: WorkspaceOptions) -> CachedRemoteValues:
    """Return the reader of remote values for configs; it opens the cloud at the first request."""
    return CachedRemoteValues(_FromTheCloud(options))


def settings_of(project: Project, options: WorkspaceOptions, remote: RemoteValues | None = None) -> CompileOptions:
    """Return the options for compiling a project's services."""
    settings = CompileOptions(
        stage=options.stage,
        region=options.region,
        options=file_options(options),
        environment=options.environment,
        params=options.params,
        build_dir=_build_dir(project, options),
        remote=remote or remote_values(options),
        programs=program_access(project.root, options),
        homes=named_directories(
            project.root, options.home or "", options.environment.get(HOME_VARIABLE, ""), project.home
        ),
    )
    return replace(settings, siblings=Siblings(_stacks(project, settings)))


def _stacks(project: Project, settings: CompileOptions) -> Callable[[str, str], str]:
    """Return which service's stack has a name in a region. Files are read at the first question."""

    @cache
    def names() -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for name, entry in project.services.items():
            with suppress(ConfigError):  # a broken service says so when it is looked at
                known = identify(entry, settings)
                found[known.stack or f"{known.app}-{known.stage}", known.region] = name
        return found

    return lambda stack, region: names().get((stack, region), "") if project.compose else ""


def with_profile(project: Project, options: WorkspaceOptions) -> WorkspaceOptions:
    """Return the options with the services' profile, unless the user has chosen credentials.

    As in the Serverless Framework, `--profile` and the environment go before `provider.profile`.

    Raises:
        ConfigError: the services name different profiles, so the account is ambiguous.
    """
    if _has_credentials(options):
        return options
    settings = settings_of(project, options)
    profiles: dict[str, str] = {}
    for name, entry in project.services.items():
        if name in (options.services or project.meant):
            with suppress(ConfigError):  # a broken service says so when it is looked at
                profiles[name] = profile_of(entry, settings)
    named = sorted({profile for profile in profiles.values() if profile})
    if len(set(profiles.values())) > 1:
        raise ConfigError(
            f"the services name different AWS profiles: {', '.join(named)}, or none",
            why="one run works with the credentials of one profile",
            todo="choose one with --profile, or some of the services with --service",
        )
    return replace(options, profile=named[0]) if named else options


def _has_credentials(options: WorkspaceOptions) -> bool:
    """Tell whether the user has chosen credentials; then no `provider.profile` counts."""
    named = any(options.environment.get(name) for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID"))
    return bool(options.profile) or named


class _FromTheCloud:
    """RemoteValues (model.remote) that opens the cloud at the first request.

    Args:
        options: how the user opened the project.
        profile: the profile that the file itself names.
    """

    def __init__(self, options: WorkspaceOptions, profile: Callable[[], str] = lambda: "") -> None:
        self._options = options
        self._profile = profile
        self._values: RemoteValues | None = None

    def read(self, requests: Sequence[RemoteRequest]) -> Mapping[RemoteRequest, RemoteAnswer]:
        """Return answers to all requests."""
        if self._options.offline:
            return {request: NotAskedError("not asked: --offline") for request in requests}
        if self._values is None:
            from stateroom.cloud.remote_values import AwsRemoteValues

            options = self._options
            profile = options.profile if _has_credentials(options) else self._profile() or None
            self._values = AwsRemoteValues(profile=profile, endpoint_url=options.endpoint_url)
        return self._values.read(requests)


def file_options(options: WorkspaceOptions) -> dict[str, str]:
    """Return the values of `${opt:…}`."""
    return {key: value for key, value in (("stage", options.stage), ("region", options.region)) if value}


def _build_dir(project: Project, options: WorkspaceOptions) -> Path:
    """Return the package directory in the user's cache, so that viewing a project writes nothing to it."""
    environment = options.environment
    if environment.get("XDG_CACHE_HOME"):
        return Path(environment["XDG_CACHE_HOME"]) / "stateroom" / "packages"
    if environment.get("HOME"):
        return Path(environment["HOME"]) / ".cache" / "stateroom" / "packages"
    return project.root / ".stateroom" / "build"
